import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyOrganizationSearchValue,
  judgeOrganization,
  organizationSearchValue,
} from '../../src/systems/organization-findings.ts';
import {
  normaliseOrganizationIdentifier,
  normaliseOrganizationNumber,
  ORGANIZATION_SYSTEMS,
  organizationKey,
  organizationSystem,
  sameOrganizationSystems,
} from '../../src/systems/organizations.ts';
import { PRACTITIONER_SYSTEMS, practitionerSystem } from '../../src/systems/practitioners.ts';

const CVR = 'http://cvr.dk';
const GLN = 'http://www.gs1.org/gln';
const SOR = 'urn:oid:1.2.208.176.1.1';
const HSA = 'urn:oid:1.2.752.29.4.19';
const SE = 'urn:oid:2.5.4.97';

const outcome = (system: string, value: string): string => {
  const read = normaliseOrganizationIdentifier(system, value);
  if (read === undefined) return 'unknown';
  return read.ok ? ['ok', ...read.value.warnings].join(' ') : read.failure.code;
};

describe('an organisation identifier', () => {
  it.each([
    [CVR, '12345674', 'ok'],
    [CVR, '96908409', 'ok check-digit'],
    [CVR, '12345678', 'ok check-digit'],
    [CVR, '1234567', 'value'],
    [GLN, '5790001381615', 'ok'],
    [GLN, '5790009999997', 'ok'],
    [GLN, '5790009999980', 'ok'],
    [GLN, '7350000000016', 'ok'],
    [GLN, '5790009999998', 'value'],
    [GLN, '0', 'value'],
    [SOR, '9999991000016000', 'ok'],
    [SOR, '999999991000016005', 'ok'],
    [SOR, '12345678901', 'ok check-digit'],
    ['urn:oid:2.16.578.1.12.4.1.4.101', '912159523', 'ok'],
    ['urn:oid:2.16.578.1.12.4.1.4.101', '912159524', 'ok check-digit'],
    [SE, '2321000016', 'ok'],
    [SE, '5599990016', 'ok'],
    [SE, 'NTRDK-12345674', 'value'],
    [SE, '1212121212', 'value'],
    [HSA, 'SE5599990016-EX01', 'ok'],
    [HSA, 'se5599990016-ex01', 'ok'],
    [HSA, 'SE162321000024-0001', 'ok legacy'],
    [HSA, 'SE13813023981', 'value'],
    [HSA, `SE2321000016-${'A'.repeat(19)}`, 'too-long'],
    ['urn:oid:1.2.208.176.1.4', '66001', 'ok'],
    ['https://nordic-fhir-facade.dev/fhir/NamingSystem/dk-sks-org', '1301', 'ok'],
    ['https://nordic-fhir-facade.dev/fhir/NamingSystem/dk-sks-org', '13011', 'value'],
    ['https://nordic-fhir-facade.dev/fhir/NamingSystem/dk-sks-org', '101', 'value'],
    ['urn:oid:1.2.208.176.2.4', '1301', 'value'],
    ['urn:example:other', '1', 'unknown'],
  ])('%s|%s: %s', (system, value, expected) => {
    expect(outcome(system, value)).toBe(expected);
  });

  it('is written under one system, whichever it came under', () => {
    for (const system of [CVR, 'urn:oid:1.3.184', 'urn:oid:1.3.198', 'urn:oid:2.16.840.1.113883.2.24.1.1']) {
      const read = normaliseOrganizationIdentifier(system, ' 1234 5674 ');
      expect(read).toMatchObject({ ok: true, value: { system: CVR, value: '12345674' } });
      expect(sameOrganizationSystems(system)).toContain('urn:oid:1.3.198');
    }
  });

  it('is the same with leading zeros (ydernummer) and in another case (HSA-id)', () => {
    const key = (system: string, value: string) => {
      const read = normaliseOrganizationIdentifier(system, value);
      return read?.ok === true ? organizationKey(read.value) : undefined;
    };
    expect(key('urn:oid:1.2.208.176.1.4', '66001')).toBe(key('urn:oid:1.2.208.176.1.4', '066001'));
    expect(key(HSA, 'SE5599990016-EX01')).toBe(key(HSA, 'se5599990016-ex01'));
  });

  it('keeps a SOR code as the digits it is, beyond what a number holds exactly', () => {
    const read = normaliseOrganizationIdentifier(SOR, '999999991000016005');
    expect(read).toMatchObject({ ok: true, value: { value: '999999991000016005' } });
  });

  it('with one digit changed fails the check of GLN', () => {
    const gln = '5790001381615';
    fc.assert(
      fc.property(fc.nat(12), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const changed = [...gln].with(at, String((Number(gln[at]) + by) % 10)).join('');
        expect(outcome(GLN, changed)).toBe('value');
      }),
    );
  });

  it('never repeats its value in a fault', () => {
    const read = normaliseOrganizationNumber(CVR, '2401010001');
    expect(read).toMatchObject({ ok: false });
    expect(JSON.stringify(read)).not.toContain('2401010001');
  });
});

describe('the tables', () => {
  it('give each system to one kind', () => {
    const systems = ORGANIZATION_SYSTEMS.flatMap(({ system, aliases }) => [system, ...aliases]);
    expect(new Set(systems).size).toBe(systems.length);
    expect(new Set(ORGANIZATION_SYSTEMS.map(({ kind }) => kind)).size).toBe(ORGANIZATION_SYSTEMS.length);
    const practitioners = PRACTITIONER_SYSTEMS.flatMap(({ system, aliases }) => [system, ...aliases]);
    expect(new Set(practitioners).size).toBe(practitioners.length);
  });

  it('name a source of FMK and a NameFormat of DGWS together', () => {
    for (const { fmkSource, nameFormat } of ORGANIZATION_SYSTEMS) {
      expect(fmkSource === undefined).toBe(nameFormat === undefined);
    }
    expect(organizationSystem('https://www.gs1.org/gln')?.fmkSource).toBe('EAN-Lokationsnummer');
    expect(practitionerSystem('urn:oid:1.2.208.176.1.3')?.kind).toBe('autorisation');
    expect(practitionerSystem('http://hl7.no/fhir/NamingSystem/HPR')?.kind).toBe('hpr');
  });
});

describe('an Organization of the directory', () => {
  const judged = (...identifier: readonly (readonly [string, string])[]) =>
    judgeOrganization({
      resourceType: 'Organization',
      identifier: identifier.map(([system, value]) => ({ system, value })),
    });
  const told = (...identifier: readonly (readonly [string, string])[]) =>
    judged(...identifier).issues.map(
      ({ severity, code, expression }) => `${severity} ${code} ${expression?.[0]}`,
    );

  it('is kept with each identifier under the system that the server writes', () => {
    const { organization, issues } = judged(
      ['urn:oid:1.3.184', '12 34 56 74'],
      ['https://www.gs1.org/gln', '5790001381615'],
      ['urn:x', ' y '],
    );
    expect(organization.identifier).toEqual([
      { system: CVR, value: '12345674' },
      { system: GLN, value: '5790001381615' },
      { system: 'urn:x', value: ' y ' },
    ]);
    expect(issues).toEqual([]);
  });

  it('is refused for a malformed number and a GLN with a wrong check digit', () => {
    expect(told([CVR, '1234567'], [GLN, '5790009999998'])).toEqual([
      'error value Organization.identifier[0].value',
      'error value Organization.identifier[1].value',
    ]);
  });

  it('is taken with a warning for other check digits, old forms and two numbers of one kind', () => {
    expect(told([CVR, '96908409'], [HSA, 'SE162321000024-0001'], ['urn:oid:1.3.198', '12345674'])).toEqual([
      'warning value Organization.identifier[0].value',
      'warning value Organization.identifier[1].value',
      'warning business-rule Organization.identifier[2].value',
    ]);
    expect(told([CVR, '12345674'], ['urn:oid:1.3.198', '12345674'])).toEqual([]);
  });

  it('has no number of a person, but for the personnummer of Swedish sole traders, whose check digit must hold', () => {
    const PERSONNUMMER = 'urn:oid:1.2.752.129.2.1.3.1';
    expect(told(['urn:oid:1.2.208.176.1.2', '2512489996'], [PERSONNUMMER, '191212121213'])).toEqual([
      'error not-supported Organization.identifier[0].system',
      'error value Organization.identifier[1].value',
    ]);
    const { organization, issues } = judged([PERSONNUMMER, '19121212-1212']);
    expect(organization.identifier).toEqual([
      { system: 'http://electronichealth.se/identifier/personnummer', value: '191212121212' },
    ]);
    expect(issues).toEqual([]);
  });

  it('is refused with a modifier extension, which nobody here understands', () => {
    const modifierExtension = [{ url: 'https://exempel.example/m', valueBoolean: true }];
    const { issues } = judgeOrganization({
      resourceType: 'Organization',
      name: 'Exempel',
      modifierExtension,
      contact: [{ modifierExtension }],
    });
    expect(issues.map(({ code, expression }) => [code, expression])).toEqual([
      ['extension', ['Organization.modifierExtension']],
      ['extension', ['Organization.contact[0].modifierExtension']],
    ]);
  });

  it('is found by each of several values, and by a number that is spelt in more than one way', () => {
    expect(organizationSearchValue('urn:oid:1.3.184|12345674,urn:oid:1.3.198|96908409')).toBe(
      `${CVR}|12345674,${CVR}|96908409`,
    );
    const YDER = 'urn:oid:1.2.208.176.1.4';
    for (const value of ['66001', '066001']) {
      expect(organizationSearchValue(`${YDER}|${value}`)).toBe(`${YDER}|66001,${YDER}|066001`);
    }
    expect(organizationSearchValue(`${HSA}|se5599990016-ex01`)).toBe(
      `${HSA}|se5599990016-ex01,${HSA}|SE5599990016-EX01`,
    );
    expect(anyOrganizationSearchValue('https://www.gs1.org/gln|5790001381615')).toBe(
      [GLN, 'https://www.gs1.org/gln', 'http://electronichealth.se/identifier/gln']
        .map((system) => `${system}|5790001381615`)
        .join(','),
    );
  });

  it('is found by whichever system is asked for', () => {
    expect(organizationSearchValue('urn:oid:1.3.184|12345674')).toBe(`${CVR}|12345674`);
    expect(organizationSearchValue('https://www.gs1.org/gln|')).toBe(`${GLN}|`);
    for (const value of ['12345674', '|12345674', 'urn:x|1'])
      expect(organizationSearchValue(value)).toBe(value);
  });
});
