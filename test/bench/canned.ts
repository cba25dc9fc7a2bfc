import type { Fetch } from '../../src/ports.ts';
import { WARM_UP } from './functions.ts';
import { median } from './report.ts';

/** What a simulator answers to one question; it no longer says to which, so that it answers any other, too. */
export const recordAnswer = async (
  simulator: Fetch,
  ask: (fetch: Fetch) => Promise<unknown>,
): Promise<string> => {
  let text = '';
  await ask(async (request) => {
    const response = await simulator(request);
    text = await response.clone().text();
    return response;
  });
  return text.replace(/<([\w.-]+:)?InResponseToMessageID>[^<]*<\/\1InResponseToMessageID>/, '');
};

/** A service that gives one answer to everything, at once, and knows when it was asked. */
export interface Canned {
  readonly fetch: Fetch;
  /** Of `performance.now()`. */
  readonly askedAt: () => number;
}

export const canned = (text: string): Canned => {
  let at = 0;
  return {
    fetch: () => {
      at = performance.now();
      return Promise.resolve(new Response(text, { headers: { 'content-type': 'text/xml; charset=utf-8' } }));
    },
    askedAt: () => at,
  };
};

/** Microseconds: until the request leaves, and until its answer has been dealt with. */
export interface Trip {
  readonly request: number;
  readonly whole: number;
}

const repeat = async (
  ask: () => Promise<unknown>,
  service: Canned,
  time: number,
): Promise<readonly Trip[]> => {
  const trips: Trip[] = [];
  const end = performance.now() + time;
  for (let began = performance.now(); began < end; began = performance.now()) {
    await ask();
    const whole = (performance.now() - began) * 1000;
    trips.push({ request: (service.askedAt() - began) * 1000, whole });
  }
  return trips;
};

/** The median trip of calls to a canned service, one after another over about `time` milliseconds, warmed up. */
export const timeTrips = async (
  ask: () => Promise<unknown>,
  service: Canned,
  time: number,
): Promise<Trip> => {
  await repeat(ask, service, WARM_UP);
  const trips = await repeat(ask, service, time);
  return {
    request: median(trips.map(({ request }) => request)),
    whole: median(trips.map(({ whole }) => whole)),
  };
};

/** How many signatures are made or verified meanwhile. */
export const signaturesOf = async (run: () => Promise<void>): Promise<number> => {
  const { subtle } = crypto;
  let count = 0;
  for (const name of ['sign', 'verify'] as const) {
    const real: unknown = Reflect.get(subtle, name);
    if (typeof real !== 'function') throw new Error(`crypto.subtle.${name} is missing`);
    Reflect.set(subtle, name, (...given: readonly unknown[]): unknown => {
      count += 1;
      return Reflect.apply(real, subtle, given);
    });
  }
  try {
    await run();
  } finally {
    // What stands on the prototype is seen again.
    for (const name of ['sign', 'verify']) Reflect.deleteProperty(subtle, name);
  }
  return count;
};
