/** The simple types of a message: how a text becomes a value and a value a text again. */
export interface TextType<T> {
  /** The format in words, for a fault; never a value. */
  readonly expected: string;
  /** The text without outer white space; undefined when it is not of this type. */
  readonly parse: (text: string) => T | undefined;
  readonly print: (value: T) => string;
}

const asIs = (text: string): string => text;

/** Any text, the empty one included. */
export const anyText: TextType<string> = { expected: 'a text', parse: asIs, print: asIs };

/** A text of at least one and at most `most` characters. */
export const textUpTo = (most: number): TextType<string> => ({
  expected: `1 to ${most} characters`,
  parse: (text) => (text.length >= 1 && text.length <= most ? text : undefined),
  print: asIs,
});

/** A text of this form, kept as it is. */
export const textLike = (form: RegExp, expected: string): TextType<string> => ({
  expected,
  parse: (text) => (form.test(text) ? text : undefined),
  print: asIs,
});

/** One of a list of words. */
export const oneOf = <const T extends string>(words: readonly T[]): TextType<T> => ({
  expected: `one of ${words.join(', ')}`,
  parse: (text) => words.find((word) => word === text),
  print: asIs,
});

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** xs:boolean. */
export const xsBoolean: TextType<boolean> = {
  expected: 'true or false',
  parse: (text) => BOOLEANS.get(text),
  print: String,
};

/** xs:integer within what a number holds exactly. */
export const xsInteger: TextType<number> = {
  expected: 'an integer',
  parse: (text) => {
    const value = /^[+-]?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    return Number.isSafeInteger(value) ? value : undefined;
  },
  print: String,
};

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

/**
 * The instant of an xs:dateTime, milliseconds since the epoch; without a time zone it counts as UTC. Undefined for
 * what is none, a day that does not exist included.
 */
export const instantOf = (text: string): number | undefined => {
  const parts = DATE_TIME.exec(text);
  if (parts === null) return undefined;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = parts;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const exists = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!exists || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const at = Date.parse(parts[7] === undefined ? `${text}Z` : text);
  return Number.isNaN(at) ? undefined : at;
};

/** xs:dateTime, kept as written. */
export const xsDateTime: TextType<string> = {
  expected: 'a date and time (xs:dateTime)',
  parse: (text) => (instantOf(text) === undefined ? undefined : text),
  print: asIs,
};

/** Milliseconds since the epoch as UTC with `Z` in whole seconds, as DGWS writes times. */
export const utcSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** An instant, milliseconds since the epoch. Read from any xs:dateTime, written in UTC with whole seconds. */
export const xsInstant: TextType<number> = {
  expected: xsDateTime.expected,
  parse: instantOf,
  print: utcSeconds,
};
