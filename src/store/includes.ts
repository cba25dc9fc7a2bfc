import type { Database, Row } from '../ports.ts';
import { namedBy } from './canonical-sql.ts';
import { reachPieces } from './criteria-sql.ts';
import { allOf, anyOf, type Piece, p, raw, statementOf } from './piece.ts';
import { COLUMNS, versionOf } from './repository.ts';
import { numberOf, textOf } from './rows.ts';
import type { Include } from './search-request.ts';
import type { StoredVersion } from './types.ts';

/** What came along with a page. */
export interface Included {
  /** In the order of type and id within each round; never one of the matches. */
  readonly versions: readonly StoredVersion[];
  /** More would have come along than a page takes. */
  readonly cut: boolean;
}

interface Found {
  readonly type: string;
  readonly id: string;
}

/** Resources that may come along with a page, and how often what came along is looked at again. */
const MAX_INCLUDED = 1_000;
const MAX_ROUNDS = 10;

const list = (values: readonly string[]): Piece =>
  p`(select value from json_each(${JSON.stringify(values)}))`;

/** The same to begin a join with: an index is then entered once for each value, whatever the order asked for. */
const each = (values: readonly string[]): Piece => p`json_each(${JSON.stringify(values)})`;

/** Types that may come along, each as far as it is seen. Types seen as a whole share one condition. */
const yieldPiece = ({ yields }: Include): Piece => {
  const parts = yields.map(({ type, reach }) => ({ type, conditions: reachPieces(type, reach, 'v') }));
  const whole = parts.filter(({ conditions }) => conditions.length === 0).map(({ type }) => type);
  const narrowed = parts.filter(({ conditions }) => conditions.length > 0);
  return anyOf([
    ...(whole.length > 0 ? [p`v.type in ${list(whole)}`] : []),
    ...narrowed.map(({ type, conditions }) => p`(v.type = ${type} and ${allOf(conditions)})`),
  ]);
};

const VERSION = COLUMNS.split(', ')
  .map((name) => `v.${name}`)
  .join(', ');

/** Rows of `table`, which has the alias v, that the seeds `t, i, n` (type, id, version) name. */
const rowsOf = (table: string, seeds: Piece, include: Include, on: string): Piece =>
  p`select v.type as type, v.id as id, ${raw(VERSION)} from (${seeds}) m cross join ${raw(`${table} v on ${on}`)} where v.deleted = 0 and ${yieldPiece(include)} order by v.type, v.id limit ${MAX_INCLUDED + 1}`;

const CURRENT = 'v.type = m.t and v.id = m.i';
/** R4: of a reference to a version that version is meant. */
const NAMED = `${CURRENT} and v.version = cast(m.n as integer)`;

const forward = (include: Include, ids: readonly string[]): readonly Piece[] => {
  const seeds = (versioned: boolean) =>
    p`select distinct x.target_type as t, x.target_id as i, x.target_version as n from ${each(ids)} s cross join idx_reference x where x.type = ${include.source} and x.id = s.value and x.param in ${list(include.params)} and x.target_version ${raw(versioned ? '<>' : '=')} ''`;
  const { canonical, yields } = include;
  const types = yields.map(({ type }) => type);
  const named =
    canonical === undefined
      ? []
      : [
          p`select distinct u.type as t, u.id as i from ${each(ids)} s cross join idx_reference x cross join json_each(${JSON.stringify(types)}) y cross join idx_uri u where x.type = ${include.source} and x.id = s.value and x.param in ${list(canonical)} and ${namedBy('x', raw('y.value'))}`,
        ];
  return [
    rowsOf('resource', seeds(false), include, CURRENT),
    rowsOf('history', seeds(true), include, NAMED),
    ...named.map((pairs) => rowsOf('resource', pairs, include, CURRENT)),
  ];
};

const reverse = (include: Include, type: string, ids: readonly string[]): readonly Piece[] => {
  const seeds = p`select distinct x.type as t, x.id as i from ${each(ids)} s cross join idx_reference x where x.type = ${include.source} and x.param in ${list(include.params)} and x.target_id = s.value and +x.target_type = ${type}`;
  const { canonical } = include;
  const naming =
    canonical === undefined
      ? []
      : [
          p`select distinct x.type as t, x.id as i from ${each(ids)} s cross join idx_uri u cross join idx_reference x where u.id = s.value and x.type = ${include.source} and x.param in ${list(canonical)} and ${namedBy('x', p`${type}`)}`,
        ];
  return [seeds, ...naming].map((pairs) => rowsOf('resource', pairs, include, CURRENT));
};

const byType = (found: readonly Found[]): ReadonlyMap<string, readonly string[]> => {
  const types = new Map<string, string[]>();
  for (const { type, id } of found) {
    const ids = types.get(type) ?? [];
    ids.push(id);
    types.set(type, ids);
  }
  return types;
};

/** The statements that one include comes to for these resources. */
const piecesOf = (include: Include, found: readonly Found[]): readonly Piece[] => {
  const types = byType(found);
  if (include.direction === 'forward') {
    const ids = types.get(include.source);
    return ids === undefined ? [] : forward(include, ids);
  }
  return [...types]
    .filter(([type]) => include.target === undefined || include.target === type)
    .flatMap(([type, ids]) => reverse(include, type, ids));
};

const keyOf = (row: Row): string => `${textOf(row, 'type')}/${textOf(row, 'id')}/${numberOf(row, 'version')}`;

/**
 * What comes along with the matches of a page, `:iterate` followed until nothing new comes. Resources that the
 * caller does not see are left out as if they were not there.
 */
export const includedWith = async (
  db: Database,
  includes: readonly Include[],
  matches: readonly StoredVersion[],
): Promise<Included> => {
  const known = new Set(matches.map(({ type, id, version }) => `${type}/${id}/${version}`));
  const rows: Row[] = [];
  let seeds: readonly Found[] = matches;
  for (let round = 0; round < MAX_ROUNDS && seeds.length > 0; round += 1) {
    const used = round === 0 ? includes : includes.filter(({ iterate }) => iterate);
    const pieces = used.flatMap((include) => piecesOf(include, seeds));
    const found = await Promise.all(pieces.map((piece) => db.query(statementOf(piece))));
    const fresh: Row[] = [];
    for (const row of found.flat()) {
      if (known.has(keyOf(row))) continue;
      known.add(keyOf(row));
      fresh.push(row);
    }
    rows.push(...fresh);
    seeds = fresh.map((row) => ({ type: textOf(row, 'type'), id: textOf(row, 'id') }));
    if (rows.length > MAX_INCLUDED) break;
  }
  const versions = await Promise.all(
    rows.slice(0, MAX_INCLUDED).map((row) => versionOf(db, textOf(row, 'type'), textOf(row, 'id'), row)),
  );
  return { versions, cut: rows.length > MAX_INCLUDED };
};
