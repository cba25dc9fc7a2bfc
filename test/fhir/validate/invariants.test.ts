import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFINITIONS } from '../../../src/fhir/definitions/index.ts';
import { createValidator } from '../../../src/fhir/validate/index.ts';
import { compileInvariant } from '../../../src/fhir/validate/invariants.ts';
import { NATIVE, NATIVE_PRIMITIVE } from '../../../src/fhir/validate/native.ts';
import { type JsonObject, Walk } from '../../../src/fhir/validate/walk.ts';
import { artefacts, rich } from './corpus.ts';
import { mutated } from './mutations.ts';
import { type Instance, instancesOf, oracleHolds } from './oracle.ts';

/** fhirpath.js refuses the escapes in these regular expressions; `htmlChecks` it answers with true always. */
const BEYOND_ORACLE = new Set(['eld-16', 'eld-19', 'eld-20', 'txt-1', 'txt-2']);

const ours = (key: string, instance: Instance): boolean => {
  const rule = DEFINITIONS.constraints[key];
  if (rule === undefined) throw new Error(`No constraint ${key}`);
  const walk = new Walk();
  walk.start(instance.resource, String(instance.resource['resourceType']));
  const type = instance.type.includes('.') ? 'BackboneElement' : instance.type;
  return compileInvariant(key, rule, type).holds(instance.value, walk);
};

const validator = createValidator();

/** The constraints about which the two engines differ, with their places. */
const differences = (resource: JsonObject): readonly string[] =>
  instancesOf(resource).flatMap((instance) =>
    instance.keys.flatMap((key) => {
      const rule = DEFINITIONS.constraints[key];
      if (rule === undefined || BEYOND_ORACLE.has(key)) return [];
      const theirs = oracleHolds(rule.expression, instance);
      const own = ours(key, instance);
      return theirs === undefined || theirs === own
        ? []
        : [`${key} at ${instance.path}: ${own}, not ${theirs}`];
    }),
  );

describe('invariants agree with fhirpath.js', () => {
  test.each([...artefacts])('on %s', (_path, resource) => {
    expect(differences(resource)).toEqual([]);
  });

  test('on valid resources of every bundled kind', () => {
    expect(rich.flatMap(differences)).toEqual([]);
  });

  test('on resources from which things were taken away or repeated', () => {
    fc.assert(
      fc.property(mutated(rich, ['remove', 'repeat']), (resource) => {
        // On what is not R4 the engines may differ: that is refused as such.
        fc.pre(!validator.validate(resource).some(({ malformed }) => malformed === true));
        expect(differences(resource)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});

describe('the invariants written out by hand', () => {
  test.each([...NATIVE, ...NATIVE_PRIMITIVE].map(({ key, expression }) => [key, expression]))(
    '%s is still what R4 states',
    (key, expression) => {
      expect(DEFINITIONS.constraints[key]?.expression).toBe(expression);
    },
  );

  const holds = (key: string, value: JsonObject, root: JsonObject = value): boolean => {
    const walk = new Walk();
    walk.start(root, 'Resource');
    const entry = NATIVE.find((candidate) => candidate.key === key);
    if (entry === undefined) throw new Error(`No ${key}`);
    return entry.holds(value, walk);
  };
  const contained = (...resources: readonly JsonObject[]) => ({
    resourceType: 'Patient',
    contained: resources,
  });
  const inner = { resourceType: 'Organization', id: 'a', name: 'x' };

  test.each<[string, boolean, JsonObject]>([
    ['ext-1', true, { url: 'u', valueString: 'a' }],
    ['ext-1', true, { url: 'u', _valueString: { id: 'a' } }],
    ['ext-1', true, { url: 'u', extension: [{}] }],
    ['ext-1', false, { url: 'u' }],
    ['ext-1', false, { url: 'u', extension: [{}], valueString: 'a' }],
    ['per-1', true, { start: '2026', end: '2026' }],
    ['per-1', true, { start: '2026-03-03T10:00:00Z', end: '2026-03-03' }],
    ['per-1', true, { start: '2026-03-03T10:00:00+01:00', end: '2026-03-03T09:00:00Z' }],
    ['per-1', false, { start: '2026-03-03T10:00:00Z', end: '2026-03-03T09:59:59Z' }],
    ['per-1', false, { start: '2026-03-04', end: '2026-03-03' }],
    ['per-1', true, { start: '2026-03-04' }],
    ['dom-2', false, contained({ ...inner, contained: [inner] })],
    ['dom-2', true, contained(inner)],
    ['dom-3', false, contained(inner)],
    ['dom-3', true, { ...contained(inner), managingOrganization: { reference: '#a' } }],
    ['dom-3', true, contained({ ...inner, partOf: { reference: '#' } })],
    ['dom-4', false, contained({ ...inner, meta: { versionId: '1' } })],
    ['dom-4', false, contained({ ...inner, meta: { lastUpdated: '2026-03-03T10:00:00Z' } })],
    ['dom-4', true, contained({ ...inner, meta: { tag: [{ code: 'a' }] } })],
    ['dom-5', false, contained({ ...inner, meta: { security: [{ code: 'R' }] } })],
    ['att-1', false, { data: 'YQ==' }],
    ['att-1', true, { url: 'https://a.example' }],
    ['org-1', false, { resourceType: 'Organization', active: true }],
    ['org-2', false, { use: 'home' }],
    ['inv-1', false, { name: 'a' }],
    ['inv-1', false, { name: 'a', valueString: 'b', part: [{}] }],
    ['inv-1', true, { name: 'a', resource: inner }],
    ['csd-1', false, { concept: [{ code: 'a', concept: [{ code: 'a' }] }] }],
    ['ppc-2', false, { scope: { coding: [{ system: 'something', code: 'patient-privacy' }] } }],
  ])('%s is %s for %j', (key, expected, value) => {
    expect(holds(key, value)).toBe(expected);
  });

  test('ref-1: "#id" is found in the container, "#" is the container itself', () => {
    const root = contained(inner);
    expect(holds('ref-1', { reference: '#a' }, root)).toBe(true);
    expect(holds('ref-1', { reference: '#b' }, root)).toBe(false);
    expect(holds('ref-1', { reference: '#' }, root)).toBe(true);
    expect(holds('ref-1', { reference: 'Patient/1' }, root)).toBe(true);
  });
});

test('an element with an id and nothing else breaks ele-1', () => {
  const issues = validator.validate({ resourceType: 'Patient', name: [{ id: 'a' }] });
  expect(issues).toMatchObject([{ code: 'invariant', expression: ['Patient.name[0]'] }]);
  expect(issues[0]?.malformed).toBeUndefined();
});

test('a warning is told as one and refuses nothing', () => {
  const statement = rich.find(({ resourceType }) => resourceType === 'CapabilityStatement');
  expect(validator.validate({ ...statement, name: 'not a name' })).toMatchObject([{ severity: 'warning' }]);
});
