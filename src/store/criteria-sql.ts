import {
  compositePieces,
  datePieces,
  instantPiece,
  numberPieces,
  quantityPieces,
  referencePieces,
  renamed,
  stringPieces,
  testing,
  tokenPieces,
  uriPieces,
} from './match-sql.ts';
import { anyOf, type Piece, p, raw } from './piece.ts';
import type { DatePrefix, IndexKind, PlainCriterion, Reach, Within } from './search-request.ts';
import { textPiece } from './text.ts';

/**
 * A criterion as SQL over one table that has a row for each value (or for each resource). `x` is the alias of
 * that table.
 */
export interface Source {
  readonly table: string;
  /** Which rows match, without the keyset. */
  readonly where: Piece;
  /** The matching rows of each alternative, when these lie sorted by id in an index; else undefined. */
  readonly ordered: readonly Piece[] | undefined;
  /** An index leads to the matching rows; else all rows of the parameter would be read. */
  readonly indexed: boolean;
  /** Resources without such a row are meant. */
  readonly negated: boolean;
}

/** SQLite's limit on D1: terms of a compound select. */
const MAX_BRANCHES = 4;

/** The table of each kind of index. */
export const TABLES: Readonly<Record<IndexKind, string>> = {
  token: 'idx_token',
  reference: 'idx_reference',
  date: 'idx_date',
  string: 'idx_string',
  uri: 'idx_uri',
  number: 'idx_number',
  quantity: 'idx_quantity',
  composite: 'idx_composite',
};

interface Access {
  /** The rows of one alternative lie sorted by id, because one value leads to them. */
  readonly sorted: boolean;
  readonly indexed: boolean;
  readonly negated?: boolean;
}

const indexSource = (
  kind: IndexKind,
  type: string,
  param: string,
  alternatives: readonly Piece[],
  { sorted, indexed, negated = false }: Access,
): Source => {
  const start = p`x.type = ${type} and x.param = ${param}`;
  const ordered = sorted && !negated && alternatives.length <= MAX_BRANCHES;
  return {
    table: TABLES[kind],
    where: p`${start} and ${anyOf(alternatives)}`,
    ordered: ordered ? alternatives.map((one) => p`${start} and ${one}`) : undefined,
    indexed: indexed && !negated,
    negated,
  };
};

/** Rows of `resource`; only live ones count. */
export const resourceSource = (
  type: string,
  where: Piece,
  { sorted, indexed = true }: { readonly sorted: boolean; readonly indexed?: boolean },
): Source => {
  const full = p`x.type = ${type} and x.deleted = 0 and ${where}`;
  return {
    table: 'resource',
    where: full,
    ordered: sorted ? [full] : undefined,
    indexed,
    negated: false,
  };
};

export const idSource = (type: string, ids: readonly string[]): Source =>
  resourceSource(type, p`x.id in (select value from json_each(${JSON.stringify(ids)}))`, { sorted: false });

type Compile<C extends PlainCriterion> = (type: string, criterion: C) => Source;

/** Of two ranges that must overlap an index can bound one end alone, and of those that must differ neither. */
const bounded = (matches: readonly { readonly prefix: DatePrefix }[]): boolean =>
  matches.every(({ prefix }) => prefix !== 'ap');

const UNSORTED = { sorted: false } as const;

const COMPILE: { readonly [K in PlainCriterion['kind']]: Compile<Extract<PlainCriterion, { kind: K }>> } = {
  id: (type, { anyOf: ids }) => idSource(type, ids),
  'last-updated': (type, { anyOf: matches }) =>
    resourceSource(type, anyOf(matches.map(instantPiece)), UNSORTED),
  token: (type, { param, anyOf: matches, not: negated }) =>
    indexSource('token', type, param, tokenPieces(matches), { sorted: true, indexed: true, negated }),
  reference: (type, { param, anyOf: matches }) =>
    indexSource('reference', type, param, referencePieces(matches), { sorted: true, indexed: true }),
  date: (type, { param, anyOf: matches }) =>
    indexSource('date', type, param, datePieces(matches), { ...UNSORTED, indexed: bounded(matches) }),
  number: (type, { param, anyOf: matches }) =>
    indexSource('number', type, param, numberPieces(matches), { ...UNSORTED, indexed: bounded(matches) }),
  quantity: (type, { param, anyOf: matches }) =>
    indexSource('quantity', type, param, quantityPieces(matches), { ...UNSORTED, indexed: bounded(matches) }),
  composite: (type, { param, anyOf: matches }) => {
    const byCode = matches.every(([first]) => first?.of === 'token' && first.match.code !== undefined);
    return indexSource('composite', type, param, compositePieces(matches), {
      sorted: byCode,
      indexed: byCode,
    });
  },
  string: (type, { param, anyOf: matches }) => {
    const sorted = matches.every((one) => one.match === 'exact');
    const indexed = matches.every((one) => one.match !== 'contains');
    return indexSource('string', type, param, stringPieces(matches), { sorted, indexed });
  },
  uri: (type, { param, anyOf: matches }) => {
    const sorted = matches.every((one) => one.match === 'exact');
    const indexed = matches.every((one) => one.match !== 'above');
    return indexSource('uri', type, param, uriPieces(matches), { sorted, indexed });
  },
  text: (type, { anyOf: queries }) => ({
    table: 'text_of',
    // `+`: the words lead to the rows, not the type that most of them share.
    where: p`+x.type = ${type} and ${anyOf(queries.map(textPiece))}`,
    ordered: undefined,
    indexed: true,
    negated: false,
  }),
  missing: (type, { param, of, missing }) =>
    indexSource(of, type, param, [raw('true')], { ...UNSORTED, indexed: true, negated: missing }),
};

const compileOne = <K extends PlainCriterion['kind']>(
  kind: K,
  type: string,
  criterion: Extract<PlainCriterion, { kind: K }>,
): Source => COMPILE[kind](type, criterion);

/** One criterion about a resource's own values, of a search over resources of this type. */
export const sourceOf = (type: string, criterion: PlainCriterion): Source =>
  compileOne(criterion.kind, type, criterion);

const withinPiece = (within: Within): { readonly where: Piece; readonly sorted: boolean } => {
  const [column, values] = 'owners' in within ? ['owner', within.owners] : ['patient', within.patients];
  const name = raw(`x.${column}`);
  const [only] = values;
  if (values.length === 1 && only !== undefined) return { where: p`${name} = ${only}`, sorted: true };
  return {
    where: p`${name} in (select value from json_each(${JSON.stringify(values)}))`,
    sorted: false,
  };
};

export const withinSource = (type: string, within: Within): Source => {
  const { where, sorted } = withinPiece(within);
  return resourceSource(type, where, { sorted });
};

/**
 * A source as a condition on the resource whose id an expression names. Its alias becomes another one than any
 * that it speaks of already, so that conditions may lie within each other.
 */
export const filterOf = ({ table, where, negated }: Source, id: string): Piece => {
  let depth = 0;
  while (where.sql.includes(`y${depth}.`)) depth += 1;
  const alias = `y${depth}`;
  const exists = raw(negated ? 'not exists' : 'exists');
  return p`${exists} (select 1 from ${raw(`${table} ${alias}`)} where ${testing(where, alias)} and ${raw(`${alias}.id = ${id}`)})`;
};

/** What a resource must meet for a caller to see it; none: nothing. */
export const reachSources = (type: string, { within, criteria = [] }: Reach): readonly Source[] => [
  ...criteria.map((criterion) => sourceOf(type, criterion)),
  ...(within === undefined ? [] : [withinSource(type, within)]),
];

/** The same as conditions on a row of `resource` or `history`, where the resource itself need not be live. */
export const reachPieces = (
  type: string,
  { within, criteria = [] }: Reach,
  alias: string,
): readonly Piece[] => [
  ...(within === undefined ? [] : [renamed(withinPiece(within).where, alias)]),
  ...criteria.map((criterion) => filterOf(sourceOf(type, criterion), `${alias}.id`)),
];
