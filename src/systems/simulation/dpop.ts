import {
  base64url,
  type CryptoKey,
  calculateJwkThumbprint,
  compactVerify,
  decodeProtectedHeader,
  importJWK,
  type JWK,
} from 'jose';
import type { Clock } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { isObject, type JsonObject, parseObject } from './json.ts';
import { createSeen } from './seen.ts';

/** The refusals of HelseID's reference validator, letter by letter. */
export type ProofRefusal =
  | "Missing 'cnf' claim in access token"
  | 'Malformed DPoP token.'
  | "Invalid 'typ' value."
  | "Invalid 'alg' value."
  | "Invalid 'jwk' value."
  | "'jwk' value contains a private key."
  | "Failed to validate the 'cnf' claim value against the DPoP proof's public key"
  | 'Invalid signature on DPoP token.'
  | "Invalid 'ath' value."
  | "Invalid or missing 'jti' value."
  | "Invalid 'htm' value."
  | "Invalid 'htu' value."
  | "Missing 'iat' value."
  | "Invalid 'iat' value."
  | 'Detected a DPoP proof token replay.';

export interface ProofCheck {
  /** The DPoP header; null when the call has none. */
  readonly proof: string | null;
  readonly method: string;
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** For an API call: the access token's hash (`ath`) and its `cnf.jkt`. Absent at the token endpoint. */
  readonly token?: { readonly ath: string; readonly jkt: string | undefined };
  /** Whether an `htu` that keeps the query string is good too. */
  readonly htuWithQuery: 'refuse' | 'accept';
}

export interface AcceptedProof {
  /** Thumbprint of the proof's key, for `cnf.jkt`. */
  readonly jkt: string;
  readonly nonce: string | undefined;
}

export type ProofValidator = (check: ProofCheck) => Promise<Result<AcceptedProof, ProofRefusal>>;

/** RS, PS and ES with 256 to 512 bits; symmetric algorithms and `none` are not among them. */
export const ASYMMETRIC_ALGORITHMS: readonly string[] = ['RS', 'PS', 'ES'].flatMap((family) =>
  ['256', '384', '512'].map((bits) => family + bits),
);

/** A proof is good for 1 s, with 5 s of clock skew each way; its jti is remembered for as long: 11 s. */
const LIFETIME_SECONDS = 1;
const SKEW_SECONDS = 5;
const REMEMBERED_MS = (LIFETIME_SECONDS + 2 * SKEW_SECONDS) * 1_000;
const MAX_PROOF_LENGTH = 8_192;
const MAX_KEYS = 500;
/** Members that only private or symmetric keys have (RFC 7518 section 6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

interface ProofKey {
  readonly key: CryptoKey;
  readonly jkt: string;
}

/** Imported keys by their JWK text: a client proves with the same key many times. */
const createKeyCache = () => {
  const known = new Map<string, ProofKey>();
  return async (jwk: JsonObject, alg: string): Promise<ProofKey | undefined> => {
    const name = `${alg} ${JSON.stringify(jwk)}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    try {
      // jose checks the members that it needs and throws when one is missing.
      const key = await importJWK(jwk as JWK, alg);
      if (key instanceof Uint8Array) return undefined;
      const made = { key, jkt: await calculateJwkThumbprint(jwk as JWK) };
      if (known.size >= MAX_KEYS) known.clear();
      known.set(name, made);
      return made;
    } catch {
      return undefined;
    }
  };
};

const headerOf = (proof: string | null): JsonObject | undefined => {
  if (proof === null || proof.length > MAX_PROOF_LENGTH || proof.split('.').length !== 3) return undefined;
  try {
    const header: unknown = decodeProtectedHeader(proof);
    return isObject(header) ? header : undefined;
  } catch {
    return undefined;
  }
};

const checkHeader = (
  header: JsonObject,
): Result<{ readonly jwk: JsonObject; readonly alg: string }, ProofRefusal> => {
  const { typ, alg, jwk } = header;
  if (typ !== 'dpop+jwt') return fail("Invalid 'typ' value.");
  if (typeof alg !== 'string' || !ASYMMETRIC_ALGORITHMS.includes(alg)) return fail("Invalid 'alg' value.");
  if (!isObject(jwk)) return fail("Invalid 'jwk' value.");
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member)))
    return fail("'jwk' value contains a private key.");
  return ok({ jwk, alg });
};

const payloadOf = async (proof: string, key: CryptoKey): Promise<Result<JsonObject, ProofRefusal>> => {
  try {
    const { payload } = await compactVerify(proof, key);
    const claims = parseObject(new TextDecoder().decode(payload));
    return claims === undefined ? fail('Malformed DPoP token.') : ok(claims);
  } catch {
    return fail('Invalid signature on DPoP token.');
  }
};

const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '');

const urlsOf = ({ url, htuWithQuery }: ProofCheck): readonly string[] =>
  htuWithQuery === 'accept' ? [withoutQuery(url), url.replace(/#.*$/s, '')] : [withoutQuery(url)];

/** The claims in the validator's order; undefined when all are good. */
const refuseClaims = (claims: JsonObject, check: ProofCheck): ProofRefusal | undefined => {
  const { ath, jti, htm, htu, iat } = claims;
  if (check.token !== undefined && ath !== check.token.ath) return "Invalid 'ath' value.";
  if (typeof jti !== 'string' || jti === '') return "Invalid or missing 'jti' value.";
  if (htm !== check.method) return "Invalid 'htm' value.";
  if (typeof htu !== 'string' || !urlsOf(check).includes(htu)) return "Invalid 'htu' value.";
  if (iat === undefined || iat === null) return "Missing 'iat' value.";
  if (typeof iat !== 'number') return "Invalid 'iat' value.";
  const age = Math.floor(check.now / 1_000) - iat;
  return age > LIFETIME_SECONDS + SKEW_SECONDS || age < -SKEW_SECONDS ? "Invalid 'iat' value." : undefined;
};

/**
 * DPoP proofs (RFC 9449) as NHN's reference validator checks them: cnf, header, signature, payload, replay,
 * in this order. The clock is for the memory of used jtis.
 */
export const createProofValidator = (clock: Clock): ProofValidator => {
  const keyOf = createKeyCache();
  const seen = createSeen(clock);

  return async (check) => {
    const { proof, token } = check;
    if (token !== undefined && token.jkt === undefined) return fail("Missing 'cnf' claim in access token");
    const header = headerOf(proof);
    if (proof === null || header === undefined) return fail('Malformed DPoP token.');
    const checked = checkHeader(header);
    if (!checked.ok) return checked;
    const known = await keyOf(checked.value.jwk, checked.value.alg);
    if (known === undefined) return fail("Invalid 'jwk' value.");
    if (token !== undefined && token.jkt !== known.jkt)
      return fail("Failed to validate the 'cnf' claim value against the DPoP proof's public key");
    const claims = await payloadOf(proof, known.key);
    if (!claims.ok) return claims;
    const refusal = refuseClaims(claims.value, check);
    if (refusal !== undefined) return fail(refusal);
    const { jti, nonce } = claims.value;
    if (!seen.firstTime(`${known.jkt} ${String(jti)}`, clock() + REMEMBERED_MS))
      return fail('Detected a DPoP proof token replay.');
    return ok({ jkt: known.jkt, nonce: typeof nonce === 'string' ? nonce : undefined });
  };
};

/** `ath` of an access token: base64url of its SHA-256 (RFC 9449 section 4.2). */
export const accessTokenHash = async (token: string): Promise<string> =>
  base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))));
