import {
  type CryptoKey,
  compactVerify,
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  type JWK,
  type ProtectedHeaderParameters,
} from 'jose';
import type { Clock } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { ASYMMETRIC_ALGORITHMS } from '../simulation/dpop.ts';
import { type JsonObject, parseObject } from '../simulation/json.ts';
import { createSeen } from '../simulation/seen.ts';
import { ASSERTION_REUSED, refusal, type TokenRefusal } from './simulator-refusal.ts';
import type { HelseIdClient, HelseIdSimulatorSettings } from './simulator-settings.ts';

/** The form of a token call. */
export interface TokenRequest {
  readonly clientId: string;
  readonly assertion: string;
  /** Undefined: all that the client has. */
  readonly scopes: readonly string[] | undefined;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const subjectOf = (assertion: string): string | undefined => {
  try {
    return decodeJwt(assertion).sub;
  } catch {
    return undefined;
  }
};

/** Parses the form; `client_id` may be left to the assertion's `sub` (RFC 7523 section 3). */
export const parseTokenRequest = async (request: Request): Promise<Result<TokenRequest, TokenRefusal>> => {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded')
    return fail(refusal('invalid_request', 'The body must be application/x-www-form-urlencoded.'));
  const form = new URLSearchParams(await request.text());
  const grant = form.get('grant_type');
  if (grant === null) return fail(refusal('invalid_request', 'grant_type is missing.'));
  if (grant !== 'client_credentials')
    return fail(refusal('unsupported_grant_type', 'Only client_credentials is supported.'));
  const assertion = form.get('client_assertion');
  if (assertion === null || form.get('client_assertion_type') !== ASSERTION_TYPE)
    return fail(refusal('invalid_client', 'Only private_key_jwt is supported for client authentication.'));
  const clientId = form.get('client_id') ?? subjectOf(assertion);
  if (clientId === undefined) return fail(refusal('invalid_client', 'client_id is missing.'));
  const scope = form.get('scope');
  return ok({ clientId, assertion, scopes: scope?.split(' ').filter((part) => part !== '') });
};

const headerOf = (assertion: string): ProtectedHeaderParameters | undefined => {
  try {
    return decodeProtectedHeader(assertion);
  } catch {
    return undefined;
  }
};

/** A registered key with a kid answers to that kid alone; one without, to any. */
const keyFor = (client: HelseIdClient, kid: unknown): JWK | undefined =>
  client.jwks.keys.find((key) => key.kid !== undefined && key.kid === kid) ??
  client.jwks.keys.find((key) => key.kid === undefined);

const invalid = (why: string): TokenRefusal => refusal('invalid_client', why);

/** The claims but for jti's first use, in the order of section 14; undefined when all are good. */
const refuseClaims = (
  claims: JsonObject,
  clientId: string,
  settings: HelseIdSimulatorSettings,
  nowMs: number,
): TokenRefusal | undefined => {
  const { iss, sub, aud, exp, nbf, iat, jti } = claims;
  const now = nowMs / 1_000;
  const skew = settings.assertionSkew;
  if (iss !== clientId || sub !== clientId) return invalid('iss and sub must both be the client_id.');
  if (aud !== settings.issuer && !(Array.isArray(aud) && aud.length === 1 && aud[0] === settings.issuer))
    return invalid('aud must be the issuer, and nothing else.');
  if (typeof exp !== 'number') return invalid('exp is missing.');
  if (exp + skew <= now) return invalid('The client assertion is expired.');
  if (exp - now > settings.maxAssertionLifetime)
    return invalid(`exp is more than ${settings.maxAssertionLifetime} seconds ahead.`);
  if (typeof nbf !== 'number' || nbf - skew > now) return invalid('nbf is missing or in the future.');
  if (typeof iat !== 'number' || iat - skew > now) return invalid('iat is missing or in the future.');
  return typeof jti !== 'string' || jti === '' ? invalid('jti is missing.') : undefined;
};

export type AssertionVerifier = (
  assertion: string,
  client: HelseIdClient,
  now: number,
) => Promise<Result<JsonObject, TokenRefusal>>;

/**
 * Verifies a client assertion: alg, kid, signature, claims, jti unused. A good assertion is used up by this,
 * whatever becomes of the call: the nonce retry needs a new one. Succeeds with the claims.
 */
export const createAssertionVerifier = (
  settings: HelseIdSimulatorSettings,
  clock: Clock,
): AssertionVerifier => {
  const seen = createSeen(clock);
  /** By key and algorithm: an RSA key may serve RS256 and PS256, imported once for each. */
  const keys = new Map<string, CryptoKey>();

  const imported = async (jwk: JWK, alg: string): Promise<CryptoKey | undefined> => {
    const name = `${alg} ${JSON.stringify(jwk)}`;
    const found = keys.get(name);
    if (found !== undefined) return found;
    const key = await importJWK(jwk, alg);
    if (key instanceof Uint8Array) return undefined;
    keys.set(name, key);
    return key;
  };

  const claimsOf = async (assertion: string, jwk: JWK, alg: string): Promise<JsonObject | undefined> => {
    try {
      const key = await imported(jwk, alg);
      if (key === undefined) return undefined;
      const { payload } = await compactVerify(assertion, key, { algorithms: [alg] });
      return parseObject(new TextDecoder().decode(payload));
    } catch {
      return undefined;
    }
  };

  return async (assertion, client, now) => {
    const header = headerOf(assertion);
    if (header === undefined) return fail(invalid('The client assertion is not a signed JWT.'));
    const { alg, kid } = header;
    if (alg === undefined || !ASYMMETRIC_ALGORITHMS.includes(alg))
      return fail(invalid('alg must be one of RS, PS or ES with 256, 384 or 512.'));
    const jwk = keyFor(client, kid);
    if (jwk === undefined) return fail(invalid('kid names no key of the client.'));
    const claims = await claimsOf(assertion, jwk, alg);
    if (claims === undefined) return fail(invalid('The signature of the client assertion is invalid.'));
    const refused = refuseClaims(claims, client.clientId, settings, now);
    if (refused !== undefined) return fail(refused);
    const { jti, exp } = claims;
    const until = (Number(exp) + settings.assertionSkew) * 1_000;
    const first = seen.firstTime(`${client.clientId} ${String(jti)}`, until);
    return !first && settings.reusedAssertion === 'refused' ? fail(ASSERTION_REUSED) : ok(claims);
  };
};
