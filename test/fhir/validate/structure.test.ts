import { describe, expect, test } from 'vitest';
import type { Issue } from '../../../src/failure.ts';
import { failureOf } from '../../../src/failure.ts';
import { createValidator } from '../../../src/fhir/validate/index.ts';

const { validate } = createValidator();

const consent = {
  resourceType: 'Consent',
  status: 'active',
  scope: { text: 'privacy' },
  category: [{ text: 'a' }],
  policyRule: { text: 'b' },
};

const patient = { resourceType: 'Patient' };

/** Code and place of each finding, with a mark for those that make the resource no R4. */
const brief = (issues: readonly Issue[]): readonly string[] =>
  issues.map(
    ({ code, expression, malformed }) => `${malformed ? '400' : '422'} ${code} ${expression?.join(' ')}`,
  );

const found = (resource: unknown) => brief(validate(resource));

describe('what is not R4 is refused, each fault by its code and FHIRPath', () => {
  test.each<[string, object, string]>([
    ['an unknown element', { ...consent, foo: 1 }, '400 structure Consent.foo'],
    ['a wrong JSON type', { ...patient, active: 'true' }, '400 structure Patient.active'],
    ['a number where text is due', { ...consent, language: 1 }, '400 structure Consent.language'],
    ['a text where an object is due', { ...consent, scope: 'x' }, '400 structure Consent.scope'],
    [
      'an object where an array is due',
      { ...consent, category: { text: 'a' } },
      '400 structure Consent.category',
    ],
    [
      'an array where one value is due',
      { ...consent, scope: [{ text: 'a' }] },
      '400 structure Consent.scope',
    ],
    ['an empty object', { ...consent, scope: {} }, '400 structure Consent.scope'],
    ['an empty array', { ...patient, name: [] }, '400 structure Patient.name'],
    ['an empty text', { ...patient, name: [{ text: '' }] }, '400 value Patient.name[0].text'],
    ['null', { ...patient, gender: null }, '400 structure Patient.gender'],
    ['null in an array', { ...patient, name: [{ given: [null] }] }, '400 structure Patient.name[0].given[0]'],
    ['null for an object', { ...patient, name: [null] }, '400 structure Patient.name[0]'],
    ['a missing element', { ...consent, status: undefined }, '400 required Consent.status'],
    [
      'a missing choice',
      { resourceType: 'Provenance', agent: [{ who: { display: 'a' } }], target: [{ display: 't' }] },
      '400 required Provenance.recorded',
    ],
    ['a code outside its binding', { ...consent, status: 'bogus' }, '400 code-invalid Consent.status'],
    [
      'a contained resource with the id of another',
      {
        ...consent,
        contained: [
          { resourceType: 'Organization', id: 'o', name: 'a' },
          { resourceType: 'Organization', id: 'o', name: 'b' },
        ],
        organization: [{ reference: '#o' }],
      },
      '422 duplicate Consent.contained[1].id',
    ],
    ['a code that is no code', { ...consent, status: ' active' }, '400 value Consent.status'],
    ['a bad date', { ...patient, birthDate: '2026-13-01' }, '400 value Patient.birthDate'],
    ['a day that the calendar lacks', { ...patient, birthDate: '2026-02-29' }, '400 value Patient.birthDate'],
    ['a time without a zone', { ...consent, dateTime: '2026-03-03T08:00:00' }, '400 value Consent.dateTime'],
    ['an id with a space', { ...patient, id: 'a b' }, '400 value Patient.id'],
    [
      'two of one choice',
      { ...patient, deceasedBoolean: true, deceasedDateTime: '2026' },
      '400 structure Patient.deceased',
    ],
    [
      'a choice and the companion of another',
      { ...patient, deceasedBoolean: true, _deceasedDateTime: { extension: [{ url: 'u', valueCode: 'a' }] } },
      '400 structure Patient.deceased',
    ],
    [
      'a choice of a type it lacks',
      { ...patient, deceasedString: 'no' },
      '400 structure Patient.deceasedString',
    ],
    ['a companion that is no object', { ...consent, _status: 'x' }, '400 structure Consent.status'],
    [
      'a companion longer than its array',
      { ...patient, name: [{ given: ['a'], _given: [null, { id: 'x' }] }] },
      '400 structure Patient.name[0].given',
    ],
    [
      'a companion beside a complex element',
      { ...consent, _scope: { id: 'x' } },
      '400 structure Consent._scope',
    ],
    [
      'a reference to a wrong type',
      { ...consent, patient: { reference: 'Device/1' } },
      '400 structure Consent.patient.reference',
    ],
    [
      'a reference with a wrong type',
      { ...consent, patient: { type: 'Device', display: 'x' } },
      '400 structure Consent.patient.type',
    ],
    [
      'an absolute reference to a wrong type',
      { ...consent, patient: { reference: 'https://a.example/fhir/Group/1' } },
      '400 structure Consent.patient.reference',
    ],
    [
      'a reference to no type of R4',
      { ...consent, patient: { reference: 'Person2/1' } },
      '400 value Consent.patient.reference',
    ],
    [
      'a contained resource that is not R4',
      {
        ...consent,
        performer: [{ reference: '#a' }],
        contained: [{ resourceType: 'Patient', id: 'a', nonsense: 1 }],
      },
      '400 structure Consent.contained[0].nonsense',
    ],
    [
      'a contained resource of no type',
      { ...consent, contained: [{ name: 'x' }] },
      '400 structure Consent.contained[0].resourceType',
    ],
    [
      'a contained resource of an unknown type',
      { ...consent, contained: [{ resourceType: 'Nonsense' }] },
      '400 structure Consent.contained[0].resourceType',
    ],
    [
      'an element of another type of nested provision',
      { ...consent, provision: { provision: [{ provision: [{ foo: 1 }] }] } },
      '400 structure Consent.provision.provision[0].provision[0].foo',
    ],
  ])('%s', (_name, resource, expected) => {
    expect(found(resource)).toContain(expected);
  });

  test.each([
    [undefined],
    [null],
    ['text'],
    [[]],
    [{}],
    [{ resourceType: 1 }],
    [{ resourceType: 'Nonsense' }],
  ])('%j is no resource', (value) => {
    expect(failureOf(validate(value))?.kind).toBe('malformed');
  });

  test('a type of R4 that is not bundled is not supported, which is no fault of form', () => {
    expect(found({ resourceType: 'Observation' })).toEqual(['422 not-supported Resource.resourceType']);
  });
});

describe('what R4 allows passes', () => {
  test.each<[string, object]>([
    ['a Consent with the least', consent],
    [
      'an element with extensions and no value',
      { ...consent, status: undefined, _status: { extension: [{ url: 'u', valueCode: 'a' }] } },
    ],
    [
      'an array with holes that its companion fills',
      {
        ...patient,
        name: [{ given: ['a', null], _given: [null, { extension: [{ url: 'u', valueCode: 'a' }] }] }],
      },
    ],
    [
      'a companion array alone',
      { ...patient, name: [{ _given: [{ extension: [{ url: 'u', valueCode: 'a' }] }] }] },
    ],
    ['a value and an id beside it', { ...consent, _status: { id: 'x' } }],
    [
      'base64 with line breaks',
      { ...consent, sourceAttachment: { contentType: 'application/pdf', data: 'JVBE\nRi0x\n' } },
    ],
    ['a logical reference', { ...consent, patient: { identifier: { value: 'a' }, type: 'Patient' } }],
    [
      'a reference by urn',
      { ...consent, patient: { reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' } },
    ],
    ['a conditional reference', { ...consent, patient: { reference: 'Patient?identifier=a|b' } }],
    ['a leap day', { ...patient, birthDate: '2024-02-29' }],
    ['a leap second', { ...consent, dateTime: '2016-12-31T23:59:60Z' }],
    ['text in any script', { ...patient, name: [{ text: 'Ærø Ångström 李\u00a0四 😀' }] }],
    ['a member that is undefined', { ...consent, text: undefined }],
  ])('%s', (_name, resource) => {
    expect(validate(resource)).toEqual([]);
  });
});

test('every fault is told at once', () => {
  const resource = {
    ...consent,
    status: 'bogus',
    dateTime: 'yesterday',
    category: [{ coding: [{ code: 5 }] }],
    provision: { actor: [{ role: { text: 'r' } }, { reference: { display: 'x' } }] },
    policyRule: undefined,
    foo: 1,
  };
  expect([...found(resource)].sort()).toEqual([
    '400 code-invalid Consent.status',
    '400 required Consent.provision.actor[0].reference',
    '400 required Consent.provision.actor[1].role',
    '400 structure Consent.category[0].coding[0].code',
    '400 structure Consent.foo',
    '400 value Consent.dateTime',
    '422 invariant Consent',
  ]);
});

test('a broken invariant alone is well-formed and unprocessable', () => {
  const issues = validate({ ...consent, policyRule: undefined });
  expect(brief(issues)).toEqual(['422 invariant Consent']);
  expect(issues[0]?.diagnostics).toContain('ppc-1');
  expect(failureOf(issues)?.kind).toBe('unprocessable');
});

test('the allowed codes of a short value set are named', () => {
  const [issue] = validate({ ...consent, status: 'bogus' });
  expect(issue?.diagnostics).toContain('"bogus"');
  expect(issue?.diagnostics).toContain('draft | proposed | active | rejected | inactive | entered-in-error');
});

test('a resource of thousands of faults gets an answer that can be read', () => {
  const wrong = Array.from({ length: 5000 }, () => ({ foo: 1 }));
  expect(validate({ ...patient, name: wrong })).toHaveLength(201);
});

test('nesting without end is refused, not followed', () => {
  let provision: object = { type: 'deny' };
  for (let i = 0; i < 5000; i++) provision = { provision: [provision] };
  expect(brief(validate({ ...consent, provision })).join()).toContain('400 too-costly');
});

test('members named like those of every object are unknown elements', () => {
  const hostile: unknown = JSON.parse(
    '{"resourceType":"Patient","__proto__":{"a":1},"constructor":1,"toString":1}',
  );
  expect(brief(validate(hostile))).toEqual([
    '400 structure Patient.__proto__',
    '400 structure Patient.constructor',
    '400 structure Patient.toString',
  ]);
});
