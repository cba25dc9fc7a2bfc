import type { Issue } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { ComponentMatch, Criterion } from '../../store/search-request.ts';
import { fullTextQuery } from './full-text-query.ts';
import { queryIssue } from './issues.ts';
import { numberMatch, quantityMatch } from './numbers.ts';
import type { SearchComponent, SearchKind, SearchParameter, SimpleKind } from './parameters.ts';
import { splitUnescaped, unescapeValue } from './text.ts';
import { offeredTokenModifiers, type Terminology, TOKEN_MODIFIERS, withImplied } from './token-modifiers.ts';
import { dateMatch, referenceMatch, stringMatch, tokenMatch, uriMatch } from './values.ts';

export interface CriterionContext {
  readonly baseUrl: string;
  /** Milliseconds since the epoch, for `ap`. */
  readonly now: number;
  /** Without it `:in`, `:not-in`, and of tokens `:above` and `:below`, are refused. */
  readonly terminology?: Terminology;
}

/** A parameter as it was asked for: its name split at the colon, its value as sent. */
export interface Asked {
  readonly param: SearchParameter;
  readonly modifier: string | undefined;
  readonly value: string;
}

const MODIFIERS: Readonly<Record<SearchKind, readonly string[]>> = {
  token: ['missing'],
  reference: ['missing', 'identifier'],
  date: ['missing'],
  string: ['missing', 'exact', 'contains'],
  uri: ['missing', 'below', 'above'],
  number: ['missing'],
  quantity: ['missing'],
  composite: ['missing'],
};

/** Alternatives that the store tests one by one. Values that are looked up may be more. */
const MAX_TESTED = 30;
const MAX_LOOKED_UP = 500;
const LOOKED_UP = new Set<SearchKind>(['token', 'reference']);

/** The modifiers that a parameter takes; a reference also takes the types it may point at. */
export const modifiersOf = (param: SearchParameter, terminology?: Terminology): readonly string[] => {
  if (param.select === undefined) return [];
  const ofTokens = param.type === 'token' ? offeredTokenModifiers(terminology) : [];
  return [...MODIFIERS[param.type], ...ofTokens, ...param.target];
};

/** A reference that may point anywhere takes any type's name. */
const takes = (param: SearchParameter, modifier: string, terminology: Terminology | undefined): boolean =>
  modifiersOf(param, terminology).includes(modifier) ||
  (param.type === 'reference' && param.target.length === 0 && /^[A-Z][A-Za-z]+$/.test(modifier));

const RANGED = 'with or without one of eq ne gt lt ge le sa eb ap before it';

const FORMS: Readonly<Record<SearchKind, string>> = {
  token: 'code, system|code, |code or system|',
  reference: 'Type/id, an id or a URL',
  date: `a date or dateTime of R4, ${RANGED}`,
  string: 'text',
  uri: 'a URI',
  number: `a number, ${RANGED}`,
  quantity: `number, number|system|code or number||unit, ${RANGED}`,
  composite: 'the values of its components with $ between them',
};

/** Of modifiers that take another form than their parameter. */
const MODIFIED_FORMS: Readonly<Record<string, string>> = { 'of-type': 'system|code|value', text: 'text' };

const FULL_TEXT_FORM =
  'words, with OR, AND and NOT between them, brackets, "phrases" and beginnings* where they are wanted';

const malformedIssue = ({ param, modifier }: Asked): Issue => {
  const ofModifier = modifier === undefined ? undefined : MODIFIED_FORMS[modifier];
  const ofCode = param.code === '_id' ? 'a logical id' : param.fullText && FULL_TEXT_FORM;
  const form = ofCode ?? ofModifier ?? FORMS[param.type];
  const diagnostics = `A value of the parameter ${param.code} is malformed: it takes ${form}.`;
  return queryIssue('value', param.code, diagnostics);
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

type Component = (
  text: string,
  param: SearchParameter,
  context: CriterionContext,
) => ComponentMatch | undefined;

const tagged = <K extends SimpleKind, M>(of: K, match: M | undefined) =>
  match === undefined ? undefined : { of, match };

/** A component's value, without modifiers: R4 allows none on composites. */
const COMPONENT: Readonly<Record<SimpleKind, Component>> = {
  token: (text, { system }) => {
    const match = tokenMatch(text);
    return match && { of: 'token', match: withImplied(match, system) };
  },
  reference: (text, _param, { baseUrl }) => tagged('reference', referenceMatch(text, baseUrl, undefined)),
  date: (text, _param, { now }) => tagged('date', dateMatch(text, now)),
  string: (text) => tagged('string', stringMatch(text, 'starts')),
  uri: (text) => tagged('uri', uriMatch(text, 'exact')),
  number: (text) => tagged('number', numberMatch(text)),
  quantity: (text) => tagged('quantity', quantityMatch(text)),
};

const componentMatches = (
  value: string,
  components: readonly SearchComponent[],
  context: CriterionContext,
): readonly ComponentMatch[] | undefined => {
  const texts = splitUnescaped(value, '$');
  if (texts.length !== components.length) return undefined;
  const matches = components.flatMap(({ parameter }, index) => {
    const text = texts[index] ?? '';
    return text === '' ? [] : (COMPONENT[parameter.type](text, parameter, context) ?? []);
  });
  return matches.length === components.length ? matches : undefined;
};

/** Undefined: a value is malformed. */
type Build = (asked: Asked, values: readonly string[], context: CriterionContext) => Criterion | undefined;

const BUILD: Readonly<Record<Exclude<SearchKind, 'token'>, Build>> = {
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
  number({ param }, values) {
    const anyOf = parseAll(values, numberMatch);
    return anyOf && { kind: 'number', param: param.code, anyOf };
  },
  quantity({ param }, values) {
    const anyOf = parseAll(values, quantityMatch);
    return anyOf && { kind: 'quantity', param: param.code, anyOf };
  },
  composite({ param }, values, context) {
    const anyOf = parseAll(values, (value) => componentMatches(value, param.components ?? [], context));
    return anyOf && { kind: 'composite', param: param.code, anyOf };
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

/** Words of the narrative alone, or of all that a resource says. */
const fullText: Build = ({ param }, values) => {
  const queries = parseAll(values, (value) => fullTextQuery(unescapeValue(value)));
  const within = param.fullText === 'narrative' ? 'narrative : ' : '';
  return queries && { kind: 'text', anyOf: queries.map((query) => `${within}(${query})`) };
};

const build = (
  asked: Asked,
  values: readonly string[],
  context: CriterionContext,
): Result<Criterion, Issue> | undefined => {
  const { param, modifier } = asked;
  if (param.select !== undefined && param.type === 'token') {
    return TOKEN_MODIFIERS.get(modifier)?.(param, values, context.terminology);
  }
  if (param.fullText !== undefined) {
    const criterion = fullText(asked, values, context);
    return criterion && ok(criterion);
  }
  const make = param.select === undefined || param.type === 'token' ? STORED[param.code] : BUILD[param.type];
  const criterion = make?.(asked, values, context);
  return criterion && ok(criterion);
};

/** One occurrence of a parameter as a criterion, or what is wrong with it. */
export const criterionOf = (asked: Asked, context: CriterionContext): Result<Criterion, Issue> => {
  const { param, modifier, value } = asked;
  if (modifier !== undefined && !takes(param, modifier, context.terminology)) {
    const supported = modifiersOf(param, context.terminology);
    const which = supported.length === 0 ? 'no modifiers' : `only the modifiers ${supported.join(', ')}`;
    return fail(queryIssue('not-supported', param.code, `The parameter ${param.code} takes ${which}.`));
  }
  if (modifier === 'missing') return missingCriterion(asked);
  const values = splitUnescaped(value, ',');
  if (values.length > (LOOKED_UP.has(param.type) ? MAX_LOOKED_UP : MAX_TESTED)) {
    return fail(queryIssue('too-costly', param.code, `The parameter ${param.code} has too many values.`));
  }
  return build(asked, values, context) ?? fail(malformedIssue(asked));
};
