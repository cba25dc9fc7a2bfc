import type { Hono } from 'hono';
import type { Environment } from '../config.ts';
import type { Failure } from '../failure.ts';
import type { Refresh } from '../interactions/server.ts';
import type { Facade } from '../interactions/stages.ts';
import { orStop, SettingError } from '../platform.ts';
import type { Database } from '../ports.ts';
import type { ConnectedParts } from '../resources/entry.ts';
import { createDirectory } from '../resources/foces-directory.ts';
import { createFocesRefresh, type FocesRefreshParts } from '../resources/foces-refresh.ts';
import { focesWhitelisting } from '../resources/foces-whitelisting.ts';
import { treatmentRelation } from '../resources/treatment-relation.ts';
import type { Result } from '../result.ts';
import type { Keyring } from '../security/keyring.ts';
import { createSearch } from '../store/search.ts';
import { type BrsSystem, createBrs } from '../systems/brs/system.ts';
import type { CardSource } from '../systems/dgws/client.ts';
import { createStsClient, type IssuedCard, type StsClient } from '../systems/dgws/client-sts.ts';
import { certificatesOf, checkSts, type StsSettings } from '../systems/dgws/settings.ts';
import {
  type CallersCard,
  checkUserCards,
  createFmk,
  createFmkCards,
  createUserCards,
  type FmkSystem,
  readCallersCard,
} from '../systems/fmk/system.ts';
import type { UserCards, UserCredential } from '../systems/fmk/user-cards.ts';
import type { UpstreamFetch } from '../systems/upstream/fetch.ts';
import { sharedFlight } from '../systems/upstream/single-flight.ts';
import type { BackgroundParts } from './connections.ts';
import { mountDanish } from './denmark-operations.ts';
import { createPoll } from './denmark-poll.ts';
import { type DanishSettings, parseDanish } from './denmark-settings.ts';

/** Where the STS, BRS and FMK are, real or simulated. */
export interface DanishPlace {
  /** What a sandbox adds to the settings of the environment. */
  readonly environment: Environment;
  /** The STS and this server's certificate; asked for when a card is first needed, because keys take time. */
  readonly sts: () => Promise<StsSettings>;
  /** The persons that have a card besides those of FMK_USER_CARDS, by CPR number. */
  readonly users: readonly string[];
  readonly credentials: () => Promise<readonly UserCredential[]>;
  readonly fetchSts: UpstreamFetch;
  readonly fetchBrs: UpstreamFetch;
  readonly fetchFmk: UpstreamFetch;
}

export interface ConnectedDenmark {
  readonly settings: DanishSettings;
  readonly brs?: { readonly system: BrsSystem; readonly kind: ConnectedParts };
  readonly fmk?: {
    readonly system: FmkSystem;
    readonly kind: ConnectedParts;
    readonly refresh: (parts: Omit<FocesRefreshParts, 'client' | 'refreshAge'>) => Refresh;
  };
  /** The operations of these systems. */
  readonly mount: (app: Hono, facade: Facade) => void;
  /** What is due by itself: the alarms of BRS. */
  readonly runJobs: (facade: Facade) => Promise<void>;
  /** Forgets cards and what the circuit breakers have counted. */
  readonly reset: () => void;
}

export interface DanishParts extends BackgroundParts {
  /** Those of the environment's settings that start with STS_, BRS_ or FMK_. */
  readonly environment: Environment;
  /** Undefined: the real ones. */
  readonly place: DanishPlace | undefined;
  readonly fetch: UpstreamFetch;
  readonly keyring: Keyring;
  readonly database: Database;
  readonly upstreamDeadline: number;
}

interface Lately<T> {
  readonly get: () => Promise<T>;
  readonly held: () => T | undefined;
}

/** Made once, when it is first needed. */
const lately = <T>({ clock, background }: BackgroundParts, make: () => Promise<T>): Lately<T> => {
  const flight = sharedFlight<T>({ clock, background });
  let held: T | undefined;
  return {
    get: async () => (held ??= await flight('made', make)),
    held: () => held,
  };
};

const cardsOf = (client: Lately<StsClient>): CardSource => ({
  holder: 'facade',
  card: async (context) => (await client.get()).card(context),
  renew: async (stale, context) => (await client.get()).renew(stale, context),
});

/** The card of one person, among those that are made together. */
const cardOf = (cards: Lately<UserCards>, cpr: string): CardSource => {
  const source = async (): Promise<CardSource> => {
    const found = (await cards.get()).sources.get(cpr);
    if (found === undefined) throw new Error('a person without a card was listed');
    return found;
  };
  return {
    holder: 'facade',
    card: async (context) => (await source()).card(context),
    renew: async (stale, context) => {
      const held = await source();
      return held.renew === undefined ? held.card(context) : held.renew(stale, context);
    },
  };
};

/** A card of X-Dgws-IdCard as it waits in the journal: readable for this server alone, and no longer than it lasts. */
const sealing = ({ keyring, clock }: Pick<DanishParts, 'keyring' | 'clock'>) => ({
  seal: (card: CallersCard): Promise<string> =>
    keyring.seal('at-rest', JSON.stringify(card), 'X-Dgws-IdCard'),
  open: async (sealed: string | undefined): Promise<CallersCard | undefined> => {
    if (sealed === undefined) return undefined;
    const opened = await keyring.open('at-rest', sealed, 'X-Dgws-IdCard');
    if (!opened.ok) return undefined;
    const card = JSON.parse(opened.value) as CallersCard;
    return card.notOnOrAfter <= clock() ? undefined : card;
  },
});

/** BRS and FMK behind the STS, as far as they are configured. Failure: SettingError. */
export const connectDenmark = async (parts: DanishParts): Promise<ConnectedDenmark> => {
  const { place, clock, background, log, upstreamDeadline } = parts;
  const sandbox = place !== undefined;
  const { sts, simulatedSts, ...settings } = orStop(
    parseDanish({ ...place?.environment, ...parts.environment }, sandbox),
  );
  if (sts !== undefined) {
    orStop(await checkSts(sts));
    orStop(await checkUserCards(settings.users, sts));
  }
  const stsSettings = async (): Promise<StsSettings> => {
    if (sts !== undefined) return sts;
    if (place === undefined) throw new SettingError('STS_URL is missing.');
    return { ...(await place.sts()), ...simulatedSts };
  };
  const fetchSts = place?.fetchSts ?? parts.fetch;
  const issuing = async () => ({ settings: await stsSettings(), fetch: fetchSts, clock });
  const flight = sharedFlight<Result<IssuedCard, Failure>>({ clock, background, longest: upstreamDeadline });
  const system = lately(parts, async () => createStsClient({ ...(await issuing()), singleFlight: flight }));
  const users = lately(parts, async () =>
    createUserCards([...settings.users, ...((await place?.credentials()) ?? [])], await issuing()),
  );
  const cprs = [...settings.users.map(({ user }) => user.cpr), ...(place?.users ?? [])];
  const cards = sealing(parts);

  const readCard = async (header: string) => {
    const { trusted, accepted, skew } = await stsSettings();
    return readCallersCard(header, {
      trusted: certificatesOf(trusted) ?? [],
      algorithms: accepted,
      clock,
      level: settings.fmk?.settings.cardLevel ?? 4,
      skew,
    });
  };

  const connectBrs = (): ConnectedDenmark['brs'] => {
    if (settings.brs === undefined) return undefined;
    const brs = createBrs({
      settings: settings.brs,
      fetch: place?.fetchBrs ?? parts.fetch,
      clock,
      log,
      cards: cardsOf(system),
    });
    return { system: brs, kind: treatmentRelation(brs, { asking: settings.asking, clock }) };
  };

  const connectFmk = (): ConnectedDenmark['fmk'] => {
    if (settings.fmk === undefined) return undefined;
    const { settings: fmkSettings } = settings.fmk;
    const fmk = createFmk({
      ...settings.fmk,
      fetch: place?.fetchFmk ?? parts.fetch,
      clock,
      log,
      cards: createFmkCards({
        level: fmkSettings.cardLevel,
        users: new Map(cprs.map((cpr) => [cpr, cardOf(users, cpr)])),
        readAs: fmkSettings.readAs,
        fromCall: cards.open,
        system: cardsOf(system),
      }),
    });
    const { delegations } = settings;
    return {
      system: fmk,
      kind: focesWhitelisting(fmk, {
        delegations,
        readCard,
        duplicate: fmkSettings.duplicateCreate === 'existing' ? 'existing' : 'refuse',
        sealCard: cards.seal,
        directory: createDirectory(createSearch(parts.database)),
        clock,
      }),
      refresh: (made) =>
        createFocesRefresh({ ...made, client: fmk.client, refreshAge: fmkSettings.refreshAge }),
    };
  };

  const [brs, fmk] = [connectBrs(), connectFmk()];
  const poll = createPoll({ ...parts, brs: brs?.system, interval: settings.pollInterval });
  return {
    settings,
    ...(brs === undefined ? {} : { brs }),
    ...(fmk === undefined ? {} : { fmk }),
    mount: (app, facade) => mountDanish(app, facade, { brs: brs?.system, poll }),
    runJobs: async (facade) => {
      if (brs !== undefined) await poll.whenDue(facade);
    },
    reset: () => {
      brs?.system.reset();
      poll.reset();
      fmk?.system.client.reset();
      system.held()?.reset();
      users.held()?.reset();
    },
  };
};
