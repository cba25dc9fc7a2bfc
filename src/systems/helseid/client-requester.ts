import type { Failure } from '../../failure.ts';
import type { Clock } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Breaker } from '../upstream/breaker.ts';
import type { Exchange, Send, UpstreamRequest } from '../upstream/exchange.ts';
import { upstreamFailure } from '../upstream/issues.ts';
import { type RepeatTable, repeatWithin, type Turn, type Verdict } from '../upstream/retry.ts';
import type { Timer } from '../upstream/timer.ts';
import { signAssertion } from './client-assertion.ts';
import { createDpopKey, type DpopKey, nonceOf, signProof } from './client-dpop.ts';
import { helseIdFailure, tokenFailure } from './client-failures.ts';
import { type HelseIdSettings, readSigningKey, type SigningKey } from './client-settings.ts';
import type { Skew } from './client-skew.ts';
import {
  buildTokenRequest,
  interpretTokenAnswer,
  type TokenAnswer,
  type TokenOutcome,
  tokenEndpointOf,
} from './client-token.ts';

export interface RequesterOptions {
  readonly settings: HelseIdSettings;
  readonly send: Send;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: () => number;
  readonly breaker: Breaker;
  readonly skew: Skew;
}

/** A token as it was issued, with the key it is bound to. */
export interface Issued {
  readonly answer: TokenAnswer;
  /** Absent in bearer mode. */
  readonly key?: DpopKey;
  /** When the request for it left, milliseconds: its lifetime is counted from there, to be safe. */
  readonly requestedAt: number;
}

export interface TokenTask {
  readonly scope: string;
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** Gets tokens from HelseID; keeps nothing but what makes the next request shorter (endpoint, nonce). */
export interface Requester {
  request(task: TokenTask): Promise<Result<Issued, Failure>>;
  reset(): void;
}

type Reason = 'transient' | 'nonce' | 'clock';

/**
 * Three tries against trouble, the nonce round trip at most twice. The clock may be corrected twice: the second
 * time when the first correction came from an answer whose clock was itself off.
 */
const REPEATS: RepeatTable<Reason> = {
  transient: { most: 2, wait: true },
  nonce: { most: 2, wait: false },
  clock: { most: 2, wait: false },
};

/** Milliseconds that a discovery document is good for. */
const DISCOVERY_LIFETIME = 3_600_000;

interface Tried {
  readonly outcome: TokenOutcome;
  readonly requestedAt: number;
}

const HEALTHY: ReadonlySet<TokenOutcome['kind']> = new Set(['token', 'oauth-error', 'refused']);

const missingScope = (answer: TokenAnswer, scope: string): boolean => {
  const needed = scope.split(' ');
  const { scopes } = answer;
  return (
    needed.some((one) => answer.rejectedScopes.includes(one)) ||
    (scopes !== undefined && needed.some((one) => !scopes.includes(one)))
  );
};

export const createRequester = (options: RequesterOptions): Requester => {
  const { settings, send, clock, breaker, skew } = options;
  const bearer = settings.authMode === 'bearer';
  const issuer = settings.issuer.replace(/\/$/, '');
  let signing: SigningKey | undefined;
  let discovered: { readonly endpoint: string; readonly at: number } | undefined;
  let nonce: string | undefined;

  /** The token endpoint, or why it could not be found. An old document is better than none. */
  const findEndpoint = async (requestId: string, turn: Turn): Promise<string | Exchange> => {
    if (settings.tokenEndpoint !== undefined) return settings.tokenEndpoint;
    if (discovered !== undefined && Math.abs(clock() - discovered.at) < DISCOVERY_LIFETIME) {
      return discovered.endpoint;
    }
    const request: UpstreamRequest = {
      method: 'GET',
      url: `${issuer}/.well-known/openid-configuration`,
      headers: { Accept: 'application/json' },
    };
    const exchange = await send(request, { requestId, limit: turn.limit() });
    const endpoint = tokenEndpointOf(exchange, settings.issuer) ?? discovered?.endpoint;
    if (endpoint === undefined) return exchange;
    discovered = { endpoint, at: clock() };
    return endpoint;
  };

  const ask = async (
    endpoint: string,
    key: DpopKey | undefined,
    signingKey: SigningKey,
    task: TokenTask,
    turn: Turn,
  ): Promise<Exchange> => {
    const now = skew.now();
    const target = { method: 'POST', url: endpoint, ...(nonce === undefined ? {} : { nonce }) };
    const [assertion, proof] = await Promise.all([
      signAssertion(settings, signingKey, now),
      key === undefined ? undefined : signProof(key, target, now),
    ]);
    const request = buildTokenRequest({
      endpoint,
      clientId: settings.clientId,
      scope: task.scope,
      assertion,
      ...(proof === undefined ? {} : { proof }),
    });
    const sentAt = clock();
    const exchange = await send(request, { requestId: task.requestId, limit: turn.limit() });
    if (exchange.kind === 'answer') skew.observe(exchange.headers, sentAt);
    return exchange;
  };

  /** Which answers are worth another try, and why. */
  const judge = (outcome: TokenOutcome, exchange: Exchange): Reason | undefined => {
    if (outcome.kind === 'token' || outcome.kind === 'refused') return undefined;
    if (outcome.kind !== 'oauth-error') return 'transient';
    const fresh = exchange.kind === 'answer' ? nonceOf(exchange.headers) : undefined;
    if (outcome.error === 'use_dpop_nonce') return fresh === undefined ? undefined : 'nonce';
    return skew.adopt() ? 'clock' : undefined;
  };

  const tryOnce = async (
    key: DpopKey | undefined,
    signingKey: SigningKey,
    task: TokenTask,
    turn: Turn,
  ): Promise<Verdict<Tried, Reason>> => {
    const endpoint = await findEndpoint(task.requestId, turn);
    const requestedAt = clock();
    const found = typeof endpoint === 'string';
    const exchange = found ? await ask(endpoint, key, signingKey, task, turn) : endpoint;
    if (exchange.kind === 'answer') nonce = nonceOf(exchange.headers) ?? nonce;
    const interpreted = interpretTokenAnswer(exchange, clock());
    // A discovery document that is none is no token answer either, whatever its status says.
    const outcome: TokenOutcome =
      found || interpreted.kind === 'busy' || exchange.kind !== 'answer' ? interpreted : { kind: 'broken' };
    const again = judge(outcome, exchange);
    const value = { outcome, requestedAt };
    if (again === undefined) return { value };
    return { value, again, ...(outcome.kind === 'busy' ? { retryAfter: outcome.retryAfter } : {}) };
  };

  const accept = (tried: Tried, key: DpopKey | undefined, scope: string): Result<Issued, Failure> => {
    const { outcome, requestedAt } = tried;
    if (outcome.kind !== 'token') return fail(tokenFailure(outcome));
    if (missingScope(outcome.token, scope)) return fail(helseIdFailure('rejected_scope'));
    const bound = outcome.token.tokenType.toLowerCase() === 'dpop';
    if (!bearer && !bound) return fail(helseIdFailure('token_type'));
    return ok({ answer: outcome.token, requestedAt, ...(key === undefined ? {} : { key }) });
  };

  return {
    async request(task) {
      if (signing === undefined) {
        const read = await readSigningKey(settings);
        if (!read.ok) return fail(upstreamFailure('misconfigured', read.failure));
        signing = read.value;
      }
      const signingKey = signing;
      const key = bearer ? undefined : await createDpopKey();
      const timing = { ...options, deadline: task.deadline };
      const called = await breaker.run(
        () => repeatWithin(REPEATS, timing, (turn) => tryOnce(key, signingKey, task, turn)),
        (tried) => (tried === undefined ? undefined : HEALTHY.has(tried.outcome.kind)),
      );
      if (!called.ok) {
        const { retryAfter } = called.failure;
        return fail(upstreamFailure('circuit-open', 'HelseID has not answered for a while.', retryAfter));
      }
      const tried = called.value ?? { outcome: { kind: 'timeout' }, requestedAt: clock() };
      return accept(tried, key, task.scope);
    },
    reset() {
      discovered = undefined;
      nonce = undefined;
    },
  };
};
