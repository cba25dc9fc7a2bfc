import { Refusal, readerOf, refuse } from './config-reader.ts';
import { HEADER_SETTING_NAMES, parseHeaderSettings } from './headers/configuration.ts';
import type { HeaderSettings } from './headers/settings.ts';
import { fail, ok, type Result } from './result.ts';
import type { HelseIdSettings } from './systems/helseid/client-settings.ts';
import {
  HELSENORGE_SETTING_NAMES,
  type HelsenorgeSettings as PvkSettings,
  parseSettings as parsePvkSettings,
} from './systems/helsenorge/settings.ts';

/** Settings as the environment (Node) or the vars and secrets (Workers) give them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the server runs with; every member has been checked. Raw JSON settings are parsed by their owners. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Without a trailing slash and without `/fhir`; undefined: taken from each request (sandbox only). */
  readonly baseUrl?: string;
  readonly databaseUrl: string;
  readonly facadeSecret?: string;
  readonly corsOrigins: readonly string[];
  readonly headerRules: 'enforce' | 'report';
  /** Milliseconds since the epoch: from then on the rules are enforced whatever `headerRules` says. */
  readonly headerReportUntil?: number;
  /** What the handbook leaves open about the header rules, and what an operator may decide. */
  readonly headers: HeaderSettings;
  readonly tokenIssuers?: string;
  /** Node: the header in which a TLS terminator that is trusted hands on the client's certificate. */
  readonly tokenClientCertificateHeader?: string;
  /** Bytes. */
  readonly maxBody: number;
  /** Milliseconds, retries included. */
  readonly upstreamDeadline: number;
  /** Milliseconds. */
  readonly idempotencyTtl: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly sandbox: boolean;
  readonly sandboxOpen: boolean;
  readonly sandboxKey?: string;
  /** What PVK's documentation leaves open, and ours to choose. */
  readonly pvk: PvkSettings;
  /** Further R4 types served from the built-in store; on Workers they must be those of the bundle. */
  readonly extraTypes: readonly string[];
  /** A PUT to an unknown id makes it, for the types that only the facade holds. */
  readonly updateCreate: boolean;
  readonly helsenorge?: HelsenorgeConnection;
  /** Settings that start with STS_, BRS_ or FMK_; their owners parse them. */
  readonly danish: Environment;
  /** Settings that start with EFRIKORT_ or SMTP_; their owner parses them. */
  readonly efrikort: Environment;
  /** JSON texts of `HELSENORGE_CATALOGUE` and `HELSENORGE_GRANTS`. */
  readonly catalogue?: string;
  readonly grants?: string;
}

/** How Helsenorge is reached; absent in the sandbox, and where the system is not configured. */
export interface HelsenorgeConnection {
  readonly url: string;
  readonly helseId: HelseIdSettings;
}

const KNOWN = [
  'PORT',
  'HOST',
  'BASE_URL',
  'DATABASE_URL',
  'FACADE_SECRET',
  'FACADE_EXTRA_TYPES',
  'FACADE_UPDATE_CREATE',
  'CORS_ORIGINS',
  'HEADER_RULES',
  'HEADER_REPORT_UNTIL',
  'TOKEN_ISSUERS',
  'TOKEN_CLIENT_CERTIFICATE_HEADER',
  'MAX_BODY',
  'UPSTREAM_DEADLINE',
  'IDEMPOTENCY_TTL',
  'LOG_LEVEL',
  'SANDBOX',
  'SANDBOX_OPEN',
  'SANDBOX_KEY',
  'HELSENORGE_URL',
  'HELSENORGE_CATALOGUE',
  'HELSENORGE_GRANTS',
  'HELSEID_ISSUER',
  'HELSEID_CLIENT_ID',
  'HELSEID_PRIVATE_KEY',
  'HELSEID_TENANCY',
  'HELSEID_ORGANIZATION_PARENT',
  'HELSEID_ORGANIZATION_CHILD',
  'HELSEID_AUTHORIZATION',
] as const;

type Setting = (typeof KNOWN)[number];

/** A misspelt setting must not be silently without effect, so every name with one of these is ours. */
const PREFIXES =
  /^(FACADE|HEADER|TOKEN|CORS|SANDBOX|HELSENORGE|HELSEID|STS|BRS|FMK|EFRIKORT|SMTP|UPSTREAM|IDEMPOTENCY)(_|$)|^(BASE_URL|DATABASE_URL|MAX_BODY|LOG_LEVEL)./;

/** Judged by the module of these systems, which only a server that has them loads. */
const DANISH = /^(?:STS|BRS|FMK)_/;

/** Where the real ones are, and who this server is there. */
const DANISH_UPSTREAM = [
  'STS_URL',
  'STS_KEY',
  'STS_CERTIFICATE',
  'STS_TRUSTED',
  'BRS_URL',
  'BRS_NOTIFICATION_URL',
  'FMK_URL',
  'FMK_USER_CARDS',
] as const;

/** The same for eFrikort. */
const EFRIKORT = /^(?:EFRIKORT|SMTP)_/;

const EFRIKORT_UPSTREAM = [
  'SMTP_URL',
  'EFRIKORT_MAIL_URL',
  'EFRIKORT_MAIL_TOKEN',
  'EFRIKORT_INBOX_URL',
  'EFRIKORT_INBOX_TOKEN',
  'EFRIKORT_URL',
  'EFRIKORT_CLIENT_CERTIFICATE',
  'EFRIKORT_CLIENT_KEY',
  'EFRIKORT_CA',
] as const;

const settingsOf = (environment: Environment, names: RegExp): Environment =>
  Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => names.test(name) && (value ?? '').trim() !== ''),
  );

/** Those that make a real upstream. */
const UPSTREAM: readonly Setting[] = [
  'HELSENORGE_URL',
  'HELSEID_ISSUER',
  'HELSEID_CLIENT_ID',
  'HELSEID_PRIVATE_KEY',
];

/** Settings that only a real upstream has. */
const isUpstream = (name: Setting): boolean => name === 'HELSENORGE_URL' || name.startsWith('HELSEID_');

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1', '[::1]']);

const checkNames = (environment: Environment): void => {
  for (const name of Object.keys(environment)) {
    const known = [...KNOWN, ...HELSENORGE_SETTING_NAMES, ...HEADER_SETTING_NAMES].some(
      (one) => one === name,
    );
    if (PREFIXES.test(name) && !known && !DANISH.test(name) && !EFRIKORT.test(name)) {
      refuse(`${name} is not a setting of this server; see the configuration table in the README.`);
    }
  }
};

const parseHeaders = (environment: Environment): HeaderSettings => {
  const parsed = parseHeaderSettings(environment);
  return parsed.ok ? parsed.value : refuse(parsed.failure);
};

const parsePvk = (environment: Environment): PvkSettings => {
  const parsed = parsePvkSettings(environment);
  return parsed.ok ? parsed.value : refuse(parsed.failure);
};

type Reader = ReturnType<typeof readerOf<Setting>>;

const parseSandbox = (read: Reader, environment: Environment, host: string): boolean => {
  const upstream =
    KNOWN.find((name) => isUpstream(name) && read.text(name) !== undefined) ??
    [...DANISH_UPSTREAM, ...EFRIKORT_UPSTREAM].find((name) => (environment[name] ?? '').trim() !== '');
  const production = environment['NODE_ENV'] === 'production';
  const real = read.text('TOKEN_ISSUERS') ?? read.text('BASE_URL') ?? upstream;
  const byDefault = LOOPBACK.has(host) && real === undefined && !production ? 'on' : 'off';
  const sandbox = read.oneOf('SANDBOX', ['on', 'off'], byDefault) === 'on';
  if (sandbox && upstream !== undefined) {
    refuse(`SANDBOX=on contradicts ${upstream}: the sandbox simulates every national system.`);
  }
  if (!sandbox && read.text('SANDBOX_OPEN') === 'on') refuse('SANDBOX_OPEN=on needs SANDBOX=on.');
  return sandbox;
};

const parseHeaderRules = (
  read: Reader,
  sandbox: boolean,
  open: boolean,
): Pick<Config, 'headerRules' | 'headerReportUntil'> => {
  const headerRules = read.oneOf('HEADER_RULES', ['enforce', 'report'], open ? 'report' : 'enforce');
  const until = read.text('HEADER_REPORT_UNTIL');
  if (until === undefined) {
    if (headerRules === 'report' && !sandbox) {
      refuse('HEADER_RULES=report outside the sandbox needs HEADER_REPORT_UNTIL=<date>.');
    }
    return { headerRules };
  }
  const day = /^\d{4}-\d{2}-\d{2}$/.test(until) ? Date.parse(until) : Number.NaN;
  if (Number.isNaN(day))
    return refuse(`HEADER_REPORT_UNTIL must be a date such as 2027-01-31, not ${until}.`);
  // The day named is the last one.
  return { headerRules, headerReportUntil: day + 86_400_000 };
};

const parseCertificateHeader = (read: Reader): string | undefined => {
  const value = read.text('TOKEN_CLIENT_CERTIFICATE_HEADER');
  if (value === undefined || /^[A-Za-z0-9-]{1,64}$/.test(value)) return value;
  return refuse('TOKEN_CLIENT_CERTIFICATE_HEADER must be the name of a header such as X-Client-Cert.');
};

const parseBaseUrl = (read: Reader): string | undefined => {
  const value = read.text('BASE_URL');
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    return refuse(`BASE_URL must be an absolute http or https URL without a query, not ${value}.`);
  }
  return value.replace(/\/+$/, '').replace(/\/fhir$/, '');
};

/** Without a trailing slash. */
const absolute = (name: Setting, value: string): string => {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return refuse(`${name} must be an absolute http or https URL.`);
  }
  return value.replace(/\/+$/, '');
};

const parseHelsenorge = (read: Reader, sandbox: boolean): HelsenorgeConnection | undefined => {
  const given = UPSTREAM.filter((name) => read.text(name) !== undefined);
  if (sandbox || given.length === 0) return undefined;
  const required = (name: Setting): string =>
    read.text(name) ?? refuse(`${name} is missing: ${given.join(', ')} alone cannot reach Helsenorge.`);
  if (read.text('HELSENORGE_GRANTS') === undefined) {
    refuse('HELSENORGE_GRANTS is missing: which organisation may set which definition is denied by default.');
  }
  const parentOrg = read.text('HELSEID_ORGANIZATION_PARENT');
  const childOrg = read.text('HELSEID_ORGANIZATION_CHILD');
  return {
    url: absolute('HELSENORGE_URL', required('HELSENORGE_URL')),
    helseId: {
      issuer: absolute('HELSEID_ISSUER', required('HELSEID_ISSUER')),
      clientId: required('HELSEID_CLIENT_ID'),
      privateKey: required('HELSEID_PRIVATE_KEY'),
      tenancy: read.oneOf('HELSEID_TENANCY', ['single-tenant', 'multi-tenant', 'none'], 'single-tenant'),
      ...(parentOrg === undefined ? {} : { parentOrg }),
      ...(childOrg === undefined ? {} : { childOrg }),
      authMode: read.oneOf('HELSEID_AUTHORIZATION', ['dpop', 'bearer'], 'dpop'),
    },
  };
};

const parse = (environment: Environment): Config => {
  checkNames(environment);
  const read = readerOf<Setting>(environment);
  const host = read.text('HOST') ?? '127.0.0.1';
  const sandbox = parseSandbox(read, environment, host);
  const sandboxOpen = read.oneOf('SANDBOX_OPEN', ['on', 'off'], 'off') === 'on';
  if (!sandbox && read.text('TOKEN_ISSUERS') === undefined) {
    refuse('TOKEN_ISSUERS is missing: outside the sandbox the server must know whose tokens it accepts.');
  }
  if (!sandbox && read.text('FACADE_SECRET') === undefined) {
    refuse('FACADE_SECRET is missing: outside the sandbox it must be given, 32 characters or more.');
  }
  const baseUrl = parseBaseUrl(read);
  if (!sandbox && baseUrl === undefined)
    refuse('BASE_URL is missing: outside the sandbox links need a fixed base.');
  const helsenorge = parseHelsenorge(read, sandbox);
  const catalogue = read.text('HELSENORGE_CATALOGUE');
  const grants = read.text('HELSENORGE_GRANTS');
  const facadeSecret = read.text('FACADE_SECRET');
  const tokenIssuers = read.text('TOKEN_ISSUERS');
  const tokenClientCertificateHeader = parseCertificateHeader(read);
  const sandboxKey = read.text('SANDBOX_KEY');
  return {
    host,
    port: read.port('PORT', 8787),
    databaseUrl: read.text('DATABASE_URL') ?? 'sqlite:./data/facade.db',
    extraTypes: (read.text('FACADE_EXTRA_TYPES') ?? '').split(/[\s,]+/).filter(Boolean),
    updateCreate: read.oneOf('FACADE_UPDATE_CREATE', ['on', 'off'], 'off') === 'on',
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(facadeSecret === undefined ? {} : { facadeSecret }),
    ...(tokenIssuers === undefined ? {} : { tokenIssuers }),
    ...(tokenClientCertificateHeader === undefined ? {} : { tokenClientCertificateHeader }),
    ...(sandboxKey === undefined ? {} : { sandboxKey }),
    corsOrigins: (read.text('CORS_ORIGINS') ?? (sandbox ? '*' : '')).split(/[\s,]+/).filter(Boolean),
    ...parseHeaderRules(read, sandbox, sandboxOpen),
    headers: parseHeaders(environment),
    maxBody: read.bytes('MAX_BODY', 8 * 1024 ** 2),
    upstreamDeadline: read.duration('UPSTREAM_DEADLINE', 10_000),
    idempotencyTtl: read.duration('IDEMPOTENCY_TTL', 86_400_000),
    logLevel: read.oneOf('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
    sandbox,
    sandboxOpen,
    pvk: parsePvk(environment),
    danish: settingsOf(environment, DANISH),
    efrikort: settingsOf(environment, EFRIKORT),
    ...(helsenorge === undefined ? {} : { helsenorge }),
    ...(catalogue === undefined ? {} : { catalogue }),
    ...(grants === undefined ? {} : { grants }),
  };
};

/**
 * Checks every setting. Failure: one sentence that names the setting, fit to be the last line before the
 * process stops; it never holds a secret.
 */
export const parseConfig = (environment: Environment): Result<Config, string> => {
  try {
    return ok(parse(environment));
  } catch (error) {
    if (error instanceof Refusal) return fail(error.message);
    throw error;
  }
};
