import { createHmac, createPublicKey } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Fetch } from '../../../src/ports.ts';
import type { TokenIssuer } from '../../../src/security/token/issuer.ts';
import { createTokenVerifier } from '../../../src/security/token/verify.ts';
import { forge, goodClaims, ISSUER, issuerOf, makeSigner, NOW, type Signer, sha256 } from './signer.ts';

const noFetch: Fetch = () => Promise.reject(new Error('no fetch expected'));

const verifierOf = (issuers: readonly TokenIssuer[], clock = () => NOW) =>
  createTokenVerifier({ issuers, fetch: noFetch, clock, sha256 });

let signer: Signer;
let stranger: Signer;
beforeAll(async () => {
  [signer, stranger] = await Promise.all([makeSigner(), makeSigner()]);
});

const verify = (authorization: string | null, more: Partial<TokenIssuer> = {}) =>
  verifierOf([issuerOf({ set: { keys: [signer.jwk] } }, more)]).verify(authorization);

const outcome = async (token: string | Promise<string>, more: Partial<TokenIssuer> = {}): Promise<string> => {
  const result = await verify(`Bearer ${await token}`, more);
  return result.ok ? 'accepted' : (result.failure.issues[0]?.details?.code ?? result.failure.kind);
};

describe('a bearer token', () => {
  it('that is good gives its claims, its end and its caller', async () => {
    const result = await verify(`Bearer ${await signer.sign()}`);
    expect(result).toMatchObject({
      ok: true,
      value: {
        issuer: ISSUER,
        expiresAt: NOW + 3_600_000,
        caller: {
          ok: true,
          value: { caller: { subject: 'anna', clientId: 'journal', role: 'nurse', kind: 'care' } },
        },
      },
    });
  });

  it('may follow the scheme in any letter case', async () => {
    expect(await verify(`bearer  ${await signer.sign()}`)).toMatchObject({ ok: true });
  });

  it.each([null, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'DPoP abc.def.ghi'])(
    'that is not there (%j) is a 401 with a bare challenge',
    async (authorization) => {
      expect(await verify(authorization)).toEqual({
        ok: false,
        failure: {
          kind: 'unauthenticated',
          challenge: 'Bearer',
          issues: [
            {
              severity: 'error',
              code: 'login',
              diagnostics: 'Authorization must carry a bearer token: Bearer <token>.',
              details: {
                system: 'https://nordic-fhir-facade.dev/fhir/CodeSystem/header-issue',
                code: 'ticket-missing',
              },
              location: ['http.Authorization'],
            },
          ],
        },
      });
    },
  );

  it('that is invalid is a 401 with error="invalid_token", and shows nothing of the token', async () => {
    const result = await verify(`Bearer ${await signer.sign({ aud: 'https://elsewhere.example' })}`);
    expect(result).toMatchObject({
      ok: false,
      failure: {
        kind: 'unauthenticated',
        challenge: 'Bearer error="invalid_token"',
        issues: [{ code: 'login', details: { code: 'ticket-invalid' } }],
      },
    });
    expect(JSON.stringify(result)).not.toContain('elsewhere');
  });

  it('that has ended is a 401 with issue code expired', async () => {
    expect(await verify(`Bearer ${await signer.sign({ exp: NOW / 1000 })}`)).toMatchObject({
      ok: false,
      failure: {
        kind: 'unauthenticated',
        issues: [{ code: 'expired', details: { code: 'ticket-expired' } }],
      },
    });
  });

  it('is refused as invalid, not as expired, when it is forged and has ended', async () => {
    expect(await outcome(stranger.sign({ exp: NOW / 1000 - 10 }))).toBe('ticket-invalid');
  });

  it.each([
    ['another issuer', { iss: 'https://issuer.example/' }],
    ['no issuer', { iss: undefined }],
    ['an issuer that is no text', { iss: 7 }],
    ['no audience', { aud: undefined }],
    ['an audience list without ours', { aud: ['https://a.example', 'https://facade.example'] }],
    ['no end', { exp: undefined }],
    ['an end that is no number', { exp: 'tomorrow' }],
    ['a beginning far ahead', { nbf: NOW / 1000 + 61 }],
    ['an issue time far ahead', { iat: NOW / 1000 + 61 }],
    ['a key it is bound to (cnf)', { cnf: { jkt: 'abc' } }],
  ])('with %s is refused', async (_, claims) => {
    expect(await outcome(signer.sign(claims))).toBe('ticket-invalid');
  });

  it.each([
    ['an audience list with ours', { aud: ['https://a.example', 'https://facade.example/fhir'] }],
    ['a beginning within a minute ahead', { nbf: NOW / 1000 + 59 }],
    ['an issue time within a minute ahead', { iat: NOW / 1000 + 59 }],
    ['no issue time', { iat: undefined }],
  ])('with %s is accepted', async (_, claims) => {
    expect(await outcome(signer.sign(claims))).toBe('accepted');
  });

  it('has typ at+jwt or JWT in any spelling, unless configured otherwise', async () => {
    for (const typ of ['at+jwt', 'JWT', 'jwt', 'application/at+jwt', 'AT+JWT']) {
      expect(await outcome(signer.sign({}, { typ }))).toBe('accepted');
    }
    for (const typ of ['dpop+jwt', 'logout+jwt', 'id_token', '']) {
      expect(await outcome(signer.sign({}, { typ }))).toBe('ticket-invalid');
    }
    const untyped = await signer.sign({}, { typ: undefined });
    expect(await outcome(untyped)).toBe('ticket-invalid');
    expect(await outcome(untyped, { typ: ['at+jwt', ''] })).toBe('accepted');
  });

  it.each(['not.a.token', 'a.b', 'a.b.c.d', 'a b', 'æ.ø.å', 'x'.repeat(20_000)])(
    'of no JWT form is refused',
    async (t) => {
      expect(await outcome(t)).toBe('ticket-invalid');
    },
  );

  it('changed in one character anywhere is refused', async () => {
    const token = await signer.sign();
    for (let at = 0; at < token.length; at += 17) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const changed = `${token.slice(0, at)}${other}${token.slice(at + 1)}`;
      if (changed !== token) expect(await outcome(changed)).toBe('ticket-invalid');
    }
  });
});

describe('an attack on the signature', () => {
  it('alg none is refused in every letter case, even if configured keys would fit', async () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
      expect(await outcome(forge({ alg, typ: 'at+jwt', kid: 'key-1' }, goodClaims()))).toBe('ticket-invalid');
      expect(await outcome(forge({ alg, typ: 'at+jwt' }, goodClaims(), 'AAAA'))).toBe('ticket-invalid');
    }
  });

  it('HMAC keyed with the public key is refused', async () => {
    const rsa = await makeSigner('RS256');
    const pem = createPublicKey({ key: { ...rsa.jwk }, format: 'jwk' })
      .export({ type: 'spki', format: 'pem' })
      .toString();
    for (const secret of [pem, pem.trim(), JSON.stringify(rsa.jwk)]) {
      const unsigned = forge({ alg: 'HS256', typ: 'at+jwt', kid: 'key-1' }, goodClaims()).slice(0, -1);
      const mac = createHmac('sha256', secret).update(unsigned).digest('base64url');
      const issuer = issuerOf({ set: { keys: [rsa.jwk] } }, { algorithms: ['RS256'] });
      expect(await verifierOf([issuer]).verify(`Bearer ${unsigned}.${mac}`)).toMatchObject({ ok: false });
    }
  });

  it('an algorithm that the issuer is not listed with is refused, though the key is the issuer’s', async () => {
    const rsa = await makeSigner('RS256');
    const issuer = issuerOf({ set: { keys: [rsa.jwk] } }, { algorithms: ['ES256'] });
    expect(await verifierOf([issuer]).verify(`Bearer ${await rsa.sign()}`)).toMatchObject({ ok: false });
    const listed = issuerOf({ set: { keys: [rsa.jwk] } }, { algorithms: ['RS256'] });
    expect(await verifierOf([listed]).verify(`Bearer ${await rsa.sign()}`)).toMatchObject({ ok: true });
  });

  it('keys and addresses that the token brings are never used', async () => {
    const { jwk } = stranger;
    for (const header of [
      { jwk },
      { jku: 'https://attacker.example/jwks' },
      { x5u: 'https://attacker.example/cert' },
      { x5c: ['MIIB'] },
      { jwk, kid: 'another' },
    ]) {
      expect(await outcome(stranger.sign({}, header))).toBe('ticket-invalid');
    }
    expect(await outcome(signer.sign({}, { jwk, jku: 'https://attacker.example' }))).toBe('accepted');
  });

  it('a critical header that is not understood is refused', async () => {
    const token = await signer.sign({}, { crit: ['urn:example'], 'urn:example': 1 });
    expect(await outcome(token)).toBe('ticket-invalid');
  });

  it('another issuer’s key is refused', async () => {
    const other = await makeSigner();
    const issuers = [
      issuerOf({ set: { keys: [signer.jwk] } }),
      issuerOf({ set: { keys: [other.jwk] } }, { issuer: 'https://other.example' }),
    ];
    const verifier = verifierOf(issuers);
    expect(await verifier.verify(`Bearer ${await other.sign()}`)).toMatchObject({ ok: false });
    expect(
      await verifier.verify(`Bearer ${await other.sign({ iss: 'https://other.example' })}`),
    ).toMatchObject({
      ok: true,
    });
  });
});

describe('an issuer with several keys', () => {
  it.each(['RS256', 'PS512', 'ES384', 'EdDSA'] as const)('may sign with %s', async (alg) => {
    const other = await makeSigner(alg, 'key-2');
    const issuer = issuerOf({ set: { keys: [signer.jwk, other.jwk] } }, { algorithms: [alg, 'ES256'] });
    const verifier = verifierOf([issuer]);
    expect(await verifier.verify(`Bearer ${await other.sign()}`)).toMatchObject({ ok: true });
    expect(await verifier.verify(`Bearer ${await signer.sign()}`)).toMatchObject({ ok: true });
  });

  it('may leave out kid: each of its keys is tried', async () => {
    const other = await makeSigner('ES256', 'key-2');
    const issuer = issuerOf({ set: { keys: [other.jwk, signer.jwk] } });
    const verifier = verifierOf([issuer]);
    const withoutKid = { kid: undefined };
    expect(await verifier.verify(`Bearer ${await signer.sign({}, withoutKid)}`)).toMatchObject({ ok: true });
    expect(await verifier.verify(`Bearer ${await stranger.sign({}, withoutKid)}`)).toMatchObject({
      ok: false,
    });
  });
});

describe('verified tokens', () => {
  it('are remembered: the same token gives the same value', async () => {
    const verifier = verifierOf([issuerOf({ set: { keys: [signer.jwk] } })]);
    const authorization = `Bearer ${await signer.sign()}`;
    const [first, second] = [await verifier.verify(authorization), await verifier.verify(authorization)];
    expect(first.ok && second.ok && first.value === second.value).toBe(true);
    verifier.clear();
    const third = await verifier.verify(authorization);
    expect(first.ok && third.ok && first.value === third.value).toBe(false);
  });

  it('are checked against their end at every call', async () => {
    let now = NOW;
    const verifier = verifierOf([issuerOf({ set: { keys: [signer.jwk] } })], () => now);
    const authorization = `Bearer ${await signer.sign({ exp: NOW / 1000 + 60 })}`;
    expect(await verifier.verify(authorization)).toMatchObject({ ok: true });
    now = NOW + 59_999;
    expect(await verifier.verify(authorization)).toMatchObject({ ok: true });
    now = NOW + 60_000;
    expect(await verifier.verify(authorization)).toMatchObject({
      ok: false,
      failure: { issues: [{ code: 'expired' }] },
    });
  });
});
