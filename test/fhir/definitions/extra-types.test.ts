import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource } from '@medplum/fhirtypes';
import { build } from 'esbuild';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { describe, expect, test, vi } from 'vitest';
import { generate, leftOver } from '../../../src/build/definitions.ts';
import { parseTypeNames, workerEntry } from '../../../src/build/worker-entry.ts';
import {
  EXTRA_TYPES,
  type ExtendedDefinitions,
  type ExtraType,
  loadExtraTypes,
} from '../../../src/fhir/definitions/extra-types.ts';
import {
  DEFINITIONS,
  HIERARCHIES,
  SEARCH_PARAMETERS,
  VALUE_SETS,
} from '../../../src/fhir/definitions/index.ts';
import { createSearchParameters } from '../../../src/fhir/search/parameters.ts';
import { createValidator } from '../../../src/fhir/validate/index.ts';
import { NATIVE_EXTRA } from '../../../src/fhir/validate/native-extra.ts';
import { EXAMPLES } from './examples.ts';

const FOLDER = join(import.meta.dirname, '../../../src/fhir/definitions');

const load = async (...names: readonly string[]): Promise<ExtendedDefinitions> => {
  const loaded = await loadExtraTypes(names);
  if (!loaded.ok) throw new Error(loaded.failure);
  return loaded.value;
};

const all = await load(...EXTRA_TYPES);
const validator = createValidator([], all.definitions, all.valueSets);
const parametersOf = createSearchParameters(all.searchParameters);

describe('FACADE_EXTRA_TYPES', () => {
  test('without a name the definitions are the main ones', async () => {
    expect(await load()).toEqual({
      definitions: DEFINITIONS,
      valueSets: VALUE_SETS,
      hierarchies: HIERARCHIES,
      searchParameters: SEARCH_PARAMETERS,
    });
  });

  test('only the types that are named are loaded, whatever their order and number', async () => {
    const some = await load('Observation', 'Encounter', 'Observation', 'Patient');
    expect(some.definitions.types).toHaveProperty('Observation');
    expect(some.definitions.types).toHaveProperty('Encounter');
    expect(some.definitions.types).not.toHaveProperty('Condition');
    expect(some.searchParameters.filter(({ base }) => base.includes('Observation')).length).toBe(
      all.searchParameters.filter(({ base }) => base.includes('Observation')).length,
    );
  });

  test('a type that is not bundled stops the start with a sentence that names the setting and the type', async () => {
    const loaded = await loadExtraTypes(['Patient', 'Starship', 'constructor', '../index']);
    expect(loaded).toMatchObject({
      ok: false,
      failure: expect.stringMatching(/^FACADE_EXTRA_TYPES names Starship, constructor, \.\.\/index, which/),
    });
  });

  test('a type with a place of its own in the facade is no extra type', async () => {
    for (const type of ['Consent', 'Organization', 'Basic', 'Provenance', 'AuditEvent']) {
      expect(await loadExtraTypes([type])).toMatchObject({ ok: false });
    }
  });
});

describe('the committed files', () => {
  const generated = generate();

  test('are what the build makes of the package, and no more', () => {
    const extra = [...generated].filter(([name]) => name.startsWith('extra/'));
    for (const [name, text] of extra)
      expect(readFileSync(join(FOLDER, name), 'utf8') === text, name).toBe(true);
    expect(extra.length).toBe(EXTRA_TYPES.filter((type) => !(type in DEFINITIONS.types)).length);
    expect(leftOver(generated)).toEqual([]);
  });

  test('hold nothing that the main definitions have, and no key twice with two meanings', async () => {
    for (const type of EXTRA_TYPES.filter((one) => !(one in DEFINITIONS.types))) {
      const { definitions } = JSON.parse(readFileSync(join(FOLDER, `extra/${type}.generated.json`), 'utf8'));
      for (const name of Object.keys(definitions.types)) expect(DEFINITIONS.types).not.toHaveProperty(name);
      for (const [key, rule] of Object.entries(definitions.constraints)) {
        expect(all.definitions.constraints[key], `${type} ${key}`).toEqual(rule);
      }
    }
    expect(all.definitions.constraints['inv-1']?.expression).toMatch(/^\(part\.exists/);
    expect(all.definitions.constraints['Task.inv-1']?.expression).toMatch(/^lastModified/);
  });

  test('every type, constraint and required value set that an element names is there', () => {
    for (const { elements } of Object.values(all.definitions.types)) {
      for (const { types = [], constraints = [] } of elements) {
        for (const { code } of types) expect(all.definitions.types).toHaveProperty(code);
        for (const key of constraints) expect(Object.keys(all.definitions.constraints)).toContain(key);
      }
    }
  });
});

describe('validation of extra types', () => {
  test.each(EXAMPLES.map((example) => [example.resourceType, example] as const))(
    'a valid %s',
    (_type, example) => {
      expect(validator.validate(example).filter(({ severity }) => severity === 'error')).toEqual([]);
    },
  );

  test.each(EXTRA_TYPES)('an empty %s lacks what R4 requires, and an unknown element is refused', (type) => {
    const required = all.definitions.types[type]?.elements.filter(
      ({ path, min = 0 }) => min > 0 && path.split('.').length === 2,
    );
    const missing = validator.validate({ resourceType: type }).filter(({ code }) => code === 'required');
    expect(missing.length).toBe(required?.length);
    expect(validator.validate({ resourceType: type, colour: 'x' })).toContainEqual(
      expect.objectContaining({ code: 'structure', expression: [`${type}.colour`] }),
    );
  });

  test.each<[string, string, object]>([
    ['a required binding', 'Encounter', { status: 'bogus' }],
    [
      'a required binding of a backbone element',
      'PractitionerRole',
      { availableTime: [{ daysOfWeek: ['monday'] }] },
    ],
    ['a cardinality', 'DocumentReference', { content: [] }],
    ['a type of a choice', 'MedicationRequest', { medicationString: 'x' }],
    [
      'a nested content reference',
      'Questionnaire',
      { item: [{ linkId: '1', type: 'group', item: [{ type: 'x' }] }] },
    ],
    [
      'obs-6: dataAbsentReason only without value',
      'Observation',
      { valueBoolean: true, dataAbsentReason: { text: 'x' } },
    ],
    [
      'obs-7',
      'Observation',
      { valueString: 'x', code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] } },
    ],
    [
      'que-2: linkId is unique',
      'Questionnaire',
      {
        item: [
          { linkId: '1', type: 'display' },
          { linkId: '1', type: 'display' },
        ],
      },
    ],
    ['inv-1 of Task', 'Task', { lastModified: '2020-01-01' }],
    ['the format of a time', 'PractitionerRole', { availableTime: [{ availableStartTime: '8:30' }] }],
  ])('%s', (_rule, type, change) => {
    const example = EXAMPLES.find(({ resourceType }) => resourceType === type);
    expect(validator.validate({ ...example, ...change }).some(({ severity }) => severity === 'error')).toBe(
      true,
    );
  });
});

test.each(NATIVE_EXTRA.map(({ key, expression }) => [key, expression]))(
  '%s, written out by hand, is still what R4 states',
  (key, expression) => {
    expect(all.definitions.constraints[key]?.expression).toBe(expression);
  },
);

/** R4's own list of a type's search parameters that have an expression and are of a kind that is served. */
describe('search parameters of extra types', () => {
  test.each([
    ['Observation', 'code', ['http://loinc.org|85354-9']],
    ['Observation', 'patient', ['Patient/1']],
    ['Observation', 'date', ['2026-03-03T07:00:05Z']],
    ['Encounter', 'status', ['finished']],
    ['Encounter', 'location', ['Location/1']],
    ['Condition', 'clinical-status', ['http://terminology.hl7.org/CodeSystem/condition-clinical|active']],
    ['MedicationRequest', 'medication', ['Medication/1']],
    ['Patient', 'family', ['Exempel']],
    ['ValueSet', 'reference', ['urn:x:cs']],
  ])('%s?%s', (type, code, expected) => {
    const example = EXAMPLES.find(({ resourceType }) => resourceType === type) as unknown;
    const parameter = parametersOf(type).find((one) => one.code === code);
    const found = parameter?.select?.(example as Resource).map((value) => shown(value));
    expect(found).toEqual(expected);
  });

  test.each(EXAMPLES.map((example) => [example.resourceType, example] as const))(
    'of %s find what FHIRPath finds',
    (type, example) => {
      const parameters = parametersOf(type);
      expect(parameters.length).toBeGreaterThan(8);
      for (const { code, select } of parameters) {
        const definition = all.searchParameters.findLast(
          (one) => one.code === code && (one.base.includes(type) || one.base.includes('Resource')),
        );
        // resolve() asks for other resources, which the two engines do differently.
        if (select === undefined || definition?.expression === undefined) continue;
        if (/resolve\(|Resource\.meta/.test(definition.expression)) continue;
        const byFhirPath: unknown = fhirpath.evaluate(example, definition.expression, undefined, r4);
        expect(select(example as unknown as Resource), `${type} ${code}`).toEqual(
          JSON.parse(JSON.stringify(byFhirPath)),
        );
      }
    },
  );
});

const shown = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if ('reference' in value) return value.reference;
  const { coding } = value as { readonly coding?: readonly { system?: string; code?: string }[] };
  return coding?.map(({ system, code }) => `${system}|${code}`).join();
};

describe('a Worker bundle', () => {
  test('without extra types holds none of their definitions', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: "export { loadExtraTypes } from './src/fhir/definitions/extra-types.ts';",
        resolveDir: join(FOLDER, '../../..'),
      },
      bundle: true,
      format: 'esm',
      write: false,
    });
    const [file] = outputFiles;
    expect(file?.text).toContain('FACADE_EXTRA_TYPES');
    expect(file?.text).not.toContain('Encounter.statusHistory');
  });

  test('serves the types it was built for', async () => {
    vi.resetModules();
    const bundle = await import('../../../src/fhir/definitions/extra-types.ts');
    expect(bundle.bundledExtraTypes()).toEqual([]);
    const { default: Encounter } = await import(
      '../../../src/fhir/definitions/extra/Encounter.generated.json'
    );
    bundle.bundleExtraTypes({ Encounter: Encounter as ExtraType, Patient: undefined });
    expect(bundle.bundledExtraTypes()).toEqual(['Encounter', 'Patient']);
    const loaded = await bundle.loadExtraTypes(bundle.bundledExtraTypes());
    expect(loaded).toMatchObject({ ok: true, value: { definitions: { types: { Encounter: {} } } } });
    expect(await bundle.loadExtraTypes(['Starship'])).toMatchObject({
      failure: expect.stringContaining('it has Encounter, Patient.'),
    });
  });

  test('with extra types has an entry that brings their files along', () => {
    const types = parseTypeNames('Encounter, Patient Observation,Encounter');
    const entry = workerEntry(types, (type) => type !== 'Patient');
    expect(entry.match(/extra\/\w+\.generated\.json/g)).toEqual([
      'extra/Encounter.generated.json',
      'extra/Observation.generated.json',
    ]);
    expect(entry).toContain('bundleExtraTypes({ Encounter, Patient: undefined, Observation });');
    expect(entry).not.toContain('sandbox');
    const sandbox = workerEntry(types, (type) => type !== 'Patient', 'sandbox-worker');
    expect(sandbox).toContain('bundleExtraTypes({ Encounter, Patient: undefined, Observation });');
    expect(sandbox).toContain('createWorker(SANDBOX)');
  });
});
