import {
  calculateJwkThumbprint,
  decodeJwt,
  EmbeddedJWK,
  exportJWK,
  generateKeyPair,
  type JWK,
  jwtVerify,
} from 'jose';
import { createHelseIdClient, type HelseIdClientOptions } from '../../../src/systems/helseid/client.ts';
import type { HelseIdSettings } from '../../../src/systems/helseid/client-settings.ts';
import type { UpstreamFetch } from '../../../src/systems/upstream/fetch.ts';
import { createFakeTime } from './fake-time.ts';

/** A scripted answer to one request; `undefined`: as a good server would answer. */
export type Step = (request: Request) => Promise<Response | undefined> | Response | undefined;

export const ISSUER = 'https://helseid-sts.test.nhn.no';
export const BASE = 'https://eksternapi.hn2.test.nhn.no';
export const READ = 'nhn:helsenorge.eksternapi/personverninnstilling_read';
export const WRITE = 'nhn:helsenorge.eksternapi/personverninnstilling_write';
export const CLIENT_ID = '7f2b1c9e-0d43-4a8e-9b1f-5c6d7e8f9a01';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export const json = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });

const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
export const PRIVATE_JWK: JWK = { ...(await exportJWK(privateKey)), kid: 'key-1' };

/** What a request to the token endpoint held, once everything about it had been verified. */
interface TokenCall {
  readonly form: URLSearchParams;
  readonly assertion: Readonly<Record<string, unknown>>;
  readonly assertionHeader: Readonly<Record<string, unknown>>;
  readonly proof?: Readonly<Record<string, unknown>>;
  readonly requestId: string;
}

/** What a call of the API held. */
interface ApiCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly token: string;
  readonly proof?: Readonly<Record<string, unknown>>;
  readonly requestId: string;
}

export interface WorldOptions extends Partial<Omit<HelseIdClientOptions, 'settings' | 'fetch' | 'clock'>> {
  readonly settings?: Partial<HelseIdSettings>;
  /** Seconds. */
  readonly expiresIn?: number;
  /** Milliseconds that HelseID's clock is ahead of ours. */
  readonly ahead?: number;
}

/** HelseID and an API behind it, in a test: strict about keys, proofs, nonces and reuse; scripted otherwise. */
export const createWorld = (options: WorldOptions = {}) => {
  const time = createFakeTime();
  const now = () => time.clock() + (options.ahead ?? 0);
  const tokenCalls: TokenCall[] = [];
  const apiCalls: ApiCall[] = [];
  const discoveries: string[] = [];
  const used = new Set<string>();
  const bound = new Map<string, string | undefined>();
  const script = { discovery: [] as Step[], token: [] as Step[], api: [] as Step[] };
  const world = { nonce: 'nonce-1', expiresIn: options.expiresIn ?? 60 };
  const bearer = options.settings?.authMode === 'bearer';

  const once = (kind: string, jti: unknown): void => {
    const name = `${kind} ${String(jti)}`;
    if (used.has(name)) throw new Error(`${kind} jti used twice`);
    used.add(name);
  };

  /** Verifies a proof; throws, and so fails the test, when a client would have got it wrong. */
  const verifyProof = async (request: Request, ath?: string) => {
    const proof = request.headers.get('dpop');
    if (proof === null) return undefined;
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: ['ES256'],
      currentDate: new Date(now()),
    });
    const { origin, pathname } = new URL(request.url);
    if (payload['htu'] !== origin + pathname || payload['htm'] !== request.method)
      throw new Error('htu or htm');
    if (payload['ath'] !== ath) throw new Error('ath');
    if (Object.hasOwn(protectedHeader.jwk ?? {}, 'd')) throw new Error('private key in the proof');
    once('proof', payload.jti);
    return { payload, jkt: await calculateJwkThumbprint(protectedHeader.jwk ?? {}) };
  };

  const isFresh = (iat: unknown) => typeof iat === 'number' && Math.abs(iat - Math.floor(now() / 1000)) <= 6;

  const answerToken = async (request: Request, requestId: string): Promise<Response> => {
    const form = new URLSearchParams(await request.clone().text());
    const text = form.get('client_assertion') ?? '';
    const dated = { Date: new Date(now()).toUTCString() };
    if (!isFresh(decodeJwt(text).iat)) return json({ error: 'invalid_client' }, 400, dated);
    const { payload, protectedHeader } = await jwtVerify(text, publicKey, {
      issuer: CLIENT_ID,
      subject: CLIENT_ID,
      audience: ISSUER,
      currentDate: new Date(now()),
    });
    if (form.get('client_assertion_type') !== ASSERTION_TYPE) throw new Error('client_assertion_type');
    once('assertion', payload.jti);
    const proof = await verifyProof(request);
    const call = { form, assertion: payload, assertionHeader: { ...protectedHeader }, requestId };
    tokenCalls.push({ ...call, ...(proof === undefined ? {} : { proof: proof.payload }) });
    const scripted = await script.token.shift()?.(request);
    if (scripted !== undefined) return scripted;
    if (proof !== undefined && proof.payload['nonce'] !== world.nonce) {
      return json({ error: 'use_dpop_nonce' }, 400, { ...dated, 'DPoP-Nonce': world.nonce });
    }
    const value = `token-${bound.size + 1}`;
    bound.set(value, proof?.jkt);
    const scope = form.get('scope');
    const type = proof === undefined ? 'Bearer' : 'DPoP';
    return json({ access_token: value, expires_in: world.expiresIn, scope, token_type: type }, 200, dated);
  };

  const athOf = async (token: string) => {
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
    return Buffer.from(digest).toString('base64url');
  };

  const answerApi = async (request: Request, requestId: string): Promise<Response> => {
    const [scheme, token = ''] = (request.headers.get('authorization') ?? '').split(' ');
    if (scheme !== (bearer ? 'Bearer' : 'DPoP') || !bound.has(token)) throw new Error('no token of ours');
    const proof = await verifyProof(request, await athOf(token));
    if (bound.get(token) !== proof?.jkt) throw new Error('proof with another key than the token');
    const { method, url } = request;
    const headers = Object.fromEntries(request.headers);
    const call: ApiCall = { method, url, headers, body: await request.clone().text(), token, requestId };
    apiCalls.push(proof === undefined ? call : { ...call, proof: proof.payload });
    if (proof !== undefined && !isFresh(proof.payload.iat)) return json({ code: 'EHSEC-110002' }, 401);
    const scripted = await script.api.shift()?.(request);
    return scripted ?? json({ returKode: 'ok', instansEndret: 'endret' });
  };

  const fetch: UpstreamFetch = async (request, { requestId }) => {
    const { origin, pathname } = new URL(request.url);
    if (origin === BASE) return answerApi(request, requestId);
    if (pathname === '/connect/token') return answerToken(request, requestId);
    discoveries.push(request.url);
    const scripted = await script.discovery.shift()?.(request);
    return scripted ?? json({ issuer: ISSUER, token_endpoint: `${ISSUER}/connect/token` });
  };

  const helseId = createHelseIdClient({
    ...options,
    settings: {
      issuer: ISSUER,
      clientId: CLIENT_ID,
      privateKey: JSON.stringify(PRIVATE_JWK),
      tenancy: 'none',
      ...options.settings,
    },
    fetch,
    clock: time.clock,
    timer: options.timer ?? time.timer,
    random: () => 0,
  });

  /** Never answers; time passes until somebody's limit ends. */
  const hang: Step = () => {
    void time.hang();
    return new Promise(() => {});
  };

  const context = (allowed = 10_000) => ({ requestId: 'request-1', deadline: time.clock() + allowed });

  return {
    time,
    world,
    fetch,
    helseId,
    script,
    tokenCalls,
    apiCalls,
    discoveries,
    hang,
    context,
    task: (scope = WRITE, allowed?: number) => ({ scope, ...context(allowed) }),
  };
};

export const reset: Step = () => Promise.reject(new TypeError('fetch failed'));
export const notConnected: Step = () =>
  Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }));
export const html: Step = () =>
  new Response('<html>', { status: 502, headers: { 'Content-Type': 'text/html' } });
export const status =
  (code: number, body: unknown = undefined, headers: Readonly<Record<string, string>> = {}): Step =>
  () =>
    body === undefined ? new Response(null, { status: code, headers }) : json(body, code, headers);
