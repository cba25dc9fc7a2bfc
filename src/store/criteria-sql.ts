import { INDEXED_UNITS } from './index-statements.ts';
import { allOf, anyOf, type Piece, p, raw } from './piece.ts';
import type {
  Criterion,
  DateMatch,
  ReferenceMatch,
  StringMatch,
  TokenMatch,
  UriMatch,
  Within,
} from './search-request.ts';

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

/** Above everything that starts with a text: no character sorts higher. */
const HIGHEST = '\u{10FFFF}';

/** SQLite's limits on D1: terms of a compound select, and depth of an expression. */
const MAX_BRANCHES = 4;
const MAX_ALTERNATIVES = 20;

const short = (value: string): string => value.slice(0, INDEXED_UNITS);

const tokenAlternative = ({ system, code }: TokenMatch): Piece => {
  if (code === undefined) return p`x.system = ${short(system ?? '')}`;
  const byCode = p`x.code = ${short(code)}`;
  if (system === undefined) return byCode;
  // `+` keeps the index by system out of it: many codes share a system, few resources a code.
  return p`${byCode} and +x.system = ${short(system ?? '')}`;
};

const referenceAlternative = ({ type, id, version }: ReferenceMatch): Piece => {
  const parts: Piece[] = [p`x.target_id = ${short(id)}`];
  if (type !== undefined) parts.push(p`x.target_type = ${type ?? ''}`);
  if (version !== undefined) parts.push(p`x.target_version = ${version}`);
  return allOf(parts);
};

/** R4, search, "prefixes": how the range of the value and the range of the resource must lie. */
const DATE_RULES: Readonly<Record<DateMatch['prefix'], (low: number, high: number) => Piece>> = {
  eq: (low, high) => p`(x.low between ${low} and ${high} and x.high <= ${high})`,
  ne: (low, high) => p`(x.low < ${low} or x.high > ${high})`,
  gt: (_low, high) => p`x.high > ${high}`,
  lt: (low) => p`x.low < ${low}`,
  ge: (low, high) => p`(x.high > ${high} or (x.low >= ${low} and x.high <= ${high}))`,
  le: (low, high) => p`(x.low < ${low} or (x.low >= ${low} and x.high <= ${high}))`,
  sa: (_low, high) => p`x.low > ${high}`,
  eb: (low) => p`x.high < ${low}`,
  ap: (low, high) => p`(x.low <= ${high} and x.high >= ${low})`,
};

/** The same for an instant, which begins and ends at once. */
const INSTANT_RULES: Readonly<Record<DateMatch['prefix'], (low: number, high: number) => Piece>> = {
  eq: (low, high) => p`x.last_updated between ${low} and ${high}`,
  ne: (low, high) => p`(x.last_updated < ${low} or x.last_updated > ${high})`,
  gt: (_low, high) => p`x.last_updated > ${high}`,
  lt: (low) => p`x.last_updated < ${low}`,
  ge: (low) => p`x.last_updated >= ${low}`,
  le: (_low, high) => p`x.last_updated <= ${high}`,
  sa: (_low, high) => p`x.last_updated > ${high}`,
  eb: (low) => p`x.last_updated < ${low}`,
  ap: (low, high) => p`x.last_updated between ${low} and ${high}`,
};

const STRING_RULES: Readonly<Record<StringMatch['match'], (match: StringMatch) => Piece>> = {
  exact: ({ folded, exact }) => p`(x.folded = ${short(folded)} and x.exact = ${short(exact)})`,
  starts: ({ folded }) => p`(x.folded >= ${short(folded)} and x.folded < ${short(folded) + HIGHEST})`,
  contains: ({ folded }) => p`instr(x.folded, ${short(folded)}) > 0`,
};

const URI_RULES: Readonly<Record<UriMatch['match'], (value: string) => Piece>> = {
  exact: (value) => p`x.value = ${value}`,
  below: (value) => p`(x.value >= ${value} and x.value < ${value + HIGHEST})`,
  above: (value) => p`substr(${value}, 1, length(x.value)) = x.value`,
};

const TABLES = {
  token: 'idx_token',
  reference: 'idx_reference',
  date: 'idx_date',
  string: 'idx_string',
  uri: 'idx_uri',
} as const;

type IndexKind = keyof typeof TABLES;

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

/** Many values that are looked up, as one JSON parameter: `[[first, second | null] …]`. */
const listed = (
  first: string,
  second: string,
  pairs: readonly (readonly [string, string | null])[],
): Piece => {
  const list = JSON.stringify(pairs);
  return p`${raw(first)} in (select value ->> 0 from json_each(${list})) and exists (select 1 from json_each(${list}) v where v.value ->> 0 = ${raw(first)} and (v.value ->> 1 is null or v.value ->> 1 = ${raw(second)}))`;
};

const tokenAlternatives = (matches: readonly TokenMatch[]): readonly Piece[] => {
  if (matches.length <= MAX_ALTERNATIVES) return matches.map(tokenAlternative);
  const withCode = matches.filter((match) => match.code !== undefined);
  const systems = matches
    .filter((match) => match.code === undefined)
    .map((match) => short(match.system ?? ''));
  const pairs = withCode.map(
    ({ code, system }) => [short(code ?? ''), system === undefined ? null : short(system ?? '')] as const,
  );
  const bySystem = p`x.system in (select value from json_each(${JSON.stringify(systems)}))`;
  return [...(pairs.length > 0 ? [p`(${listed('x.code', 'x.system', pairs)})`] : []), bySystem];
};

const referenceAlternatives = (matches: readonly ReferenceMatch[]): readonly Piece[] => {
  if (matches.length <= MAX_ALTERNATIVES) return matches.map(referenceAlternative);
  const versioned = matches.filter((match) => match.version !== undefined);
  const pairs = matches
    .filter((match) => match.version === undefined)
    .map(({ id, type }) => [short(id), type === undefined ? null : (type ?? '')] as const);
  const plain = pairs.length > 0 ? [p`(${listed('x.target_id', 'x.target_type', pairs)})`] : [];
  return [...plain, ...versioned.slice(0, MAX_ALTERNATIVES).map(referenceAlternative)];
};

/** Rows of `resource`; only live ones count. */
const resourceSource = (type: string, where: Piece, sorted: boolean): Source => {
  const full = p`x.type = ${type} and x.deleted = 0 and ${where}`;
  return {
    table: 'resource',
    where: full,
    ordered: sorted ? [full] : undefined,
    indexed: true,
    negated: false,
  };
};

type Compile<C extends Criterion> = (type: string, criterion: C) => Source;

const COMPILE: { readonly [K in Criterion['kind']]: Compile<Extract<Criterion, { kind: K }>> } = {
  id: (type, { anyOf: ids }) =>
    resourceSource(type, p`x.id in (select value from json_each(${JSON.stringify(ids)}))`, false),
  'last-updated': (type, { anyOf: matches }) =>
    resourceSource(type, anyOf(matches.map((one) => INSTANT_RULES[one.prefix](one.low, one.high))), false),
  token: (type, { param, anyOf: matches, not: negated }) =>
    indexSource('token', type, param, tokenAlternatives(matches), { sorted: true, indexed: true, negated }),
  reference: (type, { param, anyOf: matches }) =>
    indexSource('reference', type, param, referenceAlternatives(matches), { sorted: true, indexed: true }),
  date: (type, { param, anyOf: matches }) => {
    const alternatives = matches.map((one) => DATE_RULES[one.prefix](one.low, one.high));
    // Of two ranges that must overlap, an index can bound one end alone.
    const indexed = matches.every((one) => one.prefix !== 'ap');
    return indexSource('date', type, param, alternatives, { sorted: false, indexed });
  },
  string: (type, { param, anyOf: matches }) => {
    const alternatives = matches.map((one) => STRING_RULES[one.match](one));
    const sorted = matches.every((one) => one.match === 'exact');
    const indexed = matches.every((one) => one.match !== 'contains');
    return indexSource('string', type, param, alternatives, { sorted, indexed });
  },
  uri: (type, { param, anyOf: matches }) => {
    const alternatives = matches.map((one) => URI_RULES[one.match](short(one.value)));
    const sorted = matches.every((one) => one.match === 'exact');
    const indexed = matches.every((one) => one.match !== 'above');
    return indexSource('uri', type, param, alternatives, { sorted, indexed });
  },
  missing: (type, { param, of, missing }) =>
    indexSource(of, type, param, [raw('true')], { sorted: false, indexed: true, negated: missing }),
};

const compileOne = <K extends Criterion['kind']>(
  kind: K,
  type: string,
  criterion: Extract<Criterion, { kind: K }>,
): Source => COMPILE[kind](type, criterion);

/** One criterion of a search over resources of this type. */
export const sourceOf = (type: string, criterion: Criterion): Source =>
  compileOne(criterion.kind, type, criterion);

export const withinSource = (type: string, within: Within): Source => {
  if ('owner' in within) return resourceSource(type, p`x.owner = ${within.owner}`, true);
  const [only] = within.patients;
  if (within.patients.length === 1 && only !== undefined) {
    return resourceSource(type, p`x.patient = ${only}`, true);
  }
  const list = JSON.stringify(within.patients);
  return resourceSource(type, p`x.patient in (select value from json_each(${list}))`, false);
};

/**
 * A source as a condition on the resource whose id an expression names. Its alias becomes `y`, so that the
 * expression may speak of an outer `x`.
 */
export const filterOf = ({ table, where, negated }: Source, id: string): Piece => {
  const inner: Piece = { sql: where.sql.replace(/\bx\./g, 'y.'), params: where.params };
  const exists = raw(negated ? 'not exists' : 'exists');
  return p`${exists} (select 1 from ${raw(table)} y where ${inner} and y.id = ${raw(id)})`;
};
