import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BUNDLED_TYPES, generate } from '../../src/build/definitions.ts';
import { BY_SYNTAX } from '../../src/fhir/definitions/by-syntax.ts';
import { DEFINITIONS, SEARCH_PARAMETERS, VALUE_SETS } from '../../src/fhir/definitions/index.ts';

const FOLDER = join(import.meta.dirname, '../../src/fhir/definitions');

const elements = Object.values(DEFINITIONS.types).flatMap((type) => type.elements);

const element = (path: string) =>
  DEFINITIONS.types[path.split('.')[0] ?? '']?.elements.find((candidate) => candidate.path === path);

describe('the committed definitions', () => {
  const generated = generate();

  test.each([...generated.keys()])('%s is what the build makes of the package', (name) => {
    expect(readFileSync(join(FOLDER, name), 'utf8') === generated.get(name)).toBe(true);
  });

  test('are the same each time', () => {
    expect([...generate()]).toEqual([...generated]);
  });

  test('fit their budget of 25 KB gzipped', () => {
    expect(gzipSync(generated.get('r4.generated.json') ?? '').length).toBeLessThan(25 * 1024);
  });
});

describe('the stripped definitions keep what validation and formats need', () => {
  test('every bundled type, and every type that these reach', () => {
    for (const type of BUNDLED_TYPES) expect(DEFINITIONS.types[type]?.kind).toBe('resource');
    for (const { types = [] } of elements) {
      for (const { code } of types) expect(DEFINITIONS.types).toHaveProperty(code);
    }
  });

  test('the order of the elements is that of R4', () => {
    const names = DEFINITIONS.types['Consent']?.elements
      .map(({ path }) => path.split('.'))
      .filter((steps) => steps.length === 2)
      .map((steps) => steps[1]);
    expect(names).toEqual(
      (
        'id meta implicitRules language text contained extension modifierExtension identifier status scope ' +
        'category patient dateTime performer organization source[x] policy policyRule verification provision'
      ).split(' '),
    );
  });

  test('cardinality, types, targets, bindings, constraints, content references, XML attributes', () => {
    expect(element('Consent.status')).toEqual({
      path: 'Consent.status',
      min: 1,
      types: [{ code: 'code' }],
      binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/consent-state-codes' },
      isSummary: true,
      isModifier: true,
    });
    expect(element('Consent.provision.provision')).toEqual({
      path: 'Consent.provision.provision',
      max: '*',
      contentReference: 'Consent.provision',
    });
    expect(element('Consent.source[x]')?.types).toEqual([
      { code: 'Attachment' },
      { code: 'Reference', targets: ['Consent', 'DocumentReference', 'Contract', 'QuestionnaireResponse'] },
    ]);
    expect(element('Consent')?.constraints).toContain('ppc-1');
    expect(element('Extension.url')?.representation).toBe('xmlAttr');
    expect(element('Consent.id')?.types).toEqual([{ code: 'id' }]);
    expect(element('HumanName.id')?.types).toEqual([{ code: 'string' }]);
  });

  test('every constraint that an element names', () => {
    for (const { constraints = [] } of elements) {
      for (const key of constraints) expect(DEFINITIONS.constraints).toHaveProperty(key);
    }
  });

  test('every required binding is enumerated, or checked by syntax for a stated reason', () => {
    const required = elements.flatMap(({ binding }) =>
      binding?.strength === 'required' ? [binding.valueSet] : [],
    );
    for (const url of required) expect(url in VALUE_SETS || url in BY_SYNTAX, url).toBe(true);
    for (const { reason } of Object.values(BY_SYNTAX)) expect(reason).not.toBe('');
    expect(VALUE_SETS['http://hl7.org/fhir/ValueSet/consent-provision-type']).toEqual({
      'http://hl7.org/fhir/consent-provision-type': ['deny', 'permit'],
    });
  });

  test.each([
    [
      'mimetypes',
      ['application/fhir+json', 'text/plain; charset=utf-8', 'json', 'image/svg+xml'],
      ['pdf', 'a b/c', 'image/'],
    ],
    ['all-languages', ['nb', 'nb-NO', 'zh-Hant-TW', 'x-own'], ['n', 'no way', 'nb_NO']],
    ['currencies', ['NOK', 'SEK'], ['nok', 'NO']],
  ])('the syntax of %s', (name, good, bad) => {
    const pattern = BY_SYNTAX[`http://hl7.org/fhir/ValueSet/${name}`]?.pattern;
    for (const code of good) expect(pattern?.test(code), code).toBe(true);
    for (const code of bad) expect(pattern?.test(code), code).toBe(false);
  });
});

describe('the search parameters', () => {
  test('are cut down to the bundled types', () => {
    const known = new Set<string>([...BUNDLED_TYPES, 'Resource', 'DomainResource']);
    for (const { base, expression = '' } of SEARCH_PARAMETERS) {
      for (const type of base) expect(known).toContain(type);
      for (const [, type] of expression.matchAll(/(?:^|\| )\(*([A-Z][A-Za-z]+)\./g))
        expect(known).toContain(type);
    }
  });

  test.each([
    ['Consent', 'patient', 'reference', 'Consent.patient'],
    ['Consent', 'actor', 'reference', 'Consent.provision.actor.reference'],
    ['Consent', 'date', 'date', 'Consent.dateTime'],
    ['Organization', 'name', 'string', 'Organization.name | Organization.alias'],
    ['Resource', '_lastUpdated', 'date', 'Resource.meta.lastUpdated'],
  ])('%s has %s', (base, code, type, expression) => {
    const found = SEARCH_PARAMETERS.find(
      (candidate) => candidate.code === code && candidate.base.includes(base),
    );
    expect(found).toMatchObject({ type, expression });
  });

  test('a target that is any type is left out', () => {
    for (const { target = [] } of SEARCH_PARAMETERS) expect(target.length).toBeLessThan(100);
  });
});
