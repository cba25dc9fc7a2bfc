import type { Consent, Resource } from '@medplum/fhirtypes';
import { structureDefinition } from '../canonical.ts';
import type { ConnectedParts, ResourceEntry } from './entry.ts';

/** The router and the validator only let Consents through: anything else is a bug. */
export const asConsent = (resource: Resource): Consent => {
  if (resource.resourceType !== 'Consent') throw new TypeError('a Consent was expected');
  return resource;
};

const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const lower = (guid: string): string => guid.toLowerCase();

/** Consent: a citizen's personverninnstilling at Helsenorge (PVK). */
export const consentEntry = (
  /** Undefined: PVK is not configured, and so a Consent not offered for writing. */
  connected: ConnectedParts | undefined,
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
  ...(connected ?? { unconfigured: 'Helsenorge PVK' }),
});
