import { SaxesParser, type SaxesTagNS } from 'saxes';
import { fail, ok, type Result } from '../result.ts';
import {
  EMPTY_SCOPE,
  type NamespaceScope,
  type XmlAttribute,
  type XmlElement,
  type XmlNamespace,
  type XmlNode,
} from './tree.ts';

/** What a text may be. */
export interface XmlLimits {
  /** Characters. */
  readonly length: number;
  /** Elements inside each other; the parser is quadratic in it. */
  readonly depth: number;
  /** `drop` leaves comments out and joins the text around them; `refuse` where nobody honest writes any. */
  readonly comments: 'drop' | 'refuse';
}

export const DEFAULT_XML_LIMITS: XmlLimits = { length: 4 * 1024 * 1024, depth: 64, comments: 'drop' };

export type XmlFaultKind =
  | 'too-large'
  | 'too-deep'
  | 'doctype'
  | 'processing-instruction'
  | 'comment'
  | 'declaration'
  | 'not-well-formed';

/** Why a text is not read; nothing of the text is in it. Line from 1, column from 0. */
export interface XmlFault {
  readonly kind: XmlFaultKind;
  readonly line?: number;
  readonly column?: number;
}

/** Carries a fault out of the parser's handlers. */
class Refused extends Error {
  readonly kind: XmlFaultKind;
  constructor(kind: XmlFaultKind) {
    super(kind);
    this.kind = kind;
  }
}

const refuse = (kind: XmlFaultKind) => (): never => {
  throw new Refused(kind);
};

const checkDeclaration = ({ version, encoding }: { version?: string; encoding?: string }): void => {
  const isUtf8 = encoding === undefined || encoding.toLowerCase() === 'utf-8';
  if (version !== '1.0' || !isUtf8) throw new Refused('declaration');
};

const XMLNS = 'http://www.w3.org/2000/xmlns/';

interface OpenElement {
  readonly element: XmlElement;
  readonly children: XmlNode[];
}

const openElement = (tag: SaxesTagNS, outer: NamespaceScope): OpenElement => {
  const declared: XmlNamespace[] = [];
  const attributes: XmlAttribute[] = [];
  for (const { prefix, local, uri, value } of Object.values(tag.attributes)) {
    if (uri !== XMLNS) {
      attributes.push({ prefix, local, namespace: uri, value });
      continue;
    }
    // The parser resolves a name by the trimmed value, others by the value as it is: two readings of one text.
    if (value !== value.trim()) throw new Refused('not-well-formed');
    declared.push({ prefix: prefix === '' ? '' : local, uri: value });
  }
  const children: XmlNode[] = [];
  const scope = declared.length === 0 ? outer : { declared, outer };
  const { prefix, local, uri: namespace } = tag;
  return { element: { prefix, local, namespace, attributes, scope, children }, children };
};

const parse = (parser: SaxesParser<{ xmlns: true }>, text: string, limits: XmlLimits): XmlElement => {
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  const addText = (part: string): void => {
    const children = open.at(-1)?.children;
    const last = children?.at(-1);
    if (children === undefined || part === '') return;
    if (typeof last === 'string') children[children.length - 1] = last + part;
    else children.push(part);
  };
  parser.on('error', refuse('not-well-formed'));
  parser.on('doctype', refuse('doctype'));
  parser.on('processinginstruction', refuse('processing-instruction'));
  parser.on('xmldecl', checkDeclaration);
  if (limits.comments === 'refuse') parser.on('comment', refuse('comment'));
  parser.on('opentag', (tag) => {
    if (open.length >= limits.depth) throw new Refused('too-deep');
    const around = open.at(-1);
    const made = openElement(tag, around?.element.scope ?? EMPTY_SCOPE);
    around?.children.push(made.element);
    root ??= made.element;
    open.push(made);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(text).close();
  if (root === undefined) throw new Refused('not-well-formed');
  return root;
};

/**
 * Reads XML 1.0 with namespaces as a tree: no doctype, no entity but the five of XML, no processing instruction,
 * every prefix declared, no attribute twice. CDATA is text like any other.
 */
export const parseXml = (text: string, limits: Partial<XmlLimits> = {}): Result<XmlElement, XmlFault> => {
  const all = { ...DEFAULT_XML_LIMITS, ...limits };
  if (text.length > all.length) return fail({ kind: 'too-large' });
  const parser = new SaxesParser({ xmlns: true });
  try {
    return ok(parse(parser, text, all));
  } catch (error) {
    if (error instanceof Refused) return fail({ kind: error.kind, line: parser.line, column: parser.column });
    throw error;
  }
};
