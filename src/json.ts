/**
 * JSON whose numbers keep their spelling. To FHIR `1.00` is another statement than `1`
 * (https://hl7.org/fhir/R4/datatypes.html#decimal), and a plain parse and print would make them one.
 *
 * A parsed number stays a number, for everybody who reckons with it; how it was written is remembered beside the
 * object or list that holds it, and printed again as long as that very object is printed.
 */

interface Spelling {
  readonly value: number;
  readonly text: string;
}

const spellings = new WeakMap<object, Map<string, Spelling>>();

/** A number that JavaScript would print otherwise: a trailing zero, an exponent, more digits than a double has. */
const MAY_LOSE = /(?:"\s*:|[,[])\s*(?:-?\d+[.eE]|-?\d{16}|-0)/;

function remember(
  this: object,
  key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  const text = context?.source;
  if (typeof value === 'number' && text !== undefined && text !== String(value)) {
    const known = spellings.get(this) ?? new Map<string, Spelling>();
    known.set(key, { value, text });
    spellings.set(this, known);
  }
  return value;
}

/** Parses JSON text. Throws what `JSON.parse` throws. */
export const parseJsonText = (text: string): unknown =>
  MAY_LOSE.test(text) ? JSON.parse(text, remember) : JSON.parse(text);

/** `JSON.rawJSON` is not in the type library yet; every runtime this runs on has it. */
interface RawJson {
  readonly rawJSON?: (text: string) => unknown;
}
const { rawJSON } = JSON as RawJson;

function recall(this: object, key: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  const known = spellings.get(this)?.get(key);
  // Somebody may have put another number in its place since.
  return known === undefined || known.value !== value || rawJSON === undefined ? value : rawJSON(known.text);
}

/** Is there a remembered spelling anywhere in the value? Most resources have none, and print several times faster. */
const hasSpelling = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (spellings.has(value)) return true;
  return Array.isArray(value) ? value.some(hasSpelling) : Object.values(value).some(hasSpelling);
};

/** Prints JSON text, each number as it was parsed. */
export const printJson = (value: unknown, space?: number): string =>
  hasSpelling(value) ? JSON.stringify(value, recall, space) : JSON.stringify(value, undefined, space);
