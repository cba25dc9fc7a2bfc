import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import {
  HEADER_SETTING_NAMES,
  HEADER_SETTINGS,
  parseHeaderSettings,
} from '../../src/headers/configuration.ts';
import { checkCombination } from '../../src/headers/matrix.ts';
import { DEFAULT_HEADER_SETTINGS } from '../../src/headers/settings.ts';
import { check, errors, GOOD } from './examples.ts';

const settingsOf = (texts: Readonly<Record<string, string>>) => {
  const parsed = parseHeaderSettings(texts);
  if (!parsed.ok) throw new Error(parsed.failure);
  return parsed.value;
};

describe('header settings', () => {
  it('are the defaults when none is given', () => {
    expect(settingsOf({})).toEqual(DEFAULT_HEADER_SETTINGS);
    expect(settingsOf({ HEADER_LENIENT: ' ' })).toEqual(DEFAULT_HEADER_SETTINGS);
  });

  it.each([
    ['HEADER_LENIENT', 'all', { lenient: 'all' }],
    ['HEADER_REPORT_IGNORED', 'on', { reportIgnored: true }],
    ['HEADER_PHARMACY_ORG_INFO', 'reject', { pharmacyOrgInfo: 'reject' }],
    ['HEADER_ORG_INFO_REQUIRED', '{"care":["orgNamn"]}', { orgInfoRequired: { care: ['orgNamn'] } }],
    ['HEADER_OLD_CONTEXT_NAME', 'off', { oldContextName: false }],
    ['HEADER_STRICT_PREFER', 'on', { strictPrefer: true }],
    ['HEADER_STRICT_PROVENANCE', 'on', { strictProvenance: true }],
    ['HEADER_LOA_REQUIRED', '2', { loaRequired: 2 }],
    ['HEADER_LOA_MISSING', 'accept', { loaMissing: 'accept' }],
    ['HEADER_PATIENT_RULES', 'VR096', { patientRules: 'VR096' }],
    ['HEADER_NMI_ID', 'EHM-AT21-v6,EHM-VT21-v6', { nmiId: 'EHM-AT21-v6,EHM-VT21-v6' }],
    ['HEADER_MAX_VALUE', '12KiB', { maxValue: 12_288 }],
    ['HEADER_MAX_TOTAL', '32768', { maxTotal: 32_768 }],
  ])('%s=%s', (name, text, expected) => {
    expect(settingsOf({ [name]: text })).toEqual({ ...DEFAULT_HEADER_SETTINGS, ...expected });
  });

  it('HEADER_CODES replaces a code, and only that', () => {
    const settings = settingsOf({ HEADER_CODES: '{"purpose":{"dispensing":"EXPEDIERING"}}' });
    const call = (purpose: string) =>
      errors(
        check('2.2.2', { ...GOOD, 'X-Purpose': purpose, 'X-Access': 'UTAN_KRAV_SAMTYCKE' }, { settings }),
      );
    expect(call('EXPEDIERING')).toEqual([]);
    expect(call('SIM_EXPEDIERING')).toEqual(['X-Purpose header-code-unknown code-invalid']);
    expect(call('VARD')).toEqual([]);
  });

  it('HEADER_MATRIX adds rows to the known ones', () => {
    const rows =
      '[{"purpose":"care","access":"*","resource":"Consent","roles":["dietitian"],"decision":"deny"}]';
    const settings = settingsOf({ HEADER_MATRIX: rows });
    const refused = (role: 'dietitian' | 'nurse') =>
      checkCombination(
        { purpose: 'VARD', access: 'NODATKOMST', role, kind: 'care', resourceType: 'Consent' },
        settings,
      ) !== undefined;
    expect([refused('dietitian'), refused('nurse')]).toEqual([true, false]);
    expect(settings.matrix.slice(0, 3)).toEqual(DEFAULT_HEADER_SETTINGS.matrix);
  });

  it.each([
    ['HEADER_LENIENT', 'yes'],
    ['HEADER_ORG_INFO_REQUIRED', '{"care":["namn"]}'],
    ['HEADER_ORG_INFO_REQUIRED', '{"pharmacy":["orgNamn"]}'],
    ['HEADER_CODES', '{"purpose":{"dispense":"X"}}'],
    ['HEADER_CODES', '{"access":{"guardian":"A, B"}}'],
    ['HEADER_CODES', '["VARD"]'],
    ['HEADER_MATRIX', '[{"purpose":"care"}]'],
    [
      'HEADER_MATRIX',
      '[{"purpose":"care","access":"*","resource":"*","roles":["doctor"],"decision":"deny"}]',
    ],
    ['HEADER_LOA_REQUIRED', '5'],
    ['HEADER_NMI_ID', 'a\r\nb'],
    ['HEADER_NMI_ID', 'a, b'],
    ['HEADER_MAX_VALUE', '1023'],
    ['HEADER_MAX_VALUE', '16 pages'],
    ['HEADER_MAX_TOTAL', '129KiB'],
  ])('%s=%s stops the start with one sentence that names the setting', (name, text) => {
    const config = parseConfig({ [name]: text });
    expect(config).toMatchObject({
      ok: false,
      failure: expect.stringMatching(new RegExp(`^${name} must be .+\\.$`)),
    });
  });

  it('a misspelt one stops the start too', () => {
    expect(parseConfig({ HEADER_LENIENCY: 'all' }).ok).toBe(false);
    expect(parseConfig({ HEADER_LENIENT: 'all' }).ok).toBe(true);
  });

  it('each is in the documentation with what it takes', () => {
    expect(HEADER_SETTINGS.map(({ name }) => name)).toEqual([...HEADER_SETTING_NAMES]);
    for (const { expects, otherwise } of HEADER_SETTINGS) expect(expects && otherwise).not.toBe('');
  });
});
