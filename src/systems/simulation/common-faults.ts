import type { Fetch } from '../../ports.ts';
import type { CommonFaultKind, Faults } from './faults.ts';

/** A simulator that is told which fault, if any, this call has; it knows its own kinds only. */
export type FaultySimulator = (request: Request, fault: string | undefined) => Promise<Response>;

export interface CommonFaultOptions {
  readonly system: string;
  readonly faults: Faults;
  /** Whether a fault of this kind fits this call; one that does not fit waits for a call that it does. */
  readonly concerns?: (kind: string, request: Request) => boolean;
  /** The system's own error body for 500 and 503. */
  readonly serverError?: (status: 500 | 503) => Response;
  /** How long `slow` waits, milliseconds; 1 500. */
  readonly slowMs?: number;
  /** How long `timeout` hangs at most when the caller does not give up, milliseconds; 60 000. */
  readonly hangMs?: number;
  /** Real time, not the port clock: a caller's time limit runs in it too. Ends early when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

interface Exchange {
  readonly request: Request;
  /** Lets the simulator act and answer. */
  readonly act: () => Promise<Response>;
  readonly options: CommonFaultOptions;
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });

/** What `fetch` rejects with when the connection breaks; in-process there is no connection to break. */
const dropped = (): TypeError => new TypeError('fetch failed');

const wait = async ({ request, options }: Exchange, ms: number): Promise<void> => {
  await (options.sleep ?? pause)(ms, request.signal);
  if (request.signal.aborted) throw request.signal.reason;
};

const serverError = ({ options }: Exchange, status: 500 | 503): Response =>
  options.serverError?.(status) ?? new Response(null, { status });

const COMMON: Readonly<Record<CommonFaultKind, (exchange: Exchange) => Promise<Response>>> = {
  timeout: async (exchange) => {
    await wait(exchange, exchange.options.hangMs ?? 60_000);
    throw dropped();
  },
  slow: async (exchange) => {
    await wait(exchange, exchange.options.slowMs ?? 1_500);
    return exchange.act();
  },
  reset: () => Promise.reject(dropped()),
  'lost-reply': async ({ act }) => {
    await act();
    throw dropped();
  },
  'http-500': (exchange) => Promise.resolve(serverError(exchange, 500)),
  'http-503': (exchange) => Promise.resolve(serverError(exchange, 503)),
  garbage: () =>
    Promise.resolve(
      new Response('<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>', {
        status: 502,
        headers: { 'content-type': 'text/html; charset=utf-8' },
      }),
    ),
  truncated: async ({ act }) => {
    const answer = await act();
    const text = await answer.text();
    return new Response(text.slice(0, Math.floor(text.length / 2)), {
      status: 200,
      headers: answer.headers,
    });
  },
  'wrong-content-type': async ({ act }) => {
    const answer = await act();
    const headers = new Headers(answer.headers);
    headers.set('content-type', 'text/plain; charset=utf-8');
    return new Response(await answer.text(), { status: answer.status, headers });
  },
};

const isCommon = (kind: string): kind is CommonFaultKind => Object.hasOwn(COMMON, kind);

/** The simulator as a `fetch`, misbehaving when a fault was asked for. Rejects as `fetch` does, never otherwise. */
export const withCommonFaults =
  (simulator: FaultySimulator, options: CommonFaultOptions): Fetch =>
  async (request) => {
    const { system, faults, concerns } = options;
    const fault = await faults.take(
      system,
      (kind) => isCommon(kind) || concerns === undefined || concerns(kind, request),
    );
    if (fault === undefined || !isCommon(fault)) return simulator(request, fault);
    return COMMON[fault]({ request, options, act: () => simulator(request, undefined) });
  };
