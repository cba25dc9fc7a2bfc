import type { Environment } from '../config.ts';
import { type Delegations, OPEN_DELEGATIONS, parseDelegations } from '../resources/foces-whitelisting.ts';
import { fail, ok, type Result } from '../result.ts';
import { BRS_SETTING_NAMES, type BrsSettings, parseBrsSettings } from '../systems/brs/settings.ts';
import {
  parseOpenStsSettings,
  parseStsSettings,
  STS_SETTING_NAMES,
  type StsSettings,
} from '../systems/dgws/settings.ts';
import {
  FMK_SETTING_NAMES,
  type FmkPlace,
  type FmkSettings,
  parseFmkSettings,
} from '../systems/fmk/settings.ts';
import { parseUserCards, USER_CARD_SETTING_NAMES, type UserCredential } from '../systems/fmk/user-cards.ts';

/** What the facade itself decides about BRS and FMK. */
const OWN_NAMES = ['BRS_ASKING', 'BRS_POLL_INTERVAL', 'FMK_DELEGATIONS'] as const;

export interface DanishSettings {
  readonly brs?: BrsSettings;
  readonly fmk?: { readonly settings: FmkSettings; readonly place: FmkPlace };
  readonly users: readonly UserCredential[];
  /** Whether a personal role asks about itself and its own organisation only. */
  readonly asking: 'own' | 'anybody';
  readonly delegations: Delegations | typeof OPEN_DELEGATIONS;
  /** Milliseconds between two fetches of BRS's alarms. */
  readonly pollInterval: number;
}

/** The settings, and those of the STS: all of a real one, or what can be set of a simulated one. */
export type ParsedDanish = DanishSettings & {
  readonly sts?: StsSettings;
  readonly simulatedSts?: Partial<StsSettings>;
};

const NO_DELEGATIONS: Delegations = { allows: () => false };

const given = (environment: Environment, name: string): string | undefined => {
  const text = environment[name]?.trim();
  return text === '' ? undefined : text;
};

const MINUTES = 60_000;

const readInterval = (text: string | undefined): Result<number, string> => {
  if (text === undefined) return ok(15 * MINUTES);
  const [, hours, minutes] = /^PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?$/.exec(text) ?? [];
  const milliseconds = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTES;
  return milliseconds > 0 ? ok(milliseconds) : fail('BRS_POLL_INTERVAL must be a duration such as PT15M.');
};

const readAsking = (text: string | undefined, sandbox: boolean): Result<'own' | 'anybody', string> => {
  if (text === undefined) return ok(sandbox ? 'anybody' : 'own');
  if (text === 'own' || (text === 'anybody' && sandbox)) return ok(text);
  return fail('BRS_ASKING must be own; anybody is for the sandbox alone.');
};

const readDelegations = (
  text: string | undefined,
  sandbox: boolean,
): Result<DanishSettings['delegations'], string> => {
  if (text === undefined) return ok(sandbox ? OPEN_DELEGATIONS : NO_DELEGATIONS);
  return text === OPEN_DELEGATIONS && sandbox ? ok(OPEN_DELEGATIONS) : parseDelegations(text);
};

/** Every name that is one of these settings. */
const KNOWN: ReadonlySet<string> = new Set([
  ...OWN_NAMES,
  ...STS_SETTING_NAMES,
  ...BRS_SETTING_NAMES,
  ...FMK_SETTING_NAMES,
  ...USER_CARD_SETTING_NAMES,
]);

/**
 * The settings of BRS and FMK, with the STS before them. Failure: one sentence that names the setting.
 *
 * @param environment those of its names that start with STS_, BRS_ or FMK_
 */
export const parseDanish = (environment: Environment, sandbox: boolean): Result<ParsedDanish, string> => {
  const unknown = Object.keys(environment).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) {
    return fail(`${unknown} is not a setting of this server; see the configuration table in the README.`);
  }
  const sts = sandbox ? ok(undefined) : parseStsSettings(environment);
  if (!sts.ok) return sts;
  const simulatedSts = sandbox ? parseOpenStsSettings(environment) : ok(undefined);
  if (!simulatedSts.ok) return simulatedSts;
  const asked = ['BRS_URL', 'FMK_URL'].find((name) => given(environment, name) !== undefined);
  if (asked !== undefined && sts.value === undefined && !sandbox) {
    return fail(`STS_URL is missing: ${asked} is reached with ID cards of the STS.`);
  }
  const own = new Set<string>(OWN_NAMES);
  const theirs = Object.fromEntries(Object.entries(environment).filter(([name]) => !own.has(name)));
  const brs = parseBrsSettings(theirs, sts.value?.cvr);
  if (!brs.ok) return brs;
  if (sts.value !== undefined && brs.value !== undefined && brs.value.cvr !== sts.value.cvr) {
    return fail('BRS_CVR contradicts STS_CVR: alarms are fetched with the ID card of the latter.');
  }
  const fmk = parseFmkSettings(environment);
  if (!fmk.ok) return fmk;
  const users = parseUserCards(environment);
  if (!users.ok) return users;
  const asking = readAsking(given(environment, 'BRS_ASKING'), sandbox);
  if (!asking.ok) return asking;
  const delegations = readDelegations(given(environment, 'FMK_DELEGATIONS'), sandbox);
  if (!delegations.ok) return delegations;
  const pollInterval = readInterval(given(environment, 'BRS_POLL_INTERVAL'));
  if (!pollInterval.ok) return pollInterval;
  const { settings, place } = fmk.value;
  return ok({
    ...(sts.value === undefined ? {} : { sts: sts.value }),
    ...(simulatedSts.value === undefined ? {} : { simulatedSts: simulatedSts.value }),
    ...(brs.value === undefined ? {} : { brs: brs.value }),
    ...(place === undefined ? {} : { fmk: { settings, place } }),
    users: users.value,
    asking: asking.value,
    delegations: delegations.value,
    pollInterval: pollInterval.value,
  });
};
