import type { Hono } from 'hono';
import type { Environment } from '../config.ts';
import type { Facade } from '../interactions/stages.ts';
import type { MailTransport } from '../mail/transport.ts';
import { orStop, type Platform } from '../platform.ts';
import type { Database } from '../ports.ts';
import { efrikortConnection } from '../resources/efrikort-connection.ts';
import type { ConnectedParts } from '../resources/entry.ts';
import { fail, type Result } from '../result.ts';
import type { Operation } from '../routes/metadata.ts';
import { firstVersions } from '../store/first-versions.ts';
import { createSystemState } from '../store/system-state.ts';
import { clientFetchOf } from '../systems/efrikort/client-fetch.ts';
import { createHttpInbox } from '../systems/efrikort/client-inbox.ts';
import { transportOf } from '../systems/efrikort/client-transport.ts';
import type { RegionContact } from '../systems/efrikort/contacts.ts';
import { REGIONS_DATE, regionOrganizations } from '../systems/efrikort/regions.ts';
import {
  EFRIKORT_SETTING_NAMES,
  type EfrikortSettings,
  parseEfrikortSettings,
} from '../systems/efrikort/settings.ts';
import { createEfrikort, type Efrikort } from '../systems/efrikort/system.ts';
import type { UpstreamFetch } from '../systems/upstream/fetch.ts';
import type { BackgroundParts } from './connections.ts';
import { createEfrikortJobs } from './efrikort-jobs.ts';
import { mountEfrikort } from './efrikort-operations.ts';
import { EFRIKORT_OPERATIONS } from './efrikort-rows.ts';

/** Where the mailboxes and the services of eFrikort are when they are simulated. */
export interface EfrikortPlace {
  /** What a sandbox adds to the settings of the environment. */
  readonly environment: Environment;
  /** Contacts of the regions where none are loaded. */
  readonly contacts: readonly RegionContact[];
  readonly fetchMail: UpstreamFetch;
  readonly fetchInbox: UpstreamFetch;
  /** Presents the certificate. */
  readonly fetchService: UpstreamFetch;
}

export interface ConnectedEfrikort {
  readonly system: Efrikort;
  readonly kind: ConnectedParts;
  /** What is told of its operations. */
  readonly operations: readonly Operation[];
  /** Its operations, and what the client certificate is. */
  readonly mount: (app: Hono, facade: Facade) => void;
  /** The regions as Organizations, where the sandbox has not loaded them. */
  readonly prepare: (facade: Facade) => Promise<void>;
  /** What is due by itself: mails whose fate is open, and the inbox. */
  readonly runJobs: (facade: Facade) => Promise<void>;
  /** Fetches what has come into the inbox now. */
  readonly receive: (facade: Facade) => Promise<void>;
  readonly reset: () => void;
}

export interface EfrikortParts extends BackgroundParts {
  /** Those of the environment's settings that start with EFRIKORT_ or SMTP_. */
  readonly environment: Environment;
  /** Undefined: the real ones. */
  readonly place: EfrikortPlace | undefined;
  readonly platform: Pick<Platform, 'openSmtp' | 'presenting' | 'efrikortBinding' | 'fetch'>;
  readonly database: Database;
  /** Milliseconds. */
  readonly upstreamDeadline: number;
}

const parse = (environment: Environment): Result<EfrikortSettings | undefined, string> => {
  const unknown = Object.keys(environment).find((name) => !EFRIKORT_SETTING_NAMES.includes(name));
  return unknown === undefined
    ? parseEfrikortSettings(environment)
    : fail(`${unknown} is not a setting of this server; see the configuration table in the README.`);
};

const openTransport = async (
  settings: EfrikortSettings,
  { place, platform, clock }: Pick<EfrikortParts, 'place' | 'platform' | 'clock'>,
): Promise<MailTransport | undefined> => {
  const smtp = settings.smtp === undefined ? undefined : await platform.openSmtp?.(settings.smtp, { clock });
  const fetch = place?.fetchMail ?? platform.fetch;
  return orStop(transportOf(settings, { fetch, clock, ...(smtp === undefined ? {} : { smtp }) }));
};

/** The `fetch` with the client certificate; undefined: there is none. */
const serviceFetch = (
  settings: EfrikortSettings,
  { place, platform }: Pick<EfrikortParts, 'place' | 'platform'>,
): UpstreamFetch | undefined => {
  if (place !== undefined) return place.fetchService;
  const { presenting, efrikortBinding: binding } = platform;
  return orStop(
    clientFetchOf(settings, {
      ...(presenting === undefined ? {} : { presenting }),
      ...(binding === undefined ? {} : { binding }),
    }),
  );
};

/** A sandbox's place gives way where the settings send by hand. */
const environmentOf = ({ environment, place }: EfrikortParts): Environment => {
  const { EFRIKORT_MAIL_URL: mailUrl, ...given } = place?.environment ?? {};
  return environment['EFRIKORT_MAIL'] === 'render-only' || mailUrl === undefined
    ? { ...given, ...environment }
    : { ...given, EFRIKORT_MAIL_URL: mailUrl, ...environment };
};

/** eFrikort's mail procedure; undefined when it is not configured. Failure: SettingError. */
export const connectEfrikort = async (parts: EfrikortParts): Promise<ConnectedEfrikort | undefined> => {
  const { place, platform, database, clock } = parts;
  const settings = orStop(parse(environmentOf(parts)));
  if (settings === undefined) return undefined;
  const state = createSystemState(database, 'efrikort');
  const transport = await openTransport(settings, parts);
  const fetchService = serviceFetch(settings, parts);
  const system = createEfrikort({
    settings,
    clock,
    state,
    ...(transport === undefined ? {} : { transport }),
    ...(place === undefined ? {} : { defaultContacts: place.contacts }),
  });
  const { inboxUrl, inboxToken, inboxInterval } = settings;
  const inbox =
    inboxUrl === undefined
      ? undefined
      : createHttpInbox(inboxUrl, place?.fetchInbox ?? platform.fetch, inboxToken);
  const jobs = createEfrikortJobs({ ...parts, system, state, inbox, inboxInterval });
  return {
    system,
    kind: efrikortConnection(system),
    operations: EFRIKORT_OPERATIONS,
    mount: (app, facade) =>
      mountEfrikort(app, facade, { ...parts, system, state, settings, fetch: fetchService }),
    prepare: async ({ server }) => {
      if (place !== undefined || (await state.get('regions')) === REGIONS_DATE) return;
      await database.batch(
        firstVersions(server.repository, server.indexOf, regionOrganizations(), server.clock()),
      );
      await state.put('regions', REGIONS_DATE);
    },
    runJobs: jobs.whenDue,
    receive: jobs.receive,
    reset: jobs.reset,
  };
};
