import type { Consent, Resource } from '@medplum/fhirtypes';
import type { Config } from '../config.ts';
import type { Refresh } from '../interactions/server.ts';
import { orStop } from '../platform.ts';
import type { Background, Clock, Log } from '../ports.ts';
import { consentRules, definitionRows } from '../resources/consent-rules.ts';
import { type ConsentSearchParts, createConsentSearch } from '../resources/consent-search.ts';
import type { ConnectedParts } from '../resources/entry.ts';
import type { Grants } from '../security/grants.ts';
import type { TokenRow } from '../store/types.ts';
import { createHelseIdClient } from '../systems/helseid/client.ts';
import { checkHelseIdSettings, type HelseIdSettings } from '../systems/helseid/client-settings.ts';
import type { Catalogue } from '../systems/helsenorge/catalogue.ts';
import { createPvkClient, type PvkClient } from '../systems/helsenorge/client.ts';
import { createPlan } from '../systems/helsenorge/mapping.ts';
import { createHelsenorge } from '../systems/helsenorge/system.ts';
import type { NationalSystem } from '../systems/system.ts';
import type { UpstreamFetch } from '../systems/upstream/fetch.ts';
import { sharedFlight } from '../systems/upstream/single-flight.ts';

/** Where PVK and HelseID are, real or simulated. */
export interface HelsenorgePlace {
  readonly url: string;
  readonly helseId: HelseIdSettings;
  readonly fetch: UpstreamFetch;
  readonly helseIdFetch: UpstreamFetch;
}

type HelsenorgeRefreshParts = Omit<ConsentSearchParts, 'client' | 'catalogue' | 'refreshAge'>;

export interface ConnectedHelsenorge {
  readonly client: PvkClient;
  readonly system: NationalSystem<Consent>;
  readonly kind: ConnectedParts;
  /** Further search values of a Consent. */
  readonly rows: (resource: Resource) => readonly TokenRow[];
  readonly refresh: (parts: HelsenorgeRefreshParts) => Refresh;
  /** Forgets tokens, nonces and what the circuit breakers have counted. */
  readonly reset: () => void;
}

/** PVK behind HelseID, connected. Failure: SettingError. */
export const connectHelsenorge = async (
  place: HelsenorgePlace,
  parts: {
    readonly config: Pick<Config, 'pvk' | 'upstreamDeadline' | 'helsenorge'>;
    readonly catalogue: Catalogue;
    readonly grants: Grants;
    readonly clock: Clock;
    readonly background: Background;
    readonly log: Log;
  },
): Promise<ConnectedHelsenorge> => {
  const { config, catalogue, clock, background, log } = parts;
  if (config.helsenorge !== undefined) orStop(await checkHelseIdSettings(config.helsenorge.helseId));
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
  const system = createHelsenorge(client, plan);
  return {
    client,
    system,
    kind: consentRules(system, parts.grants),
    rows: definitionRows,
    refresh: (made) => createConsentSearch({ ...made, client, catalogue, refreshAge: config.pvk.refreshAge }),
    reset: () => {
      helseId.reset();
      client.reset();
    },
  };
};
