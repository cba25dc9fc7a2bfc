import type { StructureDefinition } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import type { Issue } from '../../../src/failure.ts';
import { createValidator } from '../../../src/fhir/validate/index.ts';

const URL = 'https://example.org/StructureDefinition/Test';

const profile = (
  type: string,
  element: NonNullable<StructureDefinition['differential']>['element'],
  url = URL,
): StructureDefinition => ({
  resourceType: 'StructureDefinition',
  url,
  name: 'Test',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type,
  baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
  derivation: 'constraint',
  differential: { element },
});

const brief = (issues: readonly Issue[]) =>
  issues.map(({ code, expression, malformed, severity }) => {
    expect(malformed).toBeUndefined();
    return `${severity} ${code} ${expression?.join()}`;
  });

const check = (artefact: StructureDefinition, resource: object) =>
  brief(createValidator([artefact]).validate({ resourceType: artefact.type, ...resource }, URL));

describe('a profile asks for more than R4, and what it asks is no matter of form (422)', () => {
  test('a tighter minimum and maximum', () => {
    const tight = profile('Patient', [
      { id: 'Patient.gender', path: 'Patient.gender', min: 1 },
      { id: 'Patient.name', path: 'Patient.name', max: '1' },
      { id: 'Patient.photo', path: 'Patient.photo', max: '0' },
    ]);
    expect(check(tight, { gender: 'male', name: [{ text: 'a' }] })).toEqual([]);
    expect(check(tight, { name: [{ text: 'a' }, { text: 'b' }], photo: [{ url: 'a' }] })).toEqual([
      'error required Patient.gender',
      'error structure Patient.name',
      'error structure Patient.photo',
    ]);
  });

  test('a minimum below an element counts only where the element is', () => {
    const nested = profile('Patient', [{ id: 'Patient.name.family', path: 'Patient.name.family', min: 1 }]);
    expect(check(nested, {})).toEqual([]);
    expect(check(nested, { name: [{ family: 'a' }, { text: 'b' }] })).toEqual([
      'error required Patient.name[1].family',
    ]);
  });

  test('fixed values and patterns', () => {
    const fixed = profile('Patient', [
      { id: 'Patient.gender', path: 'Patient.gender', fixedCode: 'female' },
      {
        id: 'Patient.maritalStatus',
        path: 'Patient.maritalStatus',
        patternCodeableConcept: { coding: [{ system: 'urn:a', code: 'b' }] },
      },
    ]);
    const married = { coding: [{ code: 'x' }, { system: 'urn:a', code: 'b', display: 'B' }], text: 'b' };
    expect(check(fixed, { gender: 'female', maritalStatus: married })).toEqual([]);
    expect(check(fixed, { gender: 'male', maritalStatus: { text: 'b' } })).toEqual([
      'error value Patient.gender',
      'error value Patient.maritalStatus',
    ]);
  });

  test('bindings: required refuses, extensible advises, one that cannot be listed says nothing', () => {
    const bound = (strength: 'required' | 'extensible', valueSet: string) =>
      profile('Patient', [
        { id: 'Patient.maritalStatus', path: 'Patient.maritalStatus', binding: { strength, valueSet } },
      ]);
    const gender = 'http://hl7.org/fhir/ValueSet/administrative-gender';
    const good = {
      coding: [{ code: 'x' }, { system: 'http://hl7.org/fhir/administrative-gender', code: 'male' }],
    };
    const bad = { coding: [{ system: 'urn:other', code: 'male' }] };
    expect(check(bound('required', gender), { maritalStatus: good })).toEqual([]);
    expect(check(bound('required', gender), { maritalStatus: bad })).toEqual([
      'error code-invalid Patient.maritalStatus',
    ]);
    expect(check(bound('extensible', gender), { maritalStatus: bad })).toEqual([
      'warning code-invalid Patient.maritalStatus',
    ]);
    expect(check(bound('required', 'urn:unknown'), { maritalStatus: bad })).toEqual([]);
  });

  test('the types of a choice and the targets of a reference', () => {
    const narrow = profile('Patient', [
      { id: 'Patient.deceased[x]', path: 'Patient.deceased[x]', type: [{ code: 'boolean' }] },
      {
        id: 'Patient.generalPractitioner',
        path: 'Patient.generalPractitioner',
        type: [
          { code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Organization'] },
        ],
      },
    ]);
    expect(
      check(narrow, { deceasedBoolean: true, generalPractitioner: [{ reference: 'Organization/1' }] }),
    ).toEqual([]);
    expect(
      check(narrow, { deceasedDateTime: '2026', generalPractitioner: [{ reference: 'Practitioner/1' }] }),
    ).toEqual(['error structure Patient.deceased', 'error structure Patient.generalPractitioner[0]']);
  });

  test('constraints of its own', () => {
    const ruled = profile('Patient', [
      {
        id: 'Patient.name',
        path: 'Patient.name',
        constraint: [
          { key: 'own-1', severity: 'error', human: 'A name has a family', expression: 'family.exists()' },
        ],
      },
    ]);
    expect(check(ruled, { name: [{ family: 'a' }, { text: 'b' }] })).toEqual([
      'error invariant Patient.name[1]',
    ]);
  });

  const sliced = (rules: 'open' | 'closed') =>
    profile('Patient', [
      {
        id: 'Patient.identifier',
        path: 'Patient.identifier',
        slicing: { discriminator: [{ type: 'value', path: 'system' }], rules },
      },
      { id: 'Patient.identifier:own', path: 'Patient.identifier', sliceName: 'own', min: 1, max: '1' },
      { id: 'Patient.identifier:own.system', path: 'Patient.identifier.system', fixedUri: 'urn:own' },
      { id: 'Patient.identifier:own.value', path: 'Patient.identifier.value', min: 1 },
    ]);

  test('slices by a value', () => {
    const own = { system: 'urn:own', value: 'a' };
    expect(check(sliced('open'), { identifier: [{ value: 'x' }, own] })).toEqual([]);
    expect(check(sliced('open'), { identifier: [{ value: 'x' }] })).toEqual([
      'error required Patient.identifier',
    ]);
    expect(check(sliced('open'), {})).toEqual(['error required Patient.identifier']);
    expect(check(sliced('open'), { identifier: [own, own] })).toEqual(['error structure Patient.identifier']);
    expect(check(sliced('open'), { identifier: [{ value: 'x' }, { system: 'urn:own' }] })).toEqual([
      'error required Patient.identifier[1].value',
    ]);
    expect(check(sliced('closed'), { identifier: [own, { value: 'x' }] })).toEqual([
      'error structure Patient.identifier[1]',
    ]);
  });

  test('an extension is held to its own definition wherever it stands', () => {
    const url = 'https://example.org/StructureDefinition/count';
    const extension: StructureDefinition = {
      ...profile('Extension', [
        { id: 'Extension.url', path: 'Extension.url', fixedUri: url },
        { id: 'Extension.extension', path: 'Extension.extension', max: '0' },
        { id: 'Extension.value[x]', path: 'Extension.value[x]', min: 1, type: [{ code: 'integer' }] },
      ]),
      url,
      kind: 'complex-type',
    };
    const { validate } = createValidator([extension]);
    const patient = (value: object) => ({
      resourceType: 'Patient',
      name: [{ extension: [{ url, ...value }] }],
    });
    expect(validate(patient({ valueInteger: 1 }))).toEqual([]);
    expect(brief(validate(patient({ valueString: 'a' })))).toEqual([
      'error structure Patient.name[0].extension[0].value',
    ]);
    expect(brief(validate(patient({ extension: [{ url: 'a', valueInteger: 1 }] })))).toEqual([
      'error structure Patient.name[0].extension[0].extension',
      'error required Patient.name[0].extension[0].value',
    ]);
  });
});

test('faults of form and of profile are told together, each as what it is', () => {
  const tight = profile('Patient', [{ id: 'Patient.gender', path: 'Patient.gender', min: 1 }]);
  const issues = createValidator([tight]).validate({ resourceType: 'Patient', foo: 1 }, URL);
  expect(issues.map(({ malformed }) => malformed)).toEqual([true, undefined]);
});

test('a profile of a profile asks for what both ask', () => {
  const base = profile('Patient', [{ id: 'Patient.gender', path: 'Patient.gender', min: 1 }], 'urn:base');
  const derived = {
    ...profile('Patient', [{ id: 'Patient.name', path: 'Patient.name', min: 1 }]),
    baseDefinition: 'urn:base',
  };
  const issues = createValidator([base, derived]).validate({ resourceType: 'Patient' }, URL);
  expect(brief(issues).sort()).toEqual(['error required Patient.gender', 'error required Patient.name']);
});

test('an unknown profile and one of another type are errors', () => {
  const validator = createValidator([profile('Patient', [])]);
  expect(brief(validator.validate({ resourceType: 'Patient' }, 'urn:x'))).toEqual([
    'error not-found Patient',
  ]);
  expect(brief(validator.validate({ resourceType: 'Basic', code: { text: 'a' } }, URL))).toEqual([
    'error invalid Basic',
  ]);
});
