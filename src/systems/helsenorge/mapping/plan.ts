import type { Consent, Extension } from '@medplum/fhirtypes';
import { type Failure, failure, type Issue } from '../../../failure.ts';
import type { Clock } from '../../../ports.ts';
import { fail, ok, type Result } from '../../../result.ts';
import { hasErrors } from '../../findings.ts';
import type { Plan, SystemWrite } from '../../system.ts';
import type { Catalogue } from '../catalogue.ts';
import type { HelsenorgeSettings } from '../settings.ts';
import { AKTIV, SEKVENSNUMMER, SERVER_WRITTEN, SIST_ENDRET } from './codes.ts';
import { facadeHeldDiffers, sameJson, sameSetting } from './compare.ts';
import { toSett } from './consent-to-sett.ts';
import type { MappingContext } from './context.ts';
import { definitionOf } from './definition.ts';
import { finding, MAPPING_ISSUE } from './findings.ts';
import { normaliseConsent } from './normalise.ts';
import { samePatient } from './persons.ts';
import { asWithdrawn } from './refresh.ts';

type Planned = Result<Plan<Consent>, Failure>;
type Update = SystemWrite<Consent> & { readonly interaction: 'update' };

const unprocessable = (issues: readonly Issue[]) => fail<Failure>({ kind: 'unprocessable', issues });

const withExtensions = (consent: Consent, extension: readonly Extension[]): Consent => {
  const { extension: _given, ...rest } = consent;
  return extension.length === 0 ? rest : { ...rest, extension: [...extension] };
};

const serverWritten = (consent: Consent): readonly Extension[] =>
  consent.extension?.filter(({ url }) => SERVER_WRITTEN.has(url)) ?? [];

/** Without the extensions that the client read from the server and sends back unchanged. */
const withoutRepeated = (consent: Consent, current: Consent): Consent => {
  if (consent.extension === undefined) return consent;
  const written = serverWritten(current);
  const own = consent.extension.filter((given) => !written.some((known) => sameJson(given, known)));
  return withExtensions(consent, own);
};

/** These tell of the setting before the write; PVK does not answer a write with new ones. */
const OUTDATED_BY_WRITE: ReadonlySet<string> = new Set([SEKVENSNUMMER, SIST_ENDRET]);

/** The stored form, with what PVK told of it before as far as that still holds after the write. */
const stored = (consent: Consent, known: readonly Extension[], context: MappingContext): Consent => {
  const own = consent.extension?.filter(({ url }) => !SERVER_WRITTEN.has(url)) ?? [];
  return normaliseConsent(withExtensions(consent, [...own, ...known]), context.catalogue);
};

const planCreate = (resource: Consent, context: MappingContext): Planned => {
  const mapped = toSett(resource, context);
  if (!mapped.ok) return unprocessable(mapped.failure);
  const { request, issues } = mapped.value;
  return ok({ request, resource: stored(resource, [], context), onUnchanged: 'commit', issues });
};

/** A Consent stays with its citizen and its definition: another one of either is another Consent. */
const judgeIdentity = (resource: Consent, current: Consent): readonly Issue[] => {
  const issues: Issue[] = [];
  // A patient that is missing or unreadable is a fault of its own.
  if (resource.patient !== undefined && !samePatient(resource, current)) {
    const why = 'An update cannot move a Consent to another patient; create a new one.';
    issues.push(finding('patient-changed', 'Consent.patient', why));
  }
  const definition = definitionOf(resource);
  if (definition !== undefined && definition !== definitionOf(current)) {
    const why = 'An update cannot move a Consent to another definition; create a new one.';
    issues.push(finding('definition-changed', 'Consent.policyRule', why));
  }
  return issues;
};

const planUpdate = (write: Update, context: MappingContext): Planned => {
  const { current } = write;
  const resource = withoutRepeated(write.resource, current);
  const mapped = toSett(resource, context);
  const identity = judgeIdentity(resource, current);
  if (!mapped.ok) return unprocessable([...mapped.failure, ...identity]);
  if (hasErrors(identity)) return unprocessable([...identity, ...mapped.value.issues]);
  const { request, issues } = mapped.value;
  const before = toSett(withExtensions(current, []), context);
  const known = serverWritten(current);
  const held = normaliseConsent(resource, context.catalogue);
  const heldDiffers = facadeHeldDiffers(held, normaliseConsent(current, context.catalogue));
  if (before.ok && heldDiffers && sameJson(before.value.request, request)) {
    return ok({ resource: stored(resource, known, context), onUnchanged: 'commit', issues });
  }
  const same = before.ok && sameSetting(before.value.request, request);
  const still = known.filter(({ url }) => !OUTDATED_BY_WRITE.has(url));
  return ok({
    request,
    resource: stored(resource, still, context),
    onUnchanged: same && !heldDiffers ? 'keep' : 'commit',
    issues,
  });
};

/** Only what a withdrawal says: whose setting of which definition. */
const withdrawal = (current: Consent): Consent => {
  const { scope, category, patient, organization, policyRule, policy, contained } = asWithdrawn(current);
  return {
    resourceType: 'Consent',
    ...(contained === undefined ? {} : { contained }),
    status: 'inactive',
    scope,
    category,
    ...(patient === undefined ? {} : { patient }),
    ...(organization === undefined ? {} : { organization }),
    ...(policyRule === undefined ? {} : { policyRule }),
    ...(policy === undefined ? {} : { policy }),
  };
};

const planDelete = (current: Consent, context: MappingContext): Planned => {
  if (context.settings.delete === 'refuse' && AKTIV[current.status] === true) {
    const why = 'This server deletes no active setting: withdraw it first, by an update to inactive.';
    const details = { system: MAPPING_ISSUE, code: 'delete-refused' };
    return fail(failure('conflict', 'conflict', why, { expression: ['Consent.status'], details }));
  }
  const mapped = toSett(withdrawal(current), context);
  if (!mapped.ok) return unprocessable(mapped.failure);
  const issues = mapped.value.issues;
  return ok({ request: mapped.value.request, onUnchanged: 'commit', issues });
};

/**
 * `NationalSystem.plan` for Consent: what a create, update or delete sends to PVK, and what becomes of the
 * stored version when PVK says that nothing changed. Pure but for `now`, the server's clock.
 * Failures: `unprocessable` with every mapping fault at once; `conflict` for a delete that is switched off.
 */
export const createPlan =
  (deps: { readonly catalogue: Catalogue; readonly settings: HelsenorgeSettings; readonly now: Clock }) =>
  (write: SystemWrite<Consent>): Planned => {
    const { catalogue, settings } = deps;
    const context: MappingContext = { catalogue, settings, now: deps.now() };
    switch (write.interaction) {
      case 'create':
        return planCreate(write.resource, context);
      case 'update':
        return planUpdate(write, context);
      case 'delete':
        return planDelete(write.current, context);
    }
  };
