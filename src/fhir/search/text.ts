import type { DatePrefix } from '../../store/search-request.ts';

/** Splits at a separator that no backslash precedes (R4, "escaping search parameters"). */
export const splitUnescaped = (text: string, separator: ',' | '|' | '$'): readonly string[] => {
  if (!text.includes(separator)) return [text];
  const parts: string[] = [''];
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index);
    const last = parts.length - 1;
    if (char === separator) parts.push('');
    else if (char === '\\') {
      parts[last] += text.slice(index, index + 2);
      index += 1;
    } else parts[last] += char;
  }
  return parts;
};

/** Undoes `\,` `\|` `\$` and `\\`. */
export const unescapeValue = (text: string): string => text.replace(/\\([,|$\\])/g, '$1');

const PREFIXES: readonly DatePrefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];

/** R4, "prefixes": of numbers, dates and quantities; without one it is `eq`. */
export const splitPrefix = (text: string): { readonly prefix: DatePrefix; readonly rest: string } => {
  const prefix = PREFIXES.find((lead) => text.startsWith(lead));
  return prefix === undefined ? { prefix: 'eq', rest: text } : { prefix, rest: text.slice(2) };
};
