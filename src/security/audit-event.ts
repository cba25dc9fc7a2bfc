import type {
  AuditEvent,
  AuditEventAgent,
  AuditEventEntity,
  CodeableConcept,
  Organization,
  Reference,
} from '@medplum/fhirtypes';
import { codeSystem, namingSystem } from '../canonical.ts';
import type { Row } from '../ports.ts';

/** System of the keyed hash by which a caller is known in the audit. */
export const CALLER_KEY = namingSystem('caller-key');
/** System of OAuth client ids. */
export const CLIENT_ID = namingSystem('client-id');

const REQUEST_ID = namingSystem('request-id');
const CONTEXT_ID = namingSystem('context-id');
const ROLE = codeSystem('caller-role');

const EVENT_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-event-type';
const INTERACTION = 'http://hl7.org/fhir/restful-interaction';
const DICOM = 'http://dicom.nema.org/resources/ontology/DCM';
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const OBJECT_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role';
const RESOURCE_TYPE = 'http://hl7.org/fhir/resource-types';
/** By analogy with NLL's other code systems; its page names the value sets only. */
const PURPOSE = 'http://ehalsomyndigheten.se/fhir/CodeSystem/purpose-types';
const ACCESS = 'http://ehalsomyndigheten.se/fhir/CodeSystem/access-types';

const UNIT_SYSTEM: Readonly<Record<string, string>> = {
  HSA: 'urn:oid:1.2.752.29.4.19',
  GLN: 'http://electronichealth.se/identifier/gln',
};

/** The table has no other types in these columns: anything else is a bug. */
const text = (row: Row, column: string): string => {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`audit.${column} is not a text`);
  return value;
};

const optionalText = (row: Row, column: string): string | undefined =>
  row[column] === null || row[column] === undefined ? undefined : text(row, column);

const instant = (row: Row, column: string): string => {
  const value = row[column];
  if (typeof value !== 'number') throw new Error(`audit.${column} is not a number`);
  return new Date(value).toISOString();
};

const isAction = (code: string): code is NonNullable<AuditEvent['action']> => /^[CRUDE]$/.test(code);
const isOutcome = (code: string): code is NonNullable<AuditEvent['outcome']> => /^(?:0|4|8|12)$/.test(code);

const coded = (system: string, code: string): CodeableConcept => ({ coding: [{ system, code }] });

/** `system|value`, cut at the first bar: a URI holds none. */
const systemValue = (pair: string) => {
  const bar = pair.indexOf('|');
  return { system: pair.slice(0, bar), value: pair.slice(bar + 1) };
};

const purposeOfEvent = (row: Row): Pick<AuditEvent, 'purposeOfEvent'> => {
  const purpose = optionalText(row, 'purpose');
  const access = optionalText(row, 'access');
  const codes = [
    ...(purpose === undefined ? [] : [coded(PURPOSE, purpose)]),
    ...(access === undefined ? [] : [coded(ACCESS, access)]),
  ];
  return codes.length === 0 ? {} : { purposeOfEvent: codes };
};

const organizationAgent = (who: Reference<Organization>): AuditEventAgent => ({
  who: { type: 'Organization', ...who },
  requestor: false,
});

const unitAgent = (unit: string): AuditEventAgent => {
  const { system, value } = systemValue(unit);
  const known = UNIT_SYSTEM[system];
  return organizationAgent(
    known === undefined ? { display: unit } : { identifier: { system: known, value } },
  );
};

/** The caller first, then whom and what it acted for and with. */
const agents = (row: Row): AuditEventAgent[] => {
  const organization = optionalText(row, 'organization');
  const unit = optionalText(row, 'unit');
  const userAgent = optionalText(row, 'user_agent');
  return [
    {
      role: [coded(ROLE, text(row, 'role'))],
      who: { identifier: { system: CALLER_KEY, value: text(row, 'caller_key') } },
      requestor: true,
    },
    {
      type: { coding: [{ system: DICOM, code: '110150', display: 'Application' }] },
      who: {
        identifier: { system: CLIENT_ID, value: text(row, 'client_id') },
        ...(userAgent === undefined ? {} : { display: userAgent }),
      },
      requestor: false,
    },
    ...(organization === undefined ? [] : [organizationAgent({ identifier: systemValue(organization) })]),
    ...(unit === undefined ? [] : [unitAgent(unit)]),
  ];
};

/** The resource asked for, or its type alone for a search. */
const target = (row: Row): AuditEventEntity => {
  const type = text(row, 'type');
  const id = optionalText(row, 'resource_id');
  const version = row['version'];
  const history = typeof version === 'number' ? `/_history/${version}` : '';
  const isQuery = text(row, 'interaction') === 'search-type';
  return {
    ...(id === undefined ? {} : { what: { reference: `${type}/${id}${history}` } }),
    type: { system: RESOURCE_TYPE, code: type },
    role: isQuery
      ? { system: OBJECT_ROLE, code: '24', display: 'Query' }
      : { system: OBJECT_ROLE, code: '4', display: 'Domain Resource' },
  };
};

const patientEntity = (id: string): AuditEventEntity => ({
  what: { reference: `Patient/${id}` },
  type: { system: ENTITY_TYPE, code: '1', display: 'Person' },
  role: { system: OBJECT_ROLE, code: '1', display: 'Patient' },
});

const idEntity = (system: string, value: string | undefined): AuditEventEntity[] =>
  value === undefined
    ? []
    : [
        {
          what: { identifier: { system, value } },
          type: { system: ENTITY_TYPE, code: '4', display: 'Other' },
        },
      ];

const entities = (row: Row): AuditEventEntity[] => {
  const patient = optionalText(row, 'patient');
  const isTarget = text(row, 'type') === 'Patient' && optionalText(row, 'resource_id') === patient;
  return [
    target(row),
    ...(patient === undefined || isTarget ? [] : [patientEntity(patient)]),
    ...idEntity(REQUEST_ID, optionalText(row, 'request_id')),
    ...idEntity(CONTEXT_ID, optionalText(row, 'context_id')),
  ];
};

/** One row of the table `audit` as R4 writes it; holds logical ids and keyed hashes, no identity number. */
export const toAuditEvent = (row: Row): AuditEvent => {
  const action = text(row, 'action');
  const outcome = text(row, 'outcome');
  const recorded = instant(row, 'at');
  return {
    resourceType: 'AuditEvent',
    id: text(row, 'id'),
    meta: { versionId: '1', lastUpdated: recorded },
    type: { system: EVENT_TYPE, code: 'rest', display: 'RESTful Operation' },
    subtype: [{ system: INTERACTION, code: text(row, 'interaction') }],
    ...(isAction(action) ? { action } : {}),
    recorded,
    ...(isOutcome(outcome) ? { outcome } : {}),
    ...purposeOfEvent(row),
    agent: agents(row),
    source: {
      observer: { display: 'Nordic FHIR facade' },
      type: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
          code: '4',
          display: 'Application Server',
        },
      ],
    },
    entity: entities(row),
  };
};
