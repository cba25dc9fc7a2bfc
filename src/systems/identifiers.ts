import { fail, ok, type Result } from '../result.ts';

/**
 * The national identifiers of persons and health personnel: one table per kind of identifier, extended by a
 * row for each country that joins. Source: the national base profiles (dk-core, HL7 Norway, HL7 Sweden).
 */

/** An identifier as FHIR writes it: a system URI and a value in it. */
export interface SystemValue {
  readonly system: string;
  readonly value: string;
}

export type PersonNumberKind =
  | 'cpr'
  | 'x-ecpr'
  | 'd-ecpr'
  | 'fodselsnummer'
  | 'd-nummer'
  | 'felles-hjelpenummer'
  | 'duf'
  | 'personnummer'
  | 'samordningsnummer'
  | 'reservnummer'
  | 'lma';

/** One system of national identity numbers. */
export interface PersonSystem {
  readonly kind: PersonNumberKind;
  readonly country: 'DK' | 'NO' | 'SE';
  /** The system the server writes. */
  readonly system: string;
  /** Further systems accepted on input with the same meaning. */
  readonly aliases: readonly string[];
  /** The format in words, for diagnostics. */
  readonly format: string;
  /** Takes away what people write between the digits; outer white space is already gone. */
  readonly clean?: (value: string) => string;
  /** True for a well-formed, cleaned value. */
  readonly wellFormed: (value: string) => boolean;
  /** False when the check digits are wrong; absent where there are none, or none that must hold. */
  readonly checkDigits?: (value: string) => boolean;
}

const NORWAY = 'urn:oid:2.16.578.1.12.4.1.4';
const NORWAY_NAMES = 'http://hl7.no/fhir/NamingSystem';
const SWEDEN = 'http://electronichealth.se/identifier';
const DECPR = 'urn:oid:1.2.208.176.1.6.1.3';

const ELEVEN_DIGITS = /^\d{11}$/;
const D_NUMBER = /^[4-7]\d{10}$/;
const TWELVE_DIGITS = /^\d{12}$/;
const CPR = /^\d{10}$/;
const X_ECPR = /^\d{6}[17][A-Z]{2}\d$/;
const D_ECPR = /^\d{6}[056][A-Z0-9]{3}$/;
// An interim number has a letter where the serial begins.
const SWEDISH_TWELVE = /^(?:18|19|20)\d{6}[0-9A-Z]\d{3}$/;
const CARD_NUMBER = /^[0-9A-Za-z-]{6,20}$/;

const LAST_DAY = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** A day that exists in some year: 29 February always passes, because the year is not certain. */
const isDay = (day: number, month: number): boolean => day >= 1 && day <= (LAST_DAY[month - 1] ?? 0);

const startsWithDay = (value: string): boolean => isDay(Number(value.slice(0, 2)), Number(value.slice(2, 4)));

const swedishDay = (value: string, added: number): boolean =>
  isDay(Number(value.slice(6, 8)) - added, Number(value.slice(4, 6)));

const isPersonnummer = (value: string): boolean =>
  SWEDISH_TWELVE.test(value) && (swedishDay(value, 0) || swedishDay(value, 60));

const isSamordningsnummer = (value: string): boolean => SWEDISH_TWELVE.test(value) && swedishDay(value, 60);

const withoutHyphenAndSpace = (value: string): string => value.replace(/[-\s]/g, '');
// `+` (older than a hundred years) is kept, so that the ten-digit form is refused as what it is.
const withoutHyphen = (value: string): string => value.replace(/^(\d{8})-/, '$1');

const weightedSum = (value: string, weights: readonly number[]): number => {
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) sum += (value.charCodeAt(i) - 48) * (weights[i] ?? 0);
  return sum;
};

const K1 = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1] as const;
const K2 = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1] as const;

/**
 * Which rule the check digits of an eleven-digit Norwegian number follow. From 1 January 2032 the first
 * weighted sum may leave 0, 1, 2 or 3 where it had to leave 0 before; the second is unchanged and numbers
 * given out before stay valid, so both are read at any time.
 */
export const norwegianCheckDigits = (value: string): 'classic' | 'from-2032' | 'wrong' => {
  if (weightedSum(value, K2) % 11 !== 0) return 'wrong';
  const remainder = weightedSum(value, K1) % 11;
  if (remainder === 0) return 'classic';
  return remainder <= 3 ? 'from-2032' : 'wrong';
};

const norwegian = (value: string): boolean => norwegianCheckDigits(value) !== 'wrong';

/** Luhn over the last ten digits; an interim number has a letter there and cannot be checked. */
const luhn = (value: string): boolean => {
  if (!TWELVE_DIGITS.test(value)) return true;
  let sum = 0;
  for (let i = 2; i < 12; i += 1) {
    const digit = value.charCodeAt(i) - 48;
    const doubled = i % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
};

const decpr = (system: string): PersonSystem => ({
  kind: 'd-ecpr',
  country: 'DK',
  system,
  aliases: [],
  format: 'six digits, then 0, 5 or 6, then three letters or digits',
  wellFormed: (value) => D_ECPR.test(value),
});

/** Every system of national identity numbers that the server recognises. */
export const PERSON_SYSTEMS: readonly PersonSystem[] = [
  {
    kind: 'cpr',
    country: 'DK',
    system: 'urn:oid:1.2.208.176.1.2',
    aliases: ['http://www.cpr.dk/cpr-systemet'],
    format: 'ten digits that begin with a date (ddmmyy)',
    clean: withoutHyphenAndSpace,
    // No modulus 11: numbers without it are fully valid since 1 October 2007.
    wellFormed: (value) => CPR.test(value) && startsWithDay(value),
  },
  {
    kind: 'x-ecpr',
    country: 'DK',
    system: 'urn:oid:1.2.208.176.1.6.1.1',
    aliases: [],
    format: 'six digits, then 1 or 7, two capital letters and a digit',
    wellFormed: (value) => X_ECPR.test(value),
  },
  decpr(DECPR),
  // The regions give theirs out independently, so the same value in two of them is two persons.
  ...['177', '179', '181', '183', '187'].map((region) => decpr(`${DECPR}.${region}`)),
  {
    kind: 'fodselsnummer',
    country: 'NO',
    system: `${NORWAY}.1`,
    aliases: [`${NORWAY_NAMES}/FNR`],
    format: '11 digits',
    wellFormed: (value) => ELEVEN_DIGITS.test(value),
    checkDigits: norwegian,
  },
  {
    kind: 'd-nummer',
    country: 'NO',
    system: `${NORWAY}.2`,
    aliases: [`${NORWAY_NAMES}/DNR`],
    format: '11 digits, the first of them 4, 5, 6 or 7',
    wellFormed: (value) => D_NUMBER.test(value),
    checkDigits: norwegian,
  },
  {
    kind: 'felles-hjelpenummer',
    country: 'NO',
    system: `${NORWAY}.3`,
    aliases: [`${NORWAY_NAMES}/FHNR`],
    format: '11 digits',
    wellFormed: (value) => ELEVEN_DIGITS.test(value),
  },
  {
    kind: 'duf',
    country: 'NO',
    system: `${NORWAY}.5`,
    aliases: [],
    format: '12 digits',
    wellFormed: (value) => TWELVE_DIGITS.test(value),
  },
  {
    kind: 'personnummer',
    country: 'SE',
    system: `${SWEDEN}/personnummer`,
    aliases: ['urn:oid:1.2.752.129.2.1.3.1'],
    format: '12 digits with the century (yyyymmddnnnn); the ten-digit form is not accepted',
    clean: withoutHyphen,
    wellFormed: isPersonnummer,
    checkDigits: luhn,
  },
  {
    kind: 'samordningsnummer',
    country: 'SE',
    system: `${SWEDEN}/samordningsnummer`,
    aliases: ['urn:oid:1.2.752.129.2.1.3.3'],
    format: '12 digits with the century and 60 added to the day',
    clean: withoutHyphen,
    wellFormed: isSamordningsnummer,
    checkDigits: luhn,
  },
  // The inner format of these two is not published: their shape alone is held.
  {
    kind: 'reservnummer',
    country: 'SE',
    system: `${SWEDEN}/nationelltReservnummer`,
    aliases: [],
    format: '6 to 20 letters, digits or hyphens',
    wellFormed: (value) => CARD_NUMBER.test(value),
  },
  {
    kind: 'lma',
    country: 'SE',
    system: `${SWEDEN}/LMA-nummer`,
    aliases: [],
    format: '6 to 20 letters, digits or hyphens',
    wellFormed: (value) => CARD_NUMBER.test(value),
  },
];

const PERSON_BY_SYSTEM: ReadonlyMap<string, PersonSystem> = new Map(
  PERSON_SYSTEMS.flatMap((row) => [row.system, ...row.aliases].map((system) => [system, row] as const)),
);

/** `URN:OID:…` is the same URI as `urn:oid:…`; what hides a number by its spelling must be recognised all the same. */
const PERSON_IN_ANY_CASE: ReadonlyMap<string, PersonSystem> = new Map(
  [...PERSON_BY_SYSTEM].map(([system, row]) => [system.toLowerCase(), row]),
);

/** The row of a system of national identity numbers, by its emitted or an accepted URI, in any letter case. */
export const personSystem = (system: string | undefined): PersonSystem | undefined =>
  system === undefined
    ? undefined
    : (PERSON_BY_SYSTEM.get(system) ?? PERSON_IN_ANY_CASE.get(system.trim().toLowerCase()));

/** True when values of this system are national identity numbers: they may stand in no URL and no log. */
export const isPersonSystem = (system: string | undefined): boolean => personSystem(system) !== undefined;

/** Norway's register of health personnel (Helsepersonellregisteret). Not a national identity number. */
export const HPR_SYSTEM = `${NORWAY}.4`;
const HPR_SYSTEMS: ReadonlySet<string> = new Set([HPR_SYSTEM, `${NORWAY_NAMES}/HPR`]);

/** True for the emitted and the accepted URI of HPR numbers. */
export const isHprSystem = (system: string | undefined): boolean =>
  system !== undefined && HPR_SYSTEMS.has(system);

const HPR_NUMBER = /^\d{1,9}$/;

/** One to nine digits; no check digit is known, leading zeros are kept as given. */
export const isHprNumber = (value: string): boolean => HPR_NUMBER.test(value);

/** HPR numbers are compared as numbers: `0900001` and `900001` are the same person. */
export const sameHpr = (a: string, b: string): boolean => Number(a) === Number(b);

/** The system the server writes for a system it reads; a system it does not know comes back as it is. */
export const canonicalSystem = (system: string): string =>
  personSystem(system)?.system ?? (HPR_SYSTEMS.has(system) ? HPR_SYSTEM : system);

const FODSELSNUMMER = `${NORWAY}.1`;
const D_NUMMER = `${NORWAY}.2`;

/** The system of an eleven-digit Norwegian number: a D-number has 4 added to its first digit. */
export const norwegianSystem = (number: string): string => (D_NUMBER.test(number) ? D_NUMMER : FODSELSNUMMER);

/**
 * The one form in which the server keeps a national identity number, so that every accepted spelling leads to
 * the same person. A D-number under the system of fødselsnummer gets its own system. The failure says what is
 * wrong with the format and never repeats the value.
 */
export const normalisePersonNumber = (system: string, value: string): Result<SystemValue, string> => {
  const row = personSystem(system);
  if (row === undefined) return fail('is not in a known system of national identity numbers');
  const trimmed = value.trim();
  const cleaned = row.clean?.(trimmed) ?? trimmed;
  if (!row.wellFormed(cleaned)) return fail(`is not well-formed: expected ${row.format}`);
  const emitted = row.kind === 'fodselsnummer' ? norwegianSystem(cleaned) : row.system;
  return ok({ system: emitted, value: cleaned });
};

/** Check digits are soft: wrong ones are worth a warning. Expects a normalised value. */
export const checkPersonNumber = (system: string, value: string): 'ok' | 'check-digit' =>
  PERSON_BY_SYSTEM.get(system)?.checkDigits?.(value) === false ? 'check-digit' : 'ok';

const SHAPE =
  /^(?:\d{10,12}|\d{6}[-+ ]\d{4,5}|\d{8}[-+ ]\d{4}|\d{6}[0-9][A-Z]{2}\d|\d{6}[-+]?[A-Z]\d{3}|\d{8}[-+]?[A-Z]\d{3})$/i;

/** True when a text without a system has the shape of a national identity number of these countries. */
export const looksLikePersonNumber = (text: string): boolean => SHAPE.test(text.trim());

// A UUID is matched first and kept: one in a few hundred ends in twelve digits.
const RUN =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<!\d)(?:\d{10,12}|\d{6}[-+ ]\d{4,5}|\d{8}[-+ ]\d{4})(?!\d)|(?<![0-9a-z])(?:\d{6}[01567][A-Z]{2}\d|(?:\d{6}|\d{8})[-+]?[A-Z]\d{3})(?![0-9a-z])/gi;

/** Replaces by `***` every run that looks like a national identity number; for logs and exchange records. */
export const maskPersonNumbers = (text: string): string =>
  text.replace(RUN, (run) => (run.length === 36 ? run : '***'));
