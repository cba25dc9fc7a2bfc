import { fail, ok, type Result } from '../../result.ts';
import { SETT_MEMBERS } from './message.ts';

/**
 * Everything about PVK that its documentation leaves open, in one place, each with its default. A real
 * connection sets these from what the operator learns; none of them is a fact.
 */
export interface HelsenorgeSettings {
  /** Wrong check digits of a fødselsnummer. PVK's own example number has wrong ones. */
  readonly checkDigits: 'warn' | 'refuse';
  /** A `dateTime` without time of day has no instant: send no `tidspunkt`, or refuse it. */
  readonly dateWithoutInstant: 'warn' | 'refuse';
  /** Named health personnel without a name: PVK documents number and name, and not whether both must be. */
  readonly actorWithoutName: 'warn' | 'refuse';
  /** How the citizen's time limits are written; undefined: a period is refused as not supported. */
  readonly timeLimits: TimeLimits | undefined;
  /** Whether a DELETE withdraws the setting at Helsenorge, or is refused while the setting is active. */
  readonly delete: 'withdraw' | 'refuse';
  /** Age, in milliseconds, from which a stored Consent is asked about again on a read. */
  readonly refreshAge: number;
}

/**
 * Names of the time limits' members: `request[objects[typePi]][list][n][from]`. That a citizen may set one or
 * more periods is known, these names are not.
 */
export interface TimeLimits {
  /** The metadata object, by kind of setting; a kind without one takes no period. */
  readonly objects: { readonly samtykke?: string; readonly reservasjon?: string };
  readonly list: string;
  readonly from: string;
  readonly to: string;
  /** Whether a period needs both its ends, or at least one. */
  readonly ends: 'both' | 'any';
}

export const DEFAULT_SETTINGS: HelsenorgeSettings = {
  checkDigits: 'warn',
  dateWithoutInstant: 'warn',
  actorWithoutName: 'warn',
  timeLimits: undefined,
  delete: 'withdraw',
  refreshAge: 5 * 60_000,
};

type Texts = Readonly<Record<string, string | undefined>>;

const DURATION = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

const milliseconds = (text: string): number | undefined => {
  const parts = DURATION.exec(text);
  if (parts === null || text === 'P') return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
};

const isName = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z]\w*$/.test(value) && !SETT_MEMBERS.has(value);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const timeLimits = (text: string): TimeLimits | undefined => {
  const json = parseJson(text);
  if (!isObject(json) || !isObject(json['objects'])) return undefined;
  const { objects, list, from, to, ends = 'both' } = json;
  const { samtykke, reservasjon } = objects;
  if (!isName(list) || !isName(from) || !isName(to) || from === to) return undefined;
  if (ends !== 'both' && ends !== 'any') return undefined;
  if (![samtykke, reservasjon].every((name) => name === undefined || isName(name))) return undefined;
  if (samtykke === undefined && reservasjon === undefined) return undefined;
  return {
    objects: {
      ...(isName(samtykke) ? { samtykke } : {}),
      ...(isName(reservasjon) ? { reservasjon } : {}),
    },
    list,
    from,
    to,
    ends,
  };
};

const oneOf =
  <T extends string>(...choices: readonly T[]) =>
  (text: string): T | undefined =>
    choices.find((choice) => choice === text);

/** Each setting: its name in the environment, and what it may be. */
const NAMES = {
  checkDigits: ['HELSENORGE_CHECK_DIGITS', 'warn or refuse'],
  dateWithoutInstant: ['HELSENORGE_DATE_WITHOUT_INSTANT', 'warn or refuse'],
  actorWithoutName: ['HELSENORGE_ACTOR_WITHOUT_NAME', 'warn or refuse'],
  timeLimits: [
    'HELSENORGE_TIME_LIMITS',
    'JSON such as {"objects":{"samtykke":"…"},"list":"…","from":"…","to":"…","ends":"both"}',
  ],
  delete: ['HELSENORGE_DELETE', 'withdraw or refuse'],
  refreshAge: ['HELSENORGE_REFRESH_AGE', 'a duration such as PT5M'],
} as const;

type Key = keyof typeof NAMES;

/** The names of these settings in the environment. */
export const HELSENORGE_SETTING_NAMES: readonly string[] = Object.values(NAMES).map(([name]) => name);

/** The settings from the environment; the failure names, in a sentence each, the settings at fault. */
export const parseSettings = (environment: Texts): Result<HelsenorgeSettings, string> => {
  const faults: string[] = [];
  const read = <K extends Key>(key: K, reader: (text: string) => HelsenorgeSettings[K] | undefined) => {
    const [name, expected] = NAMES[key];
    const text = environment[name];
    if (text === undefined || text === '') return DEFAULT_SETTINGS[key];
    const value = reader(text);
    if (value === undefined) faults.push(`${name} must be ${expected}.`);
    return value ?? DEFAULT_SETTINGS[key];
  };
  const settings: HelsenorgeSettings = {
    checkDigits: read('checkDigits', oneOf('warn', 'refuse')),
    dateWithoutInstant: read('dateWithoutInstant', oneOf('warn', 'refuse')),
    actorWithoutName: read('actorWithoutName', oneOf('warn', 'refuse')),
    timeLimits: read('timeLimits', timeLimits),
    delete: read('delete', oneOf('withdraw', 'refuse')),
    refreshAge: read('refreshAge', milliseconds),
  };
  return faults.length === 0 ? ok(settings) : fail(faults.join(' '));
};
