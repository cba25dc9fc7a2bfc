import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberMatch, preciseNumber, quantityMatch } from '../../../src/fhir/search/numbers.ts';
import { BASE_UNITS } from '../../../src/store/types.ts';

/** https://hl7.org/fhir/R4/search.html#number, the page's own table. */
describe('number', () => {
  it.each([
    ['100', 99.5, 100.5, 'values in the range [99.5 ... 100.5)'],
    ['100.00', 99.995, 100.005, 'values in the range [99.995 ... 100.005)'],
    ['1e2', 95, 105, 'values in the range [95 ... 105)'],
    ['1.0e2', 95, 105, 'to 2 significant figures'],
    ['5.40e-3', 0.005395, 0.005405, 'to 3 significant figures'],
    ['-2.5', -2.55, -2.45, 'negative numbers'],
    ['0', -0.5, 0.5, 'zero'],
  ])('%s is searching for %d to %d: "%s"', (text, low, high) => {
    expect(preciseNumber(text)).toMatchObject({ low, high });
  });

  it.each([
    ['lt100', 'lt', 'less than exactly 100'],
    ['le100', 'le', 'less or equal to exactly 100'],
    ['gt100', 'gt', 'greater than exactly 100'],
    ['ge100', 'ge', 'greater or equal to exactly 100'],
    ['sa100', 'sa', 'the implicit precision of the number is ignored'],
    ['eb1e2', 'eb', 'the implicit precision of the number is ignored'],
  ])('%s (%s): "%s"', (text, prefix) => {
    expect(numberMatch(text)).toEqual({ prefix, low: 100, high: 100 });
  });

  it('ne100: "not equal to 100 (actually, in the range 99.5 to 100.5)"', () => {
    expect(numberMatch('ne100')).toMatchObject({ prefix: 'ne', low: 99.5, high: 100.5 });
  });

  it('ap: "the recommended value for the approximation is 10% of the stated value"', () => {
    expect(numberMatch('ap100')).toEqual({ prefix: 'ap', low: 90, high: 110 });
    expect(numberMatch('ap-100')).toEqual({ prefix: 'ap', low: -110, high: -90 });
    expect(numberMatch('ap1')).toEqual({ prefix: 'ap', low: 0.5, high: 1.5 });
  });

  it.each(['', 'x', '1.', '.5', '1e', '--1', 'gt', '1e999', '0x10', '1,5', 'NaN', 'Infinity'])(
    '%s is no number',
    (text) => expect(numberMatch(text)).toBeUndefined(),
  );

  it.each(['123456789012345678', '3.141592653589793238', '-123456789012345678'])(
    '%s, of more digits than are kept, finds itself',
    (text) => {
      const range = preciseNumber(text);
      expect(range !== undefined && range.low <= range.value && range.value < range.high).toBe(true);
    },
  );

  it('stands for a range that holds every number which is written longer and rounds to it', () => {
    const decimal = fc.tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: 0, max: 4 }));
    fc.assert(
      fc.property(decimal, fc.integer({ min: -49, max: 49 }), ([units, decimals], further) => {
        const text = (units / 10 ** decimals).toFixed(decimals);
        const near = Number(`${units * 100 + further}e${-decimals - 2}`);
        const range = preciseNumber(text);
        expect(range !== undefined && range.low <= near && near < range.high).toBe(true);
        expect(range?.value).toBe(Number(text) + 0);
      }),
    );
  });
});

/** https://hl7.org/fhir/R4/search.html#quantity, the page's own table. */
describe('quantity', () => {
  const eq = { prefix: 'eq', low: 5.35, high: 5.45 };

  it.each([
    ['5.4|http://units.example|mg', { ...eq, system: 'http://units.example', code: 'mg' }],
    ['5.4', eq],
    ['5.4||mg', { ...eq, unit: 'mg' }],
    ['5.4|http://unitsofmeasure.org|', { ...eq, system: 'http://unitsofmeasure.org' }],
    [
      'le5.4|http://unitsofmeasure.org|[pH]',
      { prefix: 'le', low: 5.4, high: 5.4, system: 'http://unitsofmeasure.org', code: '[pH]' },
    ],
    ['5.4||a\\|b', { ...eq, unit: 'a|b' }],
    [
      '5.40e-3|http://unitsofmeasure.org|g',
      { prefix: 'eq', low: 0.005395, high: 0.005405, system: BASE_UNITS, code: 'g' },
    ],
  ])('reads %s', (text, match) => expect(quantityMatch(text)).toMatchObject(match));

  it('"the search processor may choose to perform a search based on canonical units"', () => {
    const ucum = (text: string) => quantityMatch(`${text.replace(' ', '|http://unitsofmeasure.org|')}`);
    expect(ucum('5.4 mg')).toEqual({
      prefix: 'eq',
      low: 0.00535,
      high: 0.00545,
      system: BASE_UNITS,
      code: 'g',
    });
    expect(ucum('5.40e-3 g')).toEqual({ ...ucum('5.40 mg') });
    expect(ucum('gt37.5 Cel')).toEqual({ ...ucum('gt99.5 [degF]') });
    expect(ucum('ge5 mmol/L')).toEqual({ ...ucum('ge5000 umol/L') });
  });

  it.each(['', '|s|c', 'x|s|c', '5|mg', '5|s|c|d'])('%s is no quantity', (text) =>
    expect(quantityMatch(text)).toBeUndefined(),
  );
});
