import { isAddress, type Mailbox, parseMailbox } from '../../mail/address.ts';
import { fail, ok, type Result } from '../../result.ts';

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
}

const SUPPORT = 'support.efrikort@cgi.com';

export const EFRIKORT_DEFAULTS: Omit<EfrikortSettings, 'from'> = {
  support: SUPPORT,
  transport: 'render-only',
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
  testGate: ['EFRIKORT_TEST_GATE', 'per-system or per-system-and-region'],
  sameSystem: ['EFRIKORT_SAME_SYSTEM', 'name or name-and-serial'],
  referenceLine: ['EFRIKORT_REFERENCE_LINE', 'on or off'],
  regionLabel: ['EFRIKORT_REGION_LABEL', 'template or example'],
  certificateIssuers: ['EFRIKORT_CERTIFICATE_ISSUERS', 'texts separated by commas'],
  timeZone: ['EFRIKORT_TIME_ZONE', 'an IANA time zone such as Europe/Stockholm'],
  serviceUrl: ['EFRIKORT_URL', 'an absolute http or https URL without a query'],
} as const;

type Key = keyof typeof NAMES;

/** The names of these settings in the environment. */
export const EFRIKORT_SETTING_NAMES: readonly string[] = Object.values(NAMES).map(([name]) => name);

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
    testGate: read('testGate', oneOf('per-system', 'per-system-and-region')),
    sameSystem: read('sameSystem', oneOf('name', 'name-and-serial')),
    referenceLine: read('referenceLine', oneOf('on', 'off')),
    regionLabel: read('regionLabel', oneOf('template', 'example')),
    certificateIssuers: read('certificateIssuers', list),
    timeZone: read('timeZone', timeZone),
    serviceUrl: read('serviceUrl', url),
  };
  if (from === undefined && faults.length === 0) {
    const other = EFRIKORT_SETTING_NAMES.find((name) => (environment[name] ?? '') !== '');
    return other === undefined ? ok(undefined) : fail(`EFRIKORT_MAIL_FROM is missing: ${other} needs it.`);
  }
  if (given.transport === 'http' && given.mailUrl === undefined && faults.length === 0) {
    faults.push('EFRIKORT_MAIL_URL is missing: EFRIKORT_MAIL=http needs it.');
  }
  if (from === undefined || faults.length > 0) return fail(faults.join(' '));
  const { mailUrl, mailToken, referenceLine, ...plain } = given;
  return ok({
    from,
    ...(mailUrl === undefined ? {} : { mailUrl }),
    ...(mailToken === undefined ? {} : { mailToken }),
    referenceLine: referenceLine !== 'off',
    support: plain.support ?? EFRIKORT_DEFAULTS.support,
    transport: plain.transport ?? EFRIKORT_DEFAULTS.transport,
    testGate: plain.testGate ?? EFRIKORT_DEFAULTS.testGate,
    sameSystem: plain.sameSystem ?? EFRIKORT_DEFAULTS.sameSystem,
    regionLabel: plain.regionLabel ?? EFRIKORT_DEFAULTS.regionLabel,
    certificateIssuers: plain.certificateIssuers ?? EFRIKORT_DEFAULTS.certificateIssuers,
    timeZone: plain.timeZone ?? EFRIKORT_DEFAULTS.timeZone,
    serviceUrl: plain.serviceUrl ?? EFRIKORT_DEFAULTS.serviceUrl,
  });
};
