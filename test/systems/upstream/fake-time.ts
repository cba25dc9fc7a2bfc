import type { Timer } from '../../../src/systems/upstream/timer.ts';

/**
 * A clock that stands still but for what the test makes happen: waits of up to two seconds (backoff, pauses)
 * elapse by themselves, longer timers (time limits) only when the other side hangs.
 */
export const createFakeTime = (start = Date.parse('2026-03-03T07:00:00Z')) => {
  let now = start;
  const limits = new Set<{ at: number; fire: () => void }>();
  const waits: number[] = [];

  const timer: Timer = (milliseconds, fire) => {
    const entry = { at: now + milliseconds, fire };
    if (milliseconds > 2000) {
      limits.add(entry);
      return () => limits.delete(entry);
    }
    waits.push(milliseconds);
    const id = setImmediate(() => {
      now = Math.max(now, entry.at);
      fire();
    });
    return () => clearImmediate(id);
  };

  return {
    clock: () => now,
    timer,
    /** The short waits so far, milliseconds. */
    waits,
    /** The time limits under way, milliseconds from now, shortest first. */
    limits: () => [...limits].map(({ at }) => at - now).sort((a, b) => a - b),
    advance(milliseconds: number) {
      now += milliseconds;
    },
    /** Lets time pass until the next limit, and ends it. */
    async hang() {
      await new Promise((resolve) => setImmediate(resolve));
      const next = [...limits].sort((a, b) => a.at - b.at)[0];
      if (next === undefined) throw new Error('nobody is waiting');
      limits.delete(next);
      now = Math.max(now, next.at);
      next.fire();
    },
  };
};
