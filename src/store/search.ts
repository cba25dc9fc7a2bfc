import type { Database, Row, SqlValue } from '../ports.ts';
import { filterOf, type Source, sourceOf, withinSource } from './criteria-sql.ts';
import { allOf, joined, type Piece, p, raw, statementOf } from './piece.ts';
import { COLUMNS, versionOf } from './repository.ts';
import { numberOf, textOf } from './rows.ts';
import { choosePlan, type Plan, type Sorting, sortingOf } from './search-plan.ts';
import type { SearchPosition, SearchRequest, SortKey, Within } from './search-request.ts';
import type { StoredVersion } from './types.ts';

export interface SearchScope {
  readonly within?: Within;
  /** Where the page before this one ended. */
  readonly after?: SearchPosition;
}

export interface SearchPage {
  readonly versions: readonly StoredVersion[];
  /** How many match in all; an `estimate` counts to 10 000 at most, `accurate` takes time linear in the matches. */
  readonly total?: number;
  /** Present when there is a further page. */
  readonly next?: SearchPosition;
}

export interface Search {
  search(request: SearchRequest, scope?: SearchScope): Promise<SearchPage>;
}

const ESTIMATE_LIMIT = 10_000;

/** Sorts after, or before, every value: resources without a value come last either way. */
const LAST = { ascending: Number.MAX_SAFE_INTEGER, descending: Number.MIN_SAFE_INTEGER };

const direction = (descending: boolean): Piece => raw(descending ? 'desc' : 'asc');

/** Value that a resource sorts by; R4 leaves open which of several, so the earliest or the latest is taken. */
const keyExpression = (type: string, key: SortKey, id: string, lastUpdated: string): Piece => {
  if (key.by === '_lastUpdated') return raw(lastUpdated);
  // `+` keeps the date's own order out of it: the resource's few rows are found by its id.
  const value = raw(key.descending ? 'max(+d.high)' : 'min(+d.low)');
  const last = key.descending ? LAST.descending : LAST.ascending;
  return p`coalesce((select ${value} from idx_date d where d.type = ${type} and d.id = ${raw(id)} and d.param = ${key.by}), ${last})`;
};

/** What sorts after a position: a comparison of row values, or step by step where directions differ. */
const afterPiece = (columns: readonly (readonly [string, boolean])[], values: readonly SqlValue[]): Piece => {
  const [first] = columns;
  const same = columns.every(([, descending]) => descending === first?.[1]);
  if (same) {
    const names = raw(columns.map(([name]) => name).join(', '));
    const bound = joined(
      values.map((value) => p`${value}`),
      ', ',
    );
    return p`(${names}) ${raw(first?.[1] === true ? '<' : '>')} (${bound})`;
  }
  const steps = columns.map(([name, descending], index) => {
    const equal = columns.slice(0, index).map(([before], at) => p`${raw(before)} = ${values[at] ?? null}`);
    return p`(${allOf([...equal, p`${raw(name)} ${raw(descending ? '<' : '>')} ${values[index] ?? null}`])})`;
  });
  return p`(${joined(steps, ' or ')})`;
};

/** The ids of a page along one source's own order, or merged from several. */
const orderedIds = (
  branches: readonly Piece[],
  { driver, filters }: { readonly driver: Source; readonly filters: readonly Source[] },
  { idDescending }: Sorting,
  after: SearchPosition | undefined,
  limit: number,
): Piece => {
  const order = direction(idDescending);
  const keyset = after === undefined ? [] : [afterPiece([['x.id', idDescending]], [after.id])];
  const rest = [...keyset, ...filters.map((source) => filterOf(source, 'x.id'))];
  const selects = branches.map(
    (branch) =>
      p`select distinct x.id as id from ${raw(driver.table)} x where ${allOf([branch, ...rest])} order by x.id ${order} limit ${limit}`,
  );
  const [only] = selects;
  if (selects.length === 1 && only !== undefined) return only;
  const merged = joined(
    selects.map((one) => p`select id from (${one})`),
    ' union ',
  );
  return p`${merged} order by id ${order} limit ${limit}`;
};

/** A range of times that is read along another order must not tempt the store into sorting it. */
const withoutTimeIndex = (where: Piece): Piece => ({
  sql: where.sql.replaceAll('x.last_updated', '+x.last_updated'),
  params: where.params,
});

/** Rows `id, k0, k1 …` of everything that matches, unsorted. */
const allMatches = (
  type: string,
  plan: Plan,
  sources: readonly Source[],
  keys: readonly SortKey[],
): Piece => {
  const scanned = plan.way === 'scanned';
  const id = scanned ? 'x.id' : 's.id';
  const time = scanned ? 'x.last_updated' : 'r.last_updated';
  const columns = [
    raw(`${id} as id`),
    ...keys.map((key, index) => p`${keyExpression(type, key, id, time)} as ${raw(`k${index}`)}`),
  ];
  const selected = joined(columns, ', ');
  if (scanned) {
    const byTime = keys[0]?.by === '_lastUpdated';
    const merged = sources.filter((source) => source.table === 'resource');
    const filters = sources.filter((source) => source.table !== 'resource');
    const where = [
      p`x.type = ${type} and x.deleted = 0`,
      ...merged.map((source) => (byTime ? source.where : withoutTimeIndex(source.where))),
      ...filters.map((source) => filterOf(source, 'x.id')),
    ];
    return p`select ${selected} from resource x where ${allOf(where)}`;
  }
  const filters = sources
    .filter((source) => source !== plan.driver)
    .map((source) => filterOf(source, 's.id'));
  const driver = p`(select distinct x.id as id from ${raw(plan.driver.table)} x where ${plan.driver.where}) s`;
  const timed = keys.some((key) => key.by === '_lastUpdated');
  const join = timed ? p` cross join resource r on r.type = ${type} and r.id = s.id` : raw('');
  return p`select ${selected} from ${driver}${join} where ${allOf(filters)}`;
};

const pageIds = (
  request: SearchRequest,
  plan: Plan,
  sources: readonly Source[],
  after: SearchPosition | undefined,
  limit: number,
): Piece => {
  const sorting = sortingOf(request.sort);
  if (plan.way === 'ordered') {
    const filters = sources.filter((source) => source !== plan.driver);
    return orderedIds(plan.branches, { driver: plan.driver, filters }, sorting, after, limit);
  }
  const columns: (readonly [string, boolean])[] = [
    ...sorting.keys.map((key, index) => [`q.k${index}`, key.descending] as const),
    ['q.id', sorting.idDescending],
  ];
  const keyset = after === undefined ? raw('true') : afterPiece(columns, [...after.keys, after.id]);
  const order = joined(
    columns.map(([name, descending]) => p`${raw(name)} ${direction(descending)}`),
    ', ',
  );
  const matches = allMatches(request.type, plan, sources, sorting.keys);
  return p`select q.* from (${matches}) q where ${keyset} order by ${order} limit ${limit}`;
};

/** The page with its content, which the sorting above need not carry along. */
const pagePiece = (request: SearchRequest, ids: Piece): Piece => {
  const sorting = sortingOf(request.sort);
  const keys = sorting.keys.map((_, index) => `m.k${index}`);
  const columns = raw(['m.id', ...keys, COLUMNS].join(', '));
  const order = joined(
    [
      ...sorting.keys.map((key, index) => p`${raw(`m.k${index}`)} ${direction(key.descending)}`),
      p`m.id ${direction(sorting.idDescending)}`,
    ],
    ', ',
  );
  return p`select ${columns} from (${ids}) m cross join resource c on c.type = ${request.type} and c.id = m.id order by ${order}`;
};

const positionOf = (row: Row, sort: readonly SortKey[]): SearchPosition => ({
  id: textOf(row, 'id'),
  keys: sortingOf(sort).keys.map((_, index) => numberOf(row, `k${index}`)),
});

const countMatches = async (
  db: Database,
  request: SearchRequest,
  plan: Plan,
  sources: readonly Source[],
): Promise<number> => {
  const matches = allMatches(request.type, plan, sources, []);
  const limit = request.total === 'estimate' ? p` limit ${ESTIMATE_LIMIT}` : raw('');
  const [row = {}] = await db.query(statementOf(p`select count(*) as n from (${matches}${limit})`));
  return numberOf(row, 'n');
};

/**
 * Searches over the index tables. Pages are stable: each is what sorts after the position where the one
 * before ended, whatever was written meanwhile. Deleted resources have no index rows and never match.
 */
export const createSearch = (db: Database): Search => ({
  async search(request, { within, after } = {}) {
    const sources = request.criteria.map((criterion) => sourceOf(request.type, criterion));
    if (within !== undefined) sources.push(withinSource(request.type, within));
    const plan = await choosePlan(db, request, sources);
    if (request.count === 0) return { versions: [], total: await countMatches(db, request, plan, sources) };
    const ids = pageIds(request, plan, sources, after, request.count + 1);
    const rows = await db.query(statementOf(pagePiece(request, ids)));
    const shown = rows.slice(0, request.count);
    const versions = await Promise.all(
      shown.map((row) => versionOf(db, request.type, textOf(row, 'id'), row)),
    );
    const last = rows.length > request.count ? shown.at(-1) : undefined;
    const whole = after === undefined && last === undefined;
    const total = whole ? shown.length : undefined;
    return {
      versions,
      ...(request.total === 'none'
        ? {}
        : { total: total ?? (await countMatches(db, request, plan, sources)) }),
      ...(last === undefined ? {} : { next: positionOf(last, request.sort) }),
    };
  },
});
