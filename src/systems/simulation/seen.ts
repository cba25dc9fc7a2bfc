import type { Clock } from '../../ports.ts';

/** Remembers what may be used only once (`jti`), for as long as it could be used again. */
export interface Seen {
  /** True the first time a key is shown; false until `until` (milliseconds since the epoch) has passed. */
  firstTime(key: string, until: number): boolean;
}

/**
 * In memory and bounded: a restart forgets, and on several isolates each has its own memory, so a replay that
 * reaches another one is not noticed. For a simulator that is enough; the real services share theirs.
 */
export const createSeen = (clock: Clock, max = 100_000): Seen => {
  const until = new Map<string, number>();

  /** Drops from the oldest end; an entry behind a longer-lived one waits for it, which costs only memory. */
  const prune = (now: number): void => {
    for (const [key, end] of until) {
      if (end > now && until.size <= max) return;
      until.delete(key);
    }
  };

  return {
    firstTime(key, end) {
      const now = clock();
      const known = until.get(key);
      if (known !== undefined && known > now) return false;
      until.delete(key);
      until.set(key, end);
      prune(now);
      return true;
    },
  };
};
