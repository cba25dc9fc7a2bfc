/**
 * Takes JSON text apart without parsing its values, so that what is kept stays as it was written: a decimal
 * keeps its zeros, and nothing is printed anew. For text that is known to be JSON.
 */

/** One member of an object. */
export interface TextMember {
  readonly name: string;
  /** The value's text. */
  readonly value: string;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

const isOpening = (code: number): boolean => code === 0x7b || code === 0x5b;
const isClosing = (code: number): boolean => code === 0x7d || code === 0x5d;
const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);

/** Position after the string that starts here. */
const endOfString = (text: string, start: number): number => {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at + 1;
};

/** Position after the value that starts here: the comma or the bracket that follows it. */
const endOfValue = (text: string, start: number): number => {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    if (isOpening(code)) depth += 1;
    else if (isClosing(code)) {
      if (depth === 0) return at;
      depth -= 1;
    } else if (code === COMMA && depth === 0) return at;
    at += 1;
  }
  return at;
};

const skipSpace = (text: string, start: number): number => {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
};

/** The texts between the commas of an object or array. */
const partsOf = (text: string): readonly (readonly [start: number, end: number])[] => {
  const parts: (readonly [number, number])[] = [];
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (at < text.length && !isClosing(text.charCodeAt(at))) {
    const end = endOfValue(text, at);
    parts.push([at, end]);
    at = text.charCodeAt(end) === COMMA ? skipSpace(text, end + 1) : end;
  }
  return parts;
};

/** The members of an object, in their order. */
export const membersOf = (text: string): readonly TextMember[] =>
  partsOf(text).map(([start, end]) => {
    const afterName = endOfString(text, start);
    const name = JSON.parse(text.slice(start, afterName)) as string;
    let at = skipSpace(text, afterName);
    if (text.charCodeAt(at) === COLON) at = skipSpace(text, at + 1);
    return { name, value: text.slice(at, end).trimEnd() };
  });

/** The items of an array, in their order. */
export const itemsOf = (text: string): readonly string[] =>
  partsOf(text).map(([start, end]) => text.slice(start, end).trimEnd());

/** Undoes `membersOf`, without white space. */
export const objectOf = (members: readonly TextMember[]): string =>
  `{${members.map(({ name, value }) => `${JSON.stringify(name)}:${value}`).join()}}`;
