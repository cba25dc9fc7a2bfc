import type { Clock } from '../../ports.ts';

/**
 * The difference between HelseID's clock and ours. A proof is good for about a second and five more of
 * tolerance, so a server whose clock is off gets nothing accepted; what HelseID's `Date` says is used once it
 * has refused something.
 */
export interface Skew {
  /** Notes the `Date` of an answer to a request sent at `sentAt` (port clock). */
  observe(headers: Headers, sentAt: number): void;
  /** Takes the last observation into use; true when that changes the time noticeably. */
  adopt(): boolean;
  /** Seconds since the epoch by HelseID's clock, as far as known. */
  now(): number;
  reset(): void;
}

/** `Date` has whole seconds and the way takes time: less than this is noise. */
const NOTICEABLE = 2000;

export const createSkew = (clock: Clock): Skew => {
  let observed: number | undefined;
  let used = 0;
  return {
    observe(headers, sentAt) {
      const value = headers.get('date');
      const at = value === null ? Number.NaN : Date.parse(value);
      // Half a second is what `Date` drops on average; the answer was made half-way between sent and received.
      if (!Number.isNaN(at)) observed = at + 500 - (sentAt + clock()) / 2;
    },
    adopt() {
      if (observed === undefined || Math.abs(observed - used) < NOTICEABLE) return false;
      used = Math.abs(observed) < NOTICEABLE ? 0 : observed;
      return true;
    },
    now: () => Math.floor((clock() + used) / 1000),
    reset() {
      observed = undefined;
      used = 0;
    },
  };
};
