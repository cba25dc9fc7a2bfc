import type { Clock } from '../../ports.ts';
import { platformTimer, sleep, type Timer } from './timer.ts';

/** How often a reason may cause another try, and whether the next try waits. */
interface RepeatRule {
  readonly most: number;
  readonly wait: boolean;
}

export type RepeatTable<Reason extends string> = Readonly<Record<Reason, RepeatRule>>;

/** Backoff: `base · 2ⁿ` milliseconds, at most `most`, of which a random half is kept. */
export interface Backoff {
  readonly base: number;
  readonly most: number;
}

/** What an attempt says of itself: finished, or worth another try for a reason. */
export interface Verdict<T, Reason extends string> {
  readonly value: T;
  /** Absent: finished. */
  readonly again?: Reason | undefined;
  /** Milliseconds the other side asked for; it replaces the backoff when it is longer. */
  readonly retryAfter?: number | undefined;
}

/** One try in the making. */
export interface Turn {
  /** 0 for the first try. */
  readonly number: number;
  /** Milliseconds that this try may still take; asked for when the request is about to leave. */
  limit(): number;
}

export interface RepeatOptions {
  readonly clock: Clock;
  /** Milliseconds since the epoch: no try starts after it, none runs beyond it. */
  readonly deadline: number;
  readonly timer?: Timer;
  /** In [0, 1), for the jitter. */
  readonly random?: () => number;
  readonly backoff?: Backoff;
}

const BACKOFF: Backoff = { base: 100, most: 2000 };

/**
 * The time one try gets: half of what is left while another may follow, so that a hanging try leaves room
 * for it; all of it for the last.
 */
export const tryLimit = (remaining: number, triesAfter: number): number =>
  Math.max(0, triesAfter > 0 ? remaining / 2 : remaining);

/** The wait before the try after the one with this number, in milliseconds. */
export const backoffOf = (number: number, random: number, { base, most }: Backoff = BACKOFF): number => {
  const full = Math.min(most, base * 2 ** number);
  return full / 2 + (full / 2) * random;
};

/** `Retry-After` in milliseconds from `now`: seconds or an HTTP date; undefined when absent or nonsense. */
export const retryAfterOf = (headers: Headers, now: number): number | undefined => {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const at = /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
};

/**
 * Tries until an attempt is satisfied, a reason's budget is spent, or the next try would start too late;
 * then the last attempt's value stands. Undefined: the deadline had passed before the first try.
 *
 * The reason `transient` is the one that counts tries; the others repeat a try that was never in earnest
 * (an old token, a nonce).
 */
export const repeatWithin = async <T, Reason extends string>(
  table: RepeatTable<Reason | 'transient'>,
  options: RepeatOptions,
  attempt: (turn: Turn) => Promise<Verdict<T, Reason | 'transient'>>,
): Promise<T | undefined> => {
  const { clock, deadline, timer = platformTimer, random = Math.random, backoff = BACKOFF } = options;
  const used = new Map<string, number>();
  const usedFor = (reason: string) => used.get(reason) ?? 0;
  const left = () => table.transient.most - usedFor('transient');

  if (clock() >= deadline) return undefined;
  for (let number = 0; ; number += 1) {
    const verdict = await attempt({ number, limit: () => tryLimit(deadline - clock(), left()) });
    if (verdict.again === undefined) return verdict.value;
    const rule = table[verdict.again];
    const count = usedFor(verdict.again);
    if (count >= rule.most) return verdict.value;
    const wait = rule.wait ? Math.max(verdict.retryAfter ?? 0, backoffOf(count, random(), backoff)) : 0;
    if (clock() + wait >= deadline) return verdict.value;
    used.set(verdict.again, count + 1);
    await sleep(timer, wait);
    // The clock may have run further than the wait: never start a try that has no time left.
    if (clock() >= deadline) return verdict.value;
  }
};
