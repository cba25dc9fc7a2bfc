import type { Consent, Resource } from '@medplum/fhirtypes';
import { structureDefinition } from '../canonical.ts';
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
import type { ResourceEntry, WriteRules } from './entry.ts';

/** The router and the validator only let Consents through: anything else is a bug. */
export const asConsent = (resource: Resource): Consent => {
  if (resource.resourceType !== 'Consent') throw new TypeError('a Consent was expected');
  return resource;
};

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

/**
 * Further search values of a Consent: a definition named by `policy.uri` is found by `definition` like one named
 * by `policyRule`, with the system of the catalogue.
 */
export const definitionRows = (resource: Resource): readonly TokenRow[] => {
  if (resource.resourceType !== 'Consent' || resource.policy === undefined) return [];
  const code = definitionOf(resource);
  return code === undefined ? [] : [{ param: 'definition', system: PVK_DEFINITION, code }];
};

const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const lower = (guid: string): string => guid.toLowerCase();

/** Consent: a citizen's personverninnstilling at Helsenorge (PVK). */
export const consentEntry = (
  /** Undefined: not configured, and so not offered for writing. */
  helsenorge: NationalSystem<Consent> | undefined,
  grants: Grants,
): ResourceEntry => ({
  type: 'Consent',
  kind: 'Consent',
  interactions: [
    'read',
    'vread',
    'create',
    'update',
    'patch',
    'delete',
    'history-instance',
    'history-type',
    'search-type',
  ],
  profile: structureDefinition('PvkConsent'),
  pattern: '2.2.2',
  confidential: true,
  patientBound: true,
  searchParameters: [
    '_id',
    '_lastUpdated',
    'actor',
    'category',
    'date',
    'definition',
    'identifier',
    'organization',
    'patient',
    'status',
  ],
  // GUIDs are compared without regard to case, and stored in lower case.
  searchValue: (name, value) => (name.startsWith('definition') ? value.replace(GUID, lower) : value),
  documentation:
    "A citizen's personverninnstilling (samtykke, reservasjon, tilgangsbegrensning) at Helsenorge PVK. Create, update and delete tell PVK first; a delete withdraws the setting there. One live Consent per patient and definition. An update that changes nothing answers 200 with the unchanged ETag. Update and delete of a tilgangsbegrensning need If-Match, because PVK replaces the whole list. Identity numbers may be searched for by POST _search only (`patient:identifier`).",
  ...(helsenorge === undefined
    ? { unconfigured: 'Helsenorge PVK' }
    : { write: rules(helsenorge, grants), preview: (request) => helsenorge.preview(request) }),
});
