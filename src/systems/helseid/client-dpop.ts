import {
  base64url,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';

/** The key that a token is bound to: made in memory with the token, never stored, gone with it. */
export interface DpopKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** What a proof is for (RFC 9449, 4.2). */
export interface ProofTarget {
  readonly method: string;
  readonly url: string;
  /** Hash of the access token; absent at the token endpoint. */
  readonly ath?: string;
  /** The nonce that the server last gave. */
  readonly nonce?: string;
}

export const createDpopKey = async (): Promise<DpopKey> => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const { kty, crv, x, y } = await exportJWK(publicKey);
  return { privateKey, publicJwk: { kty, crv, x, y } as JWK };
};

/** `htu`: the URL without query and fragment, as RFC 9449 says and eksternapi insists. */
export const htuOf = (url: string): string => {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
};

/** `ath`: base64url of the SHA-256 of the access token. */
export const athOf = async (accessToken: string): Promise<string> =>
  base64url.encode(
    new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(accessToken))),
  );

/** Claims of a proof. `now` in seconds by the other side's clock. */
const proofClaims = (target: ProofTarget, now: number, jti: string): JWTPayload => ({
  jti,
  htm: target.method,
  htu: htuOf(target.url),
  iat: now,
  ...(target.nonce === undefined ? {} : { nonce: target.nonce }),
  ...(target.ath === undefined ? {} : { ath: target.ath }),
});

/** A new proof; each is good for one request. */
export const signProof = (key: DpopKey, target: ProofTarget, now: number): Promise<string> =>
  new SignJWT(proofClaims(target, now, crypto.randomUUID()))
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk })
    .sign(key.privateKey);

/** `DPoP-Nonce` of an answer (RFC 9449, 8.1: NQCHAR only); undefined when absent or malformed. */
export const nonceOf = (headers: Headers): string | undefined => {
  const nonce = headers.get('dpop-nonce');
  return nonce !== null && /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/.test(nonce) ? nonce : undefined;
};
