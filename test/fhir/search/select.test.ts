import type { Resource } from '@medplum/fhirtypes';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { describe, expect, it } from 'vitest';
import definitions from '../../../src/fhir/definitions/search-parameters.generated.json' with {
  type: 'json',
};
import { compileSelect } from '../../../src/fhir/search/select.ts';

/** Foreign data, as it would come out of a parser. */
const parsed = (json: object): Resource => JSON.parse(JSON.stringify(json)) as Resource;

const consent = parsed({
  resourceType: 'Consent',
  id: 'c',
  meta: { lastUpdated: '2026-01-01T00:00:00Z', profile: ['http://p'], tag: [{ system: 't', code: 'x' }] },
  status: 'active',
  scope: { coding: [{ code: 'patient-privacy' }] },
  category: [{ coding: [{ code: 'a' }, { code: 'b' }] }],
  patient: { reference: 'Patient/1' },
  dateTime: '2013-01-14',
  performer: [{ reference: 'Patient/1' }, { reference: 'Practitioner/2' }],
  organization: [{ identifier: { system: 's', value: 'v' } }],
  sourceReference: { reference: 'Consent/0' },
  policyRule: { coding: [{ code: 'g' }] },
  provision: {
    period: { start: '2020' },
    actor: [{ role: { text: 'r' }, reference: { reference: 'Practitioner/3' } }],
    data: [{ meaning: 'instance', reference: { reference: 'Basic/4' } }],
    purpose: [{ code: 'p' }],
  },
});

const patient = parsed({
  resourceType: 'Patient',
  id: 'p',
  active: true,
  name: [{ family: 'Møller', given: ['Åse', 'Marie'] }],
  telecom: [
    { system: 'phone', value: '1' },
    { system: 'email', value: 'a@b' },
    { system: 'phone', value: '2' },
  ],
  deceasedDateTime: '2020-02-02',
  address: [{ city: 'Oslo', line: ['Gate 1'] }],
  generalPractitioner: [{ reference: 'Organization/1' }],
});

const provenance = parsed({
  resourceType: 'Provenance',
  id: 'v',
  target: [{ reference: 'Consent/1/_history/2' }, { reference: 'Patient/1' }],
  occurredDateTime: '2020-02-02',
  recorded: '2020-02-02T00:00:00Z',
  agent: [{ who: { reference: 'Organization/1' }, role: [{ coding: [{ code: 'x' }] }] }],
});

const organization = parsed({
  resourceType: 'Organization',
  id: 'o',
  name: 'A',
  alias: ['B', 'C'],
  address: [{ city: 'X', country: 'SE' }, { city: 'Y' }],
});

const valueSet = parsed({
  resourceType: 'ValueSet',
  id: 'vs',
  useContext: [{ code: { code: 'focus' }, valueCodeableConcept: { text: 'x' } }],
  compose: { include: [{ system: 's', concept: [{ code: '1' }, { code: '2' }] }] },
});

const auditEvent = parsed({
  resourceType: 'AuditEvent',
  id: 'e',
  agent: [{ who: { reference: 'Patient/7' }, requestor: true }, { who: { reference: 'Device/8' } }],
  entity: [{ what: { reference: 'Patient/9' } }, { what: { reference: 'Consent/9' } }],
});

const RESOURCES = [consent, patient, provenance, organization, valueSet, auditEvent];

/** R4's expressions ask `resolve()` for a type; fhirpath.js would fetch, so it is told the text instead. */
const forOracle = (expression: string) =>
  expression.replace(/resolve\(\) is (\w+)/g, "reference.startsWith('$1/')");

describe('compileSelect', () => {
  const cases = RESOURCES.flatMap((resource) =>
    definitions.flatMap(({ code, base, expression }) =>
      expression !== undefined && base.includes(resource.resourceType)
        ? [{ type: resource.resourceType, code, expression, resource }]
        : [],
    ),
  );

  it.each(cases)('finds for $type $code what FHIRPath finds', ({ type, expression, resource }) => {
    const found = compileSelect(expression, type)(resource);
    const oracle: unknown = fhirpath.evaluate(
      structuredClone(resource),
      forOracle(expression),
      undefined,
      r4,
    );
    expect(JSON.parse(JSON.stringify(found))).toEqual(JSON.parse(JSON.stringify(oracle)));
  });

  it('reads the type of a reference from its text, its type or what it contains; nothing is fetched', () => {
    const basic = (subject: object, more: object = {}) =>
      parsed({ resourceType: 'Basic', id: 'b', subject, ...more });
    const select = compileSelect('Basic.subject.where(resolve() is Patient)', 'Basic');
    const contained = [{ resourceType: 'Patient', id: 'in' }];
    expect(select(basic({ reference: 'Patient/1' }))).toHaveLength(1);
    expect(select(basic({ reference: 'https://other.example/fhir/Patient/1/_history/2' }))).toHaveLength(1);
    expect(select(basic({ type: 'Patient', identifier: { value: 'x' } }))).toHaveLength(1);
    expect(select(basic({ reference: '#in' }, { contained }))).toHaveLength(1);
    expect(select(basic({ reference: '#out' }, { contained }))).toHaveLength(0);
    expect(select(basic({ reference: 'Group/1', type: 'Patient' }))).toHaveLength(0);
    expect(select(basic({ display: 'somebody' }))).toHaveLength(0);
  });

  it('leaves what is not a plain path to FHIRPath', () => {
    const select = compileSelect('Patient.deceased.exists() and Patient.deceased != false', 'Patient');
    expect(select(patient)).toEqual([true]);
    expect(compileSelect('Patient.name.given[0]', 'Patient')(patient)).toEqual(['Åse']);
  });

  it('follows an extension by its URL', () => {
    const select = compileSelect("Basic.extension.where(url='http://x/y').value", 'Basic');
    const extension = [
      { url: 'http://x/z', valueString: 'no' },
      { url: 'http://x/y', valueReference: { reference: 'Organization/1' } },
    ];
    expect(select(parsed({ resourceType: 'Basic', extension }))).toEqual([{ reference: 'Organization/1' }]);
  });
});
