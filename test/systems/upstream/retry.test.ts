import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  backoffOf,
  type RepeatTable,
  repeatWithin,
  retryAfterOf,
  type Turn,
  tryLimit,
  type Verdict,
} from '../../../src/systems/upstream/retry.ts';
import { createFakeTime } from './fake-time.ts';

type Reason = 'transient' | 'nonce';

const TABLE: RepeatTable<Reason> = {
  transient: { most: 2, wait: true },
  nonce: { most: 2, wait: false },
};

const run = async (verdicts: readonly Omit<Verdict<string, Reason>, 'value'>[], allowed = 10_000) => {
  const time = createFakeTime();
  const limits: number[] = [];
  let tries = 0;
  const attempt = async (turn: Turn): Promise<Verdict<string, Reason>> => {
    limits.push(turn.limit());
    tries += 1;
    return { value: `try ${tries}`, ...verdicts[Math.min(tries, verdicts.length) - 1] };
  };
  const options = { clock: time.clock, timer: time.timer, random: () => 0, deadline: time.clock() + allowed };
  const value = await repeatWithin(TABLE, options, attempt);
  return { value, tries, limits, waits: time.waits };
};

describe('repeating a call', () => {
  it('stops at the first try that is satisfied', async () => {
    expect(await run([{}])).toMatchObject({ value: 'try 1', tries: 1, waits: [] });
    expect(await run([{ again: 'transient' }, {}])).toMatchObject({ value: 'try 2', tries: 2 });
  });

  it('makes three tries at most, with a growing wait between them', async () => {
    expect(await run([{ again: 'transient' }])).toMatchObject({ value: 'try 3', tries: 3, waits: [50, 100] });
  });

  it('gives each reason its own budget', async () => {
    const nonce = { again: 'nonce' } as const;
    const transient = { again: 'transient' } as const;
    expect(await run([nonce, transient, nonce, transient, {}])).toMatchObject({ tries: 5 });
    expect(await run([nonce])).toMatchObject({ tries: 3, waits: [] });
  });

  it('waits as long as Retry-After says when that fits before the deadline', async () => {
    const { tries, waits } = await run([{ again: 'transient', retryAfter: 2000 }, {}]);
    expect({ tries, waits }).toEqual({ tries: 2, waits: [2000] });
  });

  it('gives up at once when Retry-After does not fit before the deadline', async () => {
    expect(await run([{ again: 'transient', retryAfter: 60_000 }])).toMatchObject({ tries: 1, waits: [] });
  });

  it('tries nothing when the deadline has passed', async () => {
    expect(await run([{}], 0)).toMatchObject({ value: undefined, tries: 0 });
    expect(await run([{}], -1)).toMatchObject({ value: undefined, tries: 0 });
  });

  it('gives a try half of the time left while another may follow, and the last one all of it', async () => {
    const { limits } = await run([{ again: 'transient' }]);
    expect(limits).toEqual([5000, (10_000 - 50) / 2, 10_000 - 150]);
  });

  it('never gives a try more time than is left (property)', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.nat(5), (remaining, after) => {
        const limit = tryLimit(remaining, after);
        expect(limit).toBeGreaterThanOrEqual(0);
        expect(limit).toBeLessThanOrEqual(Math.max(0, remaining));
        if (after > 0 && remaining > 0) expect(limit).toBeLessThan(remaining);
      }),
    );
  });

  it('keeps the backoff between half of and the whole of its step, never above the most (property)', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (n, random) => {
        const step = Math.min(2000, 100 * 2 ** n);
        const wait = backoffOf(n, random);
        expect(wait).toBeGreaterThanOrEqual(step / 2);
        expect(wait).toBeLessThanOrEqual(step);
      }),
    );
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-03-03T07:00:00Z');
  const of = (value: string) => retryAfterOf(new Headers({ 'Retry-After': value }), now);

  it('is seconds or an HTTP date', () => {
    expect(of('3')).toBe(3000);
    expect(of('Tue, 03 Mar 2026 07:00:05 GMT')).toBe(5000);
    expect(of('Tue, 03 Mar 2026 06:59:00 GMT')).toBe(0);
  });

  it('is ignored when it is neither', () => {
    for (const nonsense of ['', 'soon', '-1', '1.5', '99999999999']) expect(of(nonsense)).toBeUndefined();
    expect(retryAfterOf(new Headers(), now)).toBeUndefined();
  });
});
