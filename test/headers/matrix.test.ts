import { describe, expect, it } from 'vitest';
import { ACCESSES, accessKeys, type CodeOverrides, codeIndex, PURPOSES } from '../../src/headers/codes.ts';
import { type Combination, checkCombination, checkLoa } from '../../src/headers/matrix.ts';
import { MATRIX } from '../../src/headers/matrix-rows.ts';
import { checkPatientRef } from '../../src/headers/patient-match.ts';
import { DEFAULT_HEADER_SETTINGS, type HeaderSettings } from '../../src/headers/settings.ts';
import type { CallerKind, Role } from '../../src/security/caller.ts';

const KIND: Readonly<Record<Role, CallerKind>> = {
  prescriber: 'care',
  nurse: 'care',
  'pharmacist-care': 'care',
  dietitian: 'care',
  pharmacist: 'pharmacy',
  'pharmacy-staff': 'pharmacy',
  citizen: 'mediated',
  guardian: 'mediated',
  agent: 'mediated',
  system: 'machine',
  auditor: 'machine',
};

const ROLE_NAMES = Object.keys(KIND) as Role[];

const allowed = (
  role: Role,
  purpose: string | undefined,
  access: string | undefined,
  more: Partial<Combination> = {},
  settings = DEFAULT_HEADER_SETTINGS,
) =>
  checkCombination(
    { role, kind: KIND[role], purpose, access, resourceType: 'Consent', ...more },
    settings,
  ) === undefined;

describe('a purpose is its own people’s', () => {
  it.each([
    ['VARD', 'TILLFALLIGT_SAMTYCKE', ['prescriber', 'nurse', 'pharmacist-care', 'dietitian', 'system']],
    ['SIM_EXPEDIERING', 'UTAN_KRAV_SAMTYCKE', ['pharmacist', 'pharmacy-staff', 'system']],
    ['SIM_UNDERLATTANDE', 'TILLFALLIGT_SAMTYCKE', ['pharmacist', 'pharmacy-staff', 'system']],
    ['SIM_EGNA_UPPGIFTER', 'SIM_PATIENT', ['citizen', 'guardian', 'agent', 'system']],
  ])('%s', (purpose, access, roles) => {
    expect(ROLE_NAMES.filter((role) => allowed(role, purpose, access))).toEqual(roles);
  });

  it('refuses as forbidden, by its own code, without saying anything about data', () => {
    const failure = checkCombination(
      { role: 'citizen', kind: 'mediated', purpose: 'VARD', access: 'NODATKOMST', resourceType: 'Consent' },
      DEFAULT_HEADER_SETTINGS,
    );
    expect(failure?.kind).toBe('forbidden');
    expect(failure?.issues[0]).toMatchObject({
      code: 'forbidden',
      details: { code: 'combination-not-allowed' },
      location: ['http.X-Purpose'],
    });
  });

  it('is not judged where there is none', () => {
    expect(allowed('citizen', undefined, 'SIM_PATIENT')).toBe(true);
    expect(allowed('citizen', 'VARD', undefined)).toBe(true);
  });
});

describe('the verified cells', () => {
  const prescription = { resourceType: 'MedicationRequest' };

  it('a prescriber needs a care provider, the other three do not', () => {
    expect(allowed('prescriber', 'VARD', 'TILLFALLIGT_SAMTYCKE', prescription)).toBe(false);
    expect(
      allowed('prescriber', 'VARD', 'TILLFALLIGT_SAMTYCKE', { ...prescription, organization: true }),
    ).toBe(true);
    expect(allowed('dietitian', 'VARD', 'DOSPATIENTS_UPPGIFTER', prescription)).toBe(true);
  });

  it('are the three that the handbook prints, and marked so', () => {
    expect(MATRIX.map((row) => [row.access, row.verified, row.filtering, row.validation])).toEqual([
      ['temporary-consent', true, ['FIL003', 'FIL017'], ['VAL009']],
      ['no-consent-required-child', true, ['FIL003', 'FIL017'], ['VAL007', 'VAL009']],
      ['dose-patient', true, ['FIL004'], ['VAL001', 'VAL009']],
    ]);
  });

  it('a row of the settings may close a cell to a role', () => {
    const settings = {
      ...DEFAULT_HEADER_SETTINGS,
      matrix: [
        {
          purpose: 'care',
          access: 'emergency',
          resource: '*',
          roles: ['dietitian'],
          decision: 'deny',
          filtering: [],
          validation: [],
          verified: false,
          source: 'operator',
        },
      ],
    } as const;
    expect(allowed('dietitian', 'VARD', 'NODATKOMST', {}, settings)).toBe(false);
    expect(allowed('nurse', 'VARD', 'NODATKOMST', {}, settings)).toBe(true);
    expect(allowed('dietitian', 'VARD', 'FORMODAT_SAMTYCKE', {}, settings)).toBe(true);
  });
});

describe('an access that speaks for another is its own people’s', () => {
  it.each([
    ['SIM_PATIENT', ['citizen', 'guardian', 'agent', 'system']],
    ['SIM_VARDNADSHAVARE', ['guardian', 'system']],
    ['SIM_KOPFULLMAKT', ['agent', 'system']],
  ])('%s', (access, roles) => {
    expect(ROLE_NAMES.filter((role) => allowed(role, 'SIM_EGNA_UPPGIFTER', access))).toEqual(roles);
  });

  it('by whatever code the settings give it, and a shared code is for the people of both', () => {
    const withAccess = (access: NonNullable<CodeOverrides['access']>) => ({
      ...DEFAULT_HEADER_SETTINGS,
      codes: { access },
    });
    const rolesOf = (access: string, settings: HeaderSettings) =>
      ROLE_NAMES.filter((role) => allowed(role, 'SIM_EGNA_UPPGIFTER', access, {}, settings));
    expect(rolesOf('VH', withAccess({ guardian: 'VH' }))).toEqual(['guardian', 'system']);
    const shared = withAccess({ guardian: 'OMBUD', 'purchase-proxy': 'OMBUD' });
    expect(rolesOf('OMBUD', shared)).toEqual(['guardian', 'agent', 'system']);
  });
});

describe('codes', () => {
  it('placeholders start with SIM_ and are never called verified', () => {
    const entries = [...Object.values(PURPOSES), ...Object.values(ACCESSES)];
    for (const entry of entries) {
      if (entry.code.startsWith('SIM_')) expect(entry.verified).toBe(false);
    }
    expect(
      entries
        .filter((entry) => entry.code.startsWith('SIM_'))
        .map((entry) => entry.code)
        .sort(),
    ).toEqual([
      'SIM_EGNA_UPPGIFTER',
      'SIM_EXPEDIERING',
      'SIM_KOPFULLMAKT',
      'SIM_PATIENT',
      'SIM_UNDERLATTANDE',
      'SIM_VARDNADSHAVARE',
    ]);
  });

  it('a shared code means what its purpose says', () => {
    const index = codeIndex({});
    expect(accessKeys(index, 'TILLFALLIGT_SAMTYCKE', ['care'])).toEqual(['temporary-consent']);
    expect(accessKeys(index, 'TILLFALLIGT_SAMTYCKE', ['facilitating-use'])).toEqual([
      'temporary-consent-facilitating',
    ]);
  });
});

describe('level of assurance', () => {
  const refused = (kind: CallerKind, loa: number | undefined, loaMissing: 'refuse' | 'accept' = 'refuse') =>
    checkLoa(loa === undefined ? { kind } : { kind, loa }, { loaRequired: 3, loaMissing })?.issues[0]?.details
      ?.code;

  it('a person’s ticket must state 3 or more', () => {
    for (const kind of ['care', 'pharmacy', 'mediated'] as const) {
      expect(refused(kind, 3)).toBeUndefined();
      expect(refused(kind, 4)).toBeUndefined();
      expect(refused(kind, 2)).toBe('loa-too-low');
      expect(refused(kind, 2, 'accept')).toBe('loa-too-low');
    }
  });

  it('a ticket that states none is refused unless the setting accepts it', () => {
    expect(refused('care', undefined)).toBe('loa-too-low');
    expect(refused('care', undefined, 'accept')).toBeUndefined();
  });

  it('a machine has none', () => {
    expect(refused('machine', undefined)).toBeUndefined();
  });
});

describe('the patient', () => {
  const match = (
    caller: { role: Role; patient?: string; represents?: readonly string[] },
    values: { patientRef?: string; proxyRef?: string; actsFor?: 'own' | 'another' },
    patient: string | undefined,
  ) =>
    checkPatientRef({
      values,
      patient,
      caller: { kind: KIND[caller.role], represents: [], ...caller },
    })?.issues[0]?.details?.code;

  it('of X-PatientRef is the one asked for', () => {
    expect(match({ role: 'nurse' }, { patientRef: 'a' }, 'a')).toBeUndefined();
    expect(match({ role: 'nurse' }, { patientRef: 'a' }, 'b')).toBe('patient-mismatch');
    expect(match({ role: 'system' }, { patientRef: 'a' }, 'b')).toBe('patient-mismatch');
    expect(match({ role: 'nurse' }, {}, 'b')).toBeUndefined();
  });

  it('of a citizen is the citizen', () => {
    const citizen = { role: 'citizen', patient: 'me' } as const;
    expect(match(citizen, { patientRef: 'me' }, undefined)).toBeUndefined();
    expect(match(citizen, { patientRef: 'me' }, 'me')).toBeUndefined();
    expect(match(citizen, { patientRef: 'you' }, 'you')).toBe('patient-mismatch');
    expect(match(citizen, {}, 'you')).toBe('patient-mismatch');
    expect(match({ role: 'citizen' }, { patientRef: 'me' }, 'me')).toBe('patient-mismatch');
  });

  it('of a guardian or agent is one that the ticket names, on writes too', () => {
    for (const role of ['guardian', 'agent'] as const) {
      const caller = { role, patient: 'me', represents: ['child'] };
      expect(match(caller, { patientRef: 'child', proxyRef: 'me' }, 'child')).toBeUndefined();
      expect(match(caller, {}, 'child')).toBeUndefined();
      expect(match(caller, { patientRef: 'other', proxyRef: 'me' }, 'other')).toBe('patient-mismatch');
      expect(match(caller, {}, 'other')).toBe('patient-mismatch');
    }
  });

  it('of an access that speaks for nobody else is the person of the ticket', () => {
    for (const role of ['guardian', 'agent'] as const) {
      const caller = { role, patient: 'me', represents: ['child'] };
      const own = { patientRef: 'child', actsFor: 'own' } as const;
      expect(match(caller, own, undefined)).toBe('patient-mismatch');
      expect(match(caller, { ...own, proxyRef: 'me' }, 'child')).toBe('patient-mismatch');
      expect(match(caller, { ...own, actsFor: 'another' }, 'child')).toBeUndefined();
    }
    const citizen = { role: 'citizen', patient: 'me' } as const;
    expect(match(citizen, { patientRef: 'me', actsFor: 'own' }, 'me')).toBeUndefined();
    expect(match({ role: 'nurse' }, { patientRef: 'a', actsFor: 'own' }, 'a')).toBeUndefined();
  });

  it('X-ProxyRef is the person of the ticket', () => {
    const caller = { role: 'guardian', patient: 'me', represents: ['child'] } as const;
    expect(match(caller, { patientRef: 'child', proxyRef: 'child' }, 'child')).toBe('proxy-mismatch');
    expect(
      match({ role: 'guardian', represents: ['child'] }, { patientRef: 'child', proxyRef: 'me' }, 'child'),
    ).toBe('proxy-mismatch');
  });

  it('is refused by rule and header, and no id is repeated', () => {
    const failure = checkPatientRef({
      values: { patientRef: 'secret-a' },
      patient: 'secret-b',
      caller: { kind: 'care', role: 'nurse', represents: [] },
    });
    expect(failure?.kind).toBe('forbidden');
    expect(failure?.issues[0]).toMatchObject({ code: 'business-rule', location: ['http.X-PatientRef'] });
    expect(failure?.issues[0]?.diagnostics).toContain('VR095/VR096');
    expect(JSON.stringify(failure)).not.toContain('secret');
  });
});
