import type { SaxesParser, SaxesTagNS } from 'saxes';
import type { IssueCode } from '../../failure.ts';
import { MAX_DEPTH } from '../validate/walk.ts';
import { xmlParser } from '../xml-parser.ts';

/** Why a text is not read any further. The message holds nothing of the text. */
export class Refused extends Error {
  readonly code: IssueCode;

  constructor(code: IssueCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What is called while a text is read, from its beginning to its end. */
export interface Handlers {
  /** `end` is the index in the text after the tag's `>`. */
  readonly open: (tag: SaxesTagNS, end: number) => void;
  readonly close: (end: number) => void;
  /** Text between tags, references replaced; also from CDATA sections. */
  readonly text: (text: string) => void;
}

/** What the parser's messages mean; they themselves may quote the text. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/duplicate attribute/, 'an attribute stands twice in one tag'],
  [/unbound namespace prefix/, 'a namespace prefix is not declared'],
  [/undefined entity/, 'an entity other than the five of XML'],
  [/entity|character reference/, 'a malformed character reference'],
  [/unclosed tag|unexpected end/, 'it ends before it is complete'],
  [/closing tag|close tag/, 'start and end tags do not match'],
  [/must contain a root/, 'there is no element'],
  [/only one root|outside of root/, 'there is something beside the one root element'],
  [/attribute/, 'a malformed attribute'],
  [/XML declaration|version|encoding|standalone/, 'a malformed XML declaration'],
  [/namespace|prefix/, 'a reserved namespace or prefix'],
  [/disallowed/, 'a character that is not allowed there'],
];

type Parser = SaxesParser<{ xmlns: true }>;

const strict = () => {
  const Base = xmlParser();
  /** Throws at the first thing that is not well-formed. */
  return class extends Base<{ xmlns: true }> {
    constructor() {
      super({ xmlns: true });
    }

    override fail(message: string): never {
      const reason = REASONS.find(([pattern]) => pattern.test(message))?.[1] ?? 'a syntax error';
      throw new Refused(
        'structure',
        `Not well-formed XML at line ${this.line}, column ${this.column}: ${reason}.`,
      );
    }
  };
};

/** Made by the first text, when the parser has been loaded. */
let made: ReturnType<typeof strict> | undefined;

const newParser = (): Parser => {
  made ??= strict();
  return new made();
};

const refuseDoctype = (): never => {
  throw new Refused('structure', 'A document type declaration (DOCTYPE) is not allowed.');
};

const refuseInstruction = (): never => {
  throw new Refused('structure', 'Processing instructions are not allowed.');
};

const checkDeclaration = ({ version, encoding }: Parser['xmlDecl']): void => {
  if (version !== undefined && version !== '1.0') throw new Refused('structure', 'Only XML 1.0 is read.');
  if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') {
    throw new Refused('structure', 'The XML declaration names an encoding other than UTF-8.');
  }
};

/**
 * Parses XML 1.0 with namespaces. Throws {@link Refused} at what is not well-formed, a doctype, a processing
 * instruction, and elements more than 64 deep (the parser is quadratic in depth).
 *
 * Six handlers, not more: from the seventh on V8 keeps the parser as a dictionary, four times as slow.
 */
export const parseXml = (text: string, handlers: Handlers): void => {
  const parser = newParser();
  let depth = 0;
  parser.on('doctype', refuseDoctype);
  parser.on('processinginstruction', refuseInstruction);
  parser.on('opentag', (tag) => {
    if (depth === 0) checkDeclaration(parser.xmlDecl);
    depth += 1;
    if (depth > MAX_DEPTH) throw new Refused('too-costly', `Nested more than ${MAX_DEPTH} elements deep.`);
    handlers.open(tag, parser.position);
  });
  parser.on('closetag', () => {
    depth -= 1;
    handlers.close(parser.position);
  });
  parser.on('text', handlers.text);
  parser.on('cdata', handlers.text);
  parser.write(text).close();
};
