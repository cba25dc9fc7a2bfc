import { decodeJwt, decodeProtectedHeader, errors, type JWSHeaderParameters, jwtVerify } from 'jose';
import type { Failure } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Claims } from './claim-reader.ts';
import { normalizeTyp, type TokenIssuer } from './issuer.ts';
import { createKeySource, type KeyPorts, type KeySource } from './key-source.ts';
import { keysUnavailable, ticketExpired, ticketInvalid } from './refusals.ts';

/** Seconds that `nbf` and `iat` may lie ahead of our clock. `exp` has no such grace: an ended token is ended. */
const SKEW = 60;
/** Characters. */
const MAX_LENGTH = 16_384;
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const NOT_A_TOKEN = 'The bearer token is not a signed JWT.';

interface Trusted {
  readonly issuer: TokenIssuer;
  readonly keys: KeySource;
}

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
  const { exp, iat } = claims;
  if (typeof exp !== 'number') return fail(ticketInvalid(REASONS['exp'] ?? NOT_A_TOKEN));
  if (exp * 1000 <= now) return fail(ticketExpired());
  if (iat !== undefined && (typeof iat !== 'number' || iat * 1000 > now + SKEW * 1000)) {
    return fail(ticketInvalid('The token was issued in the future (iat).'));
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

/** A JWT whose signature and claims have been checked; what it is bound to has not. */
export interface VerifiedJwt {
  readonly issuer: TokenIssuer;
  readonly claims: Claims;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface JwtVerifier {
  /**
   * @param now milliseconds since the epoch
   * @returns failure `unauthenticated` or `unavailable` (the issuer's keys)
   */
  verify(token: string, now: number): Promise<Result<VerifiedJwt, Failure>>;
}

/** Verifies JWTs that are shown as access tokens (RFC 7519, 9068) against the keys of their issuers. */
export const createJwtVerifier = (issuers: readonly TokenIssuer[], ports: KeyPorts): JwtVerifier => {
  const trusted = new Map(
    issuers.map((issuer): [string, Trusted] => [
      issuer.issuer,
      { issuer, keys: createKeySource(issuer.keys, ports) },
    ]),
  );

  const verify: JwtVerifier['verify'] = async (token, now) => {
    const said = decode(token);
    if (said === undefined) return fail(ticketInvalid(NOT_A_TOKEN));
    const from = trusted.get(said.issuer);
    if (from === undefined) return fail(ticketInvalid(REASONS['iss'] ?? NOT_A_TOKEN));
    const header = checkHeader(said.header, from.issuer);
    if (!header.ok) return header;
    const claims = await verifySignature(token, from, said.header, now);
    if (!claims.ok) return claims;
    const end = checkClaims(claims.value, now);
    return end.ok ? ok({ issuer: from.issuer, claims: claims.value, expiresAt: end.value }) : end;
  };

  return { verify };
};
