import { filterOf, type Source, sourceOf } from './criteria-sql.ts';
import { allOf, joined, type Piece, p, raw } from './piece.ts';
import { COLUMNS } from './repository.ts';
import { type Plan, type Sorting, sortingOf } from './search-plan.ts';
import type { SearchPosition, SearchRequest, SortKey } from './search-request.ts';
import { afterPiece, alongKey, direction, keyExpression, kindOf, lastOf } from './sort-sql.ts';

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
  plan: Exclude<Plan, { way: 'keyed' }>,
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
  // `+` so that nobody reads along the ids, all of them, to save itself the sorting of a few.
  const driver = p`(select distinct +x.id as id from ${raw(plan.driver.table)} x where ${plan.driver.where}) s`;
  const timed = keys.some((key) => key.by === '_lastUpdated');
  const join = timed ? p` cross join resource r on r.type = ${type} and r.id = s.id` : raw('');
  return p`select ${selected} from ${driver}${join} where ${allOf(filters)}`;
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

/** The ids and sort values of a page. With a plan along a key: of the resources that have it. */
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
    plan.way === 'keyed'
      ? alongKey(
          type,
          plan.key,
          sources.map((source) => filterOf(source, 'x.id')),
        )
      : allMatches(type, plan, sources, sorting.keys);
  return sortedIds(matches, sorting, after, limit);
};

/** The same for the resources without a value to sort by, which come after those that have one. */
export const keylessIds = (
  { type }: SearchRequest,
  key: SortKey,
  sources: readonly Source[],
  after: SearchPosition | undefined,
  limit: number,
): Piece => {
  const keyless = sourceOf(type, { kind: 'missing', param: key.by, of: kindOf(key), missing: true });
  const matches = allMatches(type, { way: 'scanned' }, [...sources, keyless], []);
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
