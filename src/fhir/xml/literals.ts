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
 * digits than a double holds, or -0. A string with such text in it may answer true too, which costs time only
 * (but the OID of `"urn:oid:2.16.578"` must not: nearly every resource has one).
 */
const MAY_LOSE = /(?:"\s*:|[,[])\s*(?:-?\d+[.eE]|-?\d{16}|-0)/;

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

/** How a primitive is written that is not a string in JSON. */
export interface Literal {
  readonly format: RegExp;
  /** Names the format, after "must be". */
  readonly like: string;
}

/**
 * R4's own formats (https://hl7.org/fhir/R4/datatypes.html#primitive). What they let through is a JSON literal
 * once a leading `+` is gone. Strings are as free in XML as in JSON, and the validator's matter.
 */
const LITERALS: Readonly<Record<string, Literal>> = {
  boolean: { format: /^(true|false)$/, like: 'true or false' },
  decimal: { format: /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/, like: 'a decimal number' },
  integer: { format: /^(0|[+-]?[1-9][0-9]*)$/, like: 'a whole number' },
  positiveInt: { format: /^\+?[1-9][0-9]*$/, like: 'a whole number of 1 or more' },
  unsignedInt: { format: /^(0|[1-9][0-9]*)$/, like: 'a whole number of 0 or more' },
};

export const literalOf = (type: string | undefined): Literal | undefined => LITERALS[type ?? ''];

/** The JSON text of a value as XML has it; undefined when it is not in the format. */
export const jsonOf = (literal: Literal | undefined, value: string): string | undefined => {
  if (literal === undefined) return JSON.stringify(value);
  if (!literal.format.test(value)) return undefined;
  return value.startsWith('+') ? value.slice(1) : value;
};
