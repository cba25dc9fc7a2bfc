import type { Vocabulary } from './codec.ts';
import { isElement, type XmlElement } from './tree.ts';

export interface PrintOptions {
  /** Declared on the root, used there or not, so that nothing inside repeats them. */
  readonly declare?: readonly Vocabulary[];
  /** What stands in the place of an element, character by character: signed XML goes out as it came. */
  readonly verbatim?: ReadonlyMap<XmlElement, string>;
}

interface Declared {
  readonly prefix: string;
  readonly uri: string;
  readonly outer: Declared | undefined;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\t', '&#x9;'],
  ['\n', '&#xA;'],
  ['\r', '&#xD;'],
]);

const escaped = (character: string): string => ESCAPES.get(character) ?? character;
const inText = (text: string): string => text.replace(/[&<>\r]/g, escaped);
const inAttribute = (text: string): string => text.replace(/[&<"\t\n\r]/g, escaped);

const uriOf = (declared: Declared | undefined, prefix: string): string => {
  for (let at = declared; at !== undefined; at = at.outer) if (at.prefix === prefix) return at.uri;
  return '';
};

const XML = 'xml';

const print = (
  element: XmlElement,
  around: Declared | undefined,
  first: readonly Vocabulary[],
  options: PrintOptions,
): string => {
  const replaced = options.verbatim?.get(element);
  if (replaced !== undefined) return replaced;
  const name = element.prefix === '' ? element.local : `${element.prefix}:${element.local}`;
  let declared = around;
  let text = `<${name}`;
  const declare = (prefix: string, uri: string): void => {
    if (prefix === XML || uriOf(declared, prefix) === uri) return;
    declared = { prefix, uri, outer: declared };
    text += ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${inAttribute(uri)}"`;
  };
  for (const { prefix, uri } of first) declare(prefix, uri);
  declare(element.prefix, element.namespace);
  for (const { prefix, namespace } of element.attributes) if (prefix !== '') declare(prefix, namespace);
  for (const { prefix, local, value } of element.attributes) {
    text += ` ${prefix === '' ? local : `${prefix}:${local}`}="${inAttribute(value)}"`;
  }
  if (element.children.length === 0) return `${text}/>`;
  text += '>';
  for (const child of element.children) {
    text += isElement(child) ? print(child, declared, [], options) : inText(child);
  }
  return `${text}</${name}>`;
};

/** An element as XML text on one line, without white space of its own. Reads back as the same tree. */
export const printXml = (element: XmlElement, options: PrintOptions = {}): string =>
  print(element, undefined, options.declare ?? [], options);
