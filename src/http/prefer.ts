/** What a client prefers; what was not said is absent. */
export interface Prefer {
  readonly return?: 'minimal' | 'representation' | 'OperationOutcome';
  readonly handling?: 'strict' | 'lenient';
  /** What was asked for as `return` when it is none of the three: a caller may refuse or mention it. */
  readonly unknownReturn?: string;
}

const RETURN: ReadonlyMap<string, NonNullable<Prefer['return']>> = new Map([
  ['minimal', 'minimal'],
  ['representation', 'representation'],
  ['operationoutcome', 'OperationOutcome'],
]);

const HANDLING: ReadonlyMap<string, NonNullable<Prefer['handling']>> = new Map([
  ['strict', 'strict'],
  ['lenient', 'lenient'],
]);

/** Splits at commas and semicolons outside quotes: clients use either between preferences. */
const split = (raw: string): readonly string[] => {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (let i = 0; i < raw.length; i += 1) {
    const char = raw.charAt(i);
    if (quoted && char === '\\') {
      part += raw.charAt(i + 1);
      i += 1;
    } else if (char === '"') {
      quoted = !quoted;
    } else if (!quoted && (char === ',' || char === ';')) {
      parts.push(part);
      part = '';
    } else {
      part += char;
    }
  }
  parts.push(part);
  return parts;
};

const NOTHING: Prefer = Object.freeze({});

/** An unknown token is repeated to nobody in full. */
const shorten = (text: string): string => text.slice(0, 32);

/**
 * Reads a Prefer header (RFC 7240, and FHIR's `return` and `handling`). Never fails: blanks and letter case do
 * not matter, unknown preferences are ignored, and of a preference given twice the first one counts.
 */
export const parsePrefer = (raw: string | null | undefined): Prefer => {
  if (raw === null || raw === undefined || raw === '') return NOTHING;
  const first = new Map<string, string>();
  for (const part of split(raw)) {
    const at = part.indexOf('=');
    const name = (at < 0 ? part : part.slice(0, at)).trim().toLowerCase();
    if (!first.has(name)) first.set(name, at < 0 ? '' : part.slice(at + 1).trim());
  }
  const wanted = first.get('return');
  const body = RETURN.get(wanted?.toLowerCase() ?? '');
  const handling = HANDLING.get(first.get('handling')?.toLowerCase() ?? '');
  return {
    ...(body === undefined ? {} : { return: body }),
    ...(handling === undefined ? {} : { handling }),
    ...(wanted === undefined || body !== undefined ? {} : { unknownReturn: shorten(wanted) }),
  };
};
