import type { Failure } from '../../failure.ts';
import type { Background, Clock } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { type BreakerOptions, createBreaker } from '../upstream/breaker.ts';
import { createSender } from '../upstream/exchange.ts';
import type { UpstreamFetch } from '../upstream/fetch.ts';
import { upstreamFailure } from '../upstream/issues.ts';
import { type SingleFlight, sharedFlight } from '../upstream/single-flight.ts';
import { platformTimer, type Timer, within } from '../upstream/timer.ts';
import { athOf, type DpopKey, signProof } from './client-dpop.ts';
import { createRequester, type Issued, type TokenTask } from './client-requester.ts';
import type { HelseIdSettings } from './client-settings.ts';
import { createSkew } from './client-skew.ts';

/** A token to call an API with; it lives in memory only. */
export interface AccessToken {
  readonly scope: string;
  readonly value: string;
  /** When to get a new one, milliseconds by the port clock: somewhat before it ends. */
  readonly renewAt: number;
  /** The key it is bound to and its hash for the proofs; absent in bearer mode. */
  readonly binding?: { readonly key: DpopKey; readonly ath: string };
}

/** The request that a token is to be used for. */
interface CallTarget {
  readonly method: string;
  readonly url: string;
  /** A nonce that the API itself has asked for (RFC 9449, 9). */
  readonly nonce?: string;
}

export interface HelseIdClient {
  readonly scheme: 'DPoP' | 'Bearer';
  /**
   * A token with exactly this scope, from memory when it is still good. Failures: `upstream-refused` with
   * code `security` (what HelseID said, in CodeSystem `helseid-error`), `unavailable`, `upstream-timeout`.
   */
  token(task: TokenTask): Promise<Result<AccessToken, Failure>>;
  /** A newer token than `stale`, which an API has refused. Many who were refused share one renewal. */
  renew(stale: AccessToken, task: TokenTask): Promise<Result<AccessToken, Failure>>;
  /** `Authorization`, and a fresh `DPoP` proof when the token is bound: good for one request. */
  authorize(token: AccessToken, target: CallTarget): Promise<Readonly<Record<string, string>>>;
  /** Forgets tokens, endpoint, nonce, clock skew and what the circuit breaker has counted. */
  reset(): void;
}

export interface HelseIdClientOptions {
  readonly settings: HelseIdSettings;
  readonly fetch: UpstreamFetch;
  readonly clock: Clock;
  readonly timer?: Timer;
  readonly random?: () => number;
  /** Keeps a shared token request alive when the call that started it has ended. */
  readonly background?: Background;
  /** How concurrent calls share one token request. Default: `sharedFlight`. */
  readonly singleFlight?: SingleFlight<Result<AccessToken, Failure>>;
  /** Milliseconds that a shared token request may take, retries included. */
  readonly patience?: number;
  readonly breaker?: Omit<BreakerOptions, 'clock'>;
}

/** Renewed so long before its end, milliseconds; a short-lived token at half of its life. */
const MARGIN = 5000;

const toAccessToken = async (issued: Issued, scope: string): Promise<AccessToken> => {
  const { answer, key, requestedAt } = issued;
  const lifetime = answer.expiresIn * 1000;
  return {
    scope,
    value: answer.accessToken,
    renewAt: requestedAt + lifetime - Math.min(MARGIN, lifetime / 2),
    ...(key === undefined ? {} : { binding: { key, ath: await athOf(answer.accessToken) } }),
  };
};

/** HelseID's client credentials for a machine: `private_key_jwt`, DPoP, tokens kept until they end. */
export const createHelseIdClient = (options: HelseIdClientOptions): HelseIdClient => {
  const { settings, clock, timer = platformTimer, random = Math.random, patience = 10_000 } = options;
  const { background = () => {} } = options;
  const { singleFlight = sharedFlight({ clock, background, longest: patience }) } = options;
  const skew = createSkew(clock);
  const breaker = createBreaker({ clock, ...options.breaker });
  const send = createSender({ fetch: options.fetch, timer });
  const requester = createRequester({ settings, send, clock, timer, random, breaker, skew });
  let tokens = new Map<string, AccessToken>();

  const obtain = async (task: TokenTask): Promise<Result<AccessToken, Failure>> => {
    // A reset in the meantime takes this map out of use, and with it a token made before.
    const kept = tokens;
    const issued = await requester.request(task);
    if (!issued.ok) return issued;
    const token = await toAccessToken(issued.value, task.scope);
    kept.set(task.scope, token);
    return ok(token);
  };

  /** Joins or starts the shared request; undefined when it was cut off or is not done in time. */
  const share = async (task: TokenTask): Promise<Result<AccessToken, Failure> | undefined> => {
    let started = false;
    const flight = singleFlight(task.scope, () => {
      started = true;
      return obtain({ ...task, deadline: clock() + patience });
    });
    const left = task.deadline - clock();
    try {
      // Whoever only joined keeps half of its time, to go alone should the flight have died.
      return await within(timer, started ? left : left / 2, flight);
    } catch {
      return undefined;
    }
  };

  const token = async (task: TokenTask): Promise<Result<AccessToken, Failure>> => {
    const kept = tokens.get(task.scope);
    if (kept !== undefined && clock() < kept.renewAt) return ok(kept);
    const shared = await share(task);
    if (shared !== undefined) return shared;
    if (clock() < task.deadline) return obtain(task);
    return fail(upstreamFailure('timed-out', 'HelseID did not answer in time; nothing was sent on.'));
  };

  return {
    scheme: settings.authMode === 'bearer' ? 'Bearer' : 'DPoP',
    token,
    renew(stale, task) {
      if (tokens.get(task.scope) === stale) tokens.delete(task.scope);
      skew.adopt();
      return token(task);
    },
    async authorize({ value, binding }, target) {
      if (binding === undefined) return { Authorization: `Bearer ${value}` };
      const proof = await signProof(binding.key, { ...target, ath: binding.ath }, skew.now());
      return { Authorization: `DPoP ${value}`, DPoP: proof };
    },
    reset() {
      tokens = new Map();
      requester.reset();
      skew.reset();
      breaker.reset();
    },
  };
};
