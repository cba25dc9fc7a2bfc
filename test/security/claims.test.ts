import { describe, expect, it } from 'vitest';
import type { SystemValue } from '../../src/security/caller.ts';
import {
  type ClaimMapping,
  completeCaller,
  type MappedCaller,
  mapClaims,
  NLL_CLAIMS,
  OWN_CLAIMS,
} from '../../src/security/claims.ts';
import { scopesOf } from '../../src/security/scopes.ts';

const END = 1_800_000_000_000;

const mapped = (
  claims: Readonly<Record<string, unknown>>,
  mapping: ClaimMapping = OWN_CLAIMS,
): MappedCaller => {
  const result = mapClaims(mapping, 'https://issuer.example', claims, END);
  if (!result.ok) throw new Error(result.failure.issues[0]?.diagnostics);
  return result.value;
};

const caller = (claims: Readonly<Record<string, unknown>>, mapping?: ClaimMapping) =>
  mapped(claims, mapping).caller;

/** NLL's printed ticket (its members are selected ones), with a subject. */
const TICKET = {
  sub: 's',
  client_id: 'c',
  FORSKRIVARKOD: '9000027',
  VARDGIVARE: '0123456789',
  YRKESKOD: ['LK'],
  loa: 3,
};

describe('claims under this project’s own names', () => {
  it('make a whole caller', () => {
    const claims = {
      sub: 'anna',
      client_id: 'journal',
      facade_role: 'guardian',
      scope: 'patient/Consent.rs openid',
      patient: 'Patient/p1',
      represents: ['p2', 'Patient/p3'],
      person: { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '12048645510' },
      organization: { system: 'http://cvr.dk', value: '12345674', name: 'Apotek' },
      loa: 3,
    };
    expect(caller(claims)).toEqual({
      issuer: 'https://issuer.example',
      clientId: 'journal',
      subject: 'anna',
      role: 'guardian',
      kind: 'mediated',
      scopes: [{ context: 'patient', type: 'Consent', actions: 'rs' }],
      patient: 'p1',
      represents: ['p2', 'p3'],
      person: { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '12048645510' },
      organization: { identifier: { system: 'http://cvr.dk', value: '12345674' }, name: 'Apotek' },
      loa: 3,
      expiresAt: END,
    });
  });

  it('leave out what the token leaves out', () => {
    expect(caller({ sub: 'x', facade_role: 'nurse' })).toEqual({
      issuer: 'https://issuer.example',
      clientId: 'x',
      subject: 'x',
      role: 'nurse',
      kind: 'care',
      scopes: [],
      represents: [],
      expiresAt: END,
    });
  });

  it.each([
    [{ sub: 'x' }],
    [{ sub: 'x', facade_role: 'superuser' }],
    [{ sub: 'x', facade_role: 'constructor' }],
    [{ sub: 'x', facade_role: { nurse: true } }],
    [{ facade_role: 'nurse' }],
    [{ sub: '', client_id: ' ', facade_role: 'nurse' }],
  ])('%j are refused with 403 when a caller is needed', (claims) => {
    expect(mapClaims(OWN_CLAIMS, 'i', claims, END)).toMatchObject({
      ok: false,
      failure: { kind: 'forbidden' },
    });
  });

  it('of the wrong kind are as if absent, and never widen anything', () => {
    const odd = {
      sub: 'x',
      facade_role: 'citizen',
      scope: 7,
      patient: {},
      represents: [1, null, 'a b'],
      organization: 'x',
    };
    const { patient, represents, scopes, organization } = caller(odd);
    expect({ patient, represents, scopes, organization }).toEqual({
      patient: undefined,
      represents: [],
      scopes: [],
      organization: undefined,
    });
  });
});

describe('a token without scope', () => {
  it('carries none, or all of its role where the issuer says so', () => {
    expect(caller({ sub: 'x', facade_role: 'nurse' }).scopes).toEqual([]);
    const generous: ClaimMapping = { ...OWN_CLAIMS, withoutScope: 'role' };
    expect(caller({ sub: 'x', facade_role: 'nurse' }, generous).scopes).toEqual(scopesOf('nurse'));
  });

  it('is not one with an empty scope', () => {
    const generous: ClaimMapping = { ...OWN_CLAIMS, withoutScope: 'role' };
    expect(caller({ sub: 'x', facade_role: 'nurse', scope: '' }, generous).scopes).toEqual([]);
    expect(caller({ sub: 'x', facade_role: 'nurse', scope: [] }, generous).scopes).toEqual([]);
  });
});

describe('an issuer’s own claim names', () => {
  const mapping: ClaimMapping = {
    ...OWN_CLAIMS,
    subject: ['user', 'id'],
    clientId: 'azp',
    role: { claim: ['realm_access', 'roles'], values: { lege: 'prescriber', sykepleier: 'nurse' } },
    organization: [
      { claim: 'helseid://claims/client/claims/orgnr_parent', system: 'urn:oid:2.16.578.1.12.4.1.4.101' },
    ],
    person: [{ claim: 'pid', system: 'urn:oid:2.16.578.1.12.4.1.4.1' }],
    representedPersons: [{ claim: 'on_behalf_of', system: 'urn:oid:2.16.578.1.12.4.1.4.1' }],
    loa: 'acr',
  };

  it('are read by name or by path, and role values by the table', () => {
    const claims = {
      user: { id: 'u1' },
      azp: 'app',
      realm_access: { roles: ['offline_access', 'sykepleier'] },
      scope: ['user/Consent.r', 'openid'],
      'helseid://claims/client/claims/orgnr_parent': '912159523',
      acr: 'http://id.sambi.se/loa/loa3',
    };
    expect(caller(claims, mapping)).toMatchObject({
      subject: 'u1',
      clientId: 'app',
      role: 'nurse',
      scopes: [{ context: 'user', type: 'Consent', actions: 'r' }],
      organization: { identifier: { system: 'urn:oid:2.16.578.1.12.4.1.4.101', value: '912159523' } },
      loa: 3,
    });
  });

  it('with several roles take the first of the table, whatever order the token has', () => {
    const roles = { realm_access: { roles: ['sykepleier', 'lege'] } };
    expect(caller({ user: { id: 'u1' }, ...roles }, mapping).role).toBe('prescriber');
  });
});

describe('an NLL ticket', () => {
  it('like the printed one is a prescriber with a care provider', () => {
    expect(caller(TICKET, NLL_CLAIMS)).toMatchObject({
      role: 'prescriber',
      kind: 'care',
      loa: 3,
      organization: { identifier: { system: 'urn:oid:2.5.4.97', value: '0123456789' } },
      scopes: scopesOf('prescriber'),
    });
  });

  it.each([
    ['prescriber', { FORSKRIVARKOD: '9000027' }],
    ['nurse', { YRKESKOD: ['SJ'], VARDGIVARE: '5599990016' }],
    ['pharmacist-care', { YRKESKOD: ['AP'], VARDGIVARE: '5599990016' }],
    ['dietitian', { YRKESKOD: ['DT'], VARDGIVARE: '5599990016' }],
    ['pharmacist', { YRKESKOD: ['AP'], pharmacyIdentifier: '7350000000016' }],
    ['pharmacy-staff', { pharmacyIdentifier: '7350000000016' }],
    ['citizen', { personalIdentityNumber: '191212121212' }],
  ])('gives the role %s from its attributes', (role, attributes) => {
    expect(caller({ sub: 's', ...attributes }, NLL_CLAIMS).role).toBe(role);
  });

  it.each([
    ['a licence without a care provider', { YRKESKOD: ['SJ'] }],
    [
      'a licence without a care provider, beside a personal number',
      { YRKESKOD: ['SJ'], personalIdentityNumber: '191212121212' },
    ],
    ['an unknown profession', { YRKESKOD: ['XX'], VARDGIVARE: '5599990016' }],
    ['nothing', {}],
  ])('gives no role from %s', (_, attributes) => {
    expect(mapClaims(NLL_CLAIMS, 'i', { sub: 's', ...attributes }, END)).toMatchObject({
      ok: false,
      failure: { kind: 'forbidden' },
    });
  });
});

describe('completing a caller', () => {
  const PERSON: SystemValue = { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '01817500168' };
  const CHILD: SystemValue = { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '01417500185' };
  const index = (known: Readonly<Record<string, string>>) => async (person: SystemValue) =>
    known[person.value];

  it('finds a private person’s Patient by the identity number', async () => {
    const citizen = mapped({ sub: 'x', facade_role: 'citizen', person: PERSON });
    const result = await completeCaller(citizen, index({ [PERSON.value]: 'p1' }));
    expect(result).toMatchObject({ complete: true, caller: { patient: 'p1' } });
  });

  it('finds those represented', async () => {
    const guardian = mapped({ sub: 'x', facade_role: 'guardian', represents: ['p9'] });
    const known = index({ [CHILD.value]: 'p2' });
    const result = await completeCaller({ ...guardian, representedPersons: [CHILD] }, known);
    expect(result).toMatchObject({ complete: true, caller: { represents: ['p9', 'p2'] } });
  });

  it('leaves a person unknown to the index without a Patient, to be looked up again', async () => {
    const citizen = mapped({ sub: 'x', facade_role: 'citizen', person: PERSON });
    const { caller: found, complete } = await completeCaller(citizen, index({}));
    expect(complete).toBe(false);
    expect(found.patient).toBeUndefined();
  });

  it('asks nothing for other roles, nor for a Patient that the token names', async () => {
    const refuse = () => Promise.reject(new Error('not asked'));
    await completeCaller(mapped({ sub: 'x', facade_role: 'nurse', person: PERSON }), refuse);
    const citizen = mapped({ sub: 'x', facade_role: 'citizen', person: PERSON, patient: 'p1' });
    expect((await completeCaller(citizen, refuse)).caller.patient).toBe('p1');
  });
});
