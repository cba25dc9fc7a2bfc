import { INDEXED_UNITS } from './index-statements.ts';
import { allOf, type Piece, p, raw } from './piece.ts';
import type {
  ComponentMatch,
  DateMatch,
  DatePrefix,
  NumberMatch,
  QuantityMatch,
  ReferenceMatch,
  StringMatch,
  TokenMatch,
  UriMatch,
} from './search-request.ts';
import { BASE_UNITS } from './types.ts';

/** One value of a criterion as a condition on a row of an index table; `x` is the alias of that table. */

/** Above everything that starts with a text: no character sorts higher. */
export const HIGHEST = '\u{10FFFF}';

/** Values that are looked up are written out one by one up to here; more travel as a list. */
const MAX_ALTERNATIVES = 20;

const short = (value: string): string => value.slice(0, INDEXED_UNITS);

const tokenPiece = ({ system, code }: TokenMatch): Piece => {
  if (code === undefined) return p`x.system = ${short(system ?? '')}`;
  const byCode = p`x.code = ${short(code)}`;
  if (system === undefined) return byCode;
  // `+` keeps the index by system out of it: many codes share a system, few resources a code.
  return p`${byCode} and +x.system = ${short(system ?? '')}`;
};

const referencePiece = ({ type, id, version }: ReferenceMatch): Piece => {
  const parts: Piece[] = [p`x.target_id = ${short(id)}`];
  // `+` keeps the index of who refers to a resource out of it, which knows no parameter.
  if (type !== undefined) parts.push(p`+x.target_type = ${type ?? ''}`);
  if (version !== undefined) parts.push(p`x.target_version = ${version}`);
  return allOf(parts);
};

type RangeRules = Readonly<Record<DatePrefix, (low: number, high: number) => Piece>>;

/** R4, search, "prefixes": how the range of the value and the range of the resource must lie. */
const DATE_RULES: RangeRules = {
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

/** The same for numbers: `eq` and `ne` by precision and without the upper end, the others by the number itself. */
const NUMBER_RULES: RangeRules = {
  eq: (low, high) => p`(x.low >= ${low} and x.low < ${high} and x.high < ${high})`,
  ne: (low, high) => p`(x.low < ${low} or x.high >= ${high})`,
  gt: (_low, high) => p`x.high > ${high}`,
  lt: (low) => p`x.low < ${low}`,
  ge: (_low, high) => p`x.high >= ${high}`,
  le: (low) => p`x.low <= ${low}`,
  sa: (_low, high) => p`x.low > ${high}`,
  eb: (low) => p`x.high < ${low}`,
  ap: (low, high) => p`(x.low <= ${high} and x.high >= ${low})`,
};

const datePiece = ({ prefix, low, high }: DateMatch): Piece => DATE_RULES[prefix](low, high);

const numberPiece = ({ prefix, low, high }: NumberMatch): Piece => NUMBER_RULES[prefix](low, high);

/** R4: without a system the last part is "either the code or the display of the unit". */
const quantityPiece = (match: QuantityMatch): Piece => {
  const { system, code, unit } = match;
  const parts: Piece[] = [numberPiece(match)];
  if (unit !== undefined) parts.push(p`(x.code = ${short(unit)} or x.unit = ${short(unit)})`);
  // What is said in base units besides is found by those alone.
  parts.push(system === undefined ? raw(`+x.system <> '${BASE_UNITS}'`) : p`x.system = ${short(system)}`);
  if (code !== undefined) parts.push(p`+x.code = ${short(code)}`);
  return p`(${allOf(parts)})`;
};

/** The same rules for an instant, which begins and ends at once. */
const INSTANT_RULES: RangeRules = {
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

/** On a row of `resource`. */
export const instantPiece = ({ prefix, low, high }: DateMatch): Piece => INSTANT_RULES[prefix](low, high);

const STRING_RULES: Readonly<Record<StringMatch['match'], (match: StringMatch) => Piece>> = {
  exact: ({ folded, exact }) => p`(x.folded = ${short(folded)} and x.exact = ${short(exact)})`,
  starts: ({ folded }) => p`(x.folded >= ${short(folded)} and x.folded < ${short(folded) + HIGHEST})`,
  contains: ({ folded }) => p`instr(x.folded, ${short(folded)}) > 0`,
};

const stringPiece = (match: StringMatch): Piece => STRING_RULES[match.match](match);

const URI_RULES: Readonly<Record<UriMatch['match'], (value: string) => Piece>> = {
  exact: (value) => p`x.value = ${value}`,
  below: (value) => p`(x.value >= ${value} and x.value < ${value + HIGHEST})`,
  above: (value) => p`substr(${value}, 1, length(x.value)) = x.value`,
};

const uriPiece = ({ match, value }: UriMatch): Piece => URI_RULES[match](short(value));

/** Many values that are looked up, as one JSON parameter: `[[first, second | null] …]`. */
const listed = (
  first: string,
  second: string,
  pairs: readonly (readonly [string, string | null])[],
): Piece => {
  const list = JSON.stringify(pairs);
  return p`(${raw(first)} in (select value ->> 0 from json_each(${list})) and exists (select 1 from json_each(${list}) v where v.value ->> 0 = ${raw(first)} and (v.value ->> 1 is null or v.value ->> 1 = ${raw(second)})))`;
};

/** The alternatives of a token; never none, so that an empty value set finds nothing. */
export const tokenPieces = (matches: readonly TokenMatch[]): readonly Piece[] => {
  if (matches.length === 0) return [raw('false')];
  if (matches.length <= MAX_ALTERNATIVES) return matches.map(tokenPiece);
  const withCode = matches.filter((match) => match.code !== undefined);
  const systems = matches
    .filter((match) => match.code === undefined)
    .map((match) => short(match.system ?? ''));
  const pairs = withCode.map(
    ({ code, system }) => [short(code ?? ''), system === undefined ? null : short(system ?? '')] as const,
  );
  const bySystem = p`x.system in (select value from json_each(${JSON.stringify(systems)}))`;
  return [
    ...(pairs.length > 0 ? [listed('x.code', 'x.system', pairs)] : []),
    ...(systems.length > 0 ? [bySystem] : []),
  ];
};

export const referencePieces = (matches: readonly ReferenceMatch[]): readonly Piece[] => {
  if (matches.length === 0) return [raw('false')];
  if (matches.length <= MAX_ALTERNATIVES) return matches.map(referencePiece);
  const versioned = matches.filter((match) => match.version !== undefined);
  const pairs = matches
    .filter((match) => match.version === undefined)
    .map(({ id, type }) => [short(id), type === undefined ? null : (type ?? '')] as const);
  const plain = pairs.length > 0 ? [listed('x.target_id', 'x.target_type', pairs)] : [];
  return [...plain, ...versioned.slice(0, MAX_ALTERNATIVES).map(referencePiece)];
};

export const datePieces = (matches: readonly DateMatch[]) => matches.map(datePiece);
export const stringPieces = (matches: readonly StringMatch[]) => matches.map(stringPiece);
export const uriPieces = (matches: readonly UriMatch[]) => matches.map(uriPiece);
export const numberPieces = (matches: readonly NumberMatch[]) => matches.map(numberPiece);
export const quantityPieces = (matches: readonly QuantityMatch[]) => matches.map(quantityPiece);

type Component<K extends ComponentMatch['of']> = Extract<ComponentMatch, { of: K }>;

const COMPONENT: { readonly [K in ComponentMatch['of']]: (component: Component<K>) => Piece } = {
  token: ({ match }) => tokenPiece(match),
  reference: ({ match }) => referencePiece(match),
  date: ({ match }) => datePiece(match),
  string: ({ match }) => stringPiece(match),
  uri: ({ match }) => uriPiece(match),
  number: ({ match }) => numberPiece(match),
  quantity: ({ match }) => quantityPiece(match),
};

const componentPiece = <K extends ComponentMatch['of']>(of: K, component: Component<K>): Piece =>
  COMPONENT[of](component);

/** A piece about another table's alias. */
export const renamed = ({ sql, params }: Piece, alias: string): Piece => ({
  sql: sql.replace(/\bx\./g, `${alias}.`),
  params,
});

/** Columns by which an index could be entered that does not know of the resource in question. */
const ENTRANCES = /\bx\.(low|high|folded|value|target_id|last_updated|patient|owner|n)\b/g;

/**
 * A piece about another table's alias, whose rows are found by the resource they belong to: `+` keeps indexes out
 * of it that begin with a range of values, and would be read through once for each resource.
 */
export const testing = ({ sql, params }: Piece, alias: string): Piece =>
  renamed({ sql: sql.replace(ENTRANCES, '+x.$1'), params }, alias);

/** Every component met by values of the same group; the first one leads to the rows. */
export const compositePieces = (matches: readonly (readonly ComponentMatch[])[]): readonly Piece[] =>
  matches.map(([first, ...rest]) => {
    if (first === undefined) return raw('false');
    const others = rest.map((one, index) => {
      const alias = `c${index + 1}`;
      const same = raw(
        ['type', 'id', 'param', 'grp'].map((name) => `${alias}.${name} = x.${name}`).join(' and '),
      );
      const met = testing(componentPiece(one.of, one), alias);
      return p`exists (select 1 from idx_composite ${raw(alias)} where ${same} and ${raw(`${alias}.comp = ${index + 1}`)} and ${met})`;
    });
    return p`(x.comp = 0 and ${componentPiece(first.of, first)} and ${allOf(others)})`;
  });
