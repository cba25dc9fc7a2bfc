import type { Parameters, ValueSet } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PROFILES } from '../../../src/fhir/definitions/artefacts.ts';
import { VALUE_SETS } from '../../../src/fhir/definitions/index.ts';
import { createTerminologyService } from '../../../src/fhir/terminology/index.ts';
import { createValidator } from '../../../src/fhir/validate/index.ts';
import type { Result } from '../../../src/result.ts';
import { ARTEFACTS, valueSet } from './sample.ts';

const terminology = createTerminologyService(ARTEFACTS);
const served = createTerminologyService(PROFILES);
const { validate } = createValidator();

const R4 = 'http://hl7.org/fhir/ValueSet';
const AT = Date.parse('2026-03-03T07:00:05Z');

const value = <T>(result: Result<T, { issues: readonly { diagnostics: string }[] }>): T => {
  if (!result.ok) throw new Error(result.failure.issues[0]?.diagnostics);
  expect(validate(result.value).filter(({ severity }) => severity === 'error')).toEqual([]);
  return result.value;
};

const codesOf = ({ expansion }: ValueSet) => expansion?.contains?.map(({ code }) => code) ?? [];

const out = ({ parameter = [] }: Parameters): Record<string, unknown> =>
  Object.fromEntries(parameter.map(({ name, part, ...rest }) => [name, part ?? Object.values(rest)[0]]));

describe('ValueSet/$expand', () => {
  test.each([
    ['a whole code system', 'all', ['red', 'crimson', 'scarlet', 'blue', 'plain']],
    ['a filter by hierarchy', 'reds', ['red', 'crimson', 'scarlet']],
    ['codes by name, of whatever code system', 'named', ['blue', 'red', 'z']],
    ['less what is excluded', 'not-reds', ['blue', 'plain']],
    ['what is in all the value sets that an include names', 'red-and-named', ['red']],
  ])('lists %s', (_rule, id, codes) => {
    const expanded = value(terminology.expand(`urn:x:vs:${id}`, {}, AT));
    expect(codesOf(expanded)).toEqual(codes);
    expect(expanded.expansion).toMatchObject({ total: codes.length, timestamp: '2026-03-03T07:00:05.000Z' });
  });

  test.each([
    ['=', 'wave', '470', ['blue']],
    ['is-not-a', 'concept', 'red', ['blue', 'plain']],
    ['descendent-of', 'concept', 'red', ['crimson', 'scarlet']],
    ['in', 'code', 'red,blue', ['red', 'blue']],
    ['not-in', 'code', 'red,blue', ['crimson', 'scarlet', 'plain']],
    ['exists', 'wave', 'true', ['red', 'scarlet', 'blue']],
    ['exists', 'display', 'false', ['plain']],
  ] as const)('filters by %s %s %s', (op, property, text, codes) => {
    const inline = valueSet('inline', {
      include: [{ system: 'urn:x:colours', filter: [{ op, property, value: text }] }],
    });
    expect(codesOf(value(terminology.expand(inline, {}, AT)))).toEqual(codes);
  });

  test('the definition stays out unless it is asked for; the display is that of the value set', () => {
    const expanded = value(terminology.expand('urn:x:vs:all|7', {}, AT));
    expect(expanded).toMatchObject({ id: 'all', version: '7' });
    expect(expanded).not.toHaveProperty('compose');
    expect(expanded).not.toHaveProperty('text');
    expect(value(terminology.expand('urn:x:vs:all', { includeDefinition: true }, AT))).toHaveProperty(
      'compose',
    );
    expect(value(terminology.expand('urn:x:vs:named', {}, AT)).expansion?.contains).toEqual([
      { system: 'urn:x:colours', code: 'blue', display: 'Blå' },
      { system: 'urn:x:colours', code: 'red', display: 'Rød farge' },
      { system: 'urn:x:elsewhere', code: 'z' },
    ]);
  });

  test('designations come when they are asked for', () => {
    const [first] =
      value(terminology.expand('urn:x:vs:all', { includeDesignations: true }, AT)).expansion?.contains ?? [];
    expect(first?.designation).toEqual([{ language: 'en', value: 'Red' }]);
  });

  test.each([
    ['ROD', ['red']],
    ['scar', ['scarlet']],
    ['l', ['scarlet', 'blue', 'plain']],
    ['nothing', []],
  ])('filter=%s looks into display and code, without regard to case and accents', (filter, codes) => {
    const expanded = value(terminology.expand('urn:x:vs:all', { filter }, AT));
    expect(codesOf(expanded)).toEqual(codes);
    expect(expanded.expansion).toMatchObject({
      total: codes.length,
      parameter: [{ name: 'filter', valueString: filter }],
    });
  });

  test('pages put together are the whole', () => {
    const whole = codesOf(value(terminology.expand('urn:x:vs:all', {}, AT)));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), (count) => {
        const pages = Array.from({ length: 6 }, (_, page) =>
          value(terminology.expand('urn:x:vs:all', { count, offset: page * count }, AT)),
        );
        expect(pages.flatMap(codesOf)).toEqual(whole);
        for (const page of pages) expect(page.expansion?.total).toBe(whole.length);
      }),
    );
  });

  test('count=0 tells the number alone', () => {
    const { expansion } = value(terminology.expand('urn:x:vs:all', { count: 0 }, AT));
    expect(expansion).toMatchObject({ total: 5 });
    expect(expansion).not.toHaveProperty('contains');
  });

  test.each(Object.keys(VALUE_SETS).map((url) => [url]))(
    "%s, required by R4, has the codes of R4's list",
    (url) => {
      const expanded = value(served.expand(url, {}, AT));
      const listed = Object.entries(VALUE_SETS[url] ?? {}).flatMap(([system, codes]) =>
        codes.map((code) => ({ system, code })),
      );
      expect(expanded.expansion?.contains).toEqual(listed);
      expect(expanded.version).toBe('4.0.1');
    },
  );

  test.each([
    ['an unknown url', 'urn:x:vs:unknown', 'not-found', 'not-found'],
    ['an unknown version', 'urn:x:vs:all|8', 'not-found', 'not-found'],
    ['a url that every object has', 'constructor', 'not-found', 'not-found'],
    ['a code system of which only a fragment is held', 'urn:x:vs:fragment', 'unprocessable', 'not-supported'],
    [
      'an exclusion of which only a fragment is held',
      'urn:x:vs:without-fragment',
      'unprocessable',
      'not-supported',
    ],
    ['a code system that is not held', 'urn:x:vs:absent', 'unprocessable', 'not-supported'],
    ['a value set that includes itself', 'urn:x:vs:self', 'unprocessable', 'not-supported'],
    ['a value set that says nothing', 'urn:x:vs:silent', 'unprocessable', 'not-supported'],
    ['a filter that is not known', 'urn:x:vs:odd-filter', 'unprocessable', 'not-supported'],
    ['a grammar', `${R4}/mimetypes`, 'unprocessable', 'not-supported'],
  ])('refuses %s', (_rule, url, kind, code) => {
    expect(terminology.expand(url, {}, AT)).toMatchObject({
      ok: false,
      failure: { kind, issues: [{ code }] },
    });
  });

  test("the project's own: complete ones are listed, the definitions of PVK are a fragment", () => {
    const own = 'https://nordic-fhir-facade.dev/fhir/ValueSet';
    expect(codesOf(value(served.expand(`${own}/pvk-type`, {}, AT)))).toEqual([
      'samtykke',
      'reservasjon',
      'tilgangsbegrensning',
    ]);
    expect(served.expand(`${own}/pvk-definition`, {}, AT)).toMatchObject({
      ok: false,
      failure: { issues: [{ code: 'not-supported', diagnostics: expect.stringContaining('fragment') }] },
    });
  });

  test('a value set of endless rules is not evaluated', () => {
    const include = Array.from({ length: 1001 }, () => ({ system: 'urn:x:colours' }));
    expect(terminology.expand(valueSet('long', { include }), {}, AT)).toMatchObject({
      failure: { issues: [{ code: 'too-costly' }] },
    });
  });
});

describe('ValueSet/$validate-code', () => {
  const inAll = (...codings: readonly object[]) =>
    value(terminology.validateCodeInValueSet('urn:x:vs:all', codings));
  const blue = { system: 'urn:x:colours', code: 'blue' };

  test('tells the display of a code that is there', () => {
    expect(out(inAll(blue))).toEqual({ result: true, display: 'Blue' });
  });

  test.each([
    ['another code', { ...blue, code: 'green' }],
    ['another system', { ...blue, system: 'urn:x:other' }],
    ['no system', { code: 'blue' }],
    ['another case: codes are compared as they are', { ...blue, code: 'Blue' }],
  ])('%s is not there', (_rule, coding) => {
    expect(out(inAll(coding))).toEqual({ result: false, message: 'The code is not in the value set.' });
  });

  test('another display makes the coding wrong, case and accents do not', () => {
    expect(out(inAll({ ...blue, display: 'Red' }))).toMatchObject({ result: false, display: 'Blue' });
    expect(out(inAll({ system: 'urn:x:colours', code: 'red', display: 'rod FARGE' }))).toMatchObject({
      result: true,
    });
  });

  test('of a CodeableConcept one coding is enough', () => {
    expect(out(inAll({ system: 'urn:x:other', code: 'x' }, blue))).toMatchObject({ result: true });
    expect(out(inAll())).toMatchObject({ result: false });
  });

  test('in a fragment a known code is there; of another one nothing can be said', () => {
    const validateIn = (code: string) =>
      terminology.validateCodeInValueSet('urn:x:vs:fragment', [{ system: 'urn:x:parts', code }]);
    expect(out(value(validateIn('a')))).toMatchObject({ result: true });
    expect(validateIn('b')).toMatchObject({
      ok: false,
      failure: { kind: 'unprocessable', issues: [{ code: 'not-supported' }] },
    });
  });

  test.each([
    ['mimetypes', 'urn:ietf:bcp:13', 'text/plain', true],
    ['mimetypes', 'urn:ietf:bcp:13', 'plain', false],
    ['mimetypes', 'urn:ietf:bcp:47', 'text/plain', false],
    ['all-languages', 'urn:ietf:bcp:47', 'nb-NO', true],
    ['currencies', 'urn:iso:std:iso:4217', 'NOK', true],
    ['administrative-gender', 'http://hl7.org/fhir/administrative-gender', 'female', true],
    ['administrative-gender', 'http://hl7.org/fhir/administrative-gender', 'f', false],
  ])('of R4: %s %s|%s is %s', (id, system, code, expected) => {
    expect(out(value(served.validateCodeInValueSet(`${R4}/${id}`, [{ system, code }])))).toMatchObject({
      result: expected,
    });
  });

  test('every code of an expansion is in its value set', () => {
    for (const id of ['all', 'reds', 'named', 'not-reds', 'red-and-named']) {
      for (const { system = '', code = '' } of value(terminology.expand(`urn:x:vs:${id}`, {}, AT)).expansion
        ?.contains ?? []) {
        const result = terminology.validateCodeInValueSet(`urn:x:vs:${id}`, [{ system, code }]);
        expect(out(value(result)), `${id} ${code}`).toMatchObject({ result: true });
      }
    }
  });
});

describe('CodeSystem/$validate-code', () => {
  const inSystem = (system: string, coding: object) => terminology.validateCodeInCodeSystem(system, [coding]);

  test.each([
    ['a code', { code: 'crimson' }, { result: true, display: 'Crimson' }],
    ['a code that is not there', { code: 'green' }, { result: false }],
    ['a coding of another system', { system: 'urn:x:other', code: 'red' }, { result: false }],
    ['another display', { code: 'blue', display: 'Green' }, { result: false }],
  ])('%s', (_rule, coding, expected) => {
    expect(out(value(inSystem('urn:x:colours|2', coding)))).toMatchObject(expected);
  });

  test('of a code system known by some codes only, these are right and others cannot be told', () => {
    const gender = 'http://hl7.org/fhir/administrative-gender';
    expect(out(value(inSystem(gender, { code: 'female' })))).toMatchObject({ result: true });
    expect(inSystem(gender, { code: 'f' })).toMatchObject({
      failure: { issues: [{ code: 'not-supported' }] },
    });
  });

  test('unknown systems and versions are not found', () => {
    expect(inSystem('urn:x:unknown', { code: 'a' })).toMatchObject({ failure: { kind: 'not-found' } });
    expect(inSystem('urn:x:colours|3', { code: 'red' })).toMatchObject({ failure: { kind: 'not-found' } });
  });
});

describe('CodeSystem/$lookup', () => {
  test('tells name, version, display, designations and properties', () => {
    expect(value(terminology.lookup('urn:x:colours', 'red'))).toEqual({
      resourceType: 'Parameters',
      parameter: [
        { name: 'name', valueString: 'Colours' },
        { name: 'version', valueString: '2' },
        { name: 'display', valueString: 'Rød farge' },
        {
          name: 'designation',
          part: [
            { name: 'language', valueCode: 'en' },
            { name: 'value', valueString: 'Red' },
          ],
        },
        property('definition', { valueString: 'The colour of blood.' }),
        property('child', { valueCode: 'crimson' }),
        property('child', { valueCode: 'scarlet' }),
        property('wave', { valueInteger: 700 }),
      ],
    });
  });

  const property = (code: string, given: object) => ({
    name: 'property',
    part: [
      { name: 'code', valueCode: code },
      { name: 'value', ...given },
    ],
  });

  test('of the properties only those that are asked for', () => {
    const { parameter } = value(terminology.lookup('urn:x:colours', 'scarlet', ['parent']));
    expect(parameter?.slice(3)).toEqual([property('parent', { valueCode: 'red' })]);
  });

  test('a code without display is its own', () => {
    expect(out(value(terminology.lookup('urn:x:colours', 'plain')))).toMatchObject({ display: 'plain' });
  });

  test.each([
    ['an unknown system', 'urn:x:unknown', 'a', 'not-found', 'not-found'],
    ['an unknown code', 'urn:x:colours', 'green', 'not-found', 'not-found'],
    [
      'a system known by some codes only',
      'http://hl7.org/fhir/administrative-gender',
      'female',
      'unprocessable',
      'not-supported',
    ],
  ])('%s', (_rule, system, code, kind, issue) => {
    expect(terminology.lookup(system, code)).toMatchObject({ failure: { kind, issues: [{ code: issue }] } });
  });

  test('an unknown code of a fragment may exist all the same', () => {
    expect(terminology.lookup('urn:x:parts', 'b')).toMatchObject({
      failure: { kind: 'not-found', issues: [{ diagnostics: expect.stringContaining('fragment') }] },
    });
  });

  test('every code of every CodeSystem of the project can be looked up', () => {
    const systems = PROFILES.flatMap((artefact) =>
      artefact.resourceType === 'CodeSystem' ? [artefact] : [],
    );
    for (const { url = '', concept = [] } of systems) {
      for (const { code = '', display } of concept) {
        expect(out(value(served.lookup(url, code)))).toMatchObject({ display: display ?? code });
      }
    }
  });
});
