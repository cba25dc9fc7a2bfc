import { decodeJwt, decodeProtectedHeader, errors, type JWSHeaderParameters, jwtVerify } from 'jose';
import type { Failure } from '../../failure.ts';
import type { Background, Clock, Fetch, Sha256 } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { type MappedCaller, mapClaims } from '../claims.ts';
import type { Claims } from './claim-reader.ts';
import { normalizeTyp, type TokenIssuer } from './issuer.ts';
import { createKeySource, type KeySource } from './key-source.ts';
import { keysUnavailable, ticketExpired, ticketInvalid, ticketMissing } from './refusals.ts';
import { createTokenCache } from './token-cache.ts';

/** A token whose signature and claims have been checked. */
export interface VerifiedToken {
  readonly issuer: string;
  readonly claims: Claims;
  /** When it ends, milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Whom the claims make; failure `forbidden` when they make nobody, to be told when a caller is needed. */
  readonly caller: Result<MappedCaller, Failure>;
}

export interface TokenVerifier {
  /**
   * @param authorization value of the Authorization header
   * @returns failure `unauthenticated` (no token, or not a good one) or `unavailable` (the issuer's keys)
   */
  verify(authorization: string | null): Promise<Result<VerifiedToken, Failure>>;
  /** Forgets every verified token. */
  clear(): void;
}

export interface VerifierOptions {
  readonly issuers: readonly TokenIssuer[];
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly sha256: Sha256;
  readonly background?: Background;
}

/** Seconds that `nbf` and `iat` may lie ahead of our clock. `exp` has no such grace: an ended token is ended. */
const SKEW = 60;
/** Characters; a JWT is far below, and a header block cannot hold much more. */
const MAX_LENGTH = 16_384;
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const NOT_A_TOKEN = 'The bearer token is not a signed JWT.';

interface Trusted {
  readonly issuer: TokenIssuer;
  readonly keys: KeySource;
}

/** The text after `Bearer`; undefined when the header is absent or of another scheme. */
const bearerOf = (authorization: string | null): string | undefined => {
  if (authorization === null || authorization.slice(0, 7).toLowerCase() !== 'bearer ') return undefined;
  const token = authorization.slice(7).trim();
  return token === '' ? undefined : token;
};

interface Unverified {
  readonly header: JWSHeaderParameters;
  readonly issuer: string;
}

/** Header and issuer as the token says them: enough to choose whose keys to try. */
const decode = (token: string): Unverified | undefined => {
  if (token.length > MAX_LENGTH || !COMPACT.test(token)) return undefined;
  try {
    const issuer: unknown = decodeJwt(token).iss;
    return typeof issuer === 'string' ? { header: decodeProtectedHeader(token), issuer } : undefined;
  } catch {
    return undefined;
  }
};

const checkHeader = (
  header: JWSHeaderParameters,
  { algorithms, typ }: TokenIssuer,
): Result<void, Failure> => {
  if (!algorithms.some((algorithm) => algorithm === header.alg)) {
    return fail(ticketInvalid('The token is signed with an algorithm that its issuer is not known to use.'));
  }
  const said: unknown = header.typ ?? '';
  if (typeof said === 'string' && typ.includes(normalizeTyp(said))) return ok(undefined);
  return fail(ticketInvalid('The token is not an access token by its header typ.'));
};

const REASONS: Readonly<Record<string, string>> = {
  iss: 'The token comes from an issuer that this server does not accept.',
  aud: 'The token is meant for another audience.',
  exp: 'The token does not say when it ends (exp).',
  nbf: 'The token is not valid yet (nbf).',
};

const refusalOf = (error: unknown): Failure => {
  if (error instanceof errors.JWTExpired) return ticketExpired();
  if (error instanceof errors.JWTClaimValidationFailed) {
    return ticketInvalid(REASONS[error.claim] ?? 'The token has a claim that is not acceptable.');
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return ticketInvalid('The signature of the token is wrong.');
  }
  return ticketInvalid(NOT_A_TOKEN);
};

/** What jose does not ask. */
const checkClaims = (claims: Claims, now: number): Result<number, Failure> => {
  const { exp, iat, cnf } = claims;
  if (typeof exp !== 'number') return fail(ticketInvalid(REASONS['exp'] ?? NOT_A_TOKEN));
  if (exp * 1000 <= now) return fail(ticketExpired());
  if (iat !== undefined && (typeof iat !== 'number' || iat * 1000 > now + SKEW * 1000)) {
    return fail(ticketInvalid('The token was issued in the future (iat).'));
  }
  if (cnf !== undefined) {
    // Whoever stole it could show it so: a bound token is worth nothing without the proof.
    return fail(
      ticketInvalid('The token is bound to a key (cnf) and cannot be used as a plain bearer token.'),
    );
  }
  return ok(exp * 1000);
};

const verifySignature = async (
  token: string,
  { issuer, keys }: Trusted,
  header: JWSHeaderParameters,
  now: number,
): Promise<Result<Claims, Failure>> => {
  const found = await keys.find(header);
  if (!found.ok) {
    return fail(
      found.failure === 'unavailable'
        ? keysUnavailable()
        : ticketInvalid('The token is signed with an unknown key.'),
    );
  }
  const options = {
    algorithms: [...issuer.algorithms],
    issuer: issuer.issuer,
    audience: [...issuer.audience],
    clockTolerance: SKEW,
    currentDate: new Date(now),
    requiredClaims: ['exp'],
  };
  let refusal = ticketInvalid(NOT_A_TOKEN);
  for (const key of found.value) {
    try {
      return ok((await jwtVerify(token, key, options)).payload);
    } catch (error) {
      refusal = refusalOf(error);
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) break;
    }
  }
  return fail(refusal);
};

const verifyToken = async (
  token: string,
  trusted: ReadonlyMap<string, Trusted>,
  now: number,
): Promise<Result<VerifiedToken, Failure>> => {
  const said = decode(token);
  if (said === undefined) return fail(ticketInvalid(NOT_A_TOKEN));
  const from = trusted.get(said.issuer);
  if (from === undefined) return fail(ticketInvalid(REASONS['iss'] ?? NOT_A_TOKEN));
  const header = checkHeader(said.header, from.issuer);
  if (!header.ok) return header;
  const claims = await verifySignature(token, from, said.header, now);
  if (!claims.ok) return claims;
  const end = checkClaims(claims.value, now);
  if (!end.ok) return end;
  const { issuer, claims: mapping } = from.issuer;
  return ok({
    issuer,
    claims: claims.value,
    expiresAt: end.value,
    caller: mapClaims(mapping, issuer, claims.value, end.value),
  });
};

/**
 * Verifies bearer JWTs against the configured issuers (RFC 7519, 9068, 6750). There is no unverified mode.
 * Verified tokens are remembered by hash for at most five minutes, so that a key withdrawn is noticed.
 */
export const createTokenVerifier = (options: VerifierOptions): TokenVerifier => {
  const { issuers, fetch, clock, sha256, background = () => undefined } = options;
  const ports = { fetch, clock, background };
  const trusted = new Map(
    issuers.map((issuer): [string, Trusted] => [
      issuer.issuer,
      { issuer, keys: createKeySource(issuer.keys, ports) },
    ]),
  );
  const cache = createTokenCache<VerifiedToken>();

  const verify: TokenVerifier['verify'] = async (authorization) => {
    const token = bearerOf(authorization);
    if (token === undefined) return fail(ticketMissing());
    if (token.length > MAX_LENGTH) return fail(ticketInvalid(NOT_A_TOKEN));
    const digest = sha256(token);
    const hash = typeof digest === 'string' ? digest : await digest;
    const now = clock();
    const known = cache.get(hash, now);
    if (known !== undefined) return now < known.expiresAt ? ok(known) : fail(ticketExpired());
    const verified = await verifyToken(token, trusted, now);
    if (verified.ok) cache.set(hash, verified.value, now);
    return verified;
  };

  return { verify, clear: cache.clear };
};
