import type { Consent } from '@medplum/fhirtypes';
import type { Config } from './config.ts';
import type { Background, Clock, Log } from './ports.ts';
import { createHelseIdClient } from './systems/helseid/client.ts';
import type { HelseIdSettings } from './systems/helseid/client-settings.ts';
import type { Catalogue } from './systems/helsenorge/catalogue.ts';
import { createPvkClient, type PvkClient } from './systems/helsenorge/client.ts';
import { createPlan } from './systems/helsenorge/mapping.ts';
import { createHelsenorge } from './systems/helsenorge/system.ts';
import type { NationalSystem } from './systems/system.ts';
import type { UpstreamFetch } from './systems/upstream/fetch.ts';
import { sharedFlight } from './systems/upstream/single-flight.ts';

/** Where PVK and HelseID are, real or simulated. */
export interface HelsenorgePlace {
  readonly url: string;
  readonly helseId: HelseIdSettings;
  readonly fetch: UpstreamFetch;
  readonly helseIdFetch: UpstreamFetch;
}

export interface ConnectedHelsenorge {
  readonly client: PvkClient;
  readonly system: NationalSystem<Consent>;
  /** Forgets tokens, nonces and what the circuit breakers have counted. */
  readonly reset: () => void;
}

/** PVK behind HelseID, connected. */
export const connectHelsenorge = (
  place: HelsenorgePlace,
  parts: {
    readonly config: Pick<Config, 'pvk' | 'upstreamDeadline'>;
    readonly catalogue: Catalogue;
    readonly clock: Clock;
    readonly background: Background;
    readonly log: Log;
  },
): ConnectedHelsenorge => {
  const { config, catalogue, clock, background, log } = parts;
  const helseId = createHelseIdClient({
    settings: place.helseId,
    fetch: place.helseIdFetch,
    clock,
    singleFlight: sharedFlight({ clock, background, longest: config.upstreamDeadline }),
    patience: config.upstreamDeadline,
  });
  const client = createPvkClient({
    settings: { baseUrl: place.url },
    helseId,
    fetch: place.fetch,
    clock,
    log,
  });
  const plan = createPlan({ catalogue, settings: config.pvk, now: clock });
  return {
    client,
    system: createHelsenorge(client, plan),
    reset: () => {
      helseId.reset();
      client.reset();
    },
  };
};
