import type { JSONWebKeySet } from 'jose';
import type { SignatureAlgorithm as XmlSignatureAlgorithm } from '../../xml/algorithms.ts';
import type { Certificate } from '../../xml/certificate.ts';
import type { ClaimMapping } from '../claims.ts';

/** Asymmetric signatures only: a shared secret or none at all is never a choice. */
export const SIGNATURE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** Where an issuer's public keys are: at an address, or given once and for all. */
export type IssuerKeys = { readonly url: string } | { readonly set: JSONWebKeySet };

/** Endpoints of an issuer, as SMART App Launch names them. */
export const SMART_ENDPOINTS = [
  'authorization',
  'token',
  'registration',
  'introspection',
  'revocation',
  'management',
] as const;

export type SmartEndpoint = (typeof SMART_ENDPOINTS)[number];

/** Lists that a SMART configuration may hold, by the names of TOKEN_ISSUERS and of SMART App Launch. */
export const SMART_LISTS = {
  grantTypesSupported: 'grant_types_supported',
  scopesSupported: 'scopes_supported',
  responseTypesSupported: 'response_types_supported',
  codeChallengeMethodsSupported: 'code_challenge_methods_supported',
  tokenEndpointAuthMethodsSupported: 'token_endpoint_auth_methods_supported',
  capabilities: 'capabilities',
} as const;

/** What is configured about an issuer for the clients that ask it for tokens; nothing here is needed to verify one. */
export interface SmartIssuer {
  readonly endpoints: Readonly<Partial<Record<SmartEndpoint, string>>>;
  readonly lists: Readonly<Partial<Record<keyof typeof SMART_LISTS, readonly string[]>>>;
}

/** One issuer whose JWTs are accepted. */
export interface TokenIssuer {
  /** Equal to the claim `iss`, character by character. */
  readonly issuer: string;
  /** One of them must be among the claim `aud`. */
  readonly audience: readonly string[];
  readonly keys: IssuerKeys;
  readonly algorithms: readonly SignatureAlgorithm[];
  /** Accepted `typ` header values, lower case without `application/`; `''` accepts a token without one. */
  readonly typ: readonly string[];
  readonly claims: ClaimMapping;
  readonly smart?: SmartIssuer;
}

/** One issuer whose SAML 2.0 assertions are accepted. */
export interface SamlIssuer {
  /** Equal to the assertion's Issuer, character by character. */
  readonly issuer: string;
  /** One of them must be in every AudienceRestriction. */
  readonly audience: readonly string[];
  /** Trusted as they are, each within its validity; who issued them is not looked at. */
  readonly certificates: readonly Certificate[];
  readonly algorithms: readonly XmlSignatureAlgorithm[];
  readonly claims: ClaimMapping;
}

/** Any issuer of TOKEN_ISSUERS. */
export type AcceptedIssuer = TokenIssuer | SamlIssuer;

export const isSamlIssuer = (issuer: AcceptedIssuer): issuer is SamlIssuer => 'certificates' in issuer;

export const isJwtIssuer = (issuer: AcceptedIssuer): issuer is TokenIssuer => !isSamlIssuer(issuer);

/** Bytes; an assertion in base64 has 8 to 16 KB and more. */
const SAML_HEADER_LIMITS = { total: 65_536, value: 8_192, authorization: 32_768 } as const;

/**
 * The header limits that these issuers' tokens need (`headers/sizes.ts`); undefined where the usual ones will do.
 * A platform with a limit of its own must be set to at least `total`.
 */
export const headerLimitsFor = (
  issuers: readonly AcceptedIssuer[],
): { readonly total: number; readonly value: number; readonly authorization: number } | undefined =>
  issuers.some(isSamlIssuer) ? SAML_HEADER_LIMITS : undefined;

/** RFC 9068's type and the general one: an ID token or a logout token of the same issuer is neither. */
export const DEFAULT_TYP: readonly string[] = ['at+jwt', 'jwt'];

/** `iss` of the sandbox's own tokens; TOKEN_ISSUERS never accepts it, whatever key comes with it. */
export const SANDBOX_ISSUER = 'https://nordic-fhir-facade.dev/sandbox';

/** Whether a configured issuer would pass for the sandbox's. */
export const isSandboxIssuer = (issuer: string): boolean =>
  issuer.trim().toLowerCase().replace(/\/+$/, '') === SANDBOX_ISSUER;

/** `typ` compares without regard to case, and `application/` may be left out (RFC 7515, 4.1.9). */
export const normalizeTyp = (typ: string): string => typ.toLowerCase().replace(/^application\//, '');
