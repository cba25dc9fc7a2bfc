import type { Exchange, UpstreamRequest } from '../upstream/exchange.ts';
import { retryAfterOf } from '../upstream/retry.ts';

/** What the token endpoint answered, parsed once. */
export interface TokenAnswer {
  readonly accessToken: string;
  /** Seconds; 0 when the answer does not say: good for the call at hand only. */
  readonly expiresIn: number;
  /** As sent, upper or lower case: `DPoP`, `Bearer`. */
  readonly tokenType: string;
  /** Undefined: not said, so as asked for (RFC 6749, 5.1). */
  readonly scopes?: readonly string[];
  readonly rejectedScopes: readonly string[];
}

/** What came of one request to the token endpoint. */
export type TokenOutcome =
  | { readonly kind: 'token'; readonly token: TokenAnswer }
  | { readonly kind: 'oauth-error'; readonly error: string; readonly tenancyMismatch: boolean }
  /** A refusal that names no OAuth error. */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'busy'; readonly status: number; readonly retryAfter: number | undefined }
  | { readonly kind: 'broken' | 'timeout' | 'dropped' | 'no-connection' };

export interface TokenRequest {
  readonly endpoint: string;
  readonly clientId: string;
  readonly scope: string;
  readonly assertion: string;
  /** Absent in bearer mode. */
  readonly proof?: string;
}

/** Client credentials with `private_key_jwt` (RFC 7523) and, unless bearer is asked for, DPoP. */
export const buildTokenRequest = (request: TokenRequest): UpstreamRequest => ({
  method: 'POST',
  url: request.endpoint,
  headers: {
    Accept: 'application/json',
    'Content-Type': 'application/x-www-form-urlencoded',
    ...(request.proof === undefined ? {} : { DPoP: request.proof }),
  },
  body: new URLSearchParams({
    client_id: request.clientId,
    scope: request.scope,
    client_assertion: request.assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    grant_type: 'client_credentials',
  }).toString(),
});

/** The JSON object in a text; undefined for anything else. */
const jsonObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
};

const words = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.filter((one): one is string => typeof one === 'string');
  return typeof value === 'string' ? value.split(' ').filter((word) => word !== '') : [];
};

/** What an `Authorization` header can carry; anything else would not be a token of HelseID's. */
const TOKEN = /^[\x21-\x7e]+$/;

const parseToken = (text: string): TokenAnswer | undefined => {
  const body = jsonObject(text);
  if (body === undefined) return undefined;
  const accessToken = body['access_token'];
  const tokenType = body['token_type'];
  if (typeof accessToken !== 'string' || !TOKEN.test(accessToken)) return undefined;
  if (typeof tokenType !== 'string') return undefined;
  const expiresIn = Number(body['expires_in'] ?? 0);
  return {
    accessToken,
    tokenType,
    expiresIn: Number.isFinite(expiresIn) && expiresIn > 0 ? expiresIn : 0,
    ...(body['scope'] === undefined ? {} : { scopes: words(body['scope']) }),
    rejectedScopes: words(body['rejected_scope']),
  };
};

/** HelseID says it in words only: a multi-tenant client that names its organisation as a single tenant. */
const TENANCY_MISMATCH = /multi-?tenan/i;

const parseError = (text: string): TokenOutcome | undefined => {
  const body = jsonObject(text);
  const error = body?.['error'];
  if (typeof error !== 'string') return undefined;
  const description = body?.['error_description'];
  return {
    kind: 'oauth-error',
    error,
    tenancyMismatch:
      error === 'invalid_request' && typeof description === 'string' && TENANCY_MISMATCH.test(description),
  };
};

/** Pure. `now` in milliseconds, for a `Retry-After` that is a date. */
export const interpretTokenAnswer = (exchange: Exchange, now: number): TokenOutcome => {
  if (exchange.kind !== 'answer' && exchange.kind !== 'broken') return { kind: exchange.kind };
  const { status, headers } = exchange;
  if (status === 429 || status >= 500) {
    return { kind: 'busy', status, retryAfter: retryAfterOf(headers, now) };
  }
  if (exchange.kind === 'broken') return { kind: 'broken' };
  if (status === 200) {
    const token = parseToken(exchange.text);
    return token === undefined ? { kind: 'broken' } : { kind: 'token', token };
  }
  return parseError(exchange.text) ?? { kind: 'refused', status };
};

/**
 * The token endpoint that a discovery document names; undefined when the document is not this issuer's or
 * names none that is as safe as the issuer itself (OpenID Connect Discovery, 4.3).
 */
export const tokenEndpointOf = (exchange: Exchange, issuer: string): string | undefined => {
  if (exchange.kind !== 'answer' || exchange.status !== 200) return undefined;
  const document = jsonObject(exchange.text);
  const endpoint = document?.['token_endpoint'];
  if (document?.['issuer'] !== issuer || typeof endpoint !== 'string') return undefined;
  const url = URL.parse(endpoint);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== new URL(issuer).protocol))
    return undefined;
  return endpoint;
};
