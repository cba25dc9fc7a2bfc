import { type CryptoKey, compactVerify, decodeProtectedHeader, importJWK, type JSONWebKeySet } from 'jose';
import type { Clock } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { ASYMMETRIC_ALGORITHMS, accessTokenHash, createProofValidator } from '../simulation/dpop.ts';
import { isObject, type JsonObject, parseObject } from '../simulation/json.ts';
import { NO_ACCESS, type PvkError, unauthorized } from './simulator-answers.ts';
import type { Route } from './simulator-routes.ts';
import type { Grant, PvkSimulatorSettings, Right } from './simulator-settings.ts';

/** Who calls, as the access token says. */
export interface PvkCaller {
  readonly clientId: string;
  readonly scopes: readonly string[];
}

interface AccessToken extends PvkCaller {
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly nbf: number;
  readonly jkt: string | undefined;
  readonly ath: string;
  readonly hasOrganization: boolean;
}

export interface AccessOptions {
  readonly settings: PvkSimulatorSettings;
  readonly clock: Clock;
  readonly grants: readonly Grant[];
  readonly jwks: () => Promise<JSONWebKeySet>;
}

export interface Access {
  /** Authorization scheme, access token, DPoP proof: 401. */
  authenticate(request: Request): Promise<Result<PvkCaller, PvkError>>;
  /** The scope of a service and any grant at all: 403. Undefined: go on. */
  refuseService(caller: PvkCaller, route: Route): PvkError | undefined;
  /** Whether the client was granted this right to this definition. */
  mayUse(caller: PvkCaller, definisjonGuid: string, right: Right): boolean;
}

const MAX_TOKENS = 1_000;
/** Skew allowed in `nbf`, seconds. `exp` has none: an expired token is expired. */
const SKEW = 5;
const CLAIM = 'helseid://claims/client/claims/';
const TOKEN_TYPES = ['at+jwt', 'jwt'];

const scopesOf = (scope: unknown): readonly string[] => {
  if (typeof scope === 'string') return scope.split(' ');
  return Array.isArray(scope) ? scope.filter((entry) => typeof entry === 'string') : [];
};

const jktOf = (cnf: unknown): string | undefined => {
  const jkt = isObject(cnf) ? cnf['jkt'] : undefined;
  return typeof jkt === 'string' ? jkt : undefined;
};

const tokenOf = (
  claims: JsonObject,
  ath: string,
  { issuer, audience }: PvkSimulatorSettings,
): AccessToken | undefined => {
  const { iss, aud, exp, nbf, client_id: clientId, scope, cnf } = claims;
  if (iss !== issuer || !(aud === audience || (Array.isArray(aud) && aud.includes(audience))))
    return undefined;
  if (typeof exp !== 'number' || typeof clientId !== 'string') return undefined;
  return {
    clientId,
    scopes: scopesOf(scope),
    exp,
    nbf: typeof nbf === 'number' ? nbf : 0,
    jkt: jktOf(cnf),
    ath,
    hasOrganization: [`${CLAIM}orgnr_parent`, `${CLAIM}orgnr_child`].some(
      (name) => typeof claims[name] === 'string' && claims[name] !== '',
    ),
  };
};

/** Verifies access tokens, each text once: a token is used for many calls. */
const createTokenReader = ({ settings, jwks }: AccessOptions) => {
  const keys = new Map<string, CryptoKey>();
  const known = new Map<string, AccessToken>();

  const loadKeys = async (): Promise<void> => {
    const { keys: all } = await jwks();
    for (const jwk of all) {
      const key = await importJWK(jwk, jwk.alg);
      if (jwk.kid !== undefined && !(key instanceof Uint8Array)) keys.set(jwk.kid, key);
    }
  };

  const keyOf = async (token: string): Promise<CryptoKey | undefined> => {
    const { alg, kid, typ } = decodeProtectedHeader(token);
    if (typ === undefined || !TOKEN_TYPES.includes(typ.toLowerCase())) return undefined;
    if (alg === undefined || !ASYMMETRIC_ALGORITHMS.includes(alg) || kid === undefined) return undefined;
    if (!keys.has(kid)) await loadKeys();
    return keys.get(kid);
  };

  const verify = async (token: string): Promise<AccessToken | undefined> => {
    try {
      const key = await keyOf(token);
      if (key === undefined) return undefined;
      const { payload } = await compactVerify(token, key);
      const claims = parseObject(new TextDecoder().decode(payload));
      return claims === undefined ? undefined : tokenOf(claims, await accessTokenHash(token), settings);
    } catch {
      return undefined;
    }
  };

  return async (text: string): Promise<AccessToken | undefined> => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const token = await verify(text);
    if (token === undefined) return undefined;
    if (known.size >= MAX_TOKENS) known.clear();
    known.set(text, token);
    return token;
  };
};

const INVALID_TOKEN = 'DPoP error="invalid_token"';
const INVALID_PROOF = 'DPoP error="invalid_dpop_proof"';

/** Who may call what, in PVK's order: token and proof, scope, grant. */
export const createAccess = (options: AccessOptions): Access => {
  const { settings, clock, grants } = options;
  const readToken = createTokenReader(options);
  const validateProof = createProofValidator(clock);
  const invalidToken = unauthorized(settings, INVALID_TOKEN);

  /** Expiry is judged on each call, not once with the signature. */
  const refuseToken = (token: AccessToken): PvkError | undefined => {
    const now = clock() / 1_000;
    if (token.exp <= now) return { ...invalidToken, status: settings.expiredTokenStatus };
    if (token.nbf > now + SKEW) return invalidToken;
    // Misleading, but so it is: the same code as for a token that has expired.
    return token.hasOrganization || settings.tokenWithoutOrganization === 'accept' ? undefined : invalidToken;
  };

  const prove = async (request: Request, token: AccessToken): Promise<PvkError | undefined> => {
    const proof = await validateProof({
      proof: request.headers.get('dpop'),
      method: request.method,
      url: request.url,
      now: clock(),
      token: { ath: token.ath, jkt: token.jkt },
      htuWithQuery: settings.htuWithQuery,
    });
    return proof.ok ? undefined : unauthorized(settings, INVALID_PROOF, proof.failure);
  };

  const isOf = (grant: Grant, { clientId }: PvkCaller): boolean =>
    grant.clientId === '*' || grant.clientId === clientId;

  return {
    async authenticate(request) {
      const [, scheme = '', text = ''] =
        /^(dpop|bearer) +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
      const isBearer = scheme.toLowerCase() === 'bearer';
      if (text === '' || (isBearer && settings.bearer === 'refuse')) return fail(invalidToken);
      const token = await readToken(text);
      if (token === undefined) return fail(invalidToken);
      const refused = refuseToken(token) ?? (isBearer ? undefined : await prove(request, token));
      return refused === undefined ? ok(token) : fail(refused);
    },
    refuseService(caller, { right }) {
      if (!caller.scopes.includes(settings.scopes[right])) return NO_ACCESS;
      const granted = grants.some((grant) => isOf(grant, caller) && grant.rights.includes(right));
      return granted ? undefined : NO_ACCESS;
    },
    mayUse(caller, definisjonGuid, right) {
      const guid = definisjonGuid.toLowerCase();
      return grants.some(
        (grant) =>
          isOf(grant, caller) &&
          grant.rights.includes(right) &&
          (grant.definisjonGuid === '*' || grant.definisjonGuid.toLowerCase() === guid),
      );
    },
  };
};
