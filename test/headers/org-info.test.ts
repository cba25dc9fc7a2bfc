import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORG_INFO_MEMBERS, parseOrgInfo } from '../../src/headers/org-info.ts';
import { base64, ORG_INFO_CARE, ORG_INFO_MEDIATOR } from './examples.ts';

const read = (json: unknown) => parseOrgInfo(base64(json), { lenient: 'off' });
const faults = (json: unknown) => {
  const result = read(json);
  return result.ok ? [] : result.failure.map((fault) => `${fault.kind} ${fault.code ?? '-'}`);
};
const warned = (json: unknown) => {
  const result = read(json);
  return result.ok ? result.value.warnings.map((fault) => fault.detail) : undefined;
};

describe('X-Org-Info', () => {
  it('is accepted as printed for a care unit and for a mediator', () => {
    for (const raw of [ORG_INFO_CARE, ORG_INFO_MEDIATOR]) {
      expect(parseOrgInfo(raw, { lenient: 'off' }).ok).toBe(true);
    }
  });

  it('any member alone is enough, but for the identifier and its type', () => {
    expect(faults({ orgenhetsOrt: 'Sala' })).toEqual([]);
    expect(faults({ orgNamn: 'Region Exempel' })).toEqual([]);
    expect(faults({ orgenhetsId: '7350000000016' })).toEqual(['header-malformed required']);
    expect(faults({ orgenhetsIdTyp: 'GLN' })).toEqual(['header-malformed required']);
  });

  it('without any member is refused', () => {
    expect(faults({})).toEqual(['header-malformed required']);
  });

  it.each([
    ['GLN', '7350000000016', []],
    ['GLN', '735000000001', ['header-value -']],
    ['GLN', '5790009999998', ['header-value -']],
    ['HSA', 'SE2321000016-EX01', []],
    ['HSA', 'se2321000016-ex01', []],
    ['HSA', 'SE162321000024-0001', []],
    ['HSA', 'SE13813023981', ['header-value -']],
    ['HSA', `SE2321000016-${'A'.repeat(19)}`, ['header-value too-long']],
    ['SOR', '1', ['header-value -']],
  ])('%s %s', (orgenhetsIdTyp, orgenhetsId, expected) => {
    expect(faults({ orgenhetsId, orgenhetsIdTyp })).toEqual(expected);
  });

  it('an unknown member is a warning that names the nearest known one', () => {
    expect(warned({ orgEnhetsOrt: 'Sala', orgNamn: 'x', ortenhetsNamn: 'y' })).toEqual([
      'orgEnhetsOrt; the nearest is orgenhetsOrt',
      'ortenhetsNamn; the nearest is orgenhetsNamn',
    ]);
  });

  it('with only misspelt members says which one was meant', () => {
    const result = read({ organisationsNamn: 'x' });
    expect(!result.ok && result.failure[0]?.detail).toContain('the nearest is org');
  });

  it('a member that is no text is refused', () => {
    expect(faults({ orgNamn: 4 })).toEqual(['header-malformed -']);
    expect(faults({ orgNamn: ' ' })).toEqual(['header-malformed -']);
  });

  it('keeps the known members as sent and nothing else, frozen', () => {
    const names = fc.constantFrom('orgNamn', 'orgenhetsNamn', 'orgenhetsOrt');
    const filled = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(fc.dictionary(names, filled, { minKeys: 1 }), (members) => {
        const result = read({ ...members, x: 1 });
        expect(result.ok && result.value.value).toEqual({ ...members });
        expect(result.ok && Object.isFrozen(result.value.value)).toBe(true);
      }),
    );
    expect(ORG_INFO_MEMBERS).toHaveLength(5);
  });
});
