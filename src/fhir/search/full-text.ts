import type { Resource } from '@medplum/fhirtypes';
import type { TextRow } from '../../store/types.ts';
import { fold } from './fold.ts';
import { type IndexOptions, isObject, textOf } from './index-values.ts';

/** UTF-16 units of a resource's words that are kept; what is longer is found by its beginning. */
const MAX_UNITS = 100_000;

/** Members that hold no words: bytes, and what has search parameters of its own. */
const WORDLESS = new Set(['data', 'meta', 'resourceType', 'contentType', 'div']);

/** `http://…`, `urn:…`: names for machines. */
const URI = /^[a-z][a-z0-9+.-]*:\S+$/i;

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

const entity = (whole: string, name: string): string => {
  const [, hex, digits] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name) ?? [];
  if (hex === undefined && digits === undefined) return ENTITIES[name] ?? whole;
  const code = hex === undefined ? Number(digits) : Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
};

/** The text of XHTML, its tags gone. */
const plainText = (xhtml: string): string =>
  xhtml.replace(/<!--[\s\S]*?-->|<[^>]*>/g, ' ').replace(/&(#?\w{1,8});/g, entity);

const isPrivate = (member: Readonly<Record<string, unknown>>, { isPrivateSystem }: IndexOptions): boolean => {
  const system = textOf(member['system']);
  return system !== null && isPrivateSystem(system);
};

const collect = (value: unknown, options: IndexOptions, words: string[]): void => {
  if (typeof value === 'string') {
    if (!URI.test(value)) words.push(value);
  } else if (typeof value === 'number') words.push(String(value));
  else if (Array.isArray(value)) for (const item of value) collect(item, options, words);
  else if (isObject(value)) {
    const hidden = isPrivate(value, options);
    for (const [name, member] of Object.entries(value)) {
      if (!WORDLESS.has(name) && !(hidden && name === 'value')) collect(member, options, words);
    }
  }
};

/** What separates words for the index; between letters and digits nothing does. */
export const BETWEEN_WORDS = /[^\p{L}\p{N}]+/gu;

const wordsOf = (text: string, mask: (text: string) => string): string =>
  fold(mask(text)).replace(BETWEEN_WORDS, ' ').trim().slice(0, MAX_UNITS);

/** The words that a resource is found by with `_text` and `_content`; undefined: its type is not. */
export const fullTextOf = (resource: Resource, options: IndexOptions): TextRow | undefined => {
  const { maskText } = options;
  if (maskText === undefined) return undefined;
  const { id: _, ...rest } = resource;
  const narrative = 'text' in resource ? textOf(resource.text?.div) : null;
  const words: string[] = [];
  collect(rest, options, words);
  return {
    narrative: narrative === null ? '' : wordsOf(plainText(narrative), maskText),
    // Each value masked by itself: two numbers side by side are not a longer one.
    content: words
      .map((word) => wordsOf(word, maskText))
      .filter((word) => word !== '')
      .join(' ')
      .slice(0, MAX_UNITS),
  };
};
