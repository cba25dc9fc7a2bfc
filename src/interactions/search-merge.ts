import type { SearchPosition, SearchRequest } from '../store/search-request.ts';

/** A type's matches in their order, as far as they are at hand. */
export interface Run<T> {
  readonly matches: readonly T[];
  /** Where each match stands in that order. */
  readonly positions: readonly SearchPosition[];
}

type Sort = SearchRequest['sort'];

/** Numbers before texts, as the store sorts them. */
const compare = (a: string | number, b: string | number): number => {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
};

/** Which of two matches of different types comes first: by the sort keys, then by the order of the types. */
const comparing =
  (sort: Sort) =>
  (a: SearchPosition, b: SearchPosition): number => {
    for (const [index, key] of sort.entries()) {
      const [one, other] = key.by === '_id' ? [a.id, b.id] : [a.keys[index] ?? '', b.keys[index] ?? ''];
      const order = compare(one, other);
      if (order !== 0) return key.descending ? -order : order;
      if (key.by === '_id') return 0;
    }
    return 0;
  };

/** What a page takes: the matches in their order, and how many of each run. */
export interface Merged<T> {
  readonly matches: readonly T[];
  readonly taken: readonly number[];
}

/**
 * The first matches of several runs, in one order. Of each run a beginning is taken, so that its next page begins
 * where this one ended. Without sort keys the runs follow one another.
 */
export const merge = <T>(runs: readonly Run<T>[], sort: Sort, count: number): Merged<T> => {
  const before = comparing(sort);
  const taken = runs.map(() => 0);
  const matches: T[] = [];
  while (matches.length < count) {
    let best: { readonly run: number; readonly at: SearchPosition; readonly match: T } | undefined;
    for (const [run, { matches: own, positions }] of runs.entries()) {
      const next = taken[run] ?? 0;
      const match = own[next];
      const at = positions[next];
      if (match === undefined || at === undefined) continue;
      if (best === undefined || before(at, best.at) < 0) best = { run, at, match };
    }
    if (best === undefined) break;
    matches.push(best.match);
    taken[best.run] = (taken[best.run] ?? 0) + 1;
  }
  return { matches, taken };
};
