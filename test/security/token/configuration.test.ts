import { describe, expect, it } from 'vitest';
import { NLL_CLAIMS, OWN_CLAIMS } from '../../../src/security/claims.ts';
import { parseTokenIssuers } from '../../../src/security/token/configuration.ts';
import { SANDBOX_ISSUER } from '../../../src/security/token/issuer.ts';

const JWK = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };
const MINIMAL = {
  issuer: 'https://issuer.example',
  audience: 'facade',
  jwksUrl: 'https://issuer.example/jwks',
};

const parse = (...issuers: readonly unknown[]) => parseTokenIssuers(JSON.stringify(issuers));
const sentence = (...issuers: readonly unknown[]): string => {
  const result = parse(...issuers);
  return result.ok ? 'accepted' : result.failure;
};

describe('TOKEN_ISSUERS', () => {
  it('needs issuer, audience and keys; the rest has safe defaults', () => {
    expect(parse(MINIMAL)).toEqual({
      ok: true,
      value: [
        {
          issuer: 'https://issuer.example',
          audience: ['facade'],
          keys: { url: 'https://issuer.example/jwks' },
          algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
          typ: ['at+jwt', 'jwt'],
          claims: OWN_CLAIMS,
        },
      ],
    });
  });

  it('takes keys as they are, lists, and a mapping by name', () => {
    const issuer = {
      issuer: 'https://issuer.example',
      audience: ['a', 'b'],
      jwks: { keys: [JWK] },
      algorithms: ['ES256'],
      typ: ['AT+JWT', ''],
      claims: 'nll',
    };
    expect(parse(issuer)).toMatchObject({
      ok: true,
      value: [
        { audience: ['a', 'b'], keys: { set: { keys: [JWK] } }, typ: ['at+jwt', ''], claims: NLL_CLAIMS },
      ],
    });
  });

  it('takes a mapping that replaces members of another', () => {
    const claims = {
      subject: 'pid',
      role: { claim: ['realm_access', 'roles'], values: { lege: 'prescriber' } },
      organization: { claim: 'orgnr', system: 'urn:oid:2.16.578.1.12.4.1.4.101' },
      withoutScope: 'role',
    };
    expect(parse({ ...MINIMAL, claims })).toMatchObject({
      ok: true,
      value: [{ claims: { ...OWN_CLAIMS, ...claims, organization: [claims.organization] } }],
    });
    const nll = { from: 'nll', role: { pharmacy: 'APOTEK', careRoles: { BM: 'nurse' } } };
    expect(parse({ ...MINIMAL, claims: nll })).toMatchObject({
      ok: true,
      value: [
        {
          claims: {
            role: { derive: 'nll', pharmacy: 'APOTEK', professions: 'YRKESKOD', careRoles: { BM: 'nurse' } },
          },
        },
      ],
    });
  });

  it.each([SANDBOX_ISSUER, `${SANDBOX_ISSUER}/`, SANDBOX_ISSUER.toUpperCase(), ` ${SANDBOX_ISSUER}`])(
    'never accepts the sandbox issuer (%s)',
    (issuer) => {
      expect(sentence({ ...MINIMAL, issuer })).toContain('sandbox');
    },
  );

  it.each<[string, unknown]>([
    ['TOKEN_ISSUERS[0] must be an object.', 'https://issuer.example'],
    ['TOKEN_ISSUERS[0].issuer is missing.', { ...MINIMAL, issuer: undefined }],
    ['TOKEN_ISSUERS[0].audience is missing.', { ...MINIMAL, audience: undefined }],
    ['TOKEN_ISSUERS[0].audience must be a text or a list of texts.', { ...MINIMAL, audience: [] }],
    ['TOKEN_ISSUERS[0] needs either jwksUrl or jwks.', { ...MINIMAL, jwksUrl: undefined }],
    ['TOKEN_ISSUERS[0] needs either jwksUrl or jwks.', { ...MINIMAL, jwks: { keys: [JWK] } }],
    [
      'TOKEN_ISSUERS[0].jwksUrl must be an https address.',
      { ...MINIMAL, jwksUrl: 'http://issuer.example/jwks' },
    ],
    ['TOKEN_ISSUERS[0].jwksUrl must be an https address.', { ...MINIMAL, jwksUrl: 'file:///etc/keys' }],
  ])('is refused with the sentence: %s', (expected, issuer) => {
    expect(sentence(issuer)).toBe(expected);
  });

  it.each<[string, unknown]>([
    ['a misspelt member', { ...MINIMAL, algorithm: 'ES256' }],
    ['a symmetric algorithm', { ...MINIMAL, algorithms: ['HS256'] }],
    ['no algorithm', { ...MINIMAL, algorithms: ['none'] }],
    ['a private key', { ...MINIMAL, jwksUrl: undefined, jwks: { keys: [{ ...JWK, d: 'd' }] } }],
    ['a symmetric key', { ...MINIMAL, jwksUrl: undefined, jwks: { keys: [{ kty: 'oct', k: 'k' }] } }],
    ['no key', { ...MINIMAL, jwksUrl: undefined, jwks: { keys: [] } }],
    ['an unknown mapping', { ...MINIMAL, claims: 'other' }],
    ['an unknown member of a mapping', { ...MINIMAL, claims: { roles: {} } }],
    ['an unknown role in a mapping', { ...MINIMAL, claims: { role: { claim: 'r', values: { x: 'root' } } } }],
    ['scopes by another word', { ...MINIMAL, claims: { withoutScope: 'all' } }],
  ])('is refused for %s, in one sentence that names the place', (_, issuer) => {
    expect(sentence(issuer)).toMatch(/^TOKEN_ISSUERS\[0\].*\.$/);
  });

  it('is refused as a whole when it is no list, no JSON, or names an issuer twice', () => {
    expect(parseTokenIssuers('{')).toMatchObject({ ok: false, failure: 'TOKEN_ISSUERS is not JSON.' });
    expect(parseTokenIssuers('[]')).toMatchObject({ ok: false });
    expect(parseTokenIssuers('{}')).toMatchObject({ ok: false });
    expect(sentence(MINIMAL, MINIMAL)).toBe('TOKEN_ISSUERS[1].issuer is listed already.');
  });
});
