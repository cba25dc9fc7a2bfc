import { createHash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createSandboxIssuer,
  generateSandboxKey,
  OPEN_CALLER,
  TOKEN_FAULTS,
  type TokenFault,
} from '../../src/sandbox/token.ts';
import { mayDo } from '../../src/security/access.ts';
import { type Caller, ROLES, type Role } from '../../src/security/caller.ts';
import { allows, scopesOf } from '../../src/security/scopes.ts';
import { createAuthenticator } from '../../src/security/token/authenticate.ts';
import { parseTokenIssuers } from '../../src/security/token/configuration.ts';
import { createTokenVerifier } from '../../src/security/token/verify.ts';

const START = Date.UTC(2026, 10, 21, 12);
const NEEDS: Partial<Record<Role, object>> = {
  citizen: { patient: 'p1' },
  guardian: { represents: ['p2'] },
  agent: { represents: ['p2', 'p3'] },
};

let key: string;
beforeAll(async () => {
  key = await generateSandboxKey();
});

/** An issuer and a server that trusts it, on one clock. */
const sandbox = async (clock = () => START) => {
  const issuer = await createSandboxIssuer({ key, clock });
  const verifier = createTokenVerifier({
    issuers: [issuer.tokenIssuer],
    fetch: () => Promise.reject(new Error('no fetch expected')),
    clock,
    sha256: (text) => createHash('sha256').update(text).digest('base64url'),
  });
  const { authenticate } = createAuthenticator(verifier, async () => undefined);
  const token = async (body: unknown, fault?: TokenFault): Promise<string> => {
    const issued = await issuer.issue(body, fault);
    if (!issued.ok) throw new Error(JSON.stringify(issued.failure));
    return issued.value.access_token;
  };
  const callerOf = async (body: unknown, fault?: TokenFault): Promise<Caller> => {
    const result = await authenticate(`Bearer ${await token(body, fault)}`);
    if (!result.ok) throw new Error(JSON.stringify(result.failure));
    return result.value;
  };
  return { issuer, authenticate, token, callerOf };
};

const faultsOf = async (body: unknown) => {
  const issued = await (await sandbox()).issuer.issue(body);
  return issued.ok ? [] : issued.failure.issues.map((issue) => [issue.expression?.[0], issue.diagnostics]);
};

describe('POST /sandbox/token', () => {
  it.each(ROLES)('gives the role %s a token that verifies, with all scopes of the role', async (role) => {
    const { issuer, authenticate } = await sandbox();
    const issued = await issuer.issue({ role, ...NEEDS[role] });
    expect(issued).toMatchObject({ ok: true, value: { token_type: 'Bearer', expires_in: 3600 } });
    const token = issued.ok ? issued.value.access_token : '';
    expect(await authenticate(`Bearer ${token}`)).toMatchObject({
      ok: true,
      value: { role, scopes: scopesOf(role), expiresAt: START + 3_600_000 },
    });
  });

  it('carries patient, represents and scope as asked for', async () => {
    const { callerOf } = await sandbox();
    expect(
      await callerOf({
        role: 'guardian',
        patient: 'Patient/p1',
        represents: ['p2'],
        scope: 'patient/Consent.r',
      }),
    ).toMatchObject({
      patient: 'p1',
      represents: ['p2'],
      scopes: [{ context: 'patient', type: 'Consent', actions: 'r' }],
    });
  });

  it('gives each kind of role the organisation its national system knows', async () => {
    const { callerOf } = await sandbox();
    const organization = async (body: unknown) => (await callerOf(body)).organization?.identifier;
    expect(await organization({ role: 'prescriber' })).toEqual({
      system: 'urn:oid:2.5.4.97',
      value: '5599990016',
    });
    expect(await organization({ role: 'pharmacist' })).toEqual({
      system: 'http://cvr.dk',
      value: '12345674',
    });
    expect(await organization({ role: 'system' })).toEqual({
      system: 'urn:oid:2.16.578.1.12.4.1.4.101',
      value: '912159523',
    });
    expect(await organization({ role: 'auditor' })).toBeUndefined();
    expect(await organization({ role: 'citizen', patient: 'p1' })).toBeUndefined();
  });

  it('takes another organisation in any of its forms, or none with null', async () => {
    const { callerOf } = await sandbox();
    const identifier = { system: 'http://cvr.dk', value: '12345678' };
    for (const organization of [
      identifier,
      { identifier },
      { identifier: [identifier] },
      'http://cvr.dk|12345678',
    ]) {
      expect((await callerOf({ role: 'nurse', organization })).organization).toEqual({ identifier });
    }
    expect(
      (await callerOf({ role: 'nurse', organization: { ...identifier, name: 'X' } })).organization,
    ).toEqual({
      identifier,
      name: 'X',
    });
    expect((await callerOf({ role: 'nurse', organization: null })).organization).toBeUndefined();
  });

  it('makes the same caller of the same body, and another of another person or organisation', async () => {
    const { callerOf } = await sandbox();
    const subject = async (body: unknown) => (await callerOf(body)).subject;
    expect(await subject({ role: 'nurse' })).toBe(await subject({ role: 'nurse' }));
    expect(await subject({ role: 'nurse' })).not.toBe(
      await subject({ role: 'nurse', organization: 'urn:x|1' }),
    );
    expect(await subject({ role: 'citizen', patient: 'p1' })).not.toBe(
      await subject({ role: 'citizen', patient: 'p2' }),
    );
  });

  it('lists everything that is wrong with the body', async () => {
    const faults = await faultsOf({ role: 'doctor', scopes: 'x', patient: 7, organization: 'x' });
    expect(faults.map(([member]) => member)).toEqual(['scopes', 'role', 'patient', 'organization']);
    expect(faults[0]?.[1]).toContain('role, scope, patient, represents, organization');
    for (const role of ROLES) expect(faults[1]?.[1]).toContain(role);
  });

  it.each<[string, unknown, string]>([
    ['no role', {}, 'role'],
    ['a citizen without patient', { role: 'citizen' }, 'patient'],
    ['a guardian without represents', { role: 'guardian', patient: 'p1' }, 'represents'],
    ['an agent who represents nobody', { role: 'agent', represents: [] }, 'represents'],
    ['an empty scope', { role: 'nurse', scope: ' ' }, 'scope'],
    ['no object', ['nurse'], '$this'],
    ['nothing', null, '$this'],
  ])('refuses %s, naming it', async (_, body, member) => {
    expect((await faultsOf(body)).map(([name]) => name)).toContain(member);
  });

  it('refuses an identity number as patient and does not repeat it', async () => {
    const faults = await faultsOf({ role: 'citizen', patient: '01817500168' });
    expect(faults).toMatchObject([['patient', expect.stringContaining('logical id')]]);
    expect(JSON.stringify(faults)).not.toContain('01817500168');
  });
});

describe('sandbox tokens', () => {
  it('stay valid when the issuer is made anew with its key', async () => {
    const token = await (await sandbox()).token({ role: 'nurse' });
    expect(await (await sandbox()).authenticate(`Bearer ${token}`)).toMatchObject({ ok: true });
  });

  it('end after 60 minutes of the sandbox clock', async () => {
    let now = START;
    const { token, authenticate } = await sandbox(() => now);
    const authorization = `Bearer ${await token({ role: 'nurse' })}`;
    now = START + 3_599_000;
    expect(await authenticate(authorization)).toMatchObject({ ok: true });
    now = START + 3_600_000;
    expect(await authenticate(authorization)).toMatchObject({
      ok: false,
      failure: { issues: [{ code: 'expired' }] },
    });
  });

  it('stay valid when the sandbox clock is set back', async () => {
    let now = START + 6 * 365 * 86_400_000;
    const { token, authenticate } = await sandbox(() => now);
    const authorization = `Bearer ${await token({ role: 'nurse' })}`;
    now = START;
    expect(await authenticate(authorization)).toMatchObject({ ok: true });
  });

  it('show no private part of the key', async () => {
    const { issuer } = await sandbox();
    expect(JSON.stringify(issuer.tokenIssuer)).not.toContain('"d"');
  });

  it('say ES256, a key id and at+jwt in their header, and no identity number', async () => {
    const token = await (await sandbox()).token({ role: 'prescriber' });
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    expect(decodeJwt(token)).toMatchObject({ facade_role: 'prescriber', loa: 3 });
  });

  it('come from an issuer that TOKEN_ISSUERS refuses', async () => {
    const { issuer } = await sandbox();
    const { issuer: name, audience, keys } = issuer.tokenIssuer;
    const jwks = 'set' in keys ? keys.set : undefined;
    expect(parseTokenIssuers(JSON.stringify([{ issuer: name, audience, jwks }]))).toMatchObject({
      ok: false,
    });
  });
});

describe('fault kinds of the system nll', () => {
  it.each<[TokenFault, string]>([
    ['token-expired', 'ticket-expired'],
    ['token-not-yet-valid', 'ticket-invalid'],
    ['token-bad-signature', 'ticket-invalid'],
    ['token-wrong-audience', 'ticket-invalid'],
  ])('%s makes the token refused as %s', async (fault, code) => {
    const { token, authenticate } = await sandbox();
    expect(await authenticate(`Bearer ${await token({ role: 'nurse' }, fault)}`)).toMatchObject({
      ok: false,
      failure: { kind: 'unauthenticated', issues: [{ details: { code } }] },
    });
  });

  it('loa-missing, loa-2 and no-vardgivare make a good token that says less', async () => {
    const { callerOf } = await sandbox();
    expect((await callerOf({ role: 'nurse' })).loa).toBe(3);
    expect((await callerOf({ role: 'nurse' }, 'loa-missing')).loa).toBeUndefined();
    expect((await callerOf({ role: 'nurse' }, 'loa-2')).loa).toBe(2);
    expect((await callerOf({ role: 'nurse' }, 'no-vardgivare')).organization).toBeUndefined();
  });

  it('are those the domain page lists', () => {
    expect(TOKEN_FAULTS).toEqual([
      'token-expired',
      'token-not-yet-valid',
      'token-bad-signature',
      'token-wrong-audience',
      'loa-missing',
      'loa-2',
      'no-vardgivare',
    ]);
  });
});

it('SANDBOX_OPEN acts as system with an organisation', () => {
  expect(mayDo(OPEN_CALLER, 'Organization', 'write').ok).toBe(true);
  expect(allows(OPEN_CALLER, 'Organization', 'c')).toMatchObject({ ok: true });
  expect(OPEN_CALLER.organization?.identifier.value).toBe('912159523');
});
