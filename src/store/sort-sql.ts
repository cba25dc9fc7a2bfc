import type { SqlValue } from '../ports.ts';
import { TABLES } from './criteria-sql.ts';
import { HIGHEST } from './match-sql.ts';
import { allOf, joined, type Piece, p, raw } from './piece.ts';
import type { SearchPosition, SortKey, SortKind } from './search-request.ts';
import { BASE_UNITS } from './types.ts';

/** How an index table sorts resources. */
interface SortedBy {
  /** Columns that tell a resource's values apart; the first one is what it sorts by. */
  readonly ascending: readonly string[];
  readonly descending: readonly string[];
  /** Sorts after, and before, every value. */
  readonly last: string | number;
  readonly first: number;
  /** Which rows count, as a condition on columns. Absent: all. */
  readonly only?: string;
}

const byText = (...columns: readonly string[]): SortedBy => ({
  ascending: columns,
  descending: columns,
  last: HIGHEST,
  // SQLite sorts every number before every text.
  first: Number.MIN_SAFE_INTEGER,
});

const byRange = (last: number, ...more: readonly string[]): SortedBy => ({
  ascending: ['low', 'high', ...more],
  descending: ['high', 'low', ...more],
  last,
  first: -last,
});

/** R4 leaves open how most kinds sort: texts by their folded form, codes and references as they are indexed. */
const SORTED_BY: Readonly<Record<SortKind, SortedBy>> = {
  date: byRange(Number.MAX_SAFE_INTEGER),
  number: byRange(Number.MAX_VALUE),
  quantity: {
    ...byRange(Number.MAX_VALUE, 'system', 'code', 'unit'),
    only: `system <> '${BASE_UNITS}'`,
  },
  string: byText('folded', 'exact'),
  token: byText('code', 'system'),
  uri: byText('value'),
  reference: byText('target_id', 'target_type', 'target_version'),
};

export const kindOf = (key: SortKey): SortKind => key.of ?? 'date';

const columnsOf = (key: SortKey): readonly string[] => {
  const sorted = SORTED_BY[kindOf(key)];
  return key.descending ? sorted.descending : sorted.ascending;
};

const sortColumn = (key: SortKey): string => columnsOf(key)[0] ?? 'id';

const onlyPiece = (key: SortKey, alias: string): Piece => {
  const { only } = SORTED_BY[kindOf(key)];
  return raw(only === undefined ? '' : ` and ${alias}.${only}`);
};

/** Sorts after, or before, every value: resources without a value come last either way. */
export const lastOf = (key: SortKey): string | number => {
  const { first, last } = SORTED_BY[kindOf(key)];
  return key.descending ? first : last;
};

export const direction = (descending: boolean): Piece => raw(descending ? 'desc' : 'asc');

/** Value that a resource sorts by; R4 leaves open which of several, so the first in that order is taken. */
export const keyExpression = (type: string, key: SortKey, id: string, lastUpdated: string): Piece => {
  if (key.by === '_lastUpdated') return raw(lastUpdated);
  // `+` keeps the value's own order out of it: the resource's few rows are found by its id.
  const value = raw(`${key.descending ? 'max' : 'min'}(+d.${sortColumn(key)})`);
  return p`coalesce((select ${value} from ${raw(TABLES[kindOf(key)])} d where d.type = ${type} and d.id = ${raw(id)} and d.param = ${key.by}${onlyPiece(key, 'd')}), ${lastOf(key)})`;
};

/**
 * Rows `id, k0` along the index of a parameter, with these conditions. Of a resource with several values only
 * the one counts that it sorts by.
 */
export const alongKey = (type: string, key: SortKey, conditions: readonly Piece[]): Piece => {
  const table = raw(TABLES[kindOf(key)]);
  const names = (alias: string) =>
    columnsOf(key)
      .map((name) => `${alias}.${name}`)
      .join(', ');
  const better = raw(`(${names('e')}) ${key.descending ? '>' : '<'} (${names('x')})`);
  const where = [
    p`x.type = ${type} and x.param = ${key.by}${onlyPiece(key, 'x')}`,
    p`not exists (select 1 from ${table} e where e.type = ${type} and e.id = x.id and e.param = ${key.by}${onlyPiece(key, 'e')} and ${better})`,
    ...conditions,
  ];
  return p`select x.id as id, ${raw(`x.${sortColumn(key)}`)} as k0 from ${table} x where ${allOf(where)}`;
};

/** What sorts after a position: a comparison of row values, or step by step where directions differ. */
export const afterPiece = (
  columns: readonly (readonly [string, boolean])[],
  values: readonly SqlValue[],
): Piece => {
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

/** True for a position among the resources without a value for the key. */
export const isBeyond = (position: SearchPosition, key: SortKey): boolean => position.keys[0] === lastOf(key);
