import { isElement, namespaceIn, type XmlAttribute, type XmlElement } from './tree.ts';

/**
 * Exclusive XML Canonicalization 1.0 without comments, the URI of its algorithm, and the namespace of its
 * parameter. https://www.w3.org/TR/xml-exc-c14n/
 */
export const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';

export interface CanonicalOptions {
  /** Prefixes of an InclusiveNamespaces PrefixList, `''` for `#default`: written where they are in force. */
  readonly inclusivePrefixes?: readonly string[];
  /** Left out with everything in it: the signature of the enveloped-signature transform. */
  readonly omit?: XmlElement;
}

/** What has been declared in the output so far, innermost first. */
interface Rendered {
  readonly prefix: string;
  readonly uri: string;
  readonly outer: Rendered | undefined;
}

const renderedAs = (rendered: Rendered | undefined, prefix: string): string => {
  for (let at = rendered; at !== undefined; at = at.outer) if (at.prefix === prefix) return at.uri;
  return '';
};

const TEXT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['\r', '&#xD;'],
]);

const ATTRIBUTE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['"', '&quot;'],
  ['\t', '&#x9;'],
  ['\n', '&#xA;'],
  ['\r', '&#xD;'],
]);

const escapeText = (text: string): string =>
  text.replace(/[&<>\r]/g, (character) => TEXT_ESCAPES.get(character) ?? character);

const escapeAttribute = (text: string): string =>
  text.replace(/[&<"\t\n\r]/g, (character) => ATTRIBUTE_ESCAPES.get(character) ?? character);

/** By code point, as the recommendation says; JavaScript's own order is by UTF-16 unit. */
const byCodePoint = (left: string, right: string): number => {
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    const [one = 0, other = 0] = [left.codePointAt(at), right.codePointAt(at)];
    if (one !== other) return one - other;
  }
  return left.length - right.length;
};

const byNamespaceThenName = (left: XmlAttribute, right: XmlAttribute): number =>
  byCodePoint(left.namespace, right.namespace) || byCodePoint(left.local, right.local);

const qualified = (prefix: string, local: string): string => (prefix === '' ? local : `${prefix}:${local}`);

/** Prefix and namespace of everything that the element makes visible use of, or that is to be written anyway. */
const usedBy = (element: XmlElement, inclusive: readonly string[]): ReadonlyMap<string, string> => {
  const used = new Map<string, string>([[element.prefix, element.namespace]]);
  for (const { prefix, namespace } of element.attributes) if (prefix !== '') used.set(prefix, namespace);
  for (const prefix of inclusive) {
    const uri = namespaceIn(element.scope, prefix) ?? (prefix === '' ? '' : undefined);
    if (uri !== undefined) used.set(prefix, uri);
  }
  used.delete('xml');
  return used;
};

const write = (element: XmlElement, around: Rendered | undefined, options: CanonicalOptions): string => {
  const name = qualified(element.prefix, element.local);
  let rendered = around;
  const declarations: (readonly [string, string])[] = [];
  for (const [prefix, uri] of usedBy(element, options.inclusivePrefixes ?? [])) {
    if (renderedAs(around, prefix) === uri) continue;
    rendered = { prefix, uri, outer: rendered };
    declarations.push([prefix, uri]);
  }
  let text = `<${name}`;
  for (const [prefix, uri] of declarations.sort(([left], [right]) => byCodePoint(left, right))) {
    text += ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escapeAttribute(uri)}"`;
  }
  const { attributes } = element;
  for (const { prefix, local, value } of attributes.length > 1
    ? attributes.toSorted(byNamespaceThenName)
    : attributes) {
    text += ` ${qualified(prefix, local)}="${escapeAttribute(value)}"`;
  }
  text += '>';
  for (const child of element.children) {
    if (!isElement(child)) text += escapeText(child);
    else if (child !== options.omit) text += write(child, rendered, options);
  }
  return `${text}</${name}>`;
};

/**
 * The one form of an element that a signature is made over (exclusive C14N 1.0 without comments). Encoded as UTF-8
 * it is what is hashed.
 */
export const canonicalize = (element: XmlElement, options: CanonicalOptions = {}): string =>
  write(element, undefined, options);
