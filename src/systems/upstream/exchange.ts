import type { About, UpstreamFetch } from './fetch.ts';
import { platformTimer, type Timer, within } from './timer.ts';

/** A request before it is sent: pure data, made by a `buildRequest` and shown by `$preview`. */
export interface UpstreamRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came of one HTTP exchange. Nothing that the network or the other side does is thrown. */
export type Exchange =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Headers; readonly text: string }
  /** The head came, the body did not: broken off, larger than allowed, or not UTF-8. */
  | { readonly kind: 'broken'; readonly status: number; readonly headers: Headers }
  /** No complete answer within the limit; the other side may have acted. */
  | { readonly kind: 'timeout' }
  /** The connection failed, possibly after the request was sent; the other side may have acted. */
  | { readonly kind: 'dropped' }
  /** The connection was never made (name, route, TLS): the other side has certainly not acted. */
  | { readonly kind: 'no-connection' };

interface ExchangeOptions extends About {
  /** Milliseconds for the whole exchange, reading the body included. */
  readonly limit: number;
}

export type Send = (request: UpstreamRequest, options: ExchangeOptions) => Promise<Exchange>;

export interface SenderOptions {
  readonly fetch: UpstreamFetch;
  readonly timer?: Timer;
  /** Largest answer read, bytes. */
  readonly maxBytes?: number;
}

/**
 * Error codes, as Node's fetch gives them in `cause`, of a connection that was never made. Other platforms
 * give none: there every failed connection counts as dropped, which is the careful reading.
 */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

const neverConnected = (error: unknown): boolean => {
  const cause = error instanceof Error ? error.cause : undefined;
  return (
    typeof cause === 'object' &&
    cause !== null &&
    'code' in cause &&
    typeof cause.code === 'string' &&
    NEVER_CONNECTED.has(cause.code)
  );
};

const MAX_BYTES = 4 * 1024 * 1024;

/** The body as text; undefined when it breaks off, is longer than `maxBytes` or is not UTF-8. */
const readText = async (response: Response, maxBytes: number): Promise<string | undefined> => {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  let text = '';
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      bytes += value.byteLength;
      if (bytes > maxBytes) {
        // Not awaited: a source that does not care to be cancelled must not hold the answer up.
        reader.cancel().catch(() => undefined);
        return undefined;
      }
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    return undefined;
  }
};

const asRequest = ({ method, url, headers, body }: UpstreamRequest, signal: AbortSignal): Request =>
  new Request(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    // A redirect would carry the token to a host that nobody configured.
    redirect: 'manual',
    signal,
  });

/** Makes the one function through which a system's requests leave the server. */
export const createSender = (options: SenderOptions): Send => {
  const { fetch, timer = platformTimer, maxBytes = MAX_BYTES } = options;

  const perform = async (request: UpstreamRequest, about: About, signal: AbortSignal): Promise<Exchange> => {
    let response: Response;
    try {
      response = await fetch(asRequest(request, signal), about);
    } catch (error) {
      return { kind: neverConnected(error) ? 'no-connection' : 'dropped' };
    }
    const { status, headers } = response;
    const text = await readText(response, maxBytes);
    return text === undefined
      ? { kind: 'broken', status, headers }
      : { kind: 'answer', status, headers, text };
  };

  return async (request, { requestId, limit }) => {
    if (limit <= 0) return { kind: 'timeout' };
    const abort = new AbortController();
    const exchange = await within(timer, limit, perform(request, { requestId }, abort.signal));
    if (exchange !== undefined) return exchange;
    abort.abort();
    return { kind: 'timeout' };
  };
};
