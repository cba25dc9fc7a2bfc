import type { Consent, Resource } from '@medplum/fhirtypes';
import type { Caller } from '../security/caller.ts';
import { checkGrant, type Grants } from '../security/grants.ts';
import type { TokenRow } from '../store/types.ts';
import {
  definitionOf,
  judgePerformersBy,
  PVK_DEFINITION,
  PVK_TYPE,
  sameContent,
  uniqueKeyOf,
} from '../systems/helsenorge/mapping.ts';
import type { NationalSystem, SystemWrite } from '../systems/system.ts';
import { asConsent } from './consent.ts';
import type { ConnectedParts, WriteRules } from './entry.ts';

const consentWrite = (write: SystemWrite<Resource>): SystemWrite<Consent> => {
  switch (write.interaction) {
    case 'create':
      return { interaction: 'create', resource: asConsent(write.resource) };
    case 'update':
      return {
        interaction: 'update',
        resource: asConsent(write.resource),
        current: asConsent(write.current),
      };
    case 'delete':
      return { interaction: 'delete', current: asConsent(write.current) };
  }
};

const patientId = (consent: Consent): string | undefined =>
  /^Patient\/(.+)$/.exec(consent.patient?.reference ?? '')?.[1];

const isRestriction = (resource: Resource): boolean =>
  asConsent(resource).category?.some(({ coding }) =>
    coding?.some(({ system, code }) => system === PVK_TYPE && code === 'tilgangsbegrensning'),
  ) === true;

const writer = (caller: Caller) => ({
  role: caller.role,
  ...(caller.person === undefined ? {} : { person: caller.person }),
});

const rules = (system: NationalSystem<Consent>, grants: Grants): WriteRules => ({
  patient: 'patient',
  system: system.name,
  plan: (write) => system.plan(consentWrite(write)),
  uniqueKey: (resource) => {
    const consent = asConsent(resource);
    const patient = patientId(consent);
    const definition = definitionOf(consent);
    return patient === undefined || definition === undefined ? undefined : uniqueKeyOf(patient, definition);
  },
  sameContent: (a, b) => sameContent(asConsent(a), asConsent(b)),
  // PVK overwrites the whole list of health personnel: two who add one name each would lose one.
  needsIfMatch: (current, incoming) =>
    isRestriction(current) || (incoming !== undefined && isRestriction(incoming)),
  mayAct: (caller, resource) => {
    const granted = checkGrant(grants, caller, definitionOf(asConsent(resource)) ?? '');
    return granted.ok ? undefined : granted.failure;
  },
  checkCaller: (caller, resource) => judgePerformersBy(asConsent(resource), writer(caller)),
});

/** Consent, with Helsenorge PVK behind it. */
export const consentRules = (system: NationalSystem<Consent>, grants: Grants): ConnectedParts => ({
  write: rules(system, grants),
  preview: (request) => system.preview(request),
});

/**
 * Further search values of a Consent: a definition named by `policy.uri` is found by `definition` like one named
 * by `policyRule`, with the system of the catalogue.
 */
export const definitionRows = (resource: Resource): readonly TokenRow[] => {
  if (resource.resourceType !== 'Consent' || resource.policy === undefined) return [];
  const code = definitionOf(resource);
  return code === undefined ? [] : [{ param: 'definition', system: PVK_DEFINITION, code }];
};
