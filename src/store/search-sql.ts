import type { SqlValue } from '../ports.ts';
import { filterOf, type Source, sourceOf } from './criteria-sql.ts';
import { allOf, joined, type Piece, p, raw } from './piece.ts';
import { COLUMNS } from './repository.ts';
import { type Plan, type Sorting, sortingOf } from './search-plan.ts';
import type { SearchPosition, SearchRequest, SortKey } from './search-request.ts';

/** Sorts after, or before, every value: resources without a value come last either way. */
const lastOf = ({ descending }: SortKey): number =>
  descending ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;

const direction = (descending: boolean): Piece => raw(descending ? 'desc' : 'asc');

/** Value that a resource sorts by; R4 leaves open which of several, so the earliest or the latest is taken. */
const keyExpression = (type: string, key: SortKey, id: string, lastUpdated: string): Piece => {
  if (key.by === '_lastUpdated') return raw(lastUpdated);
  // `+` keeps the date's own order out of it: the resource's few rows are found by its id.
  const value = raw(key.descending ? 'max(+d.high)' : 'min(+d.low)');
  return p`coalesce((select ${value} from idx_date d where d.type = ${type} and d.id = ${raw(id)} and d.param = ${key.by}), ${lastOf(key)})`;
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
export const allMatches = (
  type: string,
  plan: Exclude<Plan, { way: 'dated' }>,
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

/**
 * Rows `id, k0` along the index of a date parameter. Of a resource with several dates only the one counts that
 * it sorts by.
 */
const datedMatches = (type: string, key: SortKey, sources: readonly Source[]): Piece => {
  const better = key.descending
    ? 'e.high > x.high or (e.high = x.high and e.low > x.low)'
    : 'e.low < x.low or (e.low = x.low and e.high < x.high)';
  const where = [
    p`x.type = ${type} and x.param = ${key.by}`,
    p`not exists (select 1 from idx_date e where e.type = ${type} and e.id = x.id and e.param = ${key.by} and (${raw(better)}))`,
    ...sources.map((source) => filterOf(source, 'x.id')),
  ];
  return p`select x.id as id, ${raw(key.descending ? 'x.high' : 'x.low')} as k0 from idx_date x where ${allOf(where)}`;
};

/** A page's worth of matches in their order, from after a position. */
const sortedIds = (
  matches: Piece,
  sorting: Sorting,
  after: SearchPosition | undefined,
  limit: number,
): Piece => {
  const columns: (readonly [string, boolean])[] = [
    ...sorting.keys.map((key, index) => [`q.k${index}`, key.descending] as const),
    ['q.id', sorting.idDescending],
  ];
  const keyset = after === undefined ? raw('true') : afterPiece(columns, [...after.keys, after.id]);
  const order = joined(
    columns.map(([name, descending]) => p`${raw(name)} ${direction(descending)}`),
    ', ',
  );
  return p`select q.* from (${matches}) q where ${keyset} order by ${order} limit ${limit}`;
};

/** The ids and sort values of a page. With a plan along dates: of the resources that have a date. */
export const pageIds = (
  { type, sort }: SearchRequest,
  plan: Plan,
  sources: readonly Source[],
  after: SearchPosition | undefined,
  limit: number,
): Piece => {
  const sorting = sortingOf(sort);
  if (plan.way === 'ordered') {
    const filters = sources.filter((source) => source !== plan.driver);
    return orderedIds(plan.branches, { driver: plan.driver, filters }, sorting, after, limit);
  }
  const matches =
    plan.way === 'dated'
      ? datedMatches(type, plan.key, sources)
      : allMatches(type, plan, sources, sorting.keys);
  return sortedIds(matches, sorting, after, limit);
};

/** True for a position among the resources without a value for the key. */
export const isUndated = (position: SearchPosition, key: SortKey): boolean =>
  position.keys[0] === lastOf(key);

/** The same for the resources without a date, which come after those that have one. */
export const undatedIds = (
  { type }: SearchRequest,
  key: SortKey,
  sources: readonly Source[],
  after: SearchPosition | undefined,
  limit: number,
): Piece => {
  const undated = sourceOf(type, { kind: 'missing', param: key.by, of: 'date', missing: true });
  const matches = allMatches(type, { way: 'scanned' }, [...sources, undated], []);
  const last = p`select u.id as id, ${lastOf(key)} as k0 from (${matches}) u`;
  const sorting: Sorting = { keys: [], idDescending: key.descending };
  const from = after === undefined ? undefined : { keys: [], id: after.id };
  return sortedIds(last, sorting, from, limit);
};

/** The page with its content, which the sorting above need not carry along. */
export const pagePiece = (request: SearchRequest, ids: Piece): Piece => {
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
