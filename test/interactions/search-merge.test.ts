import fc from 'fast-check';
import { expect, it } from 'vitest';
import { merge } from '../../src/interactions/search-merge.ts';

const SORT = [{ by: 'date', descending: false }];

/** A run sorted by its one key, as the store gives it. */
const run = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.uuid()), { maxLength: 8 })
  .map((rows) => rows.toSorted(([a, x], [b, y]) => a - b || (x < y ? -1 : 1)))
  .map((rows) => ({
    matches: rows.map(([key]) => key),
    positions: rows.map(([key, id]) => ({ keys: [key], id })),
  }));

it('takes a beginning of each run, and gives all of them in one order', () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 4 }), fc.nat(12), (runs, count) => {
      const { matches, taken } = merge(runs, SORT, count);
      const all = runs.flatMap((one) => one.matches).toSorted((a, b) => a - b);
      expect(matches).toEqual(all.slice(0, count));
      expect(taken.reduce((sum, one) => sum + one, 0)).toBe(matches.length);
      const begun = runs.flatMap((one, index) => one.matches.slice(0, taken[index]));
      expect(begun.toSorted((a, b) => a - b)).toEqual(matches);
    }),
  );
});
