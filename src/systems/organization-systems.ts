import { namingSystem } from '../canonical.ts';
import { gs1, luhn10, modulus11, verhoeff } from './check-digits.ts';

/**
 * The identifiers of organisations in the Nordic countries: one row per kind, with every system it is known by,
 * its format and the names that the national services give it. Source: the national base profiles (dk-core, HL7
 * Norway, HL7 Sweden), FMK 1.6.0 and DGWS.
 */

export type OrganizationIdentifierKind =
  | 'cvr'
  | 'p-number'
  | 'sor'
  | 'gln'
  | 'yder'
  | 'sks'
  | 'kommunekode'
  | 'region'
  | 'kombit'
  | 'no-organization'
  | 'resh'
  | 'her'
  | 'pvk-part'
  | 'hsa'
  | 'se-organization';

/** What a value may be worth a warning for, though it is taken. */
export type OrganizationIdentifierWarning = 'check-digit' | 'legacy';

/** One kind of identifier. */
export interface OrganizationSystem {
  readonly kind: OrganizationIdentifierKind;
  /** As people call it. */
  readonly name: string;
  readonly country: 'DK' | 'NO' | 'SE' | 'any';
  /** The system the server writes. */
  readonly system: string;
  /** Further systems accepted on input with the same meaning. */
  readonly aliases: readonly string[];
  /** The format in words, for diagnostics. */
  readonly format: string;
  /** Takes away what people write between the digits; outer white space is already gone. */
  readonly clean?: (value: string) => string;
  /** For a cleaned value. */
  readonly wellFormed: (value: string) => boolean;
  /** Characters; a longer value is `too-long` rather than malformed. */
  readonly longest?: number;
  /** False when the check digit is wrong. */
  readonly checkDigit?: (value: string) => boolean;
  /** `refuse`: a wrong check digit is a fault. Else it is worth a warning. */
  readonly checkDigitWrong?: 'refuse';
  /** True for a form that is no longer given out. */
  readonly legacy?: (value: string) => boolean;
  /** Two values with the same key are the same organisation; absent: the value itself. */
  readonly key?: (value: string) => string;
  /** The forms in which the same number may have been stored as given, for a search; absent: the value itself. */
  readonly spellings?: (value: string) => readonly string[];
  /** FMK's `Identifier/@source`. */
  readonly fmkSource?: string;
  /** `NameFormat` in DGWS and FMK headers. */
  readonly nameFormat?: string;
}

export const CVR_SYSTEM = 'http://cvr.dk';
export const P_NUMBER_SYSTEM = namingSystem('dk-p-number');
export const SOR_SYSTEM = 'urn:oid:1.2.208.176.1.1';
export const GLN_SYSTEM = 'http://www.gs1.org/gln';
export const YDER_SYSTEM = 'urn:oid:1.2.208.176.1.4';
export const SKS_SYSTEM = namingSystem('dk-sks-org');
export const KOMMUNEKODE_SYSTEM = 'http://hl7.dk/fhir/core/CodeSystem/dk-core-municipality-codes';
export const NO_ORGANIZATION_SYSTEM = 'urn:oid:2.16.578.1.12.4.1.4.101';
export const HSA_ID_SYSTEM = 'urn:oid:1.2.752.29.4.19';
export const SE_ORGANIZATION_SYSTEM = 'urn:oid:2.5.4.97';
/** SKS as a classification: its codes are no organisations, though clients mix the two up. */
export const SKS_CLASSIFICATION = 'urn:oid:1.2.208.176.2.4';

const withoutSpace = (value: string): string => value.replace(/\s/g, '');
const lower = (value: string): string => value.toLowerCase();
const matches = (form: RegExp) => (value: string) => form.test(value);

/** `66001`, `066001`: every length that leading zeros may bring a number to. */
const zeros =
  (longest: number) =>
  (value: string): readonly string[] => {
    const bare = value.replace(/^0+(?=\d)/, '');
    const more = Math.max(0, longest - bare.length);
    return Array.from({ length: more + 1 }, (_, count) => '0'.repeat(count) + bare);
  };

const HSA = /^SE\d{10}-[A-Za-z0-9]+$/i;
const HSA_LEGACY = /^SE16\d{10}-[A-Za-z0-9]+$/i;

const DANISH: readonly OrganizationSystem[] = [
  {
    kind: 'cvr',
    name: 'CVR',
    country: 'DK',
    system: CVR_SYSTEM,
    aliases: ['urn:oid:1.3.184', 'urn:oid:1.3.198', 'urn:oid:2.16.840.1.113883.2.24.1.1'],
    format: '8 digits',
    clean: withoutSpace,
    wellFormed: matches(/^\d{8}$/),
    // FMK's own example fails modulus 11.
    checkDigit: (value) => modulus11(value, [2, 7, 6, 5, 4, 3, 2, 1]),
    fmkSource: 'CVR',
    nameFormat: 'medcom:cvrnumber',
  },
  {
    kind: 'p-number',
    name: 'P-number',
    country: 'DK',
    system: P_NUMBER_SYSTEM,
    aliases: [],
    format: '10 digits',
    clean: withoutSpace,
    wellFormed: matches(/^\d{10}$/),
    fmkSource: 'CVR-P',
    nameFormat: 'medcom:pnumber',
  },
  {
    kind: 'sor',
    name: 'SOR',
    country: 'DK',
    system: SOR_SYSTEM,
    aliases: [],
    // A string: real ones are longer than a JavaScript number is exact.
    format: '11 to 18 digits',
    wellFormed: matches(/^\d{11,18}$/),
    checkDigit: verhoeff,
    fmkSource: 'SOR',
    nameFormat: 'medcom:sor',
  },
  {
    kind: 'yder',
    name: 'ydernummer',
    country: 'DK',
    system: YDER_SYSTEM,
    aliases: [],
    format: '1 to 6 digits',
    wellFormed: matches(/^\d{1,6}$/),
    key: (value) => value.padStart(6, '0'),
    spellings: zeros(6),
    fmkSource: 'Yder',
    nameFormat: 'medcom:ynumber',
  },
  {
    kind: 'sks',
    name: 'SKS/SHAK',
    country: 'DK',
    system: SKS_SYSTEM,
    aliases: [],
    // An eighth and ninth character occur; FMK cuts them off before its check.
    format: '4, 6 or 7 letters or digits',
    wellFormed: matches(/^(?:[0-9A-Z]{4}|[0-9A-Z]{6,9})$/i),
    fmkSource: 'SKS',
    nameFormat: 'medcom:skscode',
  },
  {
    kind: 'kommunekode',
    name: 'kommunekode',
    country: 'DK',
    system: KOMMUNEKODE_SYSTEM,
    aliases: [],
    format: '3 or 4 digits',
    wellFormed: matches(/^\d{3,4}$/),
    key: (value) => value.padStart(4, '0'),
    spellings: zeros(4),
    fmkSource: 'Kommunekode',
    nameFormat: 'medcom:communalnumber',
  },
  {
    kind: 'region',
    name: 'region',
    country: 'DK',
    system: 'urn:iso:std:iso:3166:-2',
    aliases: [],
    format: 'a code of ISO 3166-2 such as DK-82',
    wellFormed: matches(/^[A-Z]{2}-[0-9A-Z]{1,3}$/),
  },
  {
    kind: 'kombit',
    name: 'KOMBIT organisation',
    country: 'DK',
    system: 'https://kombit.dk/sts/organisation',
    aliases: ['https://www.kombit.dk/sts/organisation'],
    format: 'a urn:uuid:',
    clean: lower,
    wellFormed: matches(/^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  },
];

const NORWEGIAN: readonly OrganizationSystem[] = [
  {
    kind: 'no-organization',
    name: 'Norwegian organisation number',
    country: 'NO',
    system: NO_ORGANIZATION_SYSTEM,
    aliases: ['urn:oid:2.16.578.1.12.4.1.2.101'],
    format: '9 digits',
    clean: withoutSpace,
    wellFormed: matches(/^\d{9}$/),
    checkDigit: (value) => modulus11(value, [3, 2, 7, 6, 5, 4, 3, 2, 1]),
  },
  {
    kind: 'resh',
    name: 'RESH',
    country: 'NO',
    system: 'urn:oid:2.16.578.1.12.4.1.4.102',
    aliases: [],
    format: 'digits',
    wellFormed: matches(/^\d{1,12}$/),
  },
  {
    kind: 'her',
    name: 'HER-id',
    country: 'NO',
    system: 'urn:oid:2.16.578.1.12.4.1.2',
    aliases: [],
    format: 'digits',
    wellFormed: matches(/^\d{1,12}$/),
  },
  {
    kind: 'pvk-part',
    name: 'partKode',
    country: 'NO',
    system: namingSystem('pvk-part'),
    aliases: [],
    format: 'a short code',
    wellFormed: matches(/^\S(?:.*\S)?$/),
  },
];

const SWEDISH: readonly OrganizationSystem[] = [
  {
    kind: 'hsa',
    name: 'HSA-id',
    country: 'SE',
    system: HSA_ID_SYSTEM,
    aliases: ['urn:oid:1.2.752.129.2.1.4.1'],
    format: 'SE, 10 digits, a hyphen, then letters or digits',
    longest: 31,
    wellFormed: (value) => HSA.test(value) || HSA_LEGACY.test(value),
    legacy: matches(HSA_LEGACY),
    checkDigit: (value) => luhn10(value.replace(/^SE(?:16(?=\d{10}-))?/i, '').slice(0, 10)),
    key: lower,
    spellings: (value) => [...new Set([value, value.toUpperCase(), lower(value)])],
  },
  {
    kind: 'se-organization',
    name: 'Swedish organisation number',
    country: 'SE',
    system: SE_ORGANIZATION_SYSTEM,
    aliases: [],
    // The third digit of a personnummer is lower. OCES3 certificates use the same OID for NTRDK-….
    format: '10 digits without a hyphen, the third of them 2 or more',
    wellFormed: matches(/^\d{2}[2-9]\d{7}$/),
    checkDigit: luhn10,
  },
];

const INTERNATIONAL: readonly OrganizationSystem[] = [
  {
    kind: 'gln',
    name: 'GLN',
    country: 'any',
    system: GLN_SYSTEM,
    aliases: ['https://www.gs1.org/gln', 'http://electronichealth.se/identifier/gln'],
    format: '13 digits',
    clean: withoutSpace,
    wellFormed: matches(/^\d{13}$/),
    checkDigit: gs1,
    checkDigitWrong: 'refuse',
    fmkSource: 'EAN-Lokationsnummer',
    nameFormat: 'medcom:locationnumber',
  },
];

/** Every kind of organisation identifier that the server recognises. */
export const ORGANIZATION_SYSTEMS: readonly OrganizationSystem[] = [
  ...DANISH,
  ...NORWEGIAN,
  ...SWEDISH,
  ...INTERNATIONAL,
];
