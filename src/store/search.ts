import type { Database, Row } from '../ports.ts';
import { createResolve } from './chain-sql.ts';
import { type Source, withinSource } from './criteria-sql.ts';
import { type Included, includedWith } from './includes.ts';
import { p, raw, statementOf } from './piece.ts';
import { versionOf } from './repository.ts';
import { keyOf, numberOf, textOf } from './rows.ts';
import { choosePlan, FEW, type Plan, sortingOf } from './search-plan.ts';
import type { SearchPosition, SearchRequest, SortKey, Within } from './search-request.ts';
import { allMatches, keylessIds, pageIds, pagePiece } from './search-sql.ts';
import { isBeyond } from './sort-sql.ts';
import type { StoredVersion } from './types.ts';

export interface SearchScope {
  readonly within?: Within;
  /** Where the page before this one ended. */
  readonly after?: SearchPosition;
}

export interface SearchPage {
  readonly versions: readonly StoredVersion[];
  /** Where each of them stands in the order of the search. */
  readonly positions: readonly SearchPosition[];
  /** How many match in all; an `estimate` counts to 10 000 at most, `accurate` takes time linear in the matches. */
  readonly total?: number;
  /** Present when there is a further page. */
  readonly next?: SearchPosition;
  /** What came along with the matches; absent when nothing was asked to. */
  readonly included?: Included;
}

export interface Search {
  search(request: SearchRequest, scope?: SearchScope): Promise<SearchPage>;
}

const ESTIMATE_LIMIT = 10_000;

const positionOf = (row: Row, sort: readonly SortKey[]): SearchPosition => ({
  id: textOf(row, 'id'),
  keys: sortingOf(sort).keys.map((_, index) => keyOf(row, `k${index}`)),
});

const countMatches = async (
  db: Database,
  request: SearchRequest,
  plan: Plan,
  sources: readonly Source[],
): Promise<number> => {
  const counted = plan.way === 'keyed' ? { way: 'scanned' as const } : plan;
  const matches = allMatches(request.type, counted, sources, []);
  const limit = request.total === 'estimate' ? p` limit ${ESTIMATE_LIMIT}` : raw('');
  const [row = {}] = await db.query(statementOf(p`select count(*) as n from (${matches}${limit})`));
  return numberOf(row, 'n');
};

/** The rows of a page, and one more when there is a further page. */
const pageRows = async (
  db: Database,
  request: SearchRequest,
  plan: Plan,
  sources: readonly Source[],
  after: SearchPosition | undefined,
): Promise<readonly Row[]> => {
  const limit = request.count + 1;
  const inTail = plan.way === 'keyed' && after !== undefined && isBeyond(after, plan.key);
  const ids = pageIds(request, plan, sources, after, limit);
  const rows = inTail ? [] : await db.query(statementOf(pagePiece(request, ids)));
  if (plan.way !== 'keyed' || rows.length === limit) return rows;
  const from = inTail ? after : undefined;
  const rest = keylessIds(request, plan.key, sources, from, limit - rows.length);
  return [...rows, ...(await db.query(statementOf(pagePiece(request, rest))))];
};

/**
 * Searches over the index tables. Pages are stable: each is what sorts after the position where the one
 * before ended, whatever was written meanwhile. Deleted resources have no index rows and never match.
 *
 * @param few how many matches are still collected and sorted; the answer does not depend on it
 */
export const createSearch = (db: Database, few: number = FEW): Search => ({
  async search(request, { within, after } = {}) {
    const resolve = createResolve(db, few);
    const sources = [
      ...(await resolve(request.type, request.criteria)),
      ...(within === undefined ? [] : [withinSource(request.type, within)]),
    ];
    const plan = await choosePlan(db, request, sources, few);
    if (request.count === 0) {
      return { versions: [], positions: [], total: await countMatches(db, request, plan, sources) };
    }
    const rows = await pageRows(db, request, plan, sources, after);
    const shown = rows.slice(0, request.count);
    const versions = await Promise.all(
      shown.map((row) => versionOf(db, request.type, textOf(row, 'id'), row)),
    );
    const included =
      request.includes === undefined ? undefined : await includedWith(db, request.includes, versions);
    const positions = shown.map((row) => positionOf(row, request.sort));
    const next = rows.length > request.count ? positions.at(-1) : undefined;
    const whole = after === undefined && next === undefined;
    const total = whole ? shown.length : undefined;
    return {
      versions,
      positions,
      ...(request.total === 'none'
        ? {}
        : { total: total ?? (await countMatches(db, request, plan, sources)) }),
      ...(next === undefined ? {} : { next }),
      ...(included === undefined ? {} : { included }),
    };
  },
});
