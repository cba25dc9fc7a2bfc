/** R4 resources nest far less; what is deeper is made to overflow somebody's stack. */
const DEEPEST = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COLON = 0x3a;

const endOfString = (text: string, start: number): number => {
  let at = start + 1;
  for (let code = text.charCodeAt(at); code !== QUOTE; code = text.charCodeAt(at)) {
    at += code === BACKSLASH ? 2 : 1;
  }
  return at;
};

const followsColon = (text: string, after: number): boolean => {
  let at = after;
  for (
    let code = text.charCodeAt(at);
    code === 0x20 || (code >= 0x09 && code <= 0x0d);
    code = text.charCodeAt(at)
  ) {
    at += 1;
  }
  return text.charCodeAt(at) === COLON;
};

/** A name is what it reads as, not how it is written: `n\u0061me` is `name`. */
const nameIn = (quoted: string): string =>
  quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);

/** Is the string a member's name that its object has already? Notes it otherwise. */
const isRepeated = (text: string, start: number, end: number, names: Set<string> | undefined): boolean => {
  if (names === undefined || !followsColon(text, end + 1)) return false;
  const name = nameIn(text.slice(start, end + 1));
  if (names.has(name)) return true;
  names.add(name);
  return false;
};

/**
 * Two readers of one text must see one resource: a member that an object has twice is a fault (which one counts
 * depends on the reader), and so is nesting that some cannot read. Undefined when there is neither.
 *
 * @param text valid JSON
 */
export const ambiguity = (text: string): string | undefined => {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (isRepeated(text, at, end, open.at(-1))) return 'An object of the body has the same member twice.';
      at = end;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      open.push(code === OPEN_OBJECT ? new Set() : undefined);
      if (open.length > DEEPEST) return `The body is nested deeper than ${DEEPEST} levels.`;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      open.pop();
    }
  }
  return undefined;
};
