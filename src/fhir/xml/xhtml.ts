import type { SaxesTagNS } from 'saxes';
import { escapeAttribute } from './escape.ts';
import { parseXml, Refused } from './parse.ts';
import { XHTML } from './schema.ts';

export const isDiv = ({ local, uri }: SaxesTagNS): boolean => local === 'div' && uri === XHTML;

/**
 * Cuts a `div` out of the XML around it, character by character as it stands there, and adds the namespace
 * declarations that it took from outside.
 */
export class DivCut {
  private readonly text: string;
  private readonly start: number;
  private readonly name: string;
  private readonly scopes: SaxesTagNS['ns'][] = [];
  private readonly borrowed = new Map<string, string>();

  /** `end` is the index after the `>` of the div's start tag. */
  constructor(text: string, tag: SaxesTagNS, end: number) {
    this.text = text;
    // In a well-formed tag no other "<" stands before its end.
    this.start = text.lastIndexOf('<', end - 1);
    this.name = tag.name;
    this.open(tag);
  }

  open(tag: SaxesTagNS): void {
    this.scopes.push(tag.ns);
    this.use(tag.prefix, tag.uri);
    for (const name in tag.attributes) {
      const attribute = tag.attributes[name];
      if (attribute !== undefined && attribute.prefix !== '') this.use(attribute.prefix, attribute.uri);
    }
  }

  /** Leaves an element; true when that was the div itself. */
  close(): boolean {
    this.scopes.pop();
    return this.scopes.length === 0;
  }

  /** The div up to `end`, line ends as XML reads them. */
  cut(end: number): string {
    const div = this.text.slice(this.start, end).replace(/\r\n?/g, '\n');
    if (this.borrowed.size === 0) return div;
    const afterName = 1 + this.name.length;
    const declarations = [...this.borrowed].map(
      ([prefix, uri]) => ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeAttribute(uri)}"`,
    );
    return div.slice(0, afterName) + declarations.join('') + div.slice(afterName);
  }

  private use(prefix: string, uri: string): void {
    if (prefix === 'xml' || prefix === 'xmlns') return;
    if (!this.scopes.some((scope) => prefix in scope)) this.borrowed.set(prefix, uri);
  }
}

/**
 * Takes the div out of a `Narrative.div` for a place inside XML: without an XML declaration, comments or
 * space around it. Undefined when it is not one well-formed XHTML div.
 */
export const cutDiv = (narrative: string): string | undefined => {
  let cut: DivCut | undefined;
  let div: string | undefined;
  try {
    parseXml(narrative, {
      open: (tag, end) => {
        if (cut !== undefined) cut.open(tag);
        else if (isDiv(tag)) cut = new DivCut(narrative, tag, end);
        else throw new Refused('structure', 'not a div');
      },
      close: (end) => {
        if (cut?.close() === true) div = cut.cut(end);
      },
      text: () => undefined,
    });
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
  return div;
};
