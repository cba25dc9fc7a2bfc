import type { SaxesParser } from 'saxes';
import { xmlParser } from '../xml-parser.ts';

/**
 * R4's `htmlChecks()`: a narrative holds only the basic formatting of HTML 4.0 chapters 7 to 11 and 15,
 * links, images and style attributes (https://hl7.org/fhir/R4/narrative.html#xhtml).
 */

const XHTML = 'http://www.w3.org/1999/xhtml';

const ELEMENTS = new Set(
  (
    'a abbr acronym address b big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 ' +
    'h6 hr i img kbd li ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var'
  ).split(' '),
);

const ATTRIBUTES = new Set(
  (
    'abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff ' +
    'charset cite class colspan compact coords dir frame headers height href hreflang hspace id lang longdesc ' +
    'name nowrap rel rev rowspan rules scope shape span src start style summary tabindex title type valign value ' +
    'vspace width xmlns xml:lang'
  ).split(' '),
);

const MAX_DEPTH = 64;

/** `markup`: it holds what R4 does not allow (txt-1). `empty`: there is nothing to read (txt-2). */
type NarrativeFault = 'markup' | 'empty';

const isActiveLink = (name: string, value: string): boolean =>
  (name === 'href' || name === 'src') && /^\s*(javascript|vbscript|file):/i.test(value);

class Refused extends Error {}

const refuse = (): never => {
  throw new Refused();
};

/** R4: the div is content, not a document of its own with an XML declaration. (A handler more is four times slower.) */
const isDocument = ({ xmlDecl }: Pick<SaxesParser, 'xmlDecl'>): boolean => xmlDecl.version !== undefined;

/** Whether there is something to read; throws at the first thing that is not allowed. */
const read = (div: string): boolean => {
  const parser = new (xmlParser())({ xmlns: true, fragment: false });
  let depth = 0;
  let readable = false;
  parser.on('doctype', refuse);
  parser.on('processinginstruction', refuse);
  parser.on('error', refuse);
  parser.on('text', (text) => {
    if (text.trim() !== '') readable = true;
  });
  parser.on('opentag', (tag) => {
    if (depth === 0 && (tag.local !== 'div' || tag.uri !== XHTML || isDocument(parser))) refuse();
    if (++depth > MAX_DEPTH) refuse();
    if (tag.uri !== XHTML || !ELEMENTS.has(tag.local)) refuse();
    if (tag.local === 'img') readable = true;
    for (const { name, value } of Object.values(tag.attributes)) {
      if (!ATTRIBUTES.has(name) || isActiveLink(name, value)) refuse();
    }
  });
  parser.on('closetag', () => {
    depth -= 1;
  });
  parser.write(div).close();
  return readable;
};

/** What is wrong with the XHTML of a narrative; undefined when nothing is. */
export const narrativeFault = (div: string): NarrativeFault | undefined => {
  try {
    return read(div) ? undefined : 'empty';
  } catch (error) {
    if (error instanceof Refused) return 'markup';
    throw error;
  }
};
