import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK_EC_Private,
  type JWTPayload,
  SignJWT,
} from 'jose';
import type { Failure } from '../failure.ts';
import type { Clock } from '../ports.ts';
import { ok, type Result } from '../result.ts';
import type { ActingOrganization, Caller, Role } from '../security/caller.ts';
import { OWN_CLAIMS } from '../security/claims.ts';
import { scopesOf } from '../security/scopes.ts';
import { DEFAULT_TYP, SANDBOX_ISSUER, type TokenIssuer } from '../security/token/issuer.ts';
import { parseTokenRequest, type TokenRequest } from './token-request.ts';

/** What the next token may have wrong with it: the fault kinds of `system: "nll"`. */
export const TOKEN_FAULTS = [
  'token-expired',
  'token-not-yet-valid',
  'token-bad-signature',
  'token-wrong-audience',
  'loa-missing',
  'loa-2',
  'no-vardgivare',
] as const;

export type TokenFault = (typeof TOKEN_FAULTS)[number];

/** The answer of `POST /sandbox/token`. */
export interface IssuedToken {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds, on the sandbox clock. */
  readonly expires_in: number;
}

export interface SandboxIssuer {
  /**
   * @param body parsed JSON of the request
   * @returns failure `malformed` that lists what is wrong with the body
   */
  issue(body: unknown, fault?: TokenFault): Promise<Result<IssuedToken, Failure>>;
  /** For the verifier: this issuer with its public key. */
  readonly tokenIssuer: TokenIssuer;
}

export interface SandboxIssuerOptions {
  /** Of `generateSandboxKey`, kept by the caller so that tokens stay valid over restarts and resets. */
  readonly key: string;
  readonly clock: Clock;
}

const ALGORITHM = 'ES256';
const AUDIENCE = `${SANDBOX_ISSUER}/fhir`;
/** NLL's access tokens live as long. */
const LIFETIME = 3600;
/** DIGG's level that person-bound services ask for. */
const LEVEL = 3;

/** "Med vårdgivare": the Swedish organisation number that an NLL ticket carries as VARDGIVARE. */
const CARE_PROVIDER: ActingOrganization = {
  identifier: { system: 'urn:oid:2.5.4.97', value: '5599990016' },
  name: 'Sandbox care provider',
};

/** FMK knows a pharmacy's owner by CVR. */
const PHARMACY: ActingOrganization = {
  identifier: { system: 'http://cvr.dk', value: '12345674' },
  name: 'Sandbox pharmacy',
};

const REGISTER_OWNER: ActingOrganization = {
  identifier: { system: 'urn:oid:2.16.578.1.12.4.1.4.101', value: '912159523' },
  name: 'Sandbox register owner',
};

const ORGANIZATION_OF_ROLE: Partial<Readonly<Record<Role, ActingOrganization>>> = {
  prescriber: CARE_PROVIDER,
  nurse: CARE_PROVIDER,
  'pharmacist-care': CARE_PROVIDER,
  dietitian: CARE_PROVIDER,
  pharmacist: PHARMACY,
  'pharmacy-staff': PHARMACY,
  system: REGISTER_OWNER,
};

const WITHOUT_PERSON: ReadonlySet<Role> = new Set<Role>(['system', 'auditor']);

/** Whom a call without a token acts as with SANDBOX_OPEN. */
export const OPEN_CALLER: Caller = {
  issuer: SANDBOX_ISSUER,
  clientId: 'sandbox-open',
  subject: 'open',
  role: 'system',
  kind: 'machine',
  represents: [],
  organization: REGISTER_OWNER,
  scopes: scopesOf('system'),
  expiresAt: Number.MAX_SAFE_INTEGER,
};

/** A new signing key as JWK text; secret. */
export const generateSandboxKey = async (): Promise<string> => {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  return JSON.stringify(await exportJWK(privateKey));
};

/** The same person and organisation make the same subject, so that a new token finds what an old one did. */
const subjectOf = (request: TokenRequest, organization: ActingOrganization | undefined): string => {
  const who = request.patient ?? [...request.represents].sort().join('+');
  const whom = organization === undefined ? '' : organization.identifier.value;
  return [request.role, who, whom].join('/');
};

const organizationFor = (
  request: TokenRequest,
  fault: TokenFault | undefined,
): ActingOrganization | undefined => {
  if (fault === 'no-vardgivare' || request.organization === null) return undefined;
  return request.organization ?? ORGANIZATION_OF_ROLE[request.role];
};

const levelFor = (role: Role, fault: TokenFault | undefined): number | undefined => {
  if (fault === 'loa-missing' || WITHOUT_PERSON.has(role)) return undefined;
  return fault === 'loa-2' ? 2 : LEVEL;
};

/**
 * No `iat`, and `nbf` only as a fault: the sandbox clock may be set back, and tokens outlive that.
 *
 * @param now seconds since the epoch
 */
const claimsFor = (request: TokenRequest, fault: TokenFault | undefined, now: number): JWTPayload => {
  const organization = organizationFor(request, fault);
  const loa = levelFor(request.role, fault);
  return {
    iss: SANDBOX_ISSUER,
    aud: fault === 'token-wrong-audience' ? `${SANDBOX_ISSUER}/elsewhere` : AUDIENCE,
    sub: subjectOf(request, organization),
    client_id: 'sandbox',
    jti: crypto.randomUUID(),
    exp: fault === 'token-expired' ? now - 60 : now + LIFETIME,
    facade_role: request.role,
    ...(fault === 'token-not-yet-valid' ? { nbf: now + LIFETIME / 2 } : {}),
    ...(request.scope === undefined ? {} : { scope: request.scope }),
    ...(request.patient === undefined ? {} : { patient: request.patient }),
    ...(request.represents.length === 0 ? {} : { represents: [...request.represents] }),
    ...(organization === undefined
      ? {}
      : { organization: { ...organization.identifier, name: organization.name } }),
    ...(loa === undefined ? {} : { loa }),
  };
};

/** Another character at the start of the signature: well-formed and wrong. */
const spoilSignature = (token: string): string => {
  const at = token.lastIndexOf('.') + 1;
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
};

/** The JWK that `generateSandboxKey` wrote; anything else is a damaged store. */
const readKey = (text: string): JWK_EC_Private => {
  const { kty, crv, x, y, d } = JSON.parse(text) as Partial<Record<string, unknown>>;
  const parts = [kty, crv, x, y, d].filter((part) => typeof part === 'string');
  const [type, curve, px = '', py = '', secret] = parts;
  if (type !== 'EC' || curve === undefined || secret === undefined) {
    throw new Error('The sandbox signing key is not a private EC key');
  }
  return { kty: type, crv: curve, x: px, y: py, d: secret };
};

/** Issues bearer tokens for every role, signed like a real issuer's and verified on the same path. */
export const createSandboxIssuer = async ({ key, clock }: SandboxIssuerOptions): Promise<SandboxIssuer> => {
  const jwk = readKey(key);
  const signingKey = await importJWK(jwk, ALGORITHM);
  const publicKey = { kty: 'EC', crv: jwk.crv, x: jwk.x, y: jwk.y };
  const kid = await calculateJwkThumbprint(publicKey);
  const tokenIssuer: TokenIssuer = {
    issuer: SANDBOX_ISSUER,
    audience: [AUDIENCE],
    keys: { set: { keys: [{ ...publicKey, kid, alg: ALGORITHM, use: 'sig' }] } },
    algorithms: [ALGORITHM],
    typ: DEFAULT_TYP,
    claims: { ...OWN_CLAIMS, withoutScope: 'role' },
  };
  const issue: SandboxIssuer['issue'] = async (body, fault) => {
    const request = parseTokenRequest(body);
    if (!request.ok) return request;
    const claims = claimsFor(request.value, fault, Math.floor(clock() / 1000));
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt', kid })
      .sign(signingKey);
    return ok({
      access_token: fault === 'token-bad-signature' ? spoilSignature(token) : token,
      token_type: 'Bearer',
      expires_in: LIFETIME,
    });
  };
  return { issue, tokenIssuer };
};
