import type { Failure } from '../../failure.ts';
import type { Clock } from '../../ports.ts';
import type { Result } from '../../result.ts';
import type { AccessToken, HelseIdClient } from '../helseid/client.ts';
import { nonceOf } from '../helseid/client-dpop.ts';
import { type Breaker, type BreakerOptions, createBreaker } from '../upstream/breaker.ts';
import { createSender, type Send } from '../upstream/exchange.ts';
import type { UpstreamFetch } from '../upstream/fetch.ts';
import { type RepeatTable, repeatWithin, type Turn, type Verdict } from '../upstream/retry.ts';
import { platformTimer, type Timer } from '../upstream/timer.ts';
import { interpretResponse, JUDGEMENTS, type Outcome, type Reason } from './client-outcome.ts';
import { accessOf, buildRequest, type PvkCall, targetOf } from './client-requests.ts';

/** The other side as it is configured. */
interface PvkSettings {
  /** EksternAPI's base, e.g. `https://eksternapi.hn2.test.nhn.no`. */
  readonly baseUrl: string;
  /** HelseID's scopes for reading and writing. */
  readonly scopes?: { readonly read: string; readonly write: string };
}

export interface PvkCallerOptions {
  readonly settings: PvkSettings;
  readonly helseId: HelseIdClient;
  readonly fetch: UpstreamFetch;
  readonly clock: Clock;
  readonly timer?: Timer;
  readonly random?: () => number;
  readonly breaker?: Omit<BreakerOptions, 'clock'>;
}

export interface CallContext {
  /** X-Request-ID of the call that needs this one; known to the exchange log, not sent. */
  readonly requestId: string;
  /** Milliseconds since the epoch by the port clock: no try starts after it, none runs beyond it. */
  readonly deadline: number;
}

/** What came of a call, its tries taken together. */
export interface Called<T> {
  /** The last try's. */
  readonly outcome: Outcome<T>;
  /** An earlier try, or this one without saying so, may have done what was asked. */
  readonly mayHaveActed: boolean;
  /** Some try was left without any answer: the fate of a write is open. */
  readonly open: boolean;
}

export type Parse<T> = (body: unknown) => Result<T, string>;

export interface PvkCaller {
  call<T>(call: PvkCall, parse: Parse<T>, context: CallContext): Promise<Called<T>>;
  /** Forgets the nonce and what the circuit breaker has counted. */
  reset(): void;
}

const EKSTERNAPI = 'nhn:helsenorge.eksternapi';
const SCOPES = {
  read: `${EKSTERNAPI}/personverninnstilling_read`,
  write: `${EKSTERNAPI}/personverninnstilling_write`,
} as const;

/** Three tries against trouble; a fresh token once; the nonce that the API itself asks for, at most twice. */
const REPEATS: RepeatTable<Reason> = {
  transient: { most: 2, wait: true },
  token: { most: 1, wait: false },
  nonce: { most: 2, wait: false },
};

/** The token, the proof, the tries and the circuit breaker of every call of PVK. */
export const createPvkCaller = (options: PvkCallerOptions): PvkCaller => {
  const { settings, helseId, clock, timer = platformTimer } = options;
  const scopes = settings.scopes ?? SCOPES;
  const send: Send = createSender({ fetch: options.fetch, timer });
  const breaker: Breaker = createBreaker({ clock, ...options.breaker });
  let nonce: string | undefined;

  const tryOnce = async <T>(
    call: PvkCall,
    parse: Parse<T>,
    context: CallContext,
    token: AccessToken,
    turn: Turn,
  ): Promise<Outcome<T>> => {
    const target = { ...targetOf(settings.baseUrl, call), ...(nonce === undefined ? {} : { nonce }) };
    const authorization = await helseId.authorize(token, target);
    const request = buildRequest(settings.baseUrl, call, authorization);
    const exchange = await send(request, { requestId: context.requestId, limit: turn.limit() });
    if (exchange.kind === 'answer') nonce = nonceOf(exchange.headers) ?? nonce;
    return interpretResponse(exchange, parse, clock());
  };

  const tokenFor = (
    call: PvkCall,
    context: CallContext,
    stale: AccessToken | undefined,
  ): Promise<Result<AccessToken, Failure>> => {
    const task = { scope: scopes[accessOf(call)], ...context };
    return stale === undefined ? helseId.token(task) : helseId.renew(stale, task);
  };

  const callWithin = async <T>(call: PvkCall, parse: Parse<T>, context: CallContext): Promise<Called<T>> => {
    let refused: AccessToken | undefined;
    let mayHaveActed = false;
    let open = false;

    const attempt = async (turn: Turn): Promise<Verdict<Outcome<T>, Reason>> => {
      // Asked for at every try: it comes from memory, unless it has ended or been refused meanwhile.
      const got = await tokenFor(call, context, refused);
      if (!got.ok) return { value: { kind: 'no-token', failure: got.failure } };
      const token = got.value;
      refused = undefined;
      const outcome = await tryOnce(call, parse, context, token, turn);
      const judgement = JUDGEMENTS[outcome.kind];
      mayHaveActed ||= judgement.mayHaveActed === true;
      open ||= judgement.open === true;
      if (outcome.kind === 'credentials') refused = token;
      const retryAfter = 'retryAfter' in outcome ? outcome.retryAfter : undefined;
      return { value: outcome, again: judgement.again, retryAfter };
    };

    const outcome = await repeatWithin<Outcome<T>, Reason>(
      REPEATS,
      { ...options, timer, deadline: context.deadline },
      attempt,
    );
    return { outcome: outcome ?? { kind: 'too-late' }, mayHaveActed, open };
  };

  return {
    async call(call, parse, context) {
      const called = await breaker.run(
        () => callWithin(call, parse, context),
        ({ outcome }) => JUDGEMENTS[outcome.kind].healthy,
      );
      if (called.ok) return called.value;
      return { outcome: { kind: 'circuit-open', ...called.failure }, mayHaveActed: false, open: false };
    },
    reset() {
      nonce = undefined;
      breaker.reset();
    },
  };
};
