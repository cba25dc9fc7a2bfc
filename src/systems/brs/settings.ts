import { fail, ok, type Result } from '../../result.ts';
import { ORGANISATION_KINDS, type OrganisationChildNames, type OrganisationKind } from './message-names.ts';

/** The body shapes that are documented. Of a third, `20250301`, only the path is known. */
export const GENERATIONS = ['v2', 'v1'] as const;
export type Generation = (typeof GENERATIONS)[number];

/** Everything about BRS that its documentation leaves open, each with its default; none of it is a fact. */
export interface BrsSettings {
  readonly url: string;
  readonly notificationUrl: string;
  /** BRS's value is not known; any non-absent one is taken by the decoupling component's rules. */
  readonly soapAction: string;
  readonly notificationSoapAction: string;
  readonly generation: Generation;
  /** v2's documented request namespace differs from its response's in scheme, host and path. */
  readonly requestNamespace?: string;
  /** Child element of OrganisationIdentifier by kind: only ydernummer's is proven. */
  readonly organisationNames: OrganisationChildNames;
  /** Whether the deployed enumeration has `B+`. */
  readonly bPlus: boolean;
  /** What v1 does with followup = false: its form is not known. */
  readonly v1WithoutFollowup: 'refuse' | 'omit';
  /** CVR of the facade: default of QueryableCvr, and the one it can poll for. */
  readonly cvr: string;
  readonly serviceProvider: { readonly name: string; readonly version: string; readonly vendor: string };
  readonly priority: 'AKUT' | 'HASTER' | 'RUTINE';
  /** Milliseconds after TimeLimit from which silence counts as success. */
  readonly processingLag: number;
  /** Milliseconds that BRS keeps alarms: after a longer pause of polling nothing can be told. */
  readonly retention: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const BRS_DEFAULTS = {
  soapAction: 'http://nsi.dk/fmki20110601/brs#treatmentRelation',
  notificationSoapAction: 'http://nsi.dk/fmki20110601/brs#notificationQuery',
  generation: 'v2',
  organisationNames: {
    yder: ['DoctorOrganisationIdentifier'],
    sks: ['HospitalOrganisationIdentifier'],
    gln: ['Ean', 'EanIdentifier', 'EAN'],
    sor: ['SorIdentifier', 'Sor', 'SOR'],
  },
  bPlus: true,
  v1WithoutFollowup: 'refuse',
  serviceProvider: { name: 'fhir-facade', version: '0.1.0', vendor: 'example' },
  priority: 'RUTINE',
  processingLag: DAY,
  retention: 30 * DAY,
} as const satisfies Partial<BrsSettings>;

type Texts = Readonly<Record<string, string | undefined>>;
type Reader<T> = (text: string) => T | undefined;

const DURATION = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

const milliseconds: Reader<number> = (text) => {
  const parts = DURATION.exec(text);
  if (parts === null || text === 'P') return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
};

const url: Reader<string> = (text) => (/^https?:\/\/\S+$/.test(text) ? text : undefined);
const uri: Reader<string> = (text) => (/^[a-z][a-z0-9+.-]*:\S+$/i.test(text) ? text : undefined);
const word: Reader<string> = (text) => (text.trim() === '' ? undefined : text.trim());
const oneOf =
  <const T extends string>(...choices: readonly T[]): Reader<T> =>
  (text) =>
    choices.find((choice) => choice === text);

const NAME = /^[A-Za-z_][\w.-]*$/;

/** `sks=HospitalOrganisationIdentifier,sor=Sor`: the name that is written; the aliases stay readable. */
const organisationNames: Reader<OrganisationChildNames> = (text) => {
  const names: Record<OrganisationKind, readonly [string, ...string[]]> = {
    ...BRS_DEFAULTS.organisationNames,
  };
  for (const part of text.split(',')) {
    const [kind = '', name = ''] = part.split('=').map((one) => one.trim());
    const known = ORGANISATION_KINDS.find((one) => one === kind);
    if (known === undefined || !NAME.test(name)) return undefined;
    names[known] = [name, ...names[known].filter((one) => one !== name)];
  }
  return names;
};

const serviceProvider: Reader<BrsSettings['serviceProvider']> = (text) => {
  const [name, version, vendor, ...more] = text.split('|').map((part) => part.trim());
  if (!name || !version || !vendor || more.length > 0) return undefined;
  return { name, version, vendor };
};

const READERS = {
  url: ['BRS_URL', 'a URL such as https://…/brs-nsp/service/brs', url],
  notificationUrl: ['BRS_NOTIFICATION_URL', 'a URL such as https://…/brs-nsp/service/notification', url],
  soapAction: ['BRS_SOAP_ACTION', 'a text', word],
  notificationSoapAction: ['BRS_NOTIFICATION_SOAP_ACTION', 'a text', word],
  generation: ['BRS_GENERATION', 'v2 or v1', oneOf(...GENERATIONS)],
  requestNamespace: ['BRS_REQUEST_NAMESPACE', 'a URI', uri],
  organisationNames: [
    'BRS_ORGANISATION_NAMES',
    'a list such as sks=HospitalOrganisationIdentifier,sor=SorIdentifier,gln=Ean',
    organisationNames,
  ],
  bPlus: [
    'BRS_B_PLUS',
    'on or off',
    (text: string) => (text === 'on' ? true : text === 'off' ? false : undefined),
  ],
  v1WithoutFollowup: ['BRS_V1_WITHOUT_FOLLOWUP', 'refuse or omit', oneOf('refuse', 'omit')],
  cvr: ['BRS_CVR', 'a CVR of 8 digits', (text: string) => (/^\d{8}$/.test(text) ? text : undefined)],
  serviceProvider: ['BRS_SERVICE_PROVIDER', 'name|version|vendor', serviceProvider],
  priority: ['BRS_PRIORITY', 'AKUT, HASTER or RUTINE', oneOf('AKUT', 'HASTER', 'RUTINE')],
  processingLag: ['BRS_PROCESSING_LAG', 'a duration such as P1D', milliseconds],
  retention: ['BRS_RETENTION', 'a duration such as P30D', milliseconds],
} as const satisfies {
  readonly [K in keyof BrsSettings]-?: readonly [string, string, Reader<NonNullable<BrsSettings[K]>>];
};

/** The names of these settings in the environment. */
export const BRS_SETTING_NAMES: readonly string[] = Object.values(READERS).map(([name]) => name);

/**
 * The settings from the environment: undefined when none is given; the failure names, in a sentence each, the
 * settings at fault or missing. Without BRS_CVR the CVR of the STS settings holds.
 */
export const parseBrsSettings = (
  environment: Texts,
  cvrOfSts?: string,
): Result<BrsSettings | undefined, string> => {
  if (BRS_SETTING_NAMES.every((name) => (environment[name] ?? '') === '')) return ok(undefined);
  const faults: string[] = [];
  const read = <K extends keyof BrsSettings>(key: K): BrsSettings[K] | undefined => {
    const [name, expected, reader] = READERS[key];
    const given = environment[name];
    if (given === undefined || given === '') return undefined;
    // The table gives each key the reader of its own type.
    const value = (reader as Reader<BrsSettings[K]>)(given);
    if (value === undefined) faults.push(`${name} must be ${expected}.`);
    return value;
  };
  const wanted = <K extends 'url' | 'notificationUrl' | 'cvr'>(key: K, fallback?: string): string => {
    const value = read(key) ?? fallback;
    const missing = value === undefined && !faults.some((fault) => fault.startsWith(READERS[key][0]));
    if (missing) faults.push(`${READERS[key][0]} is missing: ${READERS[key][1]}.`);
    return value ?? '';
  };
  const requestNamespace = read('requestNamespace');
  const settings: BrsSettings = {
    url: wanted('url'),
    notificationUrl: wanted('notificationUrl'),
    cvr: wanted('cvr', cvrOfSts),
    soapAction: read('soapAction') ?? BRS_DEFAULTS.soapAction,
    notificationSoapAction: read('notificationSoapAction') ?? BRS_DEFAULTS.notificationSoapAction,
    generation: read('generation') ?? BRS_DEFAULTS.generation,
    ...(requestNamespace === undefined ? {} : { requestNamespace }),
    organisationNames: read('organisationNames') ?? BRS_DEFAULTS.organisationNames,
    bPlus: read('bPlus') ?? BRS_DEFAULTS.bPlus,
    v1WithoutFollowup: read('v1WithoutFollowup') ?? BRS_DEFAULTS.v1WithoutFollowup,
    serviceProvider: read('serviceProvider') ?? BRS_DEFAULTS.serviceProvider,
    priority: read('priority') ?? BRS_DEFAULTS.priority,
    processingLag: read('processingLag') ?? BRS_DEFAULTS.processingLag,
    retention: read('retention') ?? BRS_DEFAULTS.retention,
  };
  return faults.length === 0 ? ok(settings) : fail(faults.join(' '));
};
