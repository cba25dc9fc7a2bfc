import { describe, expect, it } from 'vitest';
import certificateIssue from '../../../profiles/code-systems/certificate-issue.json' with { type: 'json' };
import fmkMappingIssue from '../../../profiles/code-systems/fmk-mapping-issue.json' with { type: 'json' };
import fmkOrganisationType from '../../../profiles/code-systems/fmk-organisation-type.json' with {
  type: 'json',
};
import fmkRole from '../../../profiles/code-systems/fmk-role.json' with { type: 'json' };
import organizationIssue from '../../../profiles/code-systems/organization-issue.json' with { type: 'json' };
import certificateExample from '../../../profiles/examples/Basic-foces-whitelisting-certificate.json' with {
  type: 'json',
};
import storedExample from '../../../profiles/examples/Basic-foces-whitelisting-stored.json' with {
  type: 'json',
};
import { CERTIFICATE_ISSUES } from '../../../src/systems/certificates/findings.ts';
import { FMK_ORGANISATION_TYPES, FMK_ROLES } from '../../../src/systems/fmk/mapping/codes.ts';
import { FMK_MAPPING_ISSUES } from '../../../src/systems/fmk/mapping.ts';
import {
  FMK_DEFAULTS,
  FMK_SETTING_NAMES,
  FMK_VERSIONS,
  parseFmkSettings,
} from '../../../src/systems/fmk/settings.ts';
import { parseUserCards } from '../../../src/systems/fmk/user-cards.ts';
import { ORGANIZATION_ISSUES } from '../../../src/systems/organization-findings.ts';
import { basic, create, storedOf } from './samples.ts';

const codes = (system: { readonly concept: readonly { readonly code: string }[] }) =>
  system.concept.map(({ code }) => code).sort();

describe('the code systems have the codes of the code', () => {
  it.each([
    ['fmk-mapping-issue', fmkMappingIssue, Object.keys(FMK_MAPPING_ISSUES)],
    ['certificate-issue', certificateIssue, Object.keys(CERTIFICATE_ISSUES)],
    ['organization-issue', organizationIssue, Object.keys(ORGANIZATION_ISSUES)],
    ['fmk-role', fmkRole, [...FMK_ROLES.keys()]],
    ['fmk-organisation-type', fmkOrganisationType, FMK_ORGANISATION_TYPES],
  ])('%s', (_, system, known) => {
    expect(codes(system)).toEqual([...known].sort());
    expect(system.count).toBe(known.length);
  });

  it('FMK 1.6.0 predefines 38 roles', () => {
    expect(FMK_ROLES.size).toBe(38);
  });
});

it('the examples are what the mapping makes', () => {
  const { id: _, meta, ...example } = certificateExample;
  expect(example).toEqual(basic());
  const { id: __, ...stored } = storedExample;
  expect(stored).toEqual({ ...storedOf(create(basic())), meta });
});

const PLACE = {
  FMK_URL: 'https://test1.fmk.netic.dk/fmk12/ws/MedicineCard',
  FMK_SYSTEM_OWNER: 'Leverandør A',
  FMK_SYSTEM_NAME: 'System A',
  FMK_SYSTEM_VERSION: '1.0.2',
  FMK_ORG_RESPONSIBLE: 'Kolind Apotek',
  FMK_ORG_USING: 'Kolind Apotek',
  FMK_ORG_USING_ID: 'medcom:locationnumber|5790001381615',
  FMK_REQUESTED_ROLE: 'Apoteksansat',
};

describe('the settings', () => {
  it('have defaults, and no place where none is given', () => {
    expect(parseFmkSettings({})).toEqual({ ok: true, value: { settings: FMK_DEFAULTS } });
  });

  it('name the place and the approved system', () => {
    const parsed = parseFmkSettings({
      ...PLACE,
      FMK_VERSION: '1.4.6-E6',
      FMK_CARD_LEVEL: '3',
      FMK_ABSENT_FAULTS: '1, 2',
    });
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        settings: { version: '1.4.6-E6', cardLevel: 3, absentFaults: ['1', '2'] },
        place: { url: PLACE.FMK_URL, system: { orgUsingId: { nameFormat: 'medcom:locationnumber' } } },
      },
    });
    for (const name of Object.keys(PLACE)) expect(FMK_SETTING_NAMES).toContain(name);
    expect(FMK_VERSIONS).toContain(FMK_DEFAULTS.version);
  });

  it.each([
    ['FMK_VERSION', { FMK_VERSION: '1.5' }],
    ['FMK_CARD_LEVEL', { FMK_CARD_LEVEL: '2' }],
    ['FMK_SYSTEM_NAME', { ...PLACE, FMK_SYSTEM_NAME: 'x'.repeat(31) }],
    ['FMK_SYSTEM_OWNER', { ...PLACE, FMK_SYSTEM_OWNER: '' }],
    ['FMK_ORG_USING_ID', { ...PLACE, FMK_ORG_USING_ID: 'medcom:ean|1' }],
    ['FMK_SYSTEM_NAME', { FMK_SYSTEM_NAME: 'alone' }],
    ['FMK_URL', { ...PLACE, FMK_URL: 'x' }],
  ])('that are wrong are told by name: %s', (name, environment) => {
    const parsed = parseFmkSettings(environment);
    expect(parsed.ok ? '' : parsed.failure).toContain(name);
  });

  it('of user cards are read, and a fault holds neither number nor key', () => {
    const entry = {
      givenName: 'Karl',
      surName: 'Karlsen',
      role: 'Apoteksansat',
      certificate: 'C',
      key: 'SECRET',
    };
    const parsed = parseUserCards({ FMK_USER_CARDS: JSON.stringify({ '2401010001': entry }) });
    expect(parsed).toMatchObject({ ok: true, value: [{ user: { cpr: '2401010001' }, key: 'SECRET' }] });
    expect(parseUserCards({})).toEqual({ ok: true, value: [] });
    for (const bad of [
      { '2401010001': { ...entry, role: '' } },
      { '240101': entry },
      { '2401010001': { ...entry, x: 1 } },
    ]) {
      const failed = parseUserCards({ FMK_USER_CARDS: JSON.stringify(bad) });
      expect(failed.ok).toBe(false);
      expect(JSON.stringify(failed)).not.toMatch(/SECRET|2401010001/);
    }
  });
});
