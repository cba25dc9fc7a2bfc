/** A period of time, both ends included, milliseconds since the epoch. */
export interface DateRange {
  readonly low: number;
  readonly high: number;
}

/** Open ends: the first and last instants that ECMAScript knows. */
export const BEGINNING = -8.64e15;
export const END = 8.64e15;

const DATE =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,12}))?)?(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?)?)?)?$/;

const MINUTE = 60_000;

/** The instant of the given fields in UTC; undefined when there is no such day or time. */
const instant = (year: number, month: number, day: number, hour: number, minute: number, second: number) => {
  // Date.UTC takes the years 0–99 for 1900–1999.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  if (hour > 24 || minute > 59 || second > 60 || (hour === 24 && (minute > 0 || second > 0)))
    return undefined;
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
};

const offsetOf = (zone: string | undefined): number => {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith('-') ? -minutes : minutes) * MINUTE;
};

/** Milliseconds that a fraction of a second begins with, and how many its precision covers. */
const fractionOf = (digits: string | undefined): { readonly from: number; readonly length: number } => {
  if (digits === undefined) return { from: 0, length: 1000 };
  const from = Number(digits.slice(0, 3).padEnd(3, '0'));
  return { from, length: 10 ** Math.max(0, 3 - digits.length) };
};

const dayRange = (
  year: number,
  month: string | undefined,
  day: string | undefined,
): DateRange | undefined => {
  const low = instant(year, Number(month ?? 1), Number(day ?? 1), 0, 0, 0);
  if (low === undefined) return undefined;
  const next = new Date(low);
  if (day !== undefined) next.setUTCDate(next.getUTCDate() + 1);
  else if (month !== undefined) next.setUTCMonth(next.getUTCMonth() + 1);
  else next.setUTCFullYear(next.getUTCFullYear() + 1);
  return { low, high: next.getTime() - 1 };
};

/**
 * The range that a date, dateTime or instant covers by its precision: `2013` a year, `2013-01-14` a day (in
 * UTC), `T10:00` a minute, `T10:00:00` a second, `.1` a tenth of one. A time without zone is taken as UTC.
 * Undefined when it is none of these, or no day of the calendar.
 */
export const dateRange = (text: string): DateRange | undefined => {
  const parts = DATE.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = parts;
  if (hour === undefined) return dayRange(Number(year), month, day);
  const start = instant(
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second ?? 0),
  );
  if (start === undefined) return undefined;
  const { from, length } = second === undefined ? { from: 0, length: MINUTE } : fractionOf(fraction);
  const low = start + from - offsetOf(zone);
  return { low, high: low + length - 1 };
};
