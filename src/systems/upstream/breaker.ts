import type { Clock } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';

export interface BreakerOptions {
  readonly clock: Clock;
  /** Failed calls in a row after which the circuit opens. A call's own retries count once. */
  readonly failures?: number;
  /** Milliseconds until an open circuit lets one call through to see. */
  readonly pause?: number;
}

/** The circuit is open: nothing was sent. */
interface CircuitOpen {
  /** Seconds until the next call has a chance, at least 1. */
  readonly retryAfter: number;
}

/** Keeps a system that has stopped answering from being called, and the callers from waiting for it. */
export interface Breaker {
  /**
   * Does the work when the circuit is closed, or is the one call that probes an open one; otherwise fails at
   * once. `healthy` says of the work's value whether the system answered as a living system does; undefined:
   * the value does not tell, because the call did not get as far as the system.
   */
  run<T>(work: () => Promise<T>, healthy: (value: T) => boolean | undefined): Promise<Result<T, CircuitOpen>>;
  /** Back to closed, with nothing counted. */
  reset(): void;
}

export const createBreaker = ({ clock, failures = 5, pause = 10_000 }: BreakerOptions): Breaker => {
  let inARow = 0;
  /** When the next call may probe; undefined: closed. */
  let probeAt: number | undefined;

  const admit = (): Result<undefined, CircuitOpen> => {
    if (probeAt === undefined) return ok(undefined);
    const wait = probeAt - clock();
    // A clock set back must not keep the circuit open for longer than a pause.
    if (wait > 0 && wait <= pause) return fail({ retryAfter: Math.max(1, Math.ceil(wait / 1000)) });
    // This call probes. Should it never report (its request was cut off), another may after a pause.
    probeAt = clock() + pause;
    return ok(undefined);
  };

  const report = (healthy: boolean | undefined): void => {
    if (healthy === undefined) {
      // An open circuit still wants its probe: the next call may be it.
      if (probeAt !== undefined) probeAt = clock();
      return;
    }
    inARow = healthy ? 0 : inARow + 1;
    if (healthy) probeAt = undefined;
    else if (inARow >= failures) probeAt = clock() + pause;
  };

  return {
    async run(work, healthy) {
      const admitted = admit();
      if (!admitted.ok) return admitted;
      let good: boolean | undefined = false;
      try {
        const value = await work();
        good = healthy(value);
        return ok(value);
      } finally {
        report(good);
      }
    },
    reset() {
      inARow = 0;
      probeAt = undefined;
    },
  };
};
