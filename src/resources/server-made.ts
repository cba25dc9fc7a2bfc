import type { ResourceEntry } from './entry.ts';

/** The patient index: a random id for each national identity number, and nothing else. */
export const PATIENT: ResourceEntry = {
  type: 'Patient',
  kind: 'Patient',
  interactions: ['read', 'search-type'],
  pattern: '2.2.2',
  confidential: true,
  patientBound: true,
  searchParameters: ['_id', '_lastUpdated'],
  documentation:
    'The patient index. `POST /fhir/Patient/_search` with `identifier=system|value` answers the Patient with that national identity number, made on first use; X-PatientRef is not sent then (as in NLL TA 05). A Patient here holds nothing but its identifier. Identity numbers in a URL are refused.',
};

/** What X-Provenance said of each write, and whom the server made it for. */
export const PROVENANCE: ResourceEntry = {
  type: 'Provenance',
  kind: 'Provenance',
  interactions: ['read', 'search-type'],
  pattern: '2.2.1',
  confidential: true,
  searchParameters: [
    '_id',
    '_lastUpdated',
    'agent',
    'agent-role',
    'agent-type',
    'recorded',
    'target',
    'when',
  ],
  documentation:
    'Made by the server from X-Provenance: `target` is the version that the call made, `recorded` the time of it. A no-op write makes none. Care and pharmacy roles see what their own calls wrote; `target=Consent/x` also finds its versions.',
};

/** Every access to personal data, refused and empty ones included. */
export const AUDIT_EVENT: ResourceEntry = {
  type: 'AuditEvent',
  kind: 'AuditEvent',
  interactions: ['read', 'search-type'],
  pattern: '2.2.1',
  confidential: true,
  searchParameters: [
    '_id',
    '_lastUpdated',
    'action',
    'agent',
    'date',
    'entity',
    'outcome',
    'patient',
    'subtype',
    'type',
  ],
  documentation:
    'Made by the server for every access to personal data, refused and empty ones included; durable before the answer leaves. Newest first.',
};
