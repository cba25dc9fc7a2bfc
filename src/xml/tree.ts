/** One `xmlns` declaration; prefix `''` is the default namespace, uri `''` takes it back. */
export interface XmlNamespace {
  readonly prefix: string;
  readonly uri: string;
}

/** The declarations in force at an element: its own, then those of the elements around it. */
export interface NamespaceScope {
  readonly declared: readonly XmlNamespace[];
  readonly outer: NamespaceScope | undefined;
}

/** An attribute that declares no namespace. Without a prefix its namespace is `''`. */
export interface XmlAttribute {
  readonly prefix: string;
  readonly local: string;
  readonly namespace: string;
  readonly value: string;
}

/** Text is a plain string; two texts never stand side by side in a parsed tree. */
export type XmlNode = XmlElement | string;

/** An element with its names resolved. Lists, never objects keyed by foreign names. */
export interface XmlElement {
  readonly prefix: string;
  readonly local: string;
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  readonly scope: NamespaceScope;
  readonly children: readonly XmlNode[];
}

export const EMPTY_SCOPE: NamespaceScope = { declared: [], outer: undefined };

/** The namespace that a prefix stands for at this scope; undefined when it is not declared. */
export const namespaceIn = (scope: NamespaceScope, prefix: string): string | undefined => {
  for (let at: NamespaceScope | undefined = scope; at !== undefined; at = at.outer) {
    const found = at.declared.find((one) => one.prefix === prefix);
    if (found !== undefined) return found.uri;
  }
  return undefined;
};

export const isElement = (node: XmlNode): node is XmlElement => typeof node !== 'string';

/** The child elements, in order; text between them is left out. */
export const elementsOf = (element: XmlElement): readonly XmlElement[] => element.children.filter(isElement);

export const isNamed = (element: XmlElement, namespace: string, local: string): boolean =>
  element.local === local && element.namespace === namespace;

/** The child elements of that name, in order. */
export const childrenNamed = (element: XmlElement, namespace: string, local: string): readonly XmlElement[] =>
  elementsOf(element).filter((child) => isNamed(child, namespace, local));

/** The element and everything in it that fits, in document order. */
export const descendants = (
  element: XmlElement,
  fits: (element: XmlElement) => boolean,
): readonly XmlElement[] => [
  ...(fits(element) ? [element] : []),
  ...elementsOf(element).flatMap((child) => descendants(child, fits)),
];

/** The value of an attribute; without a namespace, one that has no prefix. */
export const attributeOf = (element: XmlElement, local: string, namespace = ''): string | undefined =>
  element.attributes.find((one) => one.local === local && one.namespace === namespace)?.value;

/** The element's own text, all of it, as it stands; undefined when there are elements in it. */
export const textOf = (element: XmlElement): string | undefined =>
  element.children.some(isElement) ? undefined : element.children.join('');

/** Whether nothing but white space stands between the child elements. */
export const hasOnlyElements = (element: XmlElement): boolean =>
  element.children.every((child) => isElement(child) || /^[ \t\r\n]*$/.test(child));

/** An attribute to be written: `[name, value]` without a namespace, or spelt out. */
export type AttributeInit = readonly [string, string] | XmlAttribute;

const isPair = (init: AttributeInit): init is readonly [string, string] => Array.isArray(init);

const attributeFrom = (init: AttributeInit): XmlAttribute =>
  isPair(init) ? { prefix: '', local: init[0], namespace: '', value: init[1] } : init;

/**
 * Makes elements of one namespace: `const ds = elementsIn(XMLDSIG, 'ds'); ds('KeyName', [], ['OCESSignature'])`.
 * Their declarations come out where `canonicalize` needs them.
 */
export const elementsIn =
  (namespace: string, prefix: string) =>
  (
    local: string,
    attributes: readonly AttributeInit[] = [],
    children: readonly XmlNode[] = [],
  ): XmlElement => ({
    prefix,
    local,
    namespace,
    attributes: attributes.map(attributeFrom),
    scope: EMPTY_SCOPE,
    children,
  });
