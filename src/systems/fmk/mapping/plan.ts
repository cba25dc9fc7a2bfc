import type { Basic, Extension } from '@medplum/fhirtypes';
import type { Failure, Issue } from '../../../failure.ts';
import { failureOf } from '../../../failure.ts';
import type { Clock } from '../../../ports.ts';
import { fail, ok, type Result } from '../../../result.ts';
import { hasErrors } from '../../findings.ts';
import { CVR_SYSTEM } from '../../organizations.ts';
import type { Plan, SystemWrite } from '../../system.ts';
import type { Modificator } from '../message.ts';
import { packRequest } from '../request.ts';
import type { FmkSettings } from '../settings.ts';
import { judgeElements } from './accepted-elements.ts';
import { CERT_HASH, CERTIFICATE, FOCES_ID, FOCES_ID_SYSTEM } from './codes.ts';
import type { FmkGiven, Holder, MappingContext } from './context.ts';
import { type Actor, authorActor, provenanceActor } from './creator.ts';
import { storedWhitelisting, toEntry, type Whitelisting } from './entries.ts';
import { finding } from './findings.ts';
import { cprOf, differ, toModificator } from './modificator.ts';
import { whitelistingKey } from './normalise.ts';
import { readCvr } from './subject.ts';
import { readWhitelisting } from './whitelisting.ts';

type Planned = Result<Plan<Basic>, Failure>;

const refused = (issues: readonly Issue[]): Planned =>
  fail(failureOf(issues) ?? { kind: 'unprocessable', issues });

const readEntry = (basic: Basic, context: MappingContext): Whitelisting | undefined => {
  judgeElements(basic, context);
  const told = readWhitelisting(basic, context);
  const cvr = readCvr(basic, told.cvrs, context);
  const { focesId, certHash } = told;
  if (cvr === undefined || focesId === undefined) return undefined;
  return { cvr, focesId, ...(certHash === undefined ? {} : { certHash }) };
};

interface Acting {
  readonly by: Modificator;
  readonly cpr: string | undefined;
}

const toActing = (actor: Actor | undefined, context: MappingContext): Acting | undefined => {
  const by = actor === undefined ? undefined : toModificator(actor, context);
  if (actor === undefined || by === undefined) return undefined;
  return { by, cpr: cprOf(actor, context.now) };
};

/** Who creates: the author, else whom X-Provenance names. Both may be given if they do not contradict. */
const readCreator = (basic: Basic, context: MappingContext): Acting | undefined => {
  const holder: Holder = { contained: basic.contained ?? [], path: 'Basic' };
  const { author } = basic;
  const { provenance, issues } = context;
  if (author === undefined) {
    if (provenance === undefined) {
      const why = 'The creator is missing: give author, or an agent in X-Provenance.';
      issues.push(finding('creator-missing', 'Basic.author', why));
      return undefined;
    }
    return toActing(provenanceActor(provenance, context), context);
  }
  const actor = authorActor(author, holder, context);
  // What is wrong with an agent that is not needed is the headers' business.
  const agent =
    provenance === undefined ? undefined : provenanceActor(provenance, { ...context, issues: [] });
  if (actor !== undefined && agent !== undefined && differ(actor, agent, context.now)) {
    const why = 'The author and the agent of X-Provenance are different persons.';
    issues.push(finding('creator-contradiction', 'Basic.author', why));
  }
  const acting = toActing(actor, context);
  const cpr = acting?.cpr ?? (agent === undefined ? undefined : cprOf(agent, context.now));
  return acting === undefined ? undefined : { by: acting.by, cpr };
};

const DERIVED: ReadonlySet<string> = new Set([FOCES_ID, CERT_HASH, CERTIFICATE]);

const extensionsOf = ({ focesId, certHash }: Whitelisting): readonly Extension[] => [
  { url: FOCES_ID, valueString: focesId },
  ...(certHash === undefined ? [] : [{ url: CERT_HASH, valueString: certHash }]),
];

const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** The form that is stored: FMK's three values in one spelling, the certificate left out. */
const stored = (basic: Basic, entry: Whitelisting, created: string | undefined): Basic => {
  const { created: _given, ...rest } = basic;
  const others = basic.extension?.filter(({ url }) => !DERIVED.has(url)) ?? [];
  const identifiers = basic.identifier?.filter(({ system }) => system !== FOCES_ID_SYSTEM) ?? [];
  return {
    ...rest,
    extension: [...others, ...extensionsOf(entry)],
    identifier: [...identifiers, { system: FOCES_ID_SYSTEM, value: entry.focesId }],
    subject: {
      ...basic.subject,
      // A reference says of itself what it leads to.
      ...(basic.subject?.reference === undefined ? { type: 'Organization' } : {}),
      identifier: { system: CVR_SYSTEM, value: entry.cvr },
    },
    ...(created === undefined ? {} : { created }),
  };
};

const planCreate = (resource: Basic, context: MappingContext): Planned => {
  const { issues } = context;
  const entry = readEntry(resource, context);
  const acting = readCreator(resource, context);
  if (resource.created !== undefined) {
    const why = 'The server says when a whitelisting was created; the date that was sent is not kept.';
    issues.push(finding('created-ignored', 'Basic.created', why, 'warning'));
  }
  if (entry === undefined || acting === undefined || hasErrors(issues)) return refused(issues);
  const { by, cpr } = acting;
  const message = { CreatedBy: by, FocesWhitelisting: toEntry(entry) };
  return ok({
    request: packRequest({ operation: 'Create', message, ...(cpr === undefined ? {} : { cpr }) }),
    resource: stored(resource, entry, dayOf(context.now)),
    onUnchanged: 'commit',
    issues,
  });
};

const keyOf = ({ cvr, focesId, certHash }: Whitelisting): string => whitelistingKey(cvr, focesId, certHash);

/** FMK has no update: only what this server alone keeps may change. */
const planUpdate = (resource: Basic, current: Basic, context: MappingContext): Planned => {
  const { issues } = context;
  const entry = readEntry(resource, context);
  const before = storedWhitelisting(current);
  if (resource.created !== undefined && resource.created !== current.created) {
    const why = 'The server says when a whitelisting was created; the date that was sent is not kept.';
    issues.push(finding('created-ignored', 'Basic.created', why, 'warning'));
  }
  if (entry !== undefined && (before === undefined || keyOf(before) !== keyOf(entry))) {
    const why =
      'FMK has no update: CVR, FocesId and CertHash of a whitelisting stay as they are. Delete this one, then create another.';
    issues.push(finding('whitelisting-changed', 'Basic', why));
  }
  if (entry === undefined || before === undefined || hasErrors(issues)) return refused(issues);
  // In FMK's own spelling, in which it will have to be deleted one day.
  const { created } = current;
  return ok({ resource: stored(resource, before, created), onUnchanged: 'commit', issues });
};

const planDelete = (current: Basic, context: MappingContext): Planned => {
  const { issues, provenance } = context;
  const entry = storedWhitelisting(current);
  if (entry === undefined) throw new TypeError('a stored whitelisting was expected');
  if (provenance === undefined) {
    const why = 'Who deletes is missing: FMK is told by the agent of X-Provenance.';
    issues.push({ ...finding('creator-missing', 'Provenance.agent', why), malformed: true });
    return refused(issues);
  }
  const acting = toActing(provenanceActor(provenance, context), context);
  if (acting === undefined || hasErrors(issues)) return refused(issues);
  const { by, cpr } = acting;
  const message = { ModifiedBy: by, FocesWhitelisting: toEntry(entry) };
  return ok({
    request: packRequest({ operation: 'Delete', message, ...(cpr === undefined ? {} : { cpr }) }),
    onUnchanged: 'commit',
    issues,
  });
};

/** At most one live Basic for it; undefined when the Basic names no certificate. */
export const uniqueKeyOf = (basic: Basic): string | undefined => {
  const entry = storedWhitelisting(basic);
  return entry === undefined ? undefined : `foces-whitelisting|${keyOf(entry)}`;
};

/**
 * `NationalSystem.plan` for a foces-whitelisting Basic. Beside the write it may be handed X-Provenance, which names
 * the creator where the Basic does not and whoever deletes, and the directory's Organizations. Pure but for `now`.
 * Failure: `unprocessable` with every mapping fault at once.
 */
export const createFmkPlan =
  (deps: { readonly settings: FmkSettings; readonly now: Clock }) =>
  (write: SystemWrite<Basic>, given: FmkGiven = {}): Planned => {
    const context: MappingContext = { ...given, settings: deps.settings, now: deps.now(), issues: [] };
    switch (write.interaction) {
      case 'create':
        return planCreate(write.resource, context);
      case 'update':
        return planUpdate(write.resource, write.current, context);
      case 'delete':
        return planDelete(write.current, context);
    }
  };
