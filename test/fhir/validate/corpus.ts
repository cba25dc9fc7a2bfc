import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, type JsonObject } from '../../../src/fhir/validate/walk.ts';

const PROFILES = join(import.meta.dirname, '../../../profiles');

const read = (path: string): JsonObject => {
  const resource: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!isObject(resource)) throw new Error(`${path} is no resource`);
  return resource;
};

/** The files of `profiles/`, by their path below it. */
export const artefacts: ReadonlyMap<string, JsonObject> = new Map(
  readdirSync(PROFILES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: kind }) =>
      readdirSync(join(PROFILES, kind)).map((name) => [`${kind}/${name}`, read(join(PROFILES, kind, name))]),
    ),
);

export const examples: readonly JsonObject[] = [...artefacts]
  .filter(([path]) => path.startsWith('examples/'))
  .map(([, resource]) => resource);

const practitioner = {
  resourceType: 'Practitioner',
  id: 'author',
  identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.4', value: '9000001' }],
  name: [{ family: 'Exempel', given: ['Åsa', 'Maria'], period: { start: '2020-01-01', end: '2026-03-03' } }],
};

/** Valid resources that use many elements, choices, extensions, contained resources and nested types. */
export const rich: readonly JsonObject[] = [
  {
    resourceType: 'Consent',
    id: 'rich',
    meta: { versionId: '1', lastUpdated: '2026-03-03T07:00:05Z', tag: [{ system: 'urn:x', code: 'a' }] },
    language: 'nb-NO',
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Consent</p></div>' },
    contained: [practitioner],
    extension: [
      { url: 'urn:x:plain', valueString: 'a' },
      {
        url: 'urn:x:nested',
        extension: [{ url: 'b', valueQuantity: { value: 1, code: 'mg', system: 'urn:u' } }],
      },
    ],
    status: 'active',
    _status: { id: 's', extension: [{ url: 'urn:x:why', valueCode: 'known' }] },
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
    category: [
      { coding: [{ system: 'http://loinc.org', code: '59284-0', userSelected: false }], text: 'Consent' },
    ],
    patient: { reference: 'Patient/1', type: 'Patient' },
    dateTime: '2026-03-03T08:00:00+01:00',
    performer: [{ reference: '#author' }],
    organization: [{ reference: 'https://example.org/fhir/Organization/1/_history/2' }],
    sourceAttachment: {
      contentType: 'application/pdf',
      data: 'JVBERi0xLjQK',
      size: 9,
      creation: '2026-03-03',
    },
    policy: [{ authority: 'https://example.org', uri: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' }],
    verification: [{ verified: true, verificationDate: '2026-03' }],
    provision: {
      type: 'deny',
      period: { start: '2026-01-01T00:00:00Z', end: '2026-12-31' },
      actor: [{ role: { text: 'reader' }, reference: { reference: '#author' } }],
      data: [{ meaning: 'instance', reference: { reference: 'Observation/1' } }],
      provision: [{ type: 'permit', provision: [{ purpose: [{ system: 'urn:p', code: 'TREAT' }] }] }],
    },
  },
  {
    resourceType: 'Organization',
    active: true,
    identifier: [{ use: 'official', system: 'urn:oid:2.16.578.1.12.4.1.4.101', value: '123' }],
    name: 'Eksempel sykehus',
    alias: ['ES', 'Eksempel'],
    _alias: [null, { extension: [{ url: 'urn:x:alias', valueBoolean: true }] }],
    telecom: [{ system: 'phone', value: '555', use: 'work', rank: 1, period: { start: '2020' } }],
    address: [{ use: 'work', line: ['Gata 1'], city: 'Oslo', country: 'NO' }],
    contact: [{ name: { text: 'Reception' }, telecom: [{ system: 'email', value: 'a@example.org' }] }],
    partOf: { identifier: { system: 'urn:x', value: 'parent' }, display: 'Parent' },
  },
  {
    resourceType: 'Patient',
    identifier: [{ system: 'urn:x', value: 'a' }],
    gender: 'unknown',
    birthDate: '2000-02-29',
    deceasedBoolean: false,
    contact: [{ name: { text: 'N' }, gender: 'female' }],
    communication: [{ language: { text: 'sv' }, preferred: true }],
    link: [{ other: { reference: 'Patient/2' }, type: 'seealso' }],
  },
  {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        fullUrl: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
        resource: practitioner,
        request: { method: 'POST', url: 'Practitioner', ifNoneExist: 'identifier=a|b' },
      },
      { request: { method: 'DELETE', url: 'Patient/1' } },
    ],
  },
  {
    resourceType: 'Parameters',
    parameter: [
      { name: 'a', valueRange: { low: { value: 1 }, high: { value: 2 } } },
      {
        name: 'b',
        part: [{ name: 'c', valueAge: { value: 1, code: 'a', system: 'http://unitsofmeasure.org' } }],
      },
      { name: 'd', resource: practitioner },
      {
        name: 'e',
        valueTiming: { repeat: { frequency: 1, period: 1, periodUnit: 'd', when: ['MORN'], offset: 10 } },
      },
      { name: 'f', valueRatio: { numerator: { value: 1 }, denominator: { value: 2 } } },
      { name: 'g', valueMoney: { value: 1.5, currency: 'NOK' } },
    ],
  },
  {
    resourceType: 'AuditEvent',
    type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
    action: 'R',
    recorded: '2026-03-03T07:00:05.123Z',
    outcome: '0',
    agent: [{ requestor: true, network: { address: '127.0.0.1', type: '2' } }],
    source: { observer: { display: 'facade' } },
    entity: [{ what: { reference: 'Consent/1' }, query: 'YQ==', detail: [{ type: 't', valueString: 'v' }] }],
  },
  {
    resourceType: 'Provenance',
    target: [{ reference: 'Consent/1/_history/1' }],
    occurredPeriod: { start: '2026-01-01', end: '2026-01-02' },
    recorded: '2026-03-03T07:00:05Z',
    agent: [{ who: { identifier: { system: 'urn:x', value: 'a' } } }],
    signature: [{ type: [{ code: '1' }], when: '2026-03-03T07:00:05Z', who: { display: 'x' }, data: 'YQ==' }],
  },
  {
    resourceType: 'CapabilityStatement',
    name: 'Facade',
    status: 'active',
    date: '2026-03-03',
    kind: 'instance',
    implementation: { description: 'a facade' },
    fhirVersion: '4.0.1',
    format: ['json', 'application/fhir+xml'],
    rest: [
      {
        mode: 'server',
        resource: [
          { type: 'Consent', interaction: [{ code: 'read' }], searchParam: [{ name: 'a', type: 'token' }] },
          { type: 'Patient', conditionalDelete: 'not-supported' },
        ],
      },
    ],
  },
  {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'invalid', details: { text: 'x' } }],
  },
  {
    resourceType: 'Basic',
    code: { coding: [{ system: 'urn:x', code: 'kind' }] },
    subject: { reference: 'Patient/1' },
    created: '2026-03-03',
  },
];
