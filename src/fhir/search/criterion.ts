import type { Issue } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Criterion } from '../../store/search-request.ts';
import type { SearchKind, SearchParameter } from './parameters.ts';
import {
  dateMatch,
  referenceMatch,
  splitUnescaped,
  stringMatch,
  tokenMatch,
  unescapeValue,
  uriMatch,
} from './values.ts';

export interface CriterionContext {
  readonly baseUrl: string;
  /** Milliseconds since the epoch, for `ap`. */
  readonly now: number;
}

/** A parameter as it was asked for: its name split at the colon, its value as sent. */
export interface Asked {
  readonly param: SearchParameter;
  readonly modifier: string | undefined;
  readonly value: string;
}

/** A fault of the query; always 400. Names the parameter, never its value. */
export const queryIssue = (code: Issue['code'], name: string, diagnostics: string): Issue => ({
  severity: 'error',
  code,
  diagnostics,
  location: [`http.${name}`],
  malformed: true,
});

const MODIFIERS: Readonly<Record<SearchKind, readonly string[]>> = {
  token: ['missing', 'not'],
  reference: ['missing', 'identifier'],
  date: ['missing'],
  string: ['missing', 'exact', 'contains'],
  uri: ['missing', 'below', 'above'],
};

/** Alternatives that the store tests one by one. Values that are looked up may be more. */
const MAX_TESTED = 30;
const MAX_LOOKED_UP = 500;
const LOOKED_UP = new Set<SearchKind>(['token', 'reference']);

/** The modifiers that a parameter takes; a reference also takes the types it may point at. */
const modifiersOf = (param: SearchParameter): readonly string[] =>
  param.select === undefined ? [] : [...MODIFIERS[param.type], ...param.target];

/** A reference that may point anywhere takes any type's name. */
const takes = (param: SearchParameter, modifier: string): boolean =>
  modifiersOf(param).includes(modifier) ||
  (param.type === 'reference' && param.target.length === 0 && /^[A-Z][A-Za-z]+$/.test(modifier));

const FORMS: Readonly<Record<SearchKind, string>> = {
  token: 'code, system|code, |code or system|',
  reference: 'Type/id, an id or a URL',
  date: 'a date or dateTime of R4, with or without one of eq ne gt lt ge le sa eb ap before it',
  string: 'text',
  uri: 'a URI',
};

const missingCriterion = ({ param, value }: Asked): Result<Criterion, Issue> => {
  if (value !== 'true' && value !== 'false') {
    return fail(queryIssue('value', param.code, `The parameter ${param.code}:missing takes true or false.`));
  }
  return ok({ kind: 'missing', param: param.code, of: param.type, missing: value === 'true' });
};

/** Each alternative parsed; undefined when one of them is malformed. */
const parseAll = <T>(values: readonly string[], parse: (value: string) => T | undefined): T[] | undefined => {
  const parsed: T[] = [];
  for (const value of values) {
    const one = value === '' ? undefined : parse(value);
    if (one === undefined) return undefined;
    parsed.push(one);
  }
  return parsed;
};

type Build = (asked: Asked, values: readonly string[], context: CriterionContext) => Criterion | undefined;

const BUILD: Readonly<Record<SearchKind, Build>> = {
  token({ param, modifier }, values) {
    const anyOf = parseAll(values, tokenMatch);
    return anyOf && { kind: 'token', param: param.code, anyOf, not: modifier === 'not' };
  },
  reference({ param, modifier }, values, { baseUrl }) {
    if (modifier === 'identifier') {
      const tokens = parseAll(values, tokenMatch);
      return tokens && { kind: 'token', param: `${param.code}:identifier`, anyOf: tokens, not: false };
    }
    const anyOf = parseAll(values, (value) => referenceMatch(value, baseUrl, modifier));
    return anyOf && { kind: 'reference', param: param.code, anyOf };
  },
  date({ param }, values, { now }) {
    const anyOf = parseAll(values, (value) => dateMatch(value, now));
    return anyOf && { kind: 'date', param: param.code, anyOf };
  },
  string({ param, modifier }, values) {
    const match = modifier === 'exact' || modifier === 'contains' ? modifier : 'starts';
    const anyOf = parseAll(values, (value) => stringMatch(value, match));
    return anyOf && { kind: 'string', param: param.code, anyOf };
  },
  uri({ param, modifier }, values) {
    const match = modifier === 'below' || modifier === 'above' ? modifier : 'exact';
    const anyOf = parseAll(values, (value) => uriMatch(value, match));
    return anyOf && { kind: 'uri', param: param.code, anyOf };
  },
};

/** `_id` and `_lastUpdated`, which the store keeps for every resource. */
const STORED: Readonly<Record<string, Build>> = {
  _id(_asked, values) {
    const anyOf = parseAll(values, unescapeValue);
    return anyOf && { kind: 'id', anyOf };
  },
  _lastUpdated(_asked, values, { now }) {
    const anyOf = parseAll(values, (value) => dateMatch(value, now));
    return anyOf && { kind: 'last-updated', anyOf };
  },
};

/** One occurrence of a parameter as a criterion, or what is wrong with it. */
export const criterionOf = (asked: Asked, context: CriterionContext): Result<Criterion, Issue> => {
  const { param, modifier, value } = asked;
  if (modifier !== undefined && !takes(param, modifier)) {
    const supported = modifiersOf(param);
    const which = supported.length === 0 ? 'no modifiers' : `only the modifiers ${supported.join(', ')}`;
    return fail(queryIssue('not-supported', param.code, `The parameter ${param.code} takes ${which}.`));
  }
  if (modifier === 'missing') return missingCriterion(asked);
  const values = splitUnescaped(value, ',');
  if (values.length > (LOOKED_UP.has(param.type) ? MAX_LOOKED_UP : MAX_TESTED)) {
    return fail(queryIssue('too-costly', param.code, `The parameter ${param.code} has too many values.`));
  }
  const build = param.select === undefined ? STORED[param.code] : BUILD[param.type];
  const criterion = build?.(asked, values, context);
  if (criterion === undefined) {
    const form = param.code === '_id' ? 'a logical id' : FORMS[param.type];
    return fail(
      queryIssue(
        'value',
        param.code,
        `A value of the parameter ${param.code} is malformed: it takes ${form}.`,
      ),
    );
  }
  return ok(criterion);
};
