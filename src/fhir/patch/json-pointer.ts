import { isList, isMembers, type MutableObject, ownMember } from './json-value.ts';

/** RFC 6901: the tokens of a pointer, unescaped; undefined when it is none. */
export const parsePointer = (text: string): readonly string[] | undefined => {
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
};

/** An index as RFC 6901 spells it: digits without leading zeros, below `limit`. */
export const parseIndex = (token: string, limit: number): number | undefined => {
  if (!/^(0|[1-9]\d{0,8})$/.test(token)) return undefined;
  const index = Number(token);
  return index < limit ? index : undefined;
};

/** What a token names in a value. `undefined` says that it names nothing. */
export const memberAt = (value: unknown, token: string): unknown => {
  if (isList(value)) {
    const index = parseIndex(token, value.length);
    return index === undefined ? undefined : value[index];
  }
  return isMembers(value) ? ownMember(value, token) : undefined;
};

/** What the tokens lead to; undefined when there is nothing. */
export const valueAt = (root: unknown, tokens: readonly string[]): unknown => {
  let value = root;
  for (const token of tokens) value = memberAt(value, token);
  return value;
};

/** The array or object in which the last token names something; undefined when there is none. */
export const holderAt = (
  root: unknown,
  tokens: readonly string[],
): { readonly holder: unknown[] | MutableObject; readonly token: string } | undefined => {
  const token = tokens.at(-1);
  if (token === undefined) return undefined;
  const holder = valueAt(root, tokens.slice(0, -1));
  return isList(holder) || isMembers(holder) ? { holder, token } : undefined;
};
