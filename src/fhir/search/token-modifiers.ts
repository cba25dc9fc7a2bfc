import type { Issue } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Criterion, TokenMatch } from '../../store/search-request.ts';
import { textParam, typedParam } from './index-rows.ts';
import { queryIssue } from './issues.ts';
import type { SearchParameter } from './parameters.ts';
import { unescapeValue } from './text.ts';
import { stringMatch, tokenMatch, typedMatch } from './values.ts';

/** What is known of codes beyond the resources: the value sets and code systems that are served. */
export interface Terminology {
  /** The codes of a value set, by its URL; undefined when it is not served or cannot be listed. */
  readonly expand: (url: string) => readonly { readonly system: string; readonly code: string }[] | undefined;
  /**
   * A code itself and what lies above or below it; undefined when the hierarchy of the code system is not known.
   * Absent: of none it is.
   */
  readonly hierarchy?: (
    system: string,
    code: string,
    direction: 'above' | 'below',
  ) => readonly string[] | undefined;
}

/** What a modifier of a token makes of its values; undefined: one of them is malformed. */
type Modify = (
  param: SearchParameter,
  values: readonly string[],
  terminology: Terminology | undefined,
) => Result<Criterion, Issue> | undefined;

/** More codes are not looked up. */
const MAX_CODES = 10_000;

/**
 * R4: of a primitive code "the system is implied": it stands in no resource, so naming it, or saying that there
 * is none, asks for the bare code.
 */
export const withImplied = (match: TokenMatch, system: string | undefined): TokenMatch => {
  if (system === undefined || match.system === undefined) return match;
  if (match.system !== null && match.system !== system) return match;
  return match.code === undefined ? { system: null } : { code: match.code };
};

const all = <T>(values: readonly string[], parse: (value: string) => T | undefined): T[] | undefined => {
  const parsed = values.map((value) => (value === '' ? undefined : parse(value)));
  const present = parsed.filter((one) => one !== undefined);
  return present.length === parsed.length ? present : undefined;
};

const tokens = (
  param: SearchParameter,
  matches: readonly TokenMatch[],
  not: boolean,
): Result<Criterion, Issue> =>
  matches.length > MAX_CODES
    ? fail(queryIssue('too-costly', param.code, `The parameter ${param.code} comes to too many codes.`))
    : ok({
        kind: 'token',
        param: param.code,
        anyOf: matches.map((match) => withImplied(match, param.system)),
        not,
      });

const equal =
  (not: boolean): Modify =>
  (param, values) => {
    const matches = all(values, tokenMatch);
    return matches && tokens(param, matches, not);
  };

/** R4: "the coded value is in the set" that the URL names. */
const within =
  (not: boolean): Modify =>
  (param, values, terminology) => {
    const matches: TokenMatch[] = [];
    for (const value of values) {
      const codes = terminology?.expand(unescapeValue(value));
      if (codes === undefined) {
        const why = 'names a value set that is not served here or cannot be listed';
        return fail(queryIssue('not-supported', param.code, `The parameter ${param.code} ${why}.`));
      }
      for (const { system, code } of codes) matches.push({ system, code });
    }
    return tokens(param, matches, not);
  };

/** The codes along one value, or why they are not known. */
const codesAlong = (
  { system, code }: TokenMatch,
  direction: 'above' | 'below',
  terminology: Terminology | undefined,
): readonly string[] | string => {
  if (typeof system !== 'string' || code === undefined) {
    return 'takes system|code: a code lies above or below others in a code system';
  }
  return (
    terminology?.hierarchy?.(system, code, direction) ??
    'names a code system whose hierarchy is not known here: this server holds none of it, or not all'
  );
};

/** R4: "subsumed by the supplied value (is-a, or hierarchical relationships)", and the other way round. */
const along =
  (direction: 'above' | 'below'): Modify =>
  (param, values, terminology) => {
    const asked = all(values, tokenMatch);
    if (asked === undefined) return undefined;
    const matches: TokenMatch[] = [];
    for (const { system = param.system, code } of asked) {
      const named = {
        ...(system === undefined ? {} : { system }),
        ...(code === undefined ? {} : { code }),
      };
      const codes = codesAlong(named, direction, terminology);
      if (typeof codes === 'string') {
        return fail(queryIssue('not-supported', param.code, `${param.code}:${direction} ${codes}.`));
      }
      for (const one of codes) matches.push({ system: system ?? null, code: one });
    }
    return tokens(param, matches, false);
  };

export const TOKEN_MODIFIERS: ReadonlyMap<string | undefined, Modify> = new Map<string | undefined, Modify>([
  [undefined, equal(false)],
  ['not', equal(true)],
  [
    'text',
    (param, values) => {
      const anyOf = all(values, (value) => stringMatch(value, 'starts'));
      return anyOf && ok({ kind: 'string', param: textParam(param.code), anyOf });
    },
  ],
  [
    'of-type',
    (param, values) => {
      const anyOf = all(values, typedMatch);
      return anyOf && ok({ kind: 'token', param: typedParam(param.code), anyOf, not: false });
    },
  ],
  ['in', within(false)],
  ['not-in', within(true)],
  ['above', along('above')],
  ['below', along('below')],
]);

/** Modifiers that need a terminology, and of it what. */
export const offeredTokenModifiers = (terminology: Terminology | undefined): readonly string[] => [
  'not',
  'text',
  'of-type',
  ...(terminology === undefined ? [] : ['in', 'not-in']),
  ...(terminology?.hierarchy === undefined ? [] : ['above', 'below']),
];
