import { describe, expect, it } from 'vitest';
import { ucumUnit } from '../../../src/fhir/search/ucum.ts';

/** Pairs that say the same. */
const SAME: readonly (readonly [number, string, number, string])[] = [
  [1, 'kg', 1000, 'g'],
  [0.7, 'g', 700, 'mg'],
  [5, 'ug', 0.005, 'mg'],
  [1, '[lb_av]', 453.59237, 'g'],
  [1, 'L', 1000, 'mL'],
  [1, 'dL', 100, 'ml'],
  [1, 'cm3', 1, 'mL'],
  [180, 'cm', 1.8, 'm'],
  [1, '[in_i]', 2.54, 'cm'],
  [1, 'h', 3600, 's'],
  [2, 'wk', 14, 'd'],
  [1, 'mmol', 1000, 'umol'],
  [37, 'Cel', 98.6, '[degF]'],
  [0, 'Cel', 273.15, 'K'],
  [120, 'mm[Hg]', 15.99864, 'kPa'],
  [1, 'bar', 100, 'kPa'],
  [10, 'cm[H2O]', 980.665, 'Pa'],
  [98, '%', 0.98, '1'],
  [98, '%', 0.98, '{ratio}'],
  [5, 'mmol/L', 5000, 'umol/L'],
  [5, 'mmol/L', 5, 'mol/m3'],
  [90, 'mg/dL', 0.9, 'g/L'],
  [4.5, '10*12/L', 4.5, '10*6/uL'],
  [7, '10*9/L', 7000, '/uL'],
  [60, '/min', 1, '/s'],
  [60, '{beats}/min', 60, '/min'],
  [72, '/min', 1.2, 's-1'],
  [1, 'mL/min/{1.73_m2}', 1, 'mL/min'],
  [25, 'kg/m2', 2.5, 'g/cm2'],
  [1, 'U/L', 1 / 60, 'ukat/L'],
  [1, 'meq/L', 1, 'mmol/L'],
  [1, 'k[IU]/L', 1, '[iU]/mL'],
  [1, 'mg/(kg.d)', 1, 'mg/kg/d'],
  [1, 'kcal', 4.184, 'kJ'],
  [1, '[pt_us]', 16, '[foz_us]'],
];

/** Pairs that nothing converts. */
const APART: readonly (readonly [string, string])[] = [
  ['kg', 'm'],
  ['mmol/L', 'g/L'],
  ['mol', '1'],
  ['[iU]/L', 'U/L'],
  ['/min', 'min'],
];

describe('units of UCUM', () => {
  it.each(SAME)('%s %s is %s %s', (one, unit, other, otherUnit) => {
    const [a, b] = [ucumUnit(unit), ucumUnit(otherUnit)];
    expect(a?.base).toBe(b?.base);
    expect(a?.toBase(one)).toBeCloseTo(b?.toBase(other) ?? Number.NaN, 9);
    const scale = Math.abs(a?.toBase(one) ?? 0);
    expect(Math.abs((a?.toBase(one) ?? 0) - (b?.toBase(other) ?? 0))).toBeLessThanOrEqual(scale * 1e-11);
  });

  it.each(APART)('%s and %s are apart', (one, other) => {
    expect(ucumUnit(one)?.base).not.toBe(ucumUnit(other)?.base);
  });

  it.each([
    '',
    'foo',
    'Cel/min',
    'Cel2',
    'kg/',
    '.kg',
    'kg//m',
    '(kg',
    'kg)',
    'kmin',
    'x'.repeat(200),
    '[pH]',
  ])('%j is not converted', (code) => {
    expect(ucumUnit(code)).toBeUndefined();
  });

  it('knows no case but the one of UCUM', () => {
    expect(ucumUnit('KG')).toBeUndefined();
    expect(ucumUnit('mg')?.base).toBe('g');
    expect(ucumUnit('Mg')?.toBase(1)).toBe(1e6);
  });
});
