/** Values by hash, each for a while, the oldest going first when there are too many. */
export interface TokenCache<T> {
  /** @param now milliseconds since the epoch, as in `set` */
  get(hash: string, now: number): T | undefined;
  set(hash: string, value: T, now: number): void;
  clear(): void;
}

const CAPACITY = 10_000;
const LIFETIME = 5 * 60_000;

/**
 * @param capacity entries
 * @param lifetime milliseconds after which an entry is no longer given out
 */
export const createTokenCache = <T>(capacity = CAPACITY, lifetime = LIFETIME): TokenCache<T> => {
  const entries = new Map<string, { readonly value: T; readonly at: number }>();
  return {
    get: (hash, now) => {
      const entry = entries.get(hash);
      if (entry === undefined) return undefined;
      // A clock moved back (sandbox) leaves entries of the future: they count as too old.
      if (now >= entry.at && now - entry.at < lifetime) return entry.value;
      entries.delete(hash);
      return undefined;
    },
    set: (hash, value, now) => {
      entries.delete(hash);
      entries.set(hash, { value, at: now });
      const [oldest] = entries.size > capacity ? entries.keys() : [];
      if (oldest !== undefined) entries.delete(oldest);
    },
    clear: () => entries.clear(),
  };
};
