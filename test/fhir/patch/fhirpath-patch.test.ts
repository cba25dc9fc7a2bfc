import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyFhirPathPatch } from '../../../src/fhir/patch/fhirpath-patch.ts';
import { createValidator } from '../../../src/fhir/validate/index.ts';
import { NumberLiteral } from '../../../src/fhir/xml/literals.ts';
import { patchOf } from './parameters.ts';

const { validate } = createValidator();

const patched = (resource: object, ...operations: readonly Record<string, unknown>[]): object => {
  const patch = patchOf(...operations);
  expect(validate(patch).filter(({ severity }) => severity === 'error')).toEqual([]);
  const before = structuredClone(resource);
  const result = applyFhirPathPatch(resource, patch);
  expect(resource).toEqual(before);
  if (!result.ok) throw new Error(result.failure.issues[0]?.diagnostics);
  return result.value;
};

const refused = (resource: object, ...operations: readonly Record<string, unknown>[]) => {
  const result = applyFhirPathPatch(resource, patchOf(...operations));
  if (result.ok) throw new Error('was not refused');
  return result.failure;
};

const patient = (members: object = {}) => ({ resourceType: 'Patient', ...members });
const identifiers = (...values: readonly number[]) =>
  patient({ identifier: values.map((one) => ({ system: 'http://example.org', value: `value ${one}` })) });
const identifier = (value: number) => ({
  valueIdentifier: { system: 'http://example.org', value: `value ${value}` },
});
const move = (source: number, destination: number) => ({
  type: 'move',
  path: 'Patient.identifier',
  source,
  destination,
});

describe("the cases of HL7's patch tests", () => {
  const contact = patient({ contact: [{ name: { text: 'a name' }, gender: 'male' }] });

  test.each<[string, object, readonly Record<string, unknown>[], object]>([
    ['no difference', patient({ birthDate: '1920-01-01' }), [], patient({ birthDate: '1920-01-01' })],
    [
      'replace primitive',
      patient({ birthDate: '1920-01-01' }),
      [{ type: 'replace', path: 'Patient.birthDate', value: { valueDate: '1930-01-01' } }],
      patient({ birthDate: '1930-01-01' }),
    ],
    [
      'delete primitive',
      patient({ birthDate: '1920-01-01' }),
      [{ type: 'delete', path: 'Patient.birthDate' }],
      patient(),
    ],
    [
      'add primitive',
      patient(),
      [{ type: 'add', path: 'Patient', name: 'birthDate', value: { valueDate: '1930-01-01' } }],
      patient({ birthDate: '1930-01-01' }),
    ],
    [
      'replace nested primitive 1',
      contact,
      [{ type: 'replace', path: 'Patient.contact[0].gender', value: { valueCode: 'female' } }],
      patient({ contact: [{ name: { text: 'a name' }, gender: 'female' }] }),
    ],
    [
      'replace nested primitive 2',
      contact,
      [{ type: 'replace', path: 'Patient.contact[0].name.text', value: { valueString: 'the name' } }],
      patient({ contact: [{ name: { text: 'the name' }, gender: 'male' }] }),
    ],
    [
      'delete nested primitive 1',
      contact,
      [{ type: 'delete', path: 'Patient.contact[0].gender' }],
      patient({ contact: [{ name: { text: 'a name' } }] }),
    ],
    [
      'delete nested primitive 2: what is left empty goes too',
      contact,
      [{ type: 'delete', path: 'Patient.contact[0].name.text' }],
      patient({ contact: [{ gender: 'male' }] }),
    ],
    [
      'add nested primitive',
      patient({ contact: [{ name: { text: 'a name' } }] }),
      [{ type: 'add', path: 'Patient.contact[0]', name: 'gender', value: { valueCode: 'male' } }],
      contact,
    ],
    [
      'add complex',
      patient(),
      [
        {
          type: 'add',
          path: 'Patient',
          name: 'maritalStatus',
          value: { valueCodeableConcept: { text: 'married' } },
        },
      ],
      patient({ maritalStatus: { text: 'married' } }),
    ],
    [
      'replace complex',
      patient({ maritalStatus: { id: '1', text: 'married' } }),
      [
        {
          type: 'replace',
          path: 'Patient.maritalStatus',
          value: { valueCodeableConcept: { id: '2', text: 'not married' } },
        },
      ],
      patient({ maritalStatus: { id: '2', text: 'not married' } }),
    ],
    [
      'delete complex',
      patient({ maritalStatus: { text: 'married' } }),
      [{ type: 'delete', path: 'Patient.maritalStatus' }],
      patient(),
    ],
    [
      'add anonymous type',
      patient(),
      [
        {
          type: 'add',
          path: 'Patient',
          name: 'contact',
          value: { part: [{ name: 'name', valueHumanName: { text: 'a name' } }] },
        },
      ],
      patient({ contact: [{ name: { text: 'a name' } }] }),
    ],
    ['delete anonymous type', contact, [{ type: 'delete', path: 'Patient.contact[0]' }], patient()],
    [
      'list unchanged, contents changed',
      identifiers(1, 2),
      [
        { type: 'replace', path: 'Patient.identifier[0].value', value: { valueString: 'value 2' } },
        { type: 'replace', path: 'Patient.identifier[1].value', value: { valueString: 'value 1' } },
      ],
      identifiers(2, 1),
    ],
    [
      'add to list',
      identifiers(1, 2),
      [{ type: 'add', path: 'Patient', name: 'identifier', value: identifier(3) }],
      identifiers(1, 2, 3),
    ],
    [
      'insert at the end',
      identifiers(1, 2),
      [{ type: 'insert', path: 'Patient.identifier', index: 2, value: identifier(3) }],
      identifiers(1, 2, 3),
    ],
    [
      'insert in list 1',
      identifiers(1, 2),
      [{ type: 'insert', path: 'Patient.identifier', index: 1, value: identifier(3) }],
      identifiers(1, 3, 2),
    ],
    [
      'insert in list 2',
      identifiers(1, 2),
      [{ type: 'insert', path: 'Patient.identifier', index: 0, value: identifier(3) }],
      identifiers(3, 1, 2),
    ],
    [
      'delete from list 1',
      identifiers(1, 2, 3),
      [{ type: 'delete', path: 'Patient.identifier[0]' }],
      identifiers(2, 3),
    ],
    [
      'delete from list 2',
      identifiers(1, 2, 3),
      [{ type: 'delete', path: 'Patient.identifier[1]' }],
      identifiers(1, 3),
    ],
    [
      'delete from list 3',
      identifiers(1, 2, 3),
      [{ type: 'delete', path: 'Patient.identifier[2]' }],
      identifiers(1, 2),
    ],
    ['reorder list 1', identifiers(1, 2, 3, 4), [move(3, 1)], identifiers(1, 4, 2, 3)],
    ['reorder list 2', identifiers(1, 2, 3, 4), [move(3, 0)], identifiers(4, 1, 2, 3)],
    ['reorder list 3', identifiers(1, 2, 3, 4), [move(3, 2)], identifiers(1, 2, 4, 3)],
    ['reorder list 4', identifiers(1, 2, 3, 4), [move(0, 3)], identifiers(2, 3, 4, 1)],
    ['reorder list 5', identifiers(1, 2, 3, 4), [move(1, 0), move(2, 1)], identifiers(2, 3, 1, 4)],
    [
      'reorder list 6',
      identifiers(1, 2, 3, 4),
      [move(3, 0), move(3, 1), move(3, 2)],
      identifiers(4, 3, 2, 1),
    ],
    [
      'operation on missing element 2: a list that is not there yet',
      patient(),
      [{ type: 'add', path: 'Patient', name: 'identifier', value: identifier(3) }],
      identifiers(3),
    ],
    [
      'full resource: the narrative is replaced by a string',
      patient({ text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">a</div>' } }),
      [
        {
          type: 'replace',
          path: 'Patient.text.div',
          value: { valueString: '<div xmlns="http://www.w3.org/1999/xhtml">b</div>' },
        },
      ],
      patient({ text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">b</div>' } }),
    ],
    [
      'consecutive operations',
      patient({
        contact: [
          { name: { _family: { extension: [{ url: 'urn:x', valueString: 'WW' }] }, family: 'du Marché' } },
        ],
      }),
      [
        { type: 'add', path: 'Patient.contact[0]', name: 'gender', value: { valueCode: 'male' } },
        {
          type: 'add',
          path: 'Patient',
          name: 'contact',
          value: { part: [{ name: 'gender', valueCode: 'male' }] },
        },
      ],
      patient({
        contact: [
          {
            name: { _family: { extension: [{ url: 'urn:x', valueString: 'WW' }] }, family: 'du Marché' },
            gender: 'male',
          },
          { gender: 'male' },
        ],
      }),
    ],
  ])('%s', (_name, input, operations, output) => {
    expect(patched(input, ...operations)).toEqual(output);
  });

  test('operation on missing element: there has to be an element to add to', () => {
    const operation = {
      type: 'add',
      path: "Patient.identifier.where(use = 'official').period",
      name: 'end',
      value: { valueDate: '2021-12-01' },
    };
    expect(refused(patient({ identifier: [{ use: 'official', value: '123' }] }), operation)).toMatchObject({
      kind: 'unprocessable',
      issues: [{ code: 'not-found', expression: ['Parameters.parameter[0]'] }],
    });
  });
});

const consent = {
  resourceType: 'Consent',
  status: 'active',
  scope: { text: 'privacy' },
  category: [{ text: 'a' }, { text: 'b', coding: [{ system: 'urn:s', code: 'x' }] }],
  sourceReference: { reference: 'Consent/1' },
  extension: [
    { url: 'urn:a', valueQuantity: { value: 1 } },
    { url: 'urn:b', valueString: 'x' },
  ],
  dateTime: '2026-03-03',
  _dateTime: { id: 'd', extension: [{ url: 'urn:why', valueCode: 'known' }] },
  provision: { provision: [{ type: 'permit', code: [{ text: 'c' }] }] },
};

describe('elements', () => {
  test('a choice is added by its plain name, and its type names the member', () => {
    expect(
      patched(patient(), { type: 'add', path: 'Patient', name: 'deceased', value: { valueBoolean: false } }),
    ).toEqual(patient({ deceasedBoolean: false }));
  });

  test('a choice is replaced by a value of another of its types', () => {
    const operation = {
      type: 'replace',
      path: 'Consent.source',
      value: { valueAttachment: { url: 'https://example.org/a' } },
    };
    const { sourceReference: _gone, ...rest } = consent;
    expect(patched(consent, operation)).toEqual({
      ...rest,
      sourceAttachment: { url: 'https://example.org/a' },
    });
  });

  test('a choice that has a value of another type is there already', () => {
    const operation = {
      type: 'add',
      path: 'Patient',
      name: 'deceasedDateTime',
      value: { valueDateTime: '2026' },
    };
    expect(refused(patient({ deceasedBoolean: true }), operation).issues[0]?.code).toBe('business-rule');
  });

  test.each([
    ["Consent.category.where(text = 'b').text", 1],
    ["Consent.category.where(coding.code = 'x').text", 1],
    ['Consent.category.first().text', 0],
    ['Consent.category.last().text', 1],
    ['Consent.category.skip(1).take(1).single().text', 1],
    ['Consent.category[1].text', 1],
    ['category[0].text', 0],
    ['Consent.category.tail().select(text)', 1],
    ["Consent.category.where(text in ('b' | 'c')).text", 1],
  ])('%s leads to its place', (path, index) => {
    const text = 'new';
    const category = consent.category.map((one, at) => (at === index ? { ...one, text } : one));
    expect(patched(consent, { type: 'replace', path, value: { valueString: text } })).toEqual({
      ...consent,
      category,
    });
  });

  test.each([
    ["Consent.extension('urn:a').value", { valueInteger: 2 }, { url: 'urn:a', valueInteger: 2 }],
    [
      "Consent.extension('urn:a').value.ofType(Quantity).value",
      { valueDecimal: 2 },
      { url: 'urn:a', valueQuantity: { value: 2 } },
    ],
    [
      "(Consent.extension('urn:a').value as Quantity).value",
      { valueDecimal: 2 },
      { url: 'urn:a', valueQuantity: { value: 2 } },
    ],
  ])('%s leads into an extension', (path, value, extension) => {
    expect(patched(consent, { type: 'replace', path, value })).toEqual({
      ...consent,
      extension: [extension, consent.extension[1]],
    });
  });

  test('an element shares the content of another one (contentReference)', () => {
    const operation = {
      type: 'add',
      path: 'Consent.provision.provision[0]',
      name: 'provision',
      value: {
        part: [
          { name: 'type', valueCode: 'deny' },
          { name: 'code', valueCodeableConcept: { text: 'd' } },
        ],
      },
    };
    expect(patched(consent, operation)).toMatchObject({
      provision: { provision: [{ provision: [{ type: 'deny', code: [{ text: 'd' }] }] }] },
    });
  });

  test('an extension is added by its parts, its value a choice among them', () => {
    const parts = [
      { name: 'url', valueUri: 'urn:c' },
      { name: 'value', valuePeriod: { start: '2026' } },
    ];
    expect(
      patched(patient(), { type: 'add', path: 'Patient', name: 'extension', value: { part: parts } }),
    ).toEqual(patient({ extension: [{ url: 'urn:c', valuePeriod: { start: '2026' } }] }));
  });

  test('a contained resource is added as a resource, and has elements of its own type', () => {
    const resource = { resourceType: 'Practitioner', id: 'a', active: true };
    const result = patched(
      consent,
      { type: 'add', path: 'Consent', name: 'contained', value: { resource } },
      { type: 'replace', path: 'Consent.contained[0].active', value: { valueBoolean: false } },
    );
    expect(result).toMatchObject({ contained: [{ ...resource, active: false }] });
  });
});

describe('what JSON keeps beside a primitive belongs to it', () => {
  const named = patient({
    name: [{ given: ['A', 'B'], _given: [null, { extension: [{ url: 'urn:x', valueString: 'b' }] }] }],
  });

  test('it moves, and goes, with the primitive', () => {
    const extension = { extension: [{ url: 'urn:x', valueString: 'b' }] };
    expect(
      patched(named, { type: 'move', path: 'Patient.name[0].given', source: 1, destination: 0 }),
    ).toEqual(patient({ name: [{ given: ['B', 'A'], _given: [extension, null] }] }));
    expect(
      patched(named, {
        type: 'insert',
        path: 'Patient.name[0].given',
        index: 0,
        value: { valueString: 'C' },
      }),
    ).toEqual(patient({ name: [{ given: ['C', 'A', 'B'], _given: [null, null, extension] }] }));
    expect(patched(named, { type: 'delete', path: 'Patient.name[0].given[1]' })).toEqual(
      patient({ name: [{ given: ['A'] }] }),
    );
    expect(patched(named, { type: 'delete', path: 'Patient.name[0].given[0]' })).toEqual(
      patient({ name: [{ given: ['B'], _given: [extension] }] }),
    );
  });

  test('a replaced primitive is another one, with what its own value has beside it', () => {
    expect(
      patched(consent, { type: 'replace', path: 'Consent.dateTime', value: { valueDateTime: '2027' } }),
    ).toEqual({
      ...consent,
      dateTime: '2027',
      _dateTime: undefined,
    });
    const value = { valueDateTime: '2027', _valueDateTime: { id: 'e' } };
    expect(patched(consent, { type: 'replace', path: 'Consent.dateTime', value })).toMatchObject({
      dateTime: '2027',
      _dateTime: { id: 'e' },
    });
  });

  test('its extensions can be reached, added and deleted', () => {
    expect(
      patched(consent, {
        type: 'replace',
        path: "Consent.dateTime.extension('urn:why').value",
        value: { valueString: 'guessed' },
      }),
    ).toMatchObject({ _dateTime: { id: 'd', extension: [{ url: 'urn:why', valueString: 'guessed' }] } });
    const extension = {
      part: [
        { name: 'url', valueUri: 'urn:n' },
        { name: 'value', valueString: 'n' },
      ],
    };
    expect(
      patched(patient({ active: true }), {
        type: 'add',
        path: 'Patient.active',
        name: 'extension',
        value: extension,
      }),
    ).toEqual(patient({ active: true, _active: { extension: [{ url: 'urn:n', valueString: 'n' }] } }));
    expect(
      patched(
        consent,
        { type: 'delete', path: 'Consent.dateTime.extension[0]' },
        { type: 'delete', path: 'Consent.dateTime.id' },
      ),
    ).toEqual({ ...consent, _dateTime: undefined });
  });

  test('a primitive that had nothing but an extension goes with it', () => {
    const bare = patient({ _birthDate: { extension: [{ url: 'urn:x', valueCode: 'unknown' }] } });
    expect(patched(bare, { type: 'delete', path: 'Patient.birthDate.extension[0]' })).toEqual(patient());
  });
});

test('a number keeps its spelling, and criteria still compare it as a number', () => {
  const resource = {
    ...consent,
    extension: [{ url: 'urn:a', valueQuantity: { value: new NumberLiteral('1.00') } }],
  };
  const result = applyFhirPathPatch(
    resource,
    patchOf({
      type: 'add',
      path: 'Consent.extension.value.where(value = 1)',
      name: 'unit',
      value: { valueString: 'g' },
    }),
  );
  expect(result).toMatchObject({
    ok: true,
    value: { extension: [{ valueQuantity: { value: { text: '1.00' }, unit: 'g' } }] },
  });
});

describe('an operation that cannot be done is refused with its number, and nothing is changed', () => {
  const value = { valueString: 'x' };
  test.each<[string, Record<string, unknown>, string]>([
    [
      'replace of nothing',
      { type: 'replace', path: 'Consent.language', value: { valueCode: 'nb' } },
      'not-found',
    ],
    [
      'replace of several',
      { type: 'replace', path: 'Consent.category', value: { valueCodeableConcept: {} } },
      'multiple-matches',
    ],
    [
      'delete of several: only a single element can be deleted',
      { type: 'delete', path: 'Consent.category' },
      'multiple-matches',
    ],
    ['delete of everything', { type: 'delete', path: 'Consent' }, 'business-rule'],
    [
      'add of what is there and does not repeat',
      { type: 'add', path: 'Consent', name: 'status', value: { valueCode: 'active' } },
      'business-rule',
    ],
    ['add of what R4 has not', { type: 'add', path: 'Consent', name: 'colour', value }, 'structure'],
    ['add of another type', { type: 'add', path: 'Consent', name: 'patient', value }, 'invalid'],
    [
      'add of another primitive',
      { type: 'add', path: 'Consent', name: 'language', value: { valueBoolean: true } },
      'invalid',
    ],
    [
      'add of a type the choice has not',
      { type: 'add', path: 'Consent.extension[0]', name: 'value', value: { part: [] } },
      'invalid',
    ],
    [
      'anonymous content without parts',
      { type: 'add', path: 'Consent', name: 'verification', value },
      'invalid',
    ],
    [
      'a part that R4 has not',
      { type: 'add', path: 'Consent', name: 'policy', value: { part: [{ name: 'x', ...value }] } },
      'invalid',
    ],
    [
      'insert beyond the list',
      { type: 'insert', path: 'Consent.category', index: 3, value: { valueCodeableConcept: { text: 'c' } } },
      'value',
    ],
    [
      'insert into what is no list',
      { type: 'insert', path: 'Consent.status', index: 0, value: { valueCode: 'active' } },
      'invalid',
    ],
    [
      'insert by a path that names no list',
      { type: 'insert', path: 'Consent.category[0]', index: 0, value: { valueCodeableConcept: {} } },
      'invalid',
    ],
    [
      'insert into several lists',
      { type: 'insert', path: 'Consent.category.coding', index: 0, value: { valueCoding: {} } },
      'multiple-matches',
    ],
    [
      'move from beyond the list',
      { type: 'move', path: 'Consent.category', source: 2, destination: 0 },
      'value',
    ],
    ['move beyond the list', { type: 'move', path: 'Consent.category', source: 0, destination: 2 }, 'value'],
    ['a path that computes a value', { type: 'replace', path: "Consent.status & 'x'", value }, 'invalid'],
    [
      'a function that computes a value',
      { type: 'replace', path: 'Consent.status.substring(1)', value },
      'invalid',
    ],
  ])('%s', (_rule, operation, code) => {
    const failure = refused(consent, { type: 'delete', path: 'Consent.language' }, operation);
    expect(failure).toMatchObject({
      kind: 'unprocessable',
      issues: [{ code, expression: ['Parameters.parameter[1]'] }],
    });
    expect(failure.issues[0]?.diagnostics).toMatch(/^Operation 1 \(/);
  });

  test('delete of nothing changes nothing: "path of the element to delete (if found)"', () => {
    expect(patched(consent, { type: 'delete', path: 'Consent.language' })).toEqual(consent);
  });

  test('insert makes a list that is not there yet, at 0 only', () => {
    const operation = { type: 'insert', path: 'Patient.identifier', index: 0, value: identifier(1) };
    expect(patched(patient(), operation)).toEqual(identifiers(1));
    expect(refused(patient(), { ...operation, index: 1 }).issues[0]?.code).toBe('value');
  });

  test.each([
    ['meta.versionId', { type: 'replace', path: 'Patient.meta.versionId', value: { valueId: '2' } }],
    ['meta.lastUpdated', { type: 'delete', path: 'Patient.meta.lastUpdated' }],
    ['meta.versionId and meta.lastUpdated', { type: 'delete', path: 'Patient.meta' }],
    ['id', { type: 'replace', path: 'Patient.id', value: { valueId: 'b' } }],
    [
      'id',
      {
        type: 'add',
        path: 'Patient.id',
        name: 'extension',
        value: { part: [{ name: 'url', valueUri: 'urn:x' }] },
      },
    ],
  ])('what only the server writes stays as it is: %s', (name, operation) => {
    const resource = patient({ id: 'a', meta: { versionId: '1', lastUpdated: '2026-03-03T07:00:05Z' } });
    expect(refused(resource, operation)).toMatchObject({
      kind: 'unprocessable',
      issues: [{ diagnostics: expect.stringContaining(` changes ${name},`) }],
    });
  });

  test('neither path nor value is repeated', () => {
    const operation = {
      type: 'replace',
      path: "Patient.identifier.where(value = '12048645510').system",
      value: { valueUri: 'urn:oid:12048645510' },
    };
    expect(JSON.stringify(refused(patient(), operation))).not.toContain('12048645510');
  });
});

describe('what is no FHIRPath Patch is malformed, every fault at once', () => {
  test.each<[string, object]>([
    ['no Parameters', { resourceType: 'Patient' }],
    ['another parameter', { resourceType: 'Parameters', parameter: [{ name: 'op' }] }],
    ['no type', patchOf({ path: 'Patient.active' })],
    ['an unknown type', patchOf({ type: 'remove', path: 'Patient.active' })],
    ['no path', patchOf({ type: 'delete' })],
    ['a path that is none', patchOf({ type: 'delete', path: 'Patient.name[' })],
    [
      'a path with a pattern of its own',
      patchOf({ type: 'delete', path: "Patient.name.where(text.matches('(a+)+b'))" }),
    ],
    [
      'resolve(), which would leave the resource',
      patchOf({ type: 'delete', path: 'Consent.patient.resolve().active' }),
    ],
    [
      'what makes collections grow',
      patchOf({ type: 'delete', path: 'Patient.name.where(given.combine(given).exists())' }),
    ],
    ['a variable', patchOf({ type: 'delete', path: 'Patient.name.where(%resource.name.exists())' })],
    [
      'a union of elements',
      patchOf({ type: 'delete', path: 'Patient.name.where((given | given).exists())' }),
    ],
    ['a path beyond all measure', patchOf({ type: 'delete', path: `Patient${'.name'.repeat(1000)}` })],
    ['no name', patchOf({ type: 'add', path: 'Patient', value: { valueBoolean: true } })],
    ['no value', patchOf({ type: 'replace', path: 'Patient.active' })],
    ['no index', patchOf({ type: 'insert', path: 'Patient.name', value: { valueHumanName: {} } })],
    ['a negative index', patchOf({ type: 'move', path: 'Patient.name', source: -1, destination: 0 })],
    ['a part that is none', patchOf({ type: 'delete', path: 'Patient.active', where: 'x' })],
  ])('%s', (_fault, patch) => {
    expect(applyFhirPathPatch(patient(), patch)).toMatchObject({
      ok: false,
      failure: { kind: 'malformed', issues: [{ malformed: true }] },
    });
  });

  test('faults of several operations, each by its expression', () => {
    const failure = refused(
      patient(),
      { type: 'delete' },
      { type: 'x', path: 'a' },
      { type: 'add', path: 'Patient' },
    );
    expect(failure.issues.map(({ expression }) => expression?.[0])).toEqual([
      'Parameters.parameter[0]',
      'Parameters.parameter[1]',
      'Parameters.parameter[2]',
    ]);
  });
});

test('a patch whose criteria look at too much ends before it takes seconds', () => {
  const name = Array.from({ length: 20_000 }, (_, index) => ({ text: `n${index}`, given: ['a', 'b'] }));
  const operation = {
    type: 'replace',
    path: "Patient.name.where(text = 'n1').text",
    value: { valueString: 'n1' },
  };
  expect(patched(patient({ name }), operation)).toEqual(patient({ name }));
  const many = Array.from({ length: 100 }, () => operation);
  expect(refused(patient({ name }), ...many).issues[0]?.diagnostics).toContain('too many elements');
});

describe('for any list', () => {
  const list = fc.array(
    fc.record({ text: fc.string({ minLength: 1 }), family: fc.string({ minLength: 1 }) }),
    {
      minLength: 1,
      maxLength: 6,
    },
  );

  test('moving an item and moving it back changes nothing', () => {
    fc.assert(
      fc.property(list, fc.nat(5), fc.nat(5), (name, a, b) => {
        const [source, destination] = [a % name.length, b % name.length];
        const there = { type: 'move', path: 'Patient.name', source, destination };
        const back = { ...there, source: destination, destination: source };
        const result = applyFhirPathPatch(patient({ name }), patchOf(there, back));
        expect(result).toEqual({ ok: true, value: patient({ name }) });
      }),
    );
  });

  test('what is inserted can be found at its index, and deleted again', () => {
    fc.assert(
      fc.property(list, fc.nat(6), (name, at) => {
        const index = at % (name.length + 1);
        const insert = {
          type: 'insert',
          path: 'Patient.name',
          index,
          value: { valueHumanName: { text: 'new' } },
        };
        const inserted = applyFhirPathPatch(patient({ name }), patchOf(insert));
        expect(inserted).toEqual({
          ok: true,
          value: patient({ name: name.toSpliced(index, 0, { text: 'new' } as never) }),
        });
        const both = applyFhirPathPatch(
          patient({ name }),
          patchOf(insert, { type: 'delete', path: `Patient.name[${index}]` }),
        );
        expect(both).toEqual({ ok: true, value: patient({ name }) });
      }),
    );
  });
});
