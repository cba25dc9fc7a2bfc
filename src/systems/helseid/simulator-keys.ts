import {
  base64url,
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import type { Clock } from '../../ports.ts';
import { LASTING_PREFIX, type SimulatorState } from '../simulation/state.ts';

/** The simulator's own secrets: made at the first start, kept in its state, the same on every isolate. */
export interface HelseIdKeys {
  /** The public part, for whoever verifies access tokens. */
  jwks(): Promise<JSONWebKeySet>;
  /** An access token (`at+jwt`, ES256) with these claims. */
  sign(claims: JWTPayload): Promise<string>;
  /** A nonce that says when it was made, and proves that it was made here. */
  issueNonce(): Promise<string>;
  isCurrentNonce(nonce: string): Promise<boolean>;
}

const ALGORITHM = 'ES256';
const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** The value of a lasting key, made by the first who asks; two who ask at once agree on one. */
const lasting = async (state: SimulatorState, name: string, make: () => Promise<string>): Promise<string> => {
  const key = LASTING_PREFIX + name;
  const found = await state.get(key);
  if (found !== undefined) return found;
  const made = await make();
  if (await state.compareAndSet(key, undefined, made)) return made;
  return (await state.get(key)) ?? made;
};

const makeSigningKey = async (): Promise<string> => {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  return JSON.stringify(await exportJWK(privateKey));
};

const loadSigningKey = async (state: SimulatorState): Promise<SigningKey> => {
  // Only makeSigningKey writes this value.
  const jwk = JSON.parse(await lasting(state, 'signing', makeSigningKey)) as JWK;
  const { d: _private, ...publicJwk } = jwk;
  const kid = await calculateJwkThumbprint(publicJwk);
  const privateKey = await importJWK(jwk, ALGORITHM);
  if (privateKey instanceof Uint8Array)
    throw new Error('The signing key of the HelseID simulator is symmetric.');
  return { kid, privateKey, publicJwk: { ...publicJwk, kid, use: 'sig', alg: ALGORITHM } };
};

const makeNonceKey = (): Promise<string> =>
  Promise.resolve(base64url.encode(crypto.getRandomValues(new Uint8Array(32))));

const loadNonceKey = async (state: SimulatorState): Promise<CryptoKey> =>
  crypto.subtle.importKey(
    'raw',
    new Uint8Array(base64url.decode(await lasting(state, 'nonce', makeNonceKey))),
    HMAC,
    false,
    ['sign', 'verify'],
  );

export interface HelseIdKeysOptions {
  readonly state: SimulatorState;
  readonly clock: Clock;
  /** Seconds. */
  readonly nonceLifetime: number;
}

export const createHelseIdKeys = ({ state, clock, nonceLifetime }: HelseIdKeysOptions): HelseIdKeys => {
  // Values, not promises: a promise shared between requests dies on Workers with the request that made it.
  let signing: SigningKey | undefined;
  let nonceKey: CryptoKey | undefined;

  const signingKey = async (): Promise<SigningKey> => {
    signing ??= await loadSigningKey(state);
    return signing;
  };
  const nonceSignature = async (text: string): Promise<string> => {
    nonceKey ??= await loadNonceKey(state);
    const signature = await crypto.subtle.sign(HMAC, nonceKey, new TextEncoder().encode(text));
    return base64url.encode(new Uint8Array(signature).subarray(0, 16));
  };

  return {
    async jwks() {
      const { publicJwk } = await signingKey();
      return { keys: [publicJwk] };
    },
    async sign(claims) {
      const { kid, privateKey } = await signingKey();
      return new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt', kid }).sign(privateKey);
    },
    async issueNonce() {
      const made = `${clock().toString(36)}.${base64url.encode(crypto.getRandomValues(new Uint8Array(6)))}`;
      return `${made}.${await nonceSignature(made)}`;
    },
    async isCurrentNonce(nonce) {
      const end = nonce.lastIndexOf('.');
      const made = nonce.slice(0, Math.max(end, 0));
      const at = Number.parseInt(made, 36);
      const age = clock() - at;
      if (!(age >= 0 && age <= nonceLifetime * 1_000)) return false;
      return nonce.slice(end + 1) === (await nonceSignature(made));
    },
  };
};
