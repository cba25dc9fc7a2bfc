import { ATOMS, type Atom, type Dimension, type Dimensions, PREFIXES } from './ucum-units.ts';

export const UCUM = 'http://unitsofmeasure.org';

/** A unit of UCUM in terms of base units. */
export interface UcumUnit {
  /** The base units, in a fixed order: `g.m-3`; `1` for pure numbers. The same for all that can be compared. */
  readonly base: string;
  /** A number of this unit as a number of base units. */
  readonly toBase: (value: number) => number;
}

interface Scaled {
  readonly factor: number;
  readonly dimensions: Dimensions;
  readonly offset?: number;
}

const ONE: Scaled = { factor: 1, dimensions: {} };

const ORDER: readonly Dimension[] = ['g', 'm', 's', 'rad', 'K', 'C', 'cd', 'mol', 'iU'];

const power = ({ factor, dimensions }: Scaled, exponent: number): Scaled => ({
  factor: factor ** exponent,
  dimensions: Object.fromEntries(ORDER.map((name) => [name, (dimensions[name] ?? 0) * exponent])),
});

const times = (a: Scaled, b: Scaled): Scaled => ({
  factor: a.factor * b.factor,
  dimensions: Object.fromEntries(
    ORDER.map((name) => [name, (a.dimensions[name] ?? 0) + (b.dimensions[name] ?? 0)]),
  ),
});

const scaled = ({ factor, dimensions, offset }: Atom): Scaled => ({
  factor,
  dimensions,
  ...(offset === undefined ? {} : { offset }),
});

/** `mg` is a thousandth of `g`; `min` and `cd` are units of their own, so whole names come first. */
const atomOf = (symbol: string): Scaled | undefined => {
  const whole = Object.hasOwn(ATOMS, symbol) ? ATOMS[symbol] : undefined;
  if (whole !== undefined) return scaled(whole);
  for (const length of [2, 1]) {
    const lead = symbol.slice(0, length);
    const rest = symbol.slice(length);
    const prefix = Object.hasOwn(PREFIXES, lead) ? PREFIXES[lead] : undefined;
    const atom = Object.hasOwn(ATOMS, rest) ? ATOMS[rest] : undefined;
    if (prefix !== undefined && atom?.metric === true) {
      return { ...scaled(atom), factor: atom.factor * prefix };
    }
  }
  return undefined;
};

/** A symbol, its exponent, and remarks in braces that mean nothing: `10*9`, `m2`, `mm[Hg]`, `{beats}`, `100`. */
const COMPONENT = /^(?:(10[*^]|(?:[A-Za-z_%]|\[[^\]]*\])+)([+-]?\d{1,2})?|(\d{1,9}))?((?:\{[^}]*\})*)/;

const UNIT_UNITS = 100;

/** UCUM's grammar: components with `.` and `/` between them, from left to right, `/` for the next one alone. */
const parse = (text: string): Scaled | undefined => {
  let at = 0;

  const component = (): Scaled | undefined => {
    if (text[at] === '(') {
      at += 1;
      const inner = term();
      if (inner === undefined || text[at] !== ')') return undefined;
      at += 1;
      return inner;
    }
    const [whole = '', symbol, exponent, number, remarks = ''] = COMPONENT.exec(text.slice(at)) ?? [];
    at += whole.length;
    if (number !== undefined) return { factor: Number(number), dimensions: {} };
    if (symbol === undefined) return remarks === '' ? undefined : ONE;
    const atom = atomOf(symbol);
    if (atom === undefined || exponent === undefined) return atom;
    return atom.offset === undefined ? power(atom, Number(exponent)) : undefined;
  };

  const term = (): Scaled | undefined => {
    let product: Scaled | undefined;
    let divide = text[at] === '/';
    if (divide) {
      at += 1;
      product = ONE;
    }
    for (;;) {
      const next = component();
      if (next === undefined) return undefined;
      if (product === undefined) product = next;
      // A temperature with an offset is no factor: Cel/min is none of ours.
      else if (product.offset !== undefined || next.offset !== undefined) return undefined;
      else product = times(product, divide ? power(next, -1) : next);
      const separator = text[at];
      if (separator !== '.' && separator !== '/') return product;
      divide = separator === '/';
      at += 1;
    }
  };

  const parsed = term();
  return at === text.length ? parsed : undefined;
};

const baseOf = (dimensions: Dimensions): string => {
  const parts = ORDER.flatMap((name) => {
    const exponent = dimensions[name] ?? 0;
    return exponent === 0 ? [] : [exponent === 1 ? name : `${name}${exponent}`];
  });
  return parts.length === 0 ? '1' : parts.join('.');
};

/** Digits that a conversion keeps: what a double adds by itself must not tell 0.7 g from 700 mg. */
const DIGITS = 12;

const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

const unitOf = (code: string): UcumUnit | undefined => {
  const unit = code.length > UNIT_UNITS ? undefined : parse(code);
  if (unit === undefined) return undefined;
  const { factor, dimensions, offset = 0 } = unit;
  return { base: baseOf(dimensions), toBase: (value) => rounded(value * factor + offset) };
};

/** Units that have been read; a store has few of them. */
const known = new Map<string, UcumUnit | undefined>();
const MAX_KNOWN = 1000;

/** A unit by its UCUM code; undefined: not one that is converted here. */
export const ucumUnit = (code: string): UcumUnit | undefined => {
  if (known.has(code)) return known.get(code);
  const unit = unitOf(code);
  if (known.size < MAX_KNOWN) known.set(code, unit);
  return unit;
};
