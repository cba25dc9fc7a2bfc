import type { JWK } from 'jose';

/** An organisation that may act through a client. Organisation numbers have 9 digits. */
export interface HelseIdOrganization {
  readonly parent: string;
  /** The sub-organisations it may name; absent: any. */
  readonly children?: readonly string[];
  /** Scopes whose terms it has not accepted: they come back in `rejected_scope`. */
  readonly rejectedScopes?: readonly string[];
}

export type Tenancy = 'none' | 'single-tenant' | 'multi-tenant';

/** A client as HelseID knows it. */
export interface HelseIdClient {
  readonly clientId: string;
  readonly clientName: string;
  /** Public keys; one with a `kid` is only used for assertions that name it. */
  readonly jwks: { readonly keys: readonly JWK[] };
  readonly scopes: readonly string[];
  readonly tenancy: Tenancy;
  /** Multi-tenant: who may act through it (empty: anybody). Otherwise: the owner alone. */
  readonly organizations: readonly HelseIdOrganization[];
  /** Organisation number of the supplier of a multi-tenant client. */
  readonly supplier?: string;
}

/** The switches of the simulator; what is not known about HelseID is a switch with a stated default. */
export interface HelseIdSimulatorSettings {
  /** Also the audience of client assertions, to the letter. */
  readonly issuer: string;
  readonly nonce: 'required' | 'not-required';
  /** How long a nonce stays current, seconds. Not published: a guess. */
  readonly nonceLifetime: number;
  readonly reusedAssertion: 'refused' | 'accepted';
  /** `expires_in` of access tokens, seconds: 60 in HelseID's test environment. */
  readonly expiresIn: number;
  /** How far ahead an assertion may expire, seconds. */
  readonly maxAssertionLifetime: number;
  /** Clock skew allowed in an assertion's `iat`, `nbf` and `exp`, seconds. Not published: a guess. */
  readonly assertionSkew: number;
  /** `optional`: a call without a DPoP header gets a Bearer token, as before DPoP was required. */
  readonly proof: 'required' | 'optional';
  /** `error` of a bad proof: RFC 9449's; NHN's list of errors has none of its own. */
  readonly proofError: string;
  /** How far ahead the simulator's clock runs in a call with the fault `clock-skew`, seconds. */
  readonly faultSkew: number;
}

export const HELSEID_SIMULATOR_DEFAULTS: HelseIdSimulatorSettings = {
  issuer: 'https://helseid-sts.test.nhn.no',
  nonce: 'required',
  nonceLifetime: 60,
  reusedAssertion: 'refused',
  expiresIn: 60,
  maxAssertionLifetime: 60,
  assertionSkew: 5,
  proof: 'required',
  proofError: 'invalid_dpop_proof',
  faultSkew: 120,
};

/** PVK's two scopes. */
export const PVK_SCOPES: readonly string[] = [
  'nhn:helsenorge.eksternapi/personverninnstilling_read',
  'nhn:helsenorge.eksternapi/personverninnstilling_write',
];

/**
 * Registers a client for the sandbox by its public key: multi-tenant, any organisation, PVK's scopes, unless
 * said otherwise. Private members of the key are left out.
 */
export const sandboxClient = (
  clientId: string,
  publicJwk: JWK,
  more: Partial<Omit<HelseIdClient, 'clientId' | 'jwks'>> = {},
): HelseIdClient => {
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, oth: _oth, k: _k, ...key } = publicJwk;
  return {
    clientId,
    clientName: 'Nordic FHIR facade (sandbox)',
    jwks: { keys: [key] },
    scopes: PVK_SCOPES,
    tenancy: 'multi-tenant',
    organizations: [],
    ...more,
  };
};

/** HelseID's own fault kinds, besides the common ones: the situations, then the documented errors. */
export const HELSEID_FAULT_KINDS: readonly string[] = [
  'use-dpop-nonce-again',
  'invalid-client',
  'invalid-scope',
  'rejected-scope',
  'multi-tenant-mismatch',
  'assertion-reused',
  'clock-skew',
  'invalid-request',
  'invalid-grant',
  'unauthorized-client',
  'unsupported-grant-type',
  'unsupported-response-type',
  'use-dpop-nonce',
];
