import { describe, expect, it } from 'vitest';
import { BRS_SETTING_NAMES, parseBrsSettings } from '../../../src/systems/brs/settings.ts';

const GOOD = {
  BRS_URL: 'https://brs.invalid/brs-nsp/service/brs',
  BRS_NOTIFICATION_URL: 'https://brs.invalid/brs-nsp/service/notification',
  BRS_CVR: '12345674',
};
const faults = (more: Readonly<Record<string, string>>) => {
  const parsed = parseBrsSettings({ ...GOOD, ...more });
  return parsed.ok ? '' : parsed.failure;
};

describe('the settings of BRS', () => {
  it('are absent when none is given, and have a default for all that is not known', () => {
    expect(parseBrsSettings({})).toEqual({ ok: true, value: undefined });
    expect(parseBrsSettings(GOOD)).toMatchObject({
      ok: true,
      value: { generation: 'v2', bPlus: true, processingLag: 86_400_000, retention: 30 * 86_400_000 },
    });
  });

  it('take the CVR number of the STS when they have none', () => {
    const { BRS_CVR: _own, ...without } = GOOD;
    expect(parseBrsSettings(without, '87654321')).toMatchObject({ value: { cvr: '87654321' } });
    expect(parseBrsSettings(without)).toMatchObject({ ok: false });
  });

  it('say what is written for an organisation, and still read the rest', () => {
    expect(parseBrsSettings({ ...GOOD, BRS_ORGANISATION_NAMES: 'gln=EAN,sor=Sor' })).toMatchObject({
      value: {
        organisationNames: { gln: ['EAN', 'Ean', 'EanIdentifier'], sor: ['Sor', 'SorIdentifier', 'SOR'] },
      },
    });
  });

  it.each(BRS_SETTING_NAMES.filter((name) => !/SOAP_ACTION/.test(name)))(
    '%s is named when it is wrong',
    (name) => {
      expect(faults({ [name]: '?' })).toMatch(new RegExp(`^${name} must be .*\\.$`));
    },
  );

  it('name what is missing', () => {
    expect(faults({ BRS_URL: '' })).toMatch(/^BRS_URL is missing/);
  });
});
