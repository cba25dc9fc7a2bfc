/**
 * Numbers with the text they were written in: `1.00` is another statement than `1`
 * (https://hl7.org/fhir/R4/datatypes.html#decimal).
 */
export class NumberLiteral {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * True when some number may lose its spelling in `JSON.parse`: one with a point or an exponent, one of more
 * digits than a double holds, or -0. A string with such text in it may answer true too, which costs time only.
 */
const MAY_LOSE = /[\s:,[](?:-?\d+[.eE]|-?\d{16}|-0)/;

const keepText = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' ? new NumberLiteral(context?.source ?? String(value)) : value;

/** Parses JSON so that {@link textOf} can say each number as it was written. Throws what `JSON.parse` throws. */
export const parseKeepingNumbers = (json: string): unknown =>
  MAY_LOSE.test(json) ? JSON.parse(json, keepText) : JSON.parse(json);

/** The text of a primitive; undefined when it is none. */
export const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value;
  if (value instanceof NumberLiteral) return value.text;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
};
