import { fail, ok, type Result } from '../../result.ts';

/**
 * Which FMK is spoken: the head of 1.6.0 (FocesId of up to 100 characters), the WSDL published before July 2026
 * (10), or 1.4.6 in its extension E6 (another namespace, another order, another header).
 */
export type FmkVersion = '1.6.0-head' | '1.6.0-published' | '1.4.6-E6';

export const FMK_VERSIONS: readonly FmkVersion[] = ['1.6.0-head', '1.6.0-published', '1.4.6-E6'];

/** Characters that a FocesId may have, by version. */
export const FOCES_ID_LIMIT: Readonly<Record<FmkVersion, number>> = {
  '1.6.0-head': 100,
  '1.6.0-published': 10,
  '1.4.6-E6': 100,
};

/** `NameFormat` of OrgUsingID, a closed list. */
export const NAME_FORMATS = [
  'medcom:ynumber',
  'medcom:pnumber',
  'medcom:skscode',
  'medcom:cvrnumber',
  'medcom:communalnumber',
  'medcom:sor',
  'medcom:locationnumber',
] as const;

export type NameFormat = (typeof NAME_FORMATS)[number];

/** The system that calls, as FMK's administration has approved it: part of every call. */
export interface WhitelistedSystem {
  readonly ownerName: string;
  /** At most 30 characters. */
  readonly name: string;
  readonly version: string;
  readonly orgResponsibleName: string;
  readonly orgUsingName: string;
  readonly orgUsingId: { readonly nameFormat: NameFormat; readonly value: string };
  readonly requestedRole: string;
}

/** Everything about FMK that its documentation leaves open, in one place, each with its default. */
export interface FmkSettings {
  readonly version: FmkVersion;
  /** Level of the ID card of these operations. That a person's card (4) is asked for is likely, not documented. */
  readonly cardLevel: 3 | 4;
  /** A role that is not in FMK's list, which is an open one. */
  readonly unknownRole: 'warn' | 'refuse';
  /** More than five address lines: refused, or the last ones joined. */
  readonly addressLines: 'refuse' | 'join';
  /** A create of what is whitelisted already: refused with 409, or answered with the existing Basic. */
  readonly duplicateCreate: 'conflict' | 'existing';
  /** A delete of what FMK no longer has: succeeds, or is answered with 404. */
  readonly deleteAbsent: 'accept' | 'not-found';
  /** FMK's fault codes for a duplicate and for an absent entry; its list is not public. */
  readonly duplicateFaults: readonly string[];
  readonly absentFaults: readonly string[];
  /** Whose card FMK is read with where whoever asks has none: nobody's, or any configured person's. */
  readonly readAs: 'acting' | 'any';
  /** Age, in milliseconds, from which FMK is asked again on a read; 0: always. */
  readonly refreshAge: number;
}

export const FMK_DEFAULTS: FmkSettings = {
  version: '1.6.0-head',
  cardLevel: 4,
  unknownRole: 'warn',
  addressLines: 'refuse',
  duplicateCreate: 'conflict',
  deleteAbsent: 'accept',
  duplicateFaults: [],
  absentFaults: [],
  readAs: 'acting',
  refreshAge: 5 * 60_000,
};

/** Where FMK is and as whom it is called. Undefined in the sandbox, which has its own. */
export interface FmkPlace {
  readonly url: string;
  readonly system: WhitelistedSystem;
}

export interface FmkConfiguration {
  readonly settings: FmkSettings;
  readonly place?: FmkPlace;
}

type Texts = Readonly<Record<string, string | undefined>>;

const DURATION = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

const milliseconds = (text: string): number | undefined => {
  const parts = DURATION.exec(text);
  if (parts === null || text === 'P') return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
};

const oneOf =
  <T extends string>(...choices: readonly T[]) =>
  (text: string): T | undefined =>
    choices.find((choice) => choice === text);

const codes = (text: string): readonly string[] | undefined => {
  const list = text.split(',').map((code) => code.trim());
  return list.every((code) => /^[\w.-]{1,40}$/.test(code)) ? list : undefined;
};

const NAMES = {
  version: ['FMK_VERSION', FMK_VERSIONS.join(', ')],
  cardLevel: ['FMK_CARD_LEVEL', '3 or 4'],
  unknownRole: ['FMK_UNKNOWN_ROLE', 'warn or refuse'],
  addressLines: ['FMK_ADDRESS_LINES', 'refuse or join'],
  duplicateCreate: ['FMK_DUPLICATE_CREATE', 'conflict or existing'],
  deleteAbsent: ['FMK_DELETE_ABSENT', 'accept or not-found'],
  duplicateFaults: ['FMK_DUPLICATE_FAULTS', 'a list of fault codes, separated by commas'],
  absentFaults: ['FMK_ABSENT_FAULTS', 'a list of fault codes, separated by commas'],
  readAs: ['FMK_READ_AS', 'acting or any'],
  refreshAge: ['FMK_REFRESH_AGE', 'a duration such as PT5M'],
} as const;

type Key = keyof typeof NAMES;

/** The header's fields: the name of the setting, the longest value, in characters, of the schema. */
const SYSTEM_NAMES = {
  ownerName: ['FMK_SYSTEM_OWNER', 200],
  name: ['FMK_SYSTEM_NAME', 30],
  version: ['FMK_SYSTEM_VERSION', 200],
  orgResponsibleName: ['FMK_ORG_RESPONSIBLE', 200],
  orgUsingName: ['FMK_ORG_USING', 200],
  requestedRole: ['FMK_REQUESTED_ROLE', 200],
} as const;

const URL_NAME = 'FMK_URL';
const USING_ID_NAME = 'FMK_ORG_USING_ID';

/** The names of these settings in the environment. */
export const FMK_SETTING_NAMES: readonly string[] = [
  ...Object.values(NAMES).map(([name]) => name),
  ...Object.values(SYSTEM_NAMES).map(([name]) => name),
  URL_NAME,
  USING_ID_NAME,
];

const given = (environment: Texts, name: string): string | undefined => {
  const text = environment[name]?.trim();
  return text === '' ? undefined : text;
};

const readUsingId = (text: string | undefined, faults: string[]): WhitelistedSystem['orgUsingId'] => {
  const [format, value] = (text ?? '').split('|');
  const nameFormat = NAME_FORMATS.find((one) => one === format);
  if (nameFormat !== undefined && value !== undefined && value !== '') return { nameFormat, value };
  faults.push(
    `${USING_ID_NAME} must be a NameFormat and a value, such as medcom:locationnumber|5790001381615; the formats are ${NAME_FORMATS.join(', ')}.`,
  );
  return { nameFormat: 'medcom:locationnumber', value: '' };
};

const isUrl = (text: string): boolean => /^https?:\/\/[^\s?#]+$/.test(text);

const readPlace = (environment: Texts, faults: string[]): FmkPlace | undefined => {
  const url = given(environment, URL_NAME);
  const names = [...Object.values(SYSTEM_NAMES).map(([name]) => name), USING_ID_NAME];
  if (url === undefined) {
    const lone = names.find((name) => given(environment, name) !== undefined);
    if (lone !== undefined) faults.push(`${lone} is set without ${URL_NAME}.`);
    return undefined;
  }
  if (!isUrl(url)) faults.push(`${URL_NAME} must be the address of FMK's MedicineCard service.`);
  const field = (key: keyof typeof SYSTEM_NAMES): string => {
    const [name, longest] = SYSTEM_NAMES[key];
    const text = given(environment, name) ?? '';
    if (text === '') faults.push(`${name} is missing: FMK asks for it in every call.`);
    if (text.length > longest) faults.push(`${name} must have at most ${longest} characters.`);
    return text;
  };
  const system: WhitelistedSystem = {
    ownerName: field('ownerName'),
    name: field('name'),
    version: field('version'),
    orgResponsibleName: field('orgResponsibleName'),
    orgUsingName: field('orgUsingName'),
    orgUsingId: readUsingId(given(environment, USING_ID_NAME), faults),
    requestedRole: field('requestedRole'),
  };
  return { url, system };
};

/** The configuration from the environment; the failure names, in a sentence each, the settings at fault. */
export const parseFmkSettings = (environment: Texts): Result<FmkConfiguration, string> => {
  const faults: string[] = [];
  const read = <K extends Key>(key: K, reader: (text: string) => FmkSettings[K] | undefined) => {
    const [name, expected] = NAMES[key];
    const text = given(environment, name);
    if (text === undefined) return FMK_DEFAULTS[key];
    const value = reader(text);
    if (value === undefined) faults.push(`${name} must be ${expected}.`);
    return value ?? FMK_DEFAULTS[key];
  };
  const level = (text: string) => (text === '3' ? 3 : text === '4' ? 4 : undefined);
  const settings: FmkSettings = {
    version: read('version', oneOf(...FMK_VERSIONS)),
    cardLevel: read('cardLevel', level),
    unknownRole: read('unknownRole', oneOf('warn', 'refuse')),
    addressLines: read('addressLines', oneOf('refuse', 'join')),
    duplicateCreate: read('duplicateCreate', oneOf('conflict', 'existing')),
    deleteAbsent: read('deleteAbsent', oneOf('accept', 'not-found')),
    duplicateFaults: read('duplicateFaults', codes),
    absentFaults: read('absentFaults', codes),
    readAs: read('readAs', oneOf('acting', 'any')),
    refreshAge: read('refreshAge', milliseconds),
  };
  const place = readPlace(environment, faults);
  if (faults.length > 0) return fail(faults.join(' '));
  return ok({ settings, ...(place === undefined ? {} : { place }) });
};
