import { type CryptoKey, createLocalJWKSet, errors, type JWSHeaderParameters, type LocalJWKSet } from 'jose';
import type { Background, Clock, Fetch } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { IssuerKeys } from './issuer.ts';

/** The public keys of one issuer. */
export interface KeySource {
  /**
   * The keys that may have signed a token: one when `kid` says which, else every one that fits the algorithm.
   *
   * @param header of the token; nothing but `alg` and `kid` is looked at, so that no key or address that the
   *   token itself brings (`jwk`, `jku`, `x5c`, `x5u`) is ever used
   */
  find(header: JWSHeaderParameters): Promise<Result<readonly CryptoKey[], 'unknown' | 'unavailable'>>;
}

/** Milliseconds; `cooldown` lies between two fetches that unknown key ids cause. */
export interface KeySourceTimes {
  readonly timeout: number;
  /** After which the keys are fetched again before they are used. */
  readonly maxAge: number;
  /** Up to which old keys serve while fetching fails. */
  readonly maxStale: number;
  readonly cooldown: number;
  /** Between two tries while fetching fails. */
  readonly retry: number;
}

const TIMES: KeySourceTimes = {
  timeout: 5_000,
  maxAge: 5 * 60_000,
  maxStale: 60 * 60_000,
  cooldown: 30_000,
  retry: 5_000,
};

const MAX_BYTES = 512 * 1024;

export type KeyPorts = { readonly fetch: Fetch; readonly clock: Clock; readonly background: Background };

const lookUp = async (set: LocalJWKSet, header: JWSHeaderParameters): Promise<readonly CryptoKey[]> => {
  const { alg, kid } = header;
  try {
    return [await set({ ...(alg === undefined ? {} : { alg }), ...(kid === undefined ? {} : { kid }) })];
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return Array.fromAsync(error);
    // No key, or one that WebCrypto does not take.
    return [];
  }
};

const parseSet = (text: string): LocalJWKSet | undefined => {
  if (text.length > MAX_BYTES) return undefined;
  try {
    return createLocalJWKSet(JSON.parse(text));
  } catch {
    return undefined;
  }
};

const download = async (url: string, fetch: Fetch, timeout: number): Promise<LocalJWKSet | undefined> => {
  const request = new Request(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeout),
  });
  try {
    const response = await fetch(request);
    return response.status === 200 ? parseSet(await response.text()) : undefined;
  } catch {
    return undefined;
  }
};

/** Undefined when the work takes longer: on Workers it may have died with the request that began it. */
const within = async <T>(work: Promise<T>, timeout: number): Promise<T | undefined> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeout);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    if (timer !== undefined) clearTimeout(timer);
  }
};

/** True when that long has passed, and when the clock was moved back: what it measured is then worth nothing. */
const hasPassed = (now: number, since: number | undefined, duration: number): boolean =>
  since === undefined || now < since || now - since >= duration;

const remoteKeys = (
  url: string,
  { fetch, clock, background }: KeyPorts,
  times: KeySourceTimes,
): KeySource => {
  let current: { readonly set: LocalJWKSet; readonly at: number } | undefined;
  let failedAt: number | undefined;
  let missedAt: number | undefined;
  let flight: Promise<void> | undefined;

  const fetchOnce = async (): Promise<void> => {
    const set = await within(download(url, fetch, times.timeout), times.timeout);
    failedAt = set === undefined ? clock() : undefined;
    if (set !== undefined) current = { set, at: clock() };
  };

  /** Everybody who needs the keys waits for one fetch. */
  const refresh = async (): Promise<void> => {
    if (flight === undefined) {
      const mine = fetchOnce().finally(() => {
        if (flight === mine) flight = undefined;
      });
      flight = mine;
      background(mine);
    }
    const awaited = flight;
    await within(awaited, times.timeout);
    if (flight === awaited) flight = undefined;
  };

  const refreshIfOld = async (): Promise<void> => {
    const now = clock();
    const isOld = hasPassed(now, current?.at, times.maxAge);
    if (isOld && hasPassed(now, failedAt, times.retry)) await refresh();
  };

  /** The keys, unless they are too old to be trusted any more. */
  const usable = (): LocalJWKSet | undefined =>
    current !== undefined && clock() - current.at < times.maxStale ? current.set : undefined;

  const find: KeySource['find'] = async (header) => {
    await refreshIfOld();
    const known = usable();
    if (known === undefined) return fail('unavailable');
    const keys = await lookUp(known, header);
    if (keys.length > 0) return ok(keys);
    // The issuer may have a new key; but anybody can make up key ids, so one fetch serves many of them.
    if (!hasPassed(clock(), missedAt, times.cooldown)) return fail('unknown');
    missedAt = clock();
    await refresh();
    const renewed = usable();
    const found = renewed === undefined ? [] : await lookUp(renewed, header);
    if (found.length > 0) return ok(found);
    return fail(failedAt === undefined ? 'unknown' : 'unavailable');
  };

  return { find };
};

const fixedKeys = (set: LocalJWKSet): KeySource => ({
  find: async (header) => {
    const keys = await lookUp(set, header);
    return keys.length > 0 ? ok(keys) : fail('unknown');
  },
});

/** Keys given once, or fetched, cached and renewed from the issuer's address. */
export const createKeySource = (
  keys: IssuerKeys,
  ports: KeyPorts,
  times: KeySourceTimes = TIMES,
): KeySource => ('set' in keys ? fixedKeys(createLocalJWKSet(keys.set)) : remoteKeys(keys.url, ports, times));
