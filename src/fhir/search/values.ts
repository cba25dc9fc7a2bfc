import type {
  DateMatch,
  ReferenceMatch,
  StringMatch,
  TokenMatch,
  UriMatch,
} from '../../store/search-request.ts';
import { dateRange } from './date-range.ts';
import { fold } from './fold.ts';
import { typedValue } from './index-values.ts';
import { literalReference } from './reference.ts';
import { splitPrefix, splitUnescaped, unescapeValue } from './text.ts';

/** `code`, `system|code`, `|code` or `system|`; undefined when it is neither. */
export const tokenMatch = (text: string): TokenMatch | undefined => {
  const [first = '', ...rest] = splitUnescaped(text, '|');
  if (rest.length === 0) return first === '' ? undefined : { code: unescapeValue(first) };
  if (rest.length > 1) return undefined;
  const system = unescapeValue(first);
  const code = unescapeValue(rest[0] ?? '');
  if (code === '') return system === '' ? undefined : { system };
  return { system: system === '' ? null : system, code };
};

/** `system|code|value` of `:of-type`; R4 wants all three. */
export const typedMatch = (text: string): TokenMatch | undefined => {
  const [system = '', code = '', value = '', ...rest] = splitUnescaped(text, '|').map(unescapeValue);
  if (system === '' || code === '' || value === '' || rest.length > 0) return undefined;
  return { system, code: typedValue(code, value) };
};

const BARE_ID = /^[A-Za-z0-9\-.]{1,64}$/;

/**
 * `Type/id`, a URL, or a bare id, which then may be of any type or of the one that the modifier names.
 *
 * @param modifier the type of `subject:Patient=…`
 */
export const referenceMatch = (
  text: string,
  baseUrl: string,
  modifier: string | undefined,
): ReferenceMatch | undefined => {
  const value = unescapeValue(text);
  if (BARE_ID.test(value)) return modifier === undefined ? { id: value } : { type: modifier, id: value };
  const literal = literalReference(value, baseUrl);
  if (literal === undefined || (modifier !== undefined && literal.type !== modifier)) return undefined;
  return {
    type: literal.type,
    id: literal.id,
    ...(literal.version === null ? {} : { version: literal.version }),
  };
};

/**
 * A date with its prefix. `ap` widens by a tenth of the distance between now and the date, as R4 recommends,
 * and by a day at least, so that it is never narrower than `eq` of its neighbours.
 *
 * @param now milliseconds since the epoch
 */
export const dateMatch = (text: string, now: number): DateMatch | undefined => {
  const { prefix, rest } = splitPrefix(text);
  // A `+` that was not percent-encoded arrives as a space.
  const date = rest.replace(/ (?=\d{2}:\d{2}$)/, '+');
  const range = dateRange(date);
  if (range === undefined) return undefined;
  if (prefix !== 'ap') return { prefix, ...range };
  const slack = Math.max(86_400_000, Math.round(Math.abs(now - range.low) / 10));
  return { prefix, low: range.low - slack, high: range.high + slack };
};

export const stringMatch = (text: string, match: StringMatch['match']): StringMatch => {
  const exact = unescapeValue(text);
  return { match, folded: fold(exact), exact };
};

export const uriMatch = (text: string, match: UriMatch['match']): UriMatch => ({
  match,
  value: unescapeValue(text),
});
