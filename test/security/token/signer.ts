import { createHash } from 'node:crypto';
import { base64url, CompactSign, exportJWK, generateKeyPair, type JWK } from 'jose';
import { OWN_CLAIMS } from '../../../src/security/claims.ts';
import { DEFAULT_TYP, type TokenIssuer } from '../../../src/security/token/issuer.ts';

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'https://facade.example/fhir';
/** Milliseconds; every token of these tests is made at it. */
export const NOW = Date.UTC(2026, 10, 21, 12);

type Members = Readonly<Record<string, unknown>>;

export interface Signer {
  /** The public key. */
  readonly jwk: JWK;
  /** A token that is good unless claims or header say otherwise; undefined leaves a claim out. */
  sign(claims?: Members, header?: Members): Promise<string>;
}

const GOOD = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'anna',
  client_id: 'journal',
  facade_role: 'nurse',
  scope: 'user/Consent.rs',
  iat: NOW / 1000,
  exp: NOW / 1000 + 3600,
};

export const makeSigner = async (alg = 'ES256', kid = 'key-1'): Promise<Signer> => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return {
    jwk,
    sign: (claims = {}, header = {}) =>
      new CompactSign(new TextEncoder().encode(JSON.stringify({ ...GOOD, ...claims })))
        .setProtectedHeader({ alg, typ: 'at+jwt', kid, ...header })
        .sign(privateKey, { crit: { 'urn:example': true } }),
  };
};

export const issuerOf = (keys: TokenIssuer['keys'], more: Partial<TokenIssuer> = {}): TokenIssuer => ({
  issuer: ISSUER,
  audience: [AUDIENCE],
  keys,
  algorithms: ['ES256'],
  typ: DEFAULT_TYP,
  claims: OWN_CLAIMS,
  ...more,
});

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** A compact JWS of these parts, with whatever signature. */
export const forge = (header: object, claims: object, signature = ''): string =>
  [JSON.stringify(header), JSON.stringify(claims)]
    .map((part) => base64url.encode(part))
    .concat(signature)
    .join('.');

export const goodClaims = (more: Members = {}): Members => ({ ...GOOD, ...more });
