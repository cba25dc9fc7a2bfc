import {
  type CryptoKey,
  calculateJwkThumbprint,
  compactVerify,
  decodeProtectedHeader,
  importJWK,
  type JWK,
} from 'jose';
import type { Clock } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { SIGNATURE_ALGORITHMS } from './issuer.ts';
import { createProofMemory, type ProofMemory } from './proof-memory.ts';

/** What a proof must have been made for. */
export interface ProofTarget {
  readonly method: string;
  readonly url: string;
  /** `ath`: base64url of the SHA-256 of the access token. */
  readonly tokenHash: string;
  /** Thumbprint of the key that the token is bound to. */
  readonly jkt: string;
}

/** Which of RFC 9449's checks (4.3, 7.1) a proof failed; `full`: no room to remember it. */
export type ProofFault =
  | 'missing'
  | 'malformed'
  | 'typ'
  | 'algorithm'
  | 'key'
  | 'other-key'
  | 'signature'
  | 'method'
  | 'url'
  | 'token'
  | 'time'
  | 'repeated'
  | 'full';

/** Undefined: the proof is good, and cannot be used again. */
export type CheckProof = (proof: string | null, target: ProofTarget) => Promise<ProofFault | undefined>;

/** Milliseconds around our clock within which `iat` may lie. */
export interface ProofTimes {
  readonly past: number;
  readonly ahead: number;
}

const TIMES: ProofTimes = { past: 60_000, ahead: 60_000 };

/** Characters. */
const MAX_PROOF = 8_192;
const MAX_JTI = 256;
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** Members that only private or symmetric keys have (RFC 7518, 6). */
const SECRET = ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth'];

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const headerOf = (proof: string): JsonObject | undefined => {
  try {
    const header: unknown = decodeProtectedHeader(proof);
    return isObject(header) ? header : undefined;
  } catch {
    return undefined;
  }
};

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The members of a public key that its thumbprint and its use take; nothing else of a foreign object. */
const publicJwk = (value: unknown): JWK | undefined => {
  if (!isObject(value) || SECRET.some((member) => member in value)) return undefined;
  const { kty, crv, x, y, n, e } = value;
  const name = text(kty);
  if (name === undefined) return undefined;
  const given = Object.entries({ crv, x, y, n, e }).filter(([, member]) => typeof member === 'string');
  return { kty: name, ...Object.fromEntries(given) };
};

interface ProofKey {
  readonly key: CryptoKey;
  readonly algorithm: string;
}

const MINIMUM_BITS = 2048;

const importKey = async (jwk: JWK, algorithm: string): Promise<CryptoKey | undefined> => {
  try {
    const key = await importJWK(jwk, algorithm);
    if (key instanceof Uint8Array || key.type !== 'public') return undefined;
    const { algorithm: made } = key;
    const isShort = 'modulusLength' in made && Number(made.modulusLength) < MINIMUM_BITS;
    return isShort ? undefined : key;
  } catch {
    // Members that make no key.
    return undefined;
  }
};

const thumbprintOf = async (jwk: JWK): Promise<string | undefined> => {
  try {
    return await calculateJwkThumbprint(jwk, 'sha256');
  } catch {
    return undefined;
  }
};

/** Header and key; the thumbprint is compared before anything costly is done. */
const checkHeader = async (proof: string, jkt: string): Promise<Result<ProofKey, ProofFault>> => {
  const header = headerOf(proof);
  if (header === undefined) return fail('malformed');
  const { typ, alg, jwk } = header;
  if (
    text(typ)
      ?.toLowerCase()
      .replace(/^application\//, '') !== 'dpop+jwt'
  )
    return fail('typ');
  const algorithm = SIGNATURE_ALGORITHMS.find((name) => name === alg);
  if (algorithm === undefined) return fail('algorithm');
  const shown = publicJwk(jwk);
  if (shown === undefined) return fail('key');
  if ((await thumbprintOf(shown)) !== jkt) return fail('other-key');
  const key = await importKey(shown, algorithm);
  return key === undefined ? fail('key') : ok({ key, algorithm });
};

const claimsOf = async (
  proof: string,
  { key, algorithm }: ProofKey,
): Promise<Result<JsonObject, ProofFault>> => {
  let payload: Uint8Array;
  try {
    payload = (await compactVerify(proof, key, { algorithms: [algorithm] })).payload;
  } catch {
    return fail('signature');
  }
  try {
    const claims: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(payload),
    );
    return isObject(claims) ? ok(claims) : fail('malformed');
  } catch {
    return fail('malformed');
  }
};

/** Scheme, host and path in the one form in which two spellings of an address are the same (RFC 3986, 6.2.2, 6.2.3). */
const addressOf = (url: string): string | undefined => {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host, pathname } = new URL(url);
  const path = pathname.replace(/%[0-9a-fA-F]{2}/g, (octet) => {
    const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : octet.toUpperCase();
  });
  return `${protocol}//${host}${path}`;
};

interface ProofClaims {
  readonly jti: string;
  readonly method: string;
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  readonly tokenHash: string;
}

const readClaims = (claims: JsonObject): ProofClaims | undefined => {
  const { iat } = claims;
  const [jti, method, url, tokenHash] = ['jti', 'htm', 'htu', 'ath'].map((name) => text(claims[name]));
  if (jti === undefined || jti === '' || jti.length > MAX_JTI) return undefined;
  if (method === undefined || url === undefined || tokenHash === undefined) return undefined;
  if (typeof iat !== 'number' || !Number.isFinite(iat)) return undefined;
  return { jti, method, url, tokenHash, issuedAt: iat * 1000 };
};

const compare = (
  claims: ProofClaims,
  target: ProofTarget,
  now: number,
  { past, ahead }: ProofTimes,
): ProofFault | undefined => {
  if (claims.method !== target.method) return 'method';
  const address = addressOf(claims.url);
  if (address === undefined || address !== addressOf(target.url)) return 'url';
  if (claims.tokenHash !== target.tokenHash) return 'token';
  return claims.issuedAt < now - past || claims.issuedAt > now + ahead ? 'time' : undefined;
};

export interface ProofCheckOptions {
  readonly clock: Clock;
  readonly memory?: ProofMemory;
  readonly times?: ProofTimes;
}

/**
 * Checks DPoP proofs of calls to this server (RFC 9449, 4.3 and 7). It gives no nonces: the window of `iat` and the
 * memory of `jti` bound what a captured proof is worth.
 */
export const createProofCheck = (options: ProofCheckOptions): CheckProof => {
  const { clock, memory = createProofMemory(), times = TIMES } = options;
  return async (proof, target) => {
    if (proof === null || proof === '') return 'missing';
    if (proof.length > MAX_PROOF || !COMPACT.test(proof)) return 'malformed';
    const key = await checkHeader(proof, target.jkt);
    if (!key.ok) return key.failure;
    const payload = await claimsOf(proof, key.value);
    if (!payload.ok) return payload.failure;
    const claims = readClaims(payload.value);
    if (claims === undefined) return 'malformed';
    const now = clock();
    const fault = compare(claims, target, now, times);
    if (fault !== undefined) return fault;
    const answer = await memory.remember(`${target.jkt} ${claims.jti}`, claims.issuedAt + times.past, now);
    if (answer === 'seen') return 'repeated';
    return answer === 'full' ? 'full' : undefined;
  };
};
