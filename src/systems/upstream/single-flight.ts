import type { Background, Clock } from '../../ports.ts';

/** Does the work of a key once for everybody who asks while it is under way. */
export type SingleFlight<T> = (key: string, work: () => Promise<T>) => Promise<T>;

export interface SharedFlightOptions {
  readonly clock: Clock;
  /** Keeps a flight alive when the call that started it has ended. */
  readonly background?: Background;
  /** Milliseconds; an older flight is taken for dead and no longer joined. */
  readonly longest?: number;
}

/**
 * Callers share one promise per key. On Workers a promise can die, unsettled, with the request that made it:
 * so it is handed to `background`, it is joined only while it is young, and whoever waits keeps a deadline of
 * its own.
 */
export const sharedFlight = <T>(options: SharedFlightOptions): SingleFlight<T> => {
  const { clock, background = () => {}, longest = 10_000 } = options;
  const flights = new Map<string, { readonly startedAt: number; readonly promise: Promise<T> }>();
  return (key, work) => {
    const now = clock();
    const underWay = flights.get(key);
    if (underWay !== undefined && Math.abs(now - underWay.startedAt) < longest) return underWay.promise;
    const promise = work().finally(() => {
      if (flights.get(key)?.promise === promise) flights.delete(key);
    });
    flights.set(key, { startedAt: now, promise });
    background(promise.catch(() => undefined));
    return promise;
  };
};
