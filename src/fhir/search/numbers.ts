import type { NumberMatch, QuantityMatch } from '../../store/search-request.ts';
import { BASE_UNITS } from '../../store/types.ts';
import { splitPrefix, splitUnescaped, unescapeValue } from './text.ts';
import { UCUM, ucumUnit } from './ucum.ts';

const NUMBER = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

interface Precise {
  readonly value: number;
  /** The range that rounds to the number as it is written, without its upper end. */
  readonly low: number;
  readonly high: number;
}

/** The number next above, as numbers are kept here. */
const nextAbove = (value: number): number => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value < 0 ? -1n : 1n));
  return view.getFloat64(0);
};

/**
 * R4, number: 100 stands for [99.5, 100.5), 100.00 for [99.995, 100.005) and 1e2 for [95, 105): half a unit of the last
 * digit to either side, where a mantissa without decimals that an exponent enlarges counts as having one.
 * Undefined when the text is no number.
 */
export const preciseNumber = (text: string): Precise | undefined => {
  const parts = NUMBER.exec(text);
  if (parts === null) return undefined;
  const [, sign = '', whole = '', decimals = '', exponent = '0'] = parts;
  const implied = decimals === '' && Number(exponent) > 0 ? '0' : decimals;
  const digits = BigInt(`${whole}${implied}0`);
  const scale = Number(exponent) - implied.length - 1;
  const at = (units: bigint): number => Number(`${units}e${scale}`);
  const signed = sign === '-' ? -digits : digits;
  const value = at(signed);
  if (!Number.isFinite(value)) return undefined;
  const high = at(signed + 5n);
  // Of more digits than are kept the range has no width left; it holds the number itself all the same. `-0` is 0.
  return { value: value + 0, low: at(signed - 5n), high: high > value ? high : nextAbove(value) };
};

/** R4 recommends a tenth of the value for `ap`; never narrower than what the number stands for. */
const near = ({ value, low, high }: Precise): Pick<NumberMatch, 'low' | 'high'> => {
  const slack = Math.abs(value) / 10;
  return { low: Math.min(low, value - slack), high: Math.max(high, value + slack) };
};

/** A number with its prefix; undefined when it is none. */
export const numberMatch = (text: string): NumberMatch | undefined => {
  const { prefix, rest } = splitPrefix(text);
  const number = preciseNumber(rest);
  if (number === undefined) return undefined;
  if (prefix === 'ap') return { prefix, ...near(number) };
  // R4: with the other prefixes "the implicit precision of the number is ignored".
  const { low, high } =
    prefix === 'eq' || prefix === 'ne' ? number : { low: number.value, high: number.value };
  return { prefix, low, high };
};

/**
 * R4: "the search processor may choose to perform a search based on canonical units": of a UCUM unit that is converted
 * here the base units are looked for, so that 1 kg finds 1000 g, by as many digits as were asked for.
 *
 * `[prefix]number`, `…|system|code` or `…||unit`; undefined when it is none of these.
 */
export const quantityMatch = (text: string): QuantityMatch | undefined => {
  const [first = '', ...rest] = splitUnescaped(text, '|');
  const number = numberMatch(first);
  if (number === undefined || (rest.length !== 0 && rest.length !== 2)) return undefined;
  const [system = '', code = ''] = rest.map(unescapeValue);
  if (system === '') return code === '' ? number : { ...number, unit: code };
  const unit = system === UCUM ? ucumUnit(code) : undefined;
  if (unit !== undefined) {
    const { prefix, low, high } = number;
    return { prefix, low: unit.toBase(low), high: unit.toBase(high), system: BASE_UNITS, code: unit.base };
  }
  return { ...number, system, ...(code === '' ? {} : { code }) };
};
