import {
  BASE_UNITS,
  type DateRow,
  type NumberRow,
  type QuantityRow,
  type ReferenceRow,
  type StringRow,
  type TokenRow,
  type UriRow,
} from '../../store/types.ts';
import { BEGINNING, type DateRange, dateRange, END } from './date-range.ts';
import { fold } from './fold.ts';
import { literalReference } from './reference.ts';
import { UCUM, ucumUnit } from './ucum.ts';

export interface IndexOptions {
  /** Our own base URL without a slash at the end: references below it are indexed like relative ones. */
  readonly baseUrl: string;
  /** True for the systems of national identity numbers: their values are never indexed. */
  readonly isPrivateSystem: (system: string) => boolean;
  /** Set for types that are searched by their words: takes what looks like a private number out of a text. */
  readonly maskText?: (text: string) => string;
}

/** What an element of a resource comes to in the index, without the parameter's name. */
type Value<R> = Omit<R, 'param'>;
export type Values<R> = (value: unknown, options: IndexOptions) => readonly Value<R>[];

type Members = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

/** A Coding, Identifier or ContactPoint. A private or empty one leaves only the trace that there is a value. */
const pairOf = (pair: Members, options: IndexOptions): Value<TokenRow> => {
  const system = textOf(pair['system']);
  const code = textOf(pair['code'] ?? pair['value']);
  const hidden = system !== null && options.isPrivateSystem(system);
  // ContactPoint.system is a code (phone, email …), not the URI of a system.
  const contact = system !== null && pair['value'] !== undefined && !system.includes(':');
  return { system: hidden || contact ? null : system, code: hidden ? null : code };
};

export const tokensOf: Values<TokenRow> = (value, options) => {
  if (isObject(value)) {
    const codings = listOf(value['coding']).filter(isObject);
    return codings.length === 0 ? [pairOf(value, options)] : codings.map((coding) => pairOf(coding, options));
  }
  const code = typeof value === 'boolean' || typeof value === 'number' ? String(value) : textOf(value);
  return code === null ? [] : [{ system: null, code }];
};

/** `code|value`, as `:of-type` looks for it. */
export const typedValue = (code: string, value: string): string => `${code}|${value}`;

/** R4, `:of-type`: an Identifier by each coding of its type. A private one is found by none. */
export const typedIdentifiersOf: Values<TokenRow> = (value, options) => {
  if (!isObject(value) || !isObject(value['type'])) return [];
  const number = textOf(value['value']);
  const system = textOf(value['system']);
  if (number === null || (system !== null && options.isPrivateSystem(system))) return [];
  return listOf(value['type']['coding'])
    .filter(isObject)
    .flatMap((coding) => {
      const code = textOf(coding['code']);
      return code === null ? [] : [{ system: textOf(coding['system']), code: typedValue(code, number) }];
    });
};

/** R4, `:text`: "either CodeableConcept.text, Coding.display, or Identifier.type.text". */
export const tokenTextsOf: Values<StringRow> = (value) => {
  if (!isObject(value)) return [];
  const type = value['type'];
  const texts = [
    value['text'],
    value['display'],
    ...listOf(value['coding']).map((coding) => (isObject(coding) ? coding['display'] : undefined)),
    isObject(type) ? type['text'] : undefined,
  ];
  return texts.flatMap((text) => stringOf(text));
};

export const referencesOf: Values<ReferenceRow> = (value, options) => {
  const inlined = isObject(value) && typeof value['resourceType'] === 'string';
  const text = inlined
    ? `${value['resourceType']}/${value['id']}`
    : textOf(isObject(value) ? value['reference'] : value);
  const literal = text === null ? undefined : literalReference(text, options.baseUrl);
  const identifier = isObject(value) && isObject(value['identifier']) ? value['identifier'] : undefined;
  const system = textOf(identifier?.['system']);
  const hidden = system !== null && options.isPrivateSystem(system);
  return [
    {
      targetType: literal?.type ?? null,
      targetId: literal?.id ?? null,
      targetVersion: literal?.version ?? null,
      identifierSystem: hidden ? null : system,
      identifierValue: hidden ? null : textOf(identifier?.['value']),
    },
  ];
};

const rangeOf = (value: unknown): DateRange | undefined =>
  typeof value === 'string' ? dateRange(value) : undefined;

const periodOf = (period: Members): DateRange | undefined => {
  const start = rangeOf(period['start']);
  const end = rangeOf(period['end']);
  if (start === undefined && end === undefined) return undefined;
  return { low: start?.low ?? BEGINNING, high: end?.high ?? END };
};

/** R4: of a Timing only the outer limits matter. */
const timingOf = (timing: Members): DateRange | undefined => {
  const repeat = timing['repeat'];
  const bounds = isObject(repeat) ? repeat['boundsPeriod'] : undefined;
  const events = listOf(timing['event']).map(rangeOf);
  const ranges = [...events, isObject(bounds) ? periodOf(bounds) : undefined].filter(
    (range) => range !== undefined,
  );
  if (ranges.length === 0) return undefined;
  return {
    low: Math.min(...ranges.map((range) => range.low)),
    high: Math.max(...ranges.map((range) => range.high)),
  };
};

export const datesOf: Values<DateRow> = (value) => {
  const range = isObject(value) ? (periodOf(value) ?? timingOf(value)) : rangeOf(value);
  return range === undefined ? [] : [{ low: range.low, high: range.high }];
};

const stringOf = (part: unknown): readonly Value<StringRow>[] => {
  const exact = textOf(part);
  return exact === null ? [] : [{ folded: fold(exact), exact }];
};

/** The members of HumanName and Address that hold what people search for. */
const NAMED = ['text', 'family', 'given', 'prefix', 'suffix'];
const ADDRESSED = ['line', 'city', 'district', 'state', 'country', 'postalCode'];
const SPOKEN = [...NAMED, ...ADDRESSED];

export const stringsOf: Values<StringRow> = (value) =>
  isObject(value)
    ? SPOKEN.flatMap((name) => {
        const part = value[name];
        return Array.isArray(part) ? part.flatMap(stringOf) : stringOf(part);
      })
    : stringOf(value);

/** A canonical with a version is found by its bare URL too. */
export const urisOf: Values<UriRow> = (value) => {
  const uri = textOf(value);
  if (uri === null) return [];
  const bar = uri.lastIndexOf('|');
  return bar < 1 ? [{ value: uri }] : [{ value: uri }, { value: uri.slice(0, bar) }];
};

/** Open ends of a range of numbers. */
const LEAST = -1e308;
const MOST = 1e308;

const clamped = (value: unknown): number | undefined =>
  typeof value === 'number' ? Math.min(Math.max(value, LEAST), MOST) : undefined;

type Ends = Value<NumberRow>;

/** The number next to one, as near as a double comes: `<5` ends there. */
const beside = (value: number, towards: 1 | -1): number =>
  value + towards * Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE);

/** R4, Quantity.comparator: how the value should be understood. */
const COMPARED: Readonly<Record<string, (value: number) => Ends>> = {
  '<': (value) => ({ low: LEAST, high: beside(value, -1) }),
  '<=': (value) => ({ low: LEAST, high: value }),
  '>=': (value) => ({ low: value, high: MOST }),
  '>': (value) => ({ low: beside(value, 1), high: MOST }),
};

const endsOf = (quantity: Members): Ends | undefined => {
  const value = clamped(quantity['value']);
  if (value === undefined) return undefined;
  const comparator = textOf(quantity['comparator']);
  return (comparator === null ? undefined : COMPARED[comparator]?.(value)) ?? { low: value, high: value };
};

export const numbersOf: Values<NumberRow> = (value) => {
  const number = clamped(value);
  return number === undefined ? [] : [{ low: number, high: number }];
};

const CURRENCIES = 'urn:iso:std:iso:4217';

/** A Range has its unit at either end. */
const rangeOfQuantities = (range: Members): readonly Value<QuantityRow>[] => {
  const low = isObject(range['low']) ? range['low'] : undefined;
  const high = isObject(range['high']) ? range['high'] : undefined;
  const from = clamped(low?.['value']);
  const to = clamped(high?.['value']);
  if (from === undefined && to === undefined) return [];
  return [{ low: from ?? LEAST, high: to ?? MOST, ...unitOf(low ?? high ?? {}) }];
};

const unitOf = (quantity: Members) => {
  const currency = textOf(quantity['currency']);
  if (currency !== null) return { system: CURRENCIES, code: currency, unit: null };
  return {
    system: textOf(quantity['system']),
    code: textOf(quantity['code']),
    unit: textOf(quantity['unit']),
  };
};

/** The same in base units, when its unit is one that is converted. Open ends stay open. */
const inBaseUnits = ({ low, high, system, code }: Value<QuantityRow>): readonly Value<QuantityRow>[] => {
  const unit = system === UCUM && code !== null ? ucumUnit(code) : undefined;
  if (unit === undefined) return [];
  return [
    {
      low: low === LEAST ? LEAST : unit.toBase(low),
      high: high === MOST ? MOST : unit.toBase(high),
      system: BASE_UNITS,
      code: unit.base,
      unit: null,
    },
  ];
};

/** Quantity and what specialises it, Range and Money. SampledData is many values: R4 says of none how it is found. */
export const quantitiesOf: Values<QuantityRow> = (value) => {
  if (!isObject(value)) return [];
  const ends = endsOf(value);
  const rows = ends === undefined ? rangeOfQuantities(value) : [{ ...ends, ...unitOf(value) }];
  return rows.flatMap((row) => [row, ...inBaseUnits(row)]);
};
