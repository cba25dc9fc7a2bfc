import { isAddress, type Mailbox, parseMailbox } from '../../mail/address.ts';
import { parseSmtpUrl, SMTP_URL_FORM, type SmtpServer } from '../../mail/smtp-url.ts';
import { fail, ok, type Result } from '../../result.ts';
import { pemCertificates, pemPrivateKey } from './pem.ts';

/** How this server takes part in eFrikort's mail procedure; what the sources leave open has a default here. */
export interface EfrikortSettings {
  /** Sender of the mails; its domain is that of the Message-IDs. */
  readonly from: Mailbox;
  /** CGI's address, on copy of every request that is not for a further region. */
  readonly support: string;
  /** `render-only`: mails are written and sent by hand. */
  readonly transport: 'render-only' | 'smtp' | 'http';
  /** Of the HTTP mail interface. */
  readonly mailUrl?: string;
  /** Secret. */
  readonly mailToken?: string;
  /** Where answers are fetched from; absent: none are, and people record them with the operations. */
  readonly inboxUrl?: string;
  /** Secret. */
  readonly inboxToken?: string;
  /** Milliseconds between two fetches. */
  readonly inboxInterval: number;
  /** Holds a secret. */
  readonly smtp?: SmtpServer;
  /** Whose passed TEST opens PRODUKTION: that of the system, or of the system with the same region. */
  readonly testGate: 'per-system' | 'per-system-and-region';
  /** What makes two connections one system's: TEST and PRODUKTION usually have different certificates. */
  readonly sameSystem: 'name' | 'name-and-serial';
  /** Whether the mail ends with `Referens: …`, by which answers are matched that lack In-Reply-To. */
  readonly referenceLine: boolean;
  /** The label of the region line, as the template or as the example of the source has it. */
  readonly regionLabel: 'template' | 'example';
  /** Texts of which the issuer of a certificate must hold one, in any letter case. */
  readonly certificateIssuers: readonly string[];
  /** IANA name; the Date of a mail says this zone's time. */
  readonly timeZone: string;
  /** Base of eFrikort's own services, for the connection test. TEST host names are not published. */
  readonly serviceUrl: string;
  /** PEM; what this server presents to eFrikort's own services, and whatever stands between it and its root. */
  readonly clientCertificate?: string;
  /** PEM. Secret. Absent where a binding of the platform holds it. */
  readonly clientKey?: string;
  /** PEM; whom alone to trust for eFrikort's own certificate. */
  readonly ca?: string;
}

const SUPPORT = 'support.efrikort@cgi.com';

export const EFRIKORT_DEFAULTS: Omit<EfrikortSettings, 'from'> = {
  support: SUPPORT,
  transport: 'render-only',
  inboxInterval: 60_000,
  testGate: 'per-system',
  sameSystem: 'name',
  referenceLine: true,
  regionLabel: 'template',
  certificateIssuers: ['SITHS'],
  timeZone: 'Europe/Stockholm',
  serviceUrl: 'https://ws.efrikort.cgi.se/efrikortService',
};

type Texts = Readonly<Record<string, string | undefined>>;

const oneOf =
  <T extends string>(...choices: readonly T[]) =>
  (text: string): T | undefined =>
    choices.find((choice) => choice === text);

const url = (text: string): string | undefined => {
  const parsed = URL.parse(text);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.search !== '' || parsed.hash !== '')
    return undefined;
  return text.replace(/\/+$/, '');
};

const timeZone = (text: string): string | undefined => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
};

/** `PT1M`, `PT1H30M`, `PT30S` → milliseconds. */
const duration = (text: string): number | undefined => {
  const [, hours = 0, minutes = 0, seconds = 0] =
    /^PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(text) ?? [];
  const milliseconds = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return milliseconds > 0 ? milliseconds : undefined;
};

const list = (text: string): readonly string[] | undefined => {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  return items.length === 0 ? undefined : items;
};

const NAMES = {
  from: ['EFRIKORT_MAIL_FROM', 'a mailbox such as Exempelsystem AB <integration@exempelsystem.example>'],
  support: ['EFRIKORT_SUPPORT', 'a mail address'],
  transport: ['EFRIKORT_MAIL', 'render-only, smtp or http'],
  mailUrl: ['EFRIKORT_MAIL_URL', 'an absolute http or https URL without a query'],
  mailToken: ['EFRIKORT_MAIL_TOKEN', 'a text'],
  inboxUrl: ['EFRIKORT_INBOX_URL', 'an absolute http or https URL without a query'],
  inboxToken: ['EFRIKORT_INBOX_TOKEN', 'a text'],
  inboxInterval: ['EFRIKORT_INBOX_INTERVAL', 'a duration such as PT1M'],
  testGate: ['EFRIKORT_TEST_GATE', 'per-system or per-system-and-region'],
  sameSystem: ['EFRIKORT_SAME_SYSTEM', 'name or name-and-serial'],
  referenceLine: ['EFRIKORT_REFERENCE_LINE', 'on or off'],
  regionLabel: ['EFRIKORT_REGION_LABEL', 'template or example'],
  certificateIssuers: ['EFRIKORT_CERTIFICATE_ISSUERS', 'texts separated by commas'],
  timeZone: ['EFRIKORT_TIME_ZONE', 'an IANA time zone such as Europe/Stockholm'],
  serviceUrl: ['EFRIKORT_URL', 'an absolute http or https URL without a query'],
  smtp: ['SMTP_URL', SMTP_URL_FORM],
  clientCertificate: [
    'EFRIKORT_CLIENT_CERTIFICATE',
    'certificates in PEM, the client certificate first, without a key',
  ],
  clientKey: ['EFRIKORT_CLIENT_KEY', 'one unencrypted private key in PEM'],
  ca: ['EFRIKORT_CA', 'certificates in PEM'],
} as const;

type Key = keyof typeof NAMES;

/** The names of these settings in the environment. */
export const EFRIKORT_SETTING_NAMES: readonly string[] = Object.values(NAMES).map(([name]) => name);

type Related =
  | ('transport' | 'mailUrl' | 'mailToken' | 'smtp')
  | ('inboxUrl' | 'inboxToken' | 'inboxInterval')
  | ('serviceUrl' | 'clientCertificate' | 'clientKey' | 'ca');

type Given = { readonly [K in Related]: EfrikortSettings[K] | undefined };

const isGiven = (given: Given, key: Related): boolean => given[key] !== undefined;

/** Settings that are without effect unless another one stands beside them. */
const NEEDS: readonly (readonly [Related, Related])[] = [
  ['mailToken', 'mailUrl'],
  ['inboxToken', 'inboxUrl'],
  ['inboxInterval', 'inboxUrl'],
  ['clientKey', 'clientCertificate'],
  ['ca', 'clientKey'],
];

/** The setting that says where to for each way of sending. */
const PLACES = [
  ['smtp', 'smtp'],
  ['http', 'mailUrl'],
] as const;

/** A sentence for each two settings that do not go together; none may be silently without effect. */
const contradictions = (given: Given): readonly string[] => [
  ...NEEDS.filter(([key, needed]) => isGiven(given, key) && !isGiven(given, needed)).map(
    ([key, needed]) => `${NAMES[needed][0]} is missing: ${NAMES[key][0]} needs it.`,
  ),
  ...PLACES.flatMap(([transport, place]) => {
    const name = NAMES[place][0];
    if (given.transport === transport && !isGiven(given, place)) {
      return [`${name} is missing: EFRIKORT_MAIL=${transport} needs it.`];
    }
    return isGiven(given, place) && given.transport !== undefined && given.transport !== transport
      ? [`${name} is without effect with EFRIKORT_MAIL=${given.transport}: take away one of them.`]
      : [];
  }),
  ...(given.transport === undefined && isGiven(given, 'smtp') && isGiven(given, 'mailUrl')
    ? ['SMTP_URL and EFRIKORT_MAIL_URL are two ways for the same mail: take away one of them.']
    : []),
  ...(isGiven(given, 'clientCertificate') && given.serviceUrl?.startsWith('http:') === true
    ? ['EFRIKORT_URL must be https: EFRIKORT_CLIENT_CERTIFICATE is presented over TLS alone.']
    : []),
];

/** How mail leaves where EFRIKORT_MAIL does not say it: by the address that is given. */
const transportFor = ({ transport, smtp, mailUrl }: Given): EfrikortSettings['transport'] => {
  if (transport !== undefined) return transport;
  if (smtp !== undefined) return 'smtp';
  return mailUrl === undefined ? EFRIKORT_DEFAULTS.transport : 'http';
};

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

const defined = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;

/**
 * The settings from the environment; undefined when EFRIKORT_MAIL_FROM is not given: eFrikort is not configured
 * then. The failure names, in a sentence each, the settings at fault.
 */
export const parseEfrikortSettings = (environment: Texts): Result<EfrikortSettings | undefined, string> => {
  const faults: string[] = [];
  const read = <T>(key: Key, reader: (text: string) => T | undefined): T | undefined => {
    const [name, expected] = NAMES[key];
    const text = environment[name];
    if (text === undefined || text === '') return undefined;
    const value = reader(text);
    if (value === undefined) faults.push(`${name} must be ${expected}.`);
    return value;
  };
  const from = read('from', parseMailbox);
  const given = {
    support: read('support', (text) => (isAddress(text) ? text : undefined)),
    transport: read('transport', oneOf('render-only', 'smtp', 'http')),
    mailUrl: read('mailUrl', url),
    mailToken: read('mailToken', (text) => text),
    inboxUrl: read('inboxUrl', url),
    inboxToken: read('inboxToken', (text) => text),
    inboxInterval: read('inboxInterval', duration),
    testGate: read('testGate', oneOf('per-system', 'per-system-and-region')),
    sameSystem: read('sameSystem', oneOf('name', 'name-and-serial')),
    referenceLine: read('referenceLine', oneOf('on', 'off')),
    regionLabel: read('regionLabel', oneOf('template', 'example')),
    certificateIssuers: read('certificateIssuers', list),
    timeZone: read('timeZone', timeZone),
    serviceUrl: read('serviceUrl', url),
    smtp: read('smtp', parseSmtpUrl),
    clientCertificate: read('clientCertificate', pemCertificates),
    clientKey: read('clientKey', pemPrivateKey),
    ca: read('ca', pemCertificates),
  };
  if (from === undefined && faults.length === 0) {
    const other = EFRIKORT_SETTING_NAMES.find((name) => (environment[name] ?? '') !== '');
    return other === undefined ? ok(undefined) : fail(`EFRIKORT_MAIL_FROM is missing: ${other} needs it.`);
  }
  if (faults.length === 0) faults.push(...contradictions(given));
  if (from === undefined || faults.length > 0) return fail(faults.join(' '));
  return ok({
    ...EFRIKORT_DEFAULTS,
    ...defined(given),
    from,
    referenceLine: given.referenceLine !== 'off',
    transport: transportFor(given),
  });
};
