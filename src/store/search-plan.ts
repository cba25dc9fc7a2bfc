import type { Database } from '../ports.ts';
import type { Source } from './criteria-sql.ts';
import { joined, type Piece, p, raw, statementOf } from './piece.ts';
import { numberOf } from './rows.ts';
import type { SearchRequest, SortKey } from './search-request.ts';

/** Up to so many matches are collected and sorted; beyond it the page is read along the sort order. */
export const FEW = 1_000;

/**
 * How the matching ids are come by: along one source's own order, by collecting its few, along the index of the
 * parameter that sorts them, or along `resource`.
 */
export type Plan =
  | { readonly way: 'ordered'; readonly driver: Source; readonly branches: readonly Piece[] }
  | { readonly way: 'collected'; readonly driver: Source }
  | { readonly way: 'keyed'; readonly key: SortKey }
  | { readonly way: 'scanned' };

export interface Sorting {
  /** Without `_id`, which ends every sorting. */
  readonly keys: readonly SortKey[];
  readonly idDescending: boolean;
}

export const sortingOf = (sort: readonly SortKey[]): Sorting => {
  const end = sort.findIndex((key) => key.by === '_id');
  const keys = end === -1 ? sort : sort.slice(0, end);
  return { keys, idDescending: (sort[end] ?? keys[0])?.descending === true };
};

/** How many rows each source leads to, counted little further than `few`. */
const probe = async (db: Database, sources: readonly Source[], few: number): Promise<readonly number[]> => {
  const counts = sources.map(
    ({ table, where }, index) =>
      p`(select count(*) from (select 1 from ${raw(table)} x where ${where} limit ${few + 1})) as ${raw(`n${index}`)}`,
  );
  const [row = {}] = await db.query(statementOf(p`select ${joined(counts, ', ')}`));
  return sources.map((_, index) => numberOf(row, `n${index}`));
};

const isOrdered = (source: Source) => source.ordered !== undefined;

/** Without a source that is selective: whatever keeps the sort order. */
const alongOrder = ({ sort }: SearchRequest): Plan => {
  const { keys, idDescending } = sortingOf(sort);
  const [key] = keys;
  const keyed = key !== undefined && key.by !== '_lastUpdated' && key.descending === idDescending;
  return keys.length === 1 && keyed ? { way: 'keyed', key } : { way: 'scanned' };
};

/** Starts from the most selective source; without one that is selective, from whatever keeps the sort order. */
export const choosePlan = async (
  db: Database,
  request: SearchRequest,
  sources: readonly Source[],
  few: number,
): Promise<Plan> => {
  const byId = sortingOf(request.sort).keys.length === 0;
  const along = (driver: Source): Plan =>
    byId && driver.ordered !== undefined
      ? { way: 'ordered', driver, branches: driver.ordered }
      : { way: 'collected', driver };
  const drivers = sources.filter((source) => source.indexed);
  const [first] = drivers;
  if (first === undefined) return alongOrder(request);
  if (drivers.length === 1 && byId && isOrdered(first)) return along(first);
  const counts = await probe(db, drivers, few);
  const least = Math.min(...counts);
  const best = drivers[counts.indexOf(least)] ?? first;
  if (least <= few) return along(best);
  const ordered = byId ? drivers.find(isOrdered) : undefined;
  return ordered === undefined ? alongOrder(request) : along(ordered);
};
