import type { Config } from '../config.ts';
import type { Sender } from '../delivery/deps.ts';
import { type OpenSandbox, orStop, type Platform } from '../platform.ts';
import type { Background, Clock, Log } from '../ports.ts';
import type { BasicKind } from '../resources/basic.ts';
import type { ConnectedParts } from '../resources/entry.ts';
import { type Grants, NO_GRANTS, parseGrants } from '../security/grants.ts';
import type { Keyring } from '../security/keyring.ts';
import type { Catalogue } from '../systems/helsenorge/catalogue.ts';
import type { SystemName } from '../systems/system.ts';
import type { ConnectedDenmark } from './denmark.ts';
import type { ConnectedEfrikort } from './efrikort.ts';
import type { ConnectedHelsenorge, HelsenorgePlace } from './helsenorge.ts';

/** What work outlives a call with. */
export interface BackgroundParts {
  readonly clock: Clock;
  readonly background: Background;
  readonly log: Log;
}

/** The national systems that this server reaches. */
export interface Connections {
  readonly helsenorge?: ConnectedHelsenorge;
  readonly denmark?: ConnectedDenmark;
  readonly efrikort?: ConnectedEfrikort;
  /** What the connected systems make of their kinds of Basic. */
  readonly kinds: Readonly<Partial<Record<BasicKind, ConnectedParts>>>;
  readonly systemOf: (name: SystemName) => Sender | undefined;
  /** Forgets tokens, cards, nonces and what the circuit breakers have counted. */
  readonly reset: () => void;
}

export interface ConnectionParts {
  readonly config: Config;
  readonly platform: Platform;
  readonly catalogue: Catalogue;
  readonly sandbox: OpenSandbox | undefined;
  readonly clock: Clock;
  readonly keyring: Keyring;
}

/** Denied by default; open in the sandbox, until configuration narrows it. */
const grantsOf = ({ config, sandbox }: ConnectionParts): Grants =>
  config.grants === undefined ? (sandbox?.grants ?? NO_GRANTS) : orStop(parseGrants(config.grants));

/** Each system is a module of its own, which only a server that reaches it loads. */
const toHelsenorge = async (parts: ConnectionParts): Promise<ConnectedHelsenorge | undefined> => {
  const { config, platform, catalogue, clock, sandbox } = parts;
  const { fetch, background, log } = platform;
  const place: HelsenorgePlace | undefined =
    sandbox?.helsenorge ??
    (config.helsenorge === undefined ? undefined : { ...config.helsenorge, fetch, helseIdFetch: fetch });
  if (place === undefined) return undefined;
  const { connectHelsenorge } = await import('./helsenorge.ts');
  const grants = grantsOf(parts);
  return connectHelsenorge(place, { config, catalogue, grants, clock, background, log });
};

const toDenmark = async (parts: ConnectionParts): Promise<ConnectedDenmark | undefined> => {
  const { config, platform, clock, keyring, sandbox } = parts;
  const { fetch, background, log } = platform;
  if (sandbox === undefined && Object.keys(config.danish).length === 0) return undefined;
  const { connectDenmark } = await import('./denmark.ts');
  return connectDenmark({
    environment: config.danish,
    place: sandbox?.denmark,
    fetch,
    clock,
    background,
    log,
    keyring,
    database: platform.database,
    upstreamDeadline: config.upstreamDeadline,
  });
};

/** Mail and its templates are a module of their own, too. */
const toEfrikort = async (parts: ConnectionParts): Promise<ConnectedEfrikort | undefined> => {
  const { config, platform, clock, sandbox } = parts;
  const { database, background, log } = platform;
  if (sandbox === undefined && Object.keys(config.efrikort).length === 0) return undefined;
  const { connectEfrikort } = await import('./efrikort.ts');
  return connectEfrikort({
    environment: config.efrikort,
    place: sandbox?.efrikort,
    platform,
    clock,
    background,
    log,
    database,
    upstreamDeadline: config.upstreamDeadline,
  });
};

/** Connects every national system that is configured, or simulated. Failure: SettingError. */
export const connectAll = async (parts: ConnectionParts): Promise<Connections> => {
  const helsenorge = await toHelsenorge(parts);
  const denmark = await toDenmark(parts);
  const efrikort = await toEfrikort(parts);
  const systems: Partial<Record<SystemName, Sender>> = {
    ...(helsenorge === undefined ? {} : { helsenorge: helsenorge.system }),
    ...(denmark?.brs === undefined ? {} : { brs: denmark.brs.system }),
    ...(denmark?.fmk === undefined ? {} : { fmk: denmark.fmk.system }),
    ...(efrikort === undefined ? {} : { efrikort: efrikort.system }),
  };
  return {
    ...(helsenorge === undefined ? {} : { helsenorge }),
    ...(denmark === undefined ? {} : { denmark }),
    ...(efrikort === undefined ? {} : { efrikort }),
    kinds: {
      ...(denmark?.brs === undefined ? {} : { 'treatment-relation': denmark.brs.kind }),
      ...(denmark?.fmk === undefined ? {} : { 'foces-whitelisting': denmark.fmk.kind }),
      ...(efrikort === undefined ? {} : { 'efrikort-connection': efrikort.kind }),
    },
    systemOf: (name) => systems[name],
    reset: () => {
      helsenorge?.reset();
      denmark?.reset();
      efrikort?.reset();
    },
  };
};
