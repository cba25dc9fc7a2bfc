import { fail, ok, type Result } from '../result.ts';
import { ROLES } from '../security/caller.ts';
import { ACCESSES, type AccessKey, type CodeOverrides, PURPOSES, type PurposeKey } from './codes.ts';
import { MATRIX, type MatrixRow } from './matrix-rows.ts';
import { ORG_INFO_MEMBERS } from './org-info.ts';
import { DEFAULT_HEADER_SETTINGS, type HeaderSettings } from './settings.ts';
import { readHeaderSize } from './sizes.ts';

/** Every setting of the header rules but HEADER_RULES and HEADER_REPORT_UNTIL, which are the server's own. */
export const HEADER_SETTING_NAMES = [
  'HEADER_LENIENT',
  'HEADER_REPORT_IGNORED',
  'HEADER_PHARMACY_ORG_INFO',
  'HEADER_ORG_INFO_REQUIRED',
  'HEADER_OLD_CONTEXT_NAME',
  'HEADER_STRICT_PREFER',
  'HEADER_STRICT_PROVENANCE',
  'HEADER_CODES',
  'HEADER_MATRIX',
  'HEADER_LOA_REQUIRED',
  'HEADER_LOA_MISSING',
  'HEADER_PATIENT_RULES',
  'HEADER_NMI_ID',
  'HEADER_MAX_VALUE',
  'HEADER_MAX_TOTAL',
] as const;

type Name = (typeof HEADER_SETTING_NAMES)[number];

/** The settings as texts: environment variables, or a Worker's vars. */
export type Texts = Readonly<Record<string, string | undefined>>;

/** Reads one setting; undefined: the text is not what it must be. */
interface Reading {
  /** Completes "must be …". */
  readonly expects: string;
  readonly read: (text: string) => Partial<HeaderSettings> | undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const oneOf = <T extends string>(value: unknown, allowed: readonly T[]): T | undefined =>
  allowed.find((one) => one === value);

const choice = <T extends string>(
  allowed: readonly T[],
  make: (value: T) => Partial<HeaderSettings>,
): Reading => ({
  expects: allowed.join(' or '),
  read: (text) => {
    const value = oneOf(text, allowed);
    return value === undefined ? undefined : make(value);
  },
});

const onOff = (make: (on: boolean) => Partial<HeaderSettings>): Reading =>
  choice(['on', 'off'], (value) => make(value === 'on'));

/** A code is printed without blanks or commas, else it could not travel in a header. */
const isCode = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value);

const codesIn = <Key extends string>(
  value: unknown,
  keys: readonly Key[],
): Partial<Record<Key, string>> | undefined => {
  const codes: Partial<Record<Key, string>> = {};
  if (value === undefined) return codes;
  if (!isObject(value)) return undefined;
  for (const [name, code] of Object.entries(value)) {
    const key = oneOf(name, keys);
    if (key === undefined || !isCode(code)) return undefined;
    codes[key] = code;
  }
  return codes;
};

const PURPOSE_KEYS = Object.keys(PURPOSES) as readonly PurposeKey[];
const ACCESS_KEYS = Object.keys(ACCESSES) as readonly AccessKey[];

const readCodes = (text: string): { readonly codes: CodeOverrides } | undefined => {
  const json = parseJson(text);
  if (!isObject(json) || Object.keys(json).some((name) => name !== 'purpose' && name !== 'access'))
    return undefined;
  const purpose = codesIn(json['purpose'], PURPOSE_KEYS);
  const access = codesIn(json['access'], ACCESS_KEYS);
  return purpose === undefined || access === undefined ? undefined : { codes: { purpose, access } };
};

const rowIn = (value: unknown): MatrixRow | undefined => {
  if (!isObject(value)) return undefined;
  const purpose = oneOf(value['purpose'], PURPOSE_KEYS);
  const access = oneOf(value['access'], ['*', ...ACCESS_KEYS] as const);
  const decision = oneOf(value['decision'], ['allow', 'deny'] as const);
  const { resource, roles } = value;
  if (purpose === undefined || access === undefined || decision === undefined) return undefined;
  if (typeof resource !== 'string' || !/^(\*|[A-Z][A-Za-z]+)$/.test(resource)) return undefined;
  if (!isList(roles)) return undefined;
  const known = roles.flatMap((role) => oneOf(role, ROLES) ?? []);
  if (known.length === 0 || known.length !== roles.length) return undefined;
  return {
    purpose,
    access,
    resource,
    roles: known,
    decision,
    filtering: [],
    validation: [],
    verified: false,
    source: 'configuration',
  };
};

const readMatrix = (text: string): { readonly matrix: readonly MatrixRow[] } | undefined => {
  const json = parseJson(text);
  if (!isList(json)) return undefined;
  const rows = json.flatMap((row) => rowIn(row) ?? []);
  return rows.length === json.length ? { matrix: [...MATRIX, ...rows] } : undefined;
};

const KINDS = ['care', 'mediated', 'machine'] as const;

const readRequired = (text: string): Partial<HeaderSettings> | undefined => {
  const json = parseJson(text);
  if (!isObject(json)) return undefined;
  const required: Partial<Record<(typeof KINDS)[number], (typeof ORG_INFO_MEMBERS)[number][]>> = {};
  for (const [name, members] of Object.entries(json)) {
    const kind = oneOf(name, KINDS);
    if (kind === undefined || !isList(members)) return undefined;
    const known = members.flatMap((member) => oneOf(member, ORG_INFO_MEMBERS) ?? []);
    if (known.length !== members.length) return undefined;
    required[kind] = known;
  }
  return { orgInfoRequired: required };
};

/** Visible ASCII, as a header value may hold. */
const text =
  (pattern: RegExp, make: (value: string) => Partial<HeaderSettings>) =>
  (value: string): Partial<HeaderSettings> | undefined =>
    pattern.test(value) ? make(value) : undefined;

const size = (make: (bytes: number) => Partial<HeaderSettings>): Reading => ({
  expects: 'a size from 1KiB to 128KiB, such as 16KiB or 16384',
  read: (value) => {
    const bytes = readHeaderSize(value);
    return bytes === undefined ? undefined : make(bytes);
  },
});

const READINGS: Readonly<Record<Name, Reading>> = {
  HEADER_LENIENT: choice(['off', 'raw-json', 'all'], (lenient) => ({ lenient })),
  HEADER_REPORT_IGNORED: onOff((reportIgnored) => ({ reportIgnored })),
  HEADER_PHARMACY_ORG_INFO: choice(['ignore', 'reject'], (pharmacyOrgInfo) => ({ pharmacyOrgInfo })),
  HEADER_ORG_INFO_REQUIRED: {
    expects: `JSON such as {"care":["orgenhetsOrt"]}; kinds are ${KINDS.join(', ')}, members ${ORG_INFO_MEMBERS.join(', ')}`,
    read: readRequired,
  },
  HEADER_OLD_CONTEXT_NAME: onOff((oldContextName) => ({ oldContextName })),
  HEADER_STRICT_PREFER: onOff((strictPrefer) => ({ strictPrefer })),
  HEADER_STRICT_PROVENANCE: onOff((strictProvenance) => ({ strictProvenance })),
  HEADER_CODES: {
    expects: `JSON {"purpose":{…},"access":{…}} with codes by the names ${[...PURPOSE_KEYS, ...ACCESS_KEYS].join(', ')}`,
    read: readCodes,
  },
  HEADER_MATRIX: {
    expects:
      'a JSON list of {"purpose","access","resource","roles","decision"}; access and resource may be "*", decision is allow or deny',
    read: readMatrix,
  },
  HEADER_LOA_REQUIRED: choice(['0', '1', '2', '3', '4'], (level) => ({ loaRequired: Number(level) })),
  HEADER_LOA_MISSING: choice(['refuse', 'accept'], (loaMissing) => ({ loaMissing })),
  HEADER_PATIENT_RULES: {
    expects: 'a short name such as VR095/VR096',
    read: text(/^[\w/ -]{1,40}$/, (patientRules) => ({ patientRules })),
  },
  HEADER_NMI_ID: {
    expects: 'identifiers joined by commas, such as EHM-AT21-v6,EHM-VT21-v6',
    read: text(/^[\w.-]+(,[\w.-]+)*$/, (nmiId) => ({ nmiId })),
  },
  HEADER_MAX_VALUE: size((maxValue) => ({ maxValue })),
  HEADER_MAX_TOTAL: size((maxTotal) => ({ maxTotal })),
};

/** What holds without the setting, as the documentation shows it. */
const OTHERWISE: Readonly<Record<Name, string>> = {
  HEADER_LENIENT: 'raw-json',
  HEADER_REPORT_IGNORED: 'off',
  HEADER_PHARMACY_ORG_INFO: 'ignore',
  HEADER_ORG_INFO_REQUIRED: 'at least one member',
  HEADER_OLD_CONTEXT_NAME: 'on',
  HEADER_STRICT_PREFER: 'off',
  HEADER_STRICT_PROVENANCE: 'off',
  HEADER_CODES: 'the codes above',
  HEADER_MATRIX: 'the rows above',
  HEADER_LOA_REQUIRED: '3',
  HEADER_LOA_MISSING: 'refuse',
  HEADER_PATIENT_RULES: 'VR095/VR096',
  HEADER_NMI_ID: 'not sent',
  HEADER_MAX_VALUE: '8KiB; Authorization 32KiB where SAML assertions are taken',
  HEADER_MAX_TOTAL: '16KiB; 64KiB where SAML assertions are taken',
};

interface SettingText {
  readonly name: string;
  readonly expects: string;
  readonly otherwise: string;
}

/** Each setting, for the documentation. */
export const HEADER_SETTINGS: readonly SettingText[] = HEADER_SETTING_NAMES.map((name) => ({
  name,
  expects: READINGS[name].expects,
  otherwise: OTHERWISE[name],
}));

/** The header settings that an operator chose, over the defaults. Failure: one sentence that names the setting. */
export const parseHeaderSettings = (texts: Texts): Result<HeaderSettings, string> => {
  let settings: HeaderSettings = DEFAULT_HEADER_SETTINGS;
  for (const name of HEADER_SETTING_NAMES) {
    const value = texts[name]?.trim();
    if (value === undefined || value === '') continue;
    const { expects, read } = READINGS[name];
    const part = read(value);
    if (part === undefined) return fail(`${name} must be ${expects}.`);
    settings = { ...settings, ...part };
  }
  return ok(settings);
};
