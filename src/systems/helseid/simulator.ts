import type { JSONWebKeySet } from 'jose';
import type { Clock, Fetch } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { type CommonFaultOptions, withCommonFaults } from '../simulation/common-faults.ts';
import { type AcceptedProof, ASYMMETRIC_ALGORITHMS, createProofValidator } from '../simulation/dpop.ts';
import type { Faults } from '../simulation/faults.ts';
import { jsonResponse } from '../simulation/json.ts';
import type { SimulatorState } from '../simulation/state.ts';
import { createAssertionVerifier, parseTokenRequest } from './simulator-assertion.ts';
import { createHelseIdKeys } from './simulator-keys.ts';
import { type ActingOrganization, actingOrganization } from './simulator-organization.ts';
import { FAULT_REFUSALS, refusal, refusalResponse, type TokenRefusal } from './simulator-refusal.ts';
import type { HelseIdClient, HelseIdSimulatorSettings } from './simulator-settings.ts';

export interface HelseIdSimulatorOptions {
  readonly state: SimulatorState;
  readonly clock: Clock;
  readonly settings: HelseIdSimulatorSettings;
  readonly clients: readonly HelseIdClient[];
  readonly faults: Faults;
  /** How the common faults `slow` and `timeout` spend their time. */
  readonly faultTiming?: Pick<CommonFaultOptions, 'slowMs' | 'hangMs' | 'sleep'>;
}

export interface HelseIdSimulator {
  /** Discovery, JWKS and the token endpoint, below the issuer's path. Rejects only as `fetch` does. */
  readonly fetch: Fetch;
  /** The public keys, without a call and its faults: for the services that verify access tokens. */
  jwks(): Promise<JSONWebKeySet>;
}

/** The fault of a call, until it has shown: one that could not show is kept for the next call. */
interface PendingFault {
  readonly kind: string | undefined;
  /** Whether the call has this fault; asking is showing it. */
  shows(kind: string): boolean;
  hasShown(): boolean;
}

const pendingFault = (kind: string | undefined): PendingFault => {
  let shown = false;
  return {
    kind,
    shows(asked) {
      shown ||= asked === kind;
      return asked === kind;
    },
    hasShown: () => shown,
  };
};

interface TokenCall {
  readonly request: Request;
  readonly fault: PendingFault;
  /** Milliseconds since the epoch, as this call's clock shows it. */
  readonly now: number;
}

interface Grant {
  readonly client: HelseIdClient;
  readonly organization: ActingOrganization;
  readonly scopes: readonly string[];
  readonly rejected: readonly string[];
  readonly proof: AcceptedProof | undefined;
}

const TOKEN_PATH = '/connect/token';
const JWKS_PATH = '/.well-known/openid-configuration/jwks';
const CLAIM = 'helseid://claims/client/';

const discovery = (issuer: string) => ({
  issuer,
  jwks_uri: issuer + JWKS_PATH,
  token_endpoint: issuer + TOKEN_PATH,
  grant_types_supported: ['client_credentials'],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: ASYMMETRIC_ALGORITHMS,
  dpop_signing_alg_values_supported: ASYMMETRIC_ALGORITHMS,
});

/** The API that a scope belongs to: what stands before its last slash. */
const audiencesOf = (scopes: readonly string[]): string | readonly string[] => {
  const audiences = [...new Set(scopes.map((scope) => scope.replace(/\/[^/]*$/, '')))];
  return audiences.length === 1 ? (audiences[0] ?? '') : audiences;
};

const organizationClaims = ({ client, organization }: Grant): Readonly<Record<string, string>> => ({
  ...(organization.parent === undefined ? {} : { [`${CLAIM}claims/orgnr_parent`]: organization.parent }),
  ...(organization.child === undefined ? {} : { [`${CLAIM}claims/orgnr_child`]: organization.child }),
  ...(client.supplier === undefined ? {} : { [`${CLAIM}claims/orgnr_supplier`]: client.supplier }),
  [`${CLAIM}claims/client_tenancy`]: client.tenancy,
});

const accessTokenClaims = (grant: Grant, settings: HelseIdSimulatorSettings, nowMs: number) => {
  const { client, proof, scopes } = grant;
  const now = Math.floor(nowMs / 1_000);
  const audience = audiencesOf(scopes);
  return {
    iss: settings.issuer,
    aud: typeof audience === 'string' ? audience : [...audience],
    client_id: client.clientId,
    scope: scopes.join(' '),
    iat: now,
    nbf: now,
    exp: now + settings.expiresIn,
    jti: crypto.randomUUID(),
    ...(proof === undefined ? {} : { cnf: { jkt: proof.jkt } }),
    client_amr: 'private_key_jwt',
    [`${CLAIM}amr`]: 'private_key_jwt',
    [`${CLAIM}client_name`]: client.clientName,
    ...organizationClaims(grant),
  };
};

/** HelseID's machine-to-machine part, with the checks of its documentation in their order. */
export const createHelseIdSimulator = (options: HelseIdSimulatorOptions): HelseIdSimulator => {
  const { state, clock, settings, faults } = options;
  const clients = new Map(options.clients.map((client) => [client.clientId, client]));
  const keys = createHelseIdKeys({ state, clock, nonceLifetime: settings.nonceLifetime });
  const verifyAssertion = createAssertionVerifier(settings, clock);
  const validateProof = createProofValidator(clock);

  const needsNonce = async (): Promise<TokenRefusal> => ({
    error: 'use_dpop_nonce',
    headers: { 'dpop-nonce': await keys.issueNonce() },
  });

  /** Proof, then nonce. Undefined: no proof, where that is allowed. */
  const prove = async ({
    request,
    fault,
    now,
  }: TokenCall): Promise<Result<AcceptedProof | undefined, TokenRefusal>> => {
    const proof = request.headers.get('dpop');
    if (proof === null && settings.proof === 'optional') return ok(undefined);
    const { method, url } = request;
    const checked = await validateProof({ proof, method, url, now, htuWithQuery: 'refuse' });
    if (!checked.ok) return fail(refusal(settings.proofError, checked.failure));
    const { nonce } = checked.value;
    if (fault.shows('use-dpop-nonce')) return fail(await needsNonce());
    const current = nonce !== undefined && (await keys.isCurrentNonce(nonce));
    if (!current && settings.nonce === 'required') return fail(await needsNonce());
    return fault.shows('use-dpop-nonce-again') ? fail(await needsNonce()) : checked;
  };

  const authorize = async (call: TokenCall): Promise<Result<Grant, TokenRefusal>> => {
    const form = await parseTokenRequest(call.request);
    if (!form.ok) return form;
    const client = clients.get(form.value.clientId);
    if (client === undefined) return fail(refusal('invalid_client', 'The client is not known.'));
    const { kind } = call.fault;
    const forced = kind === undefined ? undefined : FAULT_REFUSALS[kind];
    if (kind !== undefined && forced !== undefined && call.fault.shows(kind))
      return fail(forced(client.clientId));
    const claims = await verifyAssertion(form.value.assertion, client, call.now);
    if (!claims.ok) return claims;
    const proof = await prove(call);
    if (!proof.ok) return proof;
    const asked = form.value.scopes ?? client.scopes;
    if (asked.length === 0 || !asked.every((scope) => client.scopes.includes(scope)))
      return fail(refusal('invalid_scope', 'The scope is not granted to the client.'));
    const organization = actingOrganization(client, claims.value);
    if (!organization.ok) return organization;
    const { rejectedScopes } = organization.value;
    const rejected = call.fault.shows('rejected-scope')
      ? asked
      : asked.filter((scope) => rejectedScopes.includes(scope));
    const scopes = asked.filter((scope) => !rejected.includes(scope));
    return ok({ client, organization: organization.value, scopes, rejected, proof: proof.value });
  };

  const token = async (request: Request, fault: string | undefined): Promise<Response> => {
    const pending = pendingFault(fault);
    const now = clock() + (pending.shows('clock-skew') ? settings.faultSkew * 1_000 : 0);
    // The date by which this call was judged: what a client estimates its clock skew from.
    const date = new Date(now).toUTCString();
    const granted = await authorize({ request, fault: pending, now });
    if (fault !== undefined && !pending.hasShown()) await faults.add('helseid', fault);
    if (!granted.ok) {
      const refused = granted.failure;
      return refusalResponse({ ...refused, headers: { ...refused.headers, date } });
    }
    const { scopes, rejected, proof } = granted.value;
    const answer = {
      access_token: await keys.sign(accessTokenClaims(granted.value, settings, clock())),
      expires_in: settings.expiresIn,
      scope: scopes.join(' '),
      ...(rejected.length === 0 ? {} : { rejected_scope: rejected.join(' ') }),
      token_type: proof === undefined ? 'Bearer' : 'DPoP',
    };
    return jsonResponse(200, answer, { 'cache-control': 'no-store', date });
  };

  const routes: Readonly<
    Record<
      string,
      Readonly<Record<string, (request: Request, fault: string | undefined) => Promise<Response>>>
    >
  > = {
    '/.well-known/openid-configuration': {
      GET: () => Promise.resolve(jsonResponse(200, discovery(settings.issuer))),
    },
    [JWKS_PATH]: { GET: async () => jsonResponse(200, await keys.jwks()) },
    [TOKEN_PATH]: { POST: token },
  };

  const base = new URL(settings.issuer).pathname.replace(/\/$/, '');
  const pathOf = (request: Request): string => new URL(request.url).pathname.slice(base.length);

  const answer = (request: Request, fault: string | undefined): Promise<Response> => {
    const path = pathOf(request);
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route === undefined) return Promise.resolve(new Response(null, { status: 404 }));
    const handler = Object.hasOwn(route, request.method) ? route[request.method] : undefined;
    if (handler !== undefined) return handler(request, fault);
    return Promise.resolve(
      new Response(null, { status: 405, headers: { allow: Object.keys(route).join(', ') } }),
    );
  };

  return {
    jwks: keys.jwks,
    fetch: withCommonFaults(answer, {
      ...options.faultTiming,
      system: 'helseid',
      faults,
      // Its own kinds are answers of the token endpoint; discovery leaves them for the next token call.
      concerns: (_kind, request) => pathOf(request) === TOKEN_PATH,
    }),
  };
};
