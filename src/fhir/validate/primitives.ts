/**
 * R4's primitive formats (https://hl7.org/fhir/R4/datatypes.html#primitive). Each entry answers what is wrong
 * with a value, as the end of the sentence "… must be", or undefined when nothing is.
 */

/** R4: strings shall not exceed 1 MB. base64Binary has no bound of its own. */
const MAX_STRING = 1_048_576;

const MAX_INTEGER = 2_147_483_647;

/** What R4 (below U+0020 but tab, line feed, carriage return) and XML (U+FFFE, U+FFFF) leave out. */
const hasForbidden = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 ? unit !== 0x09 && unit !== 0x0a && unit !== 0x0d : unit >= 0xfffe) return true;
  }
  return false;
};

const NON_SPACE = /\S/;

type Format = (value: unknown) => string | undefined;

const textFault = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return 'a JSON string';
  if (!NON_SPACE.test(value)) return 'a string that is not empty';
  if (value.length > MAX_STRING) return 'a string of at most 1 MB';
  if (hasForbidden(value) || !value.isWellFormed()) return 'free of control characters and lone surrogates';
  return undefined;
};

/** A string in a format; `like` names the format. */
const pattern =
  (format: RegExp, like: string): Format =>
  (value) =>
    textFault(value) ?? (format.test(String(value)) ? undefined : like);

const integer =
  (low: number, like: string): Format =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= low && value <= MAX_INTEGER
      ? undefined
      : like;

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Whether the day of a date that has the right shape is in the calendar. */
const isCalendarDay = (text: string): boolean => {
  if (text.length < 10) return true;
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8, 10));
  if (day <= 28) return true;
  return day <= (month === 2 && isLeap(Number(text.slice(0, 4))) ? 29 : (DAYS[month - 1] ?? 0));
};

const calendar =
  (format: RegExp, like: string): Format =>
  (value) => {
    const fault = textFault(value);
    if (fault !== undefined) return fault;
    const text = String(value);
    if (!format.test(text)) return like;
    return isCalendarDay(text) ? undefined : 'a day that exists in the calendar';
  };

const YEAR = '([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)';
const MONTH = '(0[1-9]|1[0-2])';
const DAY = '(0[1-9]|[12][0-9]|3[01])';
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]{1,9})?';
const ZONE = '(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const base64: Format = (value) => {
  if (typeof value !== 'string') return 'a JSON string';
  const packed = /\s/.test(value) ? value.replace(/\s+/g, '') : value;
  return packed.length > 0 && packed.length % 4 === 0 && BASE64.test(packed)
    ? undefined
    : 'base64 (RFC 4648, section 4) with padding';
};

const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const uri = pattern(/^\S+$/, 'a URI without spaces');

export const PRIMITIVES: Readonly<Record<string, Format>> = {
  base64Binary: base64,
  boolean: (value) => (typeof value === 'boolean' ? undefined : 'true or false, without quotes'),
  canonical: uri,
  code: pattern(/^[^\s]+( [^\s]+)*$/, 'a code: no spaces at its ends, single ones inside'),
  date: calendar(new RegExp(`^${YEAR}(-${MONTH}(-${DAY})?)?$`), 'a date such as 2026, 2026-03 or 2026-03-03'),
  dateTime: calendar(
    new RegExp(`^${YEAR}(-${MONTH}(-${DAY}(T${TIME}${ZONE})?)?)?$`),
    'a dateTime such as 2026-03-03 or 2026-03-03T08:00:00+01:00 (a time needs seconds and a zone)',
  ),
  decimal: (value) =>
    typeof value === 'number' && Number.isFinite(value) ? undefined : 'a JSON number, without quotes',
  id: pattern(/^[A-Za-z0-9\-.]{1,64}$/, 'an id: 1 to 64 of A-Z, a-z, 0-9, "-" and "."'),
  instant: calendar(
    new RegExp(`^${YEAR}-${MONTH}-${DAY}T${TIME}${ZONE}$`),
    'an instant such as 2026-03-03T08:00:00+01:00',
  ),
  integer: integer(-MAX_INTEGER - 1, 'a whole JSON number of 32 bits'),
  markdown: textFault,
  oid: pattern(/^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$/, 'an OID such as urn:oid:1.2.3'),
  positiveInt: integer(1, 'a whole JSON number of 1 or more'),
  string: textFault,
  time: pattern(new RegExp(`^${TIME}$`), 'a time such as 08:00:00'),
  unsignedInt: integer(0, 'a whole JSON number of 0 or more'),
  uri,
  url: uri,
  uuid: pattern(UUID, 'a UUID such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520, in lower case'),
  xhtml: textFault,
};

/** True when the fault is of the JSON type rather than of the format. */
export const isWrongJsonType = (type: string, value: unknown): boolean => {
  const expected = JSON_TYPES[type] ?? 'string';
  return typeof value !== expected;
};

const JSON_TYPES: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  decimal: 'number',
  integer: 'number',
  positiveInt: 'number',
  unsignedInt: 'number',
};
