import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Environment } from '../config.ts';
import type { Failure } from '../failure.ts';
import type { Clock, Database } from '../ports.ts';
import type { Result } from '../result.ts';
import { OPEN_GRANTS } from '../security/grants.ts';
import type { TokenIssuer } from '../security/token/issuer.ts';
import { settingOnce } from '../store/settings.ts';
import type { HelseIdSettings } from '../systems/helseid/client-settings.ts';
import { createHelseIdSimulator } from '../systems/helseid/simulator.ts';
import {
  HELSEID_FAULT_KINDS,
  HELSEID_SIMULATOR_DEFAULTS,
  sandboxClient,
} from '../systems/helseid/simulator-settings.ts';
import type { Catalogue } from '../systems/helsenorge/catalogue.ts';
import { createPvkSimulator } from '../systems/helsenorge/simulator.ts';
import { PVK_FAULT_KINDS } from '../systems/helsenorge/simulator-faults.ts';
import {
  OPEN_GRANTS as OPEN_PVK_GRANTS,
  PVK_SIMULATOR_DEFAULTS,
} from '../systems/helsenorge/simulator-settings.ts';
import { maskPersonNumbers } from '../systems/identifiers.ts';
import { createFaults, type Faults } from '../systems/simulation/faults.ts';
import { createSimulatorState, resetSimulators } from '../systems/simulation/state.ts';
import type { SystemName } from '../systems/system.ts';
import type { UpstreamFetch } from '../systems/upstream/fetch.ts';
import { createSandboxClock, type SandboxClock } from './clock.ts';
import { createDanishSandbox, DANISH_FAULT_KINDS, type DanishSandbox } from './denmark.ts';
import { createEfrikortSandbox, EFRIKORT_FAULT_KINDS, type EfrikortSandbox } from './efrikort.ts';
import { createExchanges, type Exchanges } from './exchanges.ts';
import {
  createSandboxIssuer,
  generateSandboxKey,
  type IssuedToken,
  OPEN_CALLER,
  TOKEN_FAULTS,
  type TokenFault,
} from './token.ts';

/**
 * Everything a laptop needs instead of the outside world. The clients are the real ones: what they call is
 * answered in this process, behind the same `fetch`.
 */
export interface Sandbox {
  readonly clock: SandboxClock;
  readonly secret: string;
  readonly issuer: TokenIssuer;
  readonly issue: (body: unknown, fault?: TokenFault) => Promise<Result<IssuedToken, Failure>>;
  /** Who a call without a token is, when SANDBOX_OPEN is on. */
  readonly openCaller: typeof OPEN_CALLER;
  readonly grants: typeof OPEN_GRANTS;
  readonly helsenorge: {
    readonly url: string;
    readonly helseId: HelseIdSettings;
    readonly fetch: UpstreamFetch;
    readonly helseIdFetch: UpstreamFetch;
  };
  readonly denmark: DanishSandbox;
  readonly efrikort: EfrikortSandbox;
  readonly exchanges: Exchanges;
  readonly faults: Faults;
  /** Simulators and faults as at a first start; keys stay, so that tokens do. */
  readonly reset: () => Promise<void>;
}

export interface SandboxParts {
  readonly database: Database;
  readonly catalogue: Catalogue;
  /** Milliseconds since the epoch, as the platform tells it. */
  readonly realClock: Clock;
  /** True when several isolates may serve the same sandbox (Workers). */
  readonly shared: boolean;
  /** Settings of the Danish systems that hold in the sandbox as well. */
  readonly danish: Environment;
  /** Settings of eFrikort that hold in the sandbox as well. */
  readonly efrikort: Environment;
}

const PVK_URL = 'https://pvk.sandbox.invalid';
const HELSEID_ISSUER = 'https://helseid.sandbox.invalid';
const CLIENT_ID = '7f2b1c9e-0d43-4a8e-9b1f-5c6d7e8f9a01';

const randomSecret = (): string =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(48)))).replace(/[+/=]/g, '');

const generateClientKey = async (): Promise<string> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return JSON.stringify({ ...jwk, kid: 'sandbox', alg: 'ES256' });
};

/** Made at the first start and kept: two isolates that start at once end up with the same one. */
const keptSecret = async (database: Database, key: string, make: () => Promise<string> | string) =>
  settingOnce(database, key, await make());

export const createSandbox = async (parts: SandboxParts): Promise<Sandbox> => {
  const { database, catalogue, realClock, shared, danish } = parts;
  const clock = createSandboxClock(database, realClock);
  await clock.load();
  const secret = await keptSecret(database, 'sandbox_secret', randomSecret);
  const clientKey = await keptSecret(database, 'sandbox_helseid_client_key', generateClientKey);
  const { issue, tokenIssuer } = await createSandboxIssuer({
    key: await keptSecret(database, 'sandbox_issuer_key', generateSandboxKey),
    clock: clock.now,
  });
  const faults = createFaults({
    state: createSimulatorState(database, 'faults'),
    kinds: {
      helsenorge: PVK_FAULT_KINDS,
      helseid: HELSEID_FAULT_KINDS,
      ...DANISH_FAULT_KINDS,
      efrikort: EFRIKORT_FAULT_KINDS,
      nll: TOKEN_FAULTS,
    },
    shared,
  });
  const helseId = createHelseIdSimulator({
    state: createSimulatorState(database, 'helseid'),
    clock: clock.now,
    settings: { ...HELSEID_SIMULATOR_DEFAULTS, issuer: HELSEID_ISSUER },
    clients: [sandboxClient(CLIENT_ID, JSON.parse(clientKey) as JWK)],
    faults,
  });
  const pvk = createPvkSimulator({
    state: createSimulatorState(database, 'helsenorge'),
    clock: clock.now,
    settings: { ...PVK_SIMULATOR_DEFAULTS, issuer: HELSEID_ISSUER },
    catalogue: catalogue.entries,
    grants: OPEN_PVK_GRANTS,
    jwks: helseId.jwks,
    faults,
  });
  const exchanges = createExchanges({ database, clock: clock.now, maskNumbers: maskPersonNumbers, shared });
  const recorded = (system: SystemName, simulator: (request: Request) => Promise<Response>): UpstreamFetch =>
    exchanges.recording(system, simulator);
  const denmark = createDanishSandbox({ database, clock: clock.now, faults, recorded, environment: danish });
  const efrikort = createEfrikortSandbox({
    ...{ database, clock: clock.now, faults, recorded },
    environment: parts.efrikort,
  });
  return {
    clock,
    secret,
    issuer: tokenIssuer,
    issue,
    openCaller: OPEN_CALLER,
    grants: OPEN_GRANTS,
    helsenorge: {
      url: PVK_URL,
      helseId: {
        issuer: HELSEID_ISSUER,
        clientId: CLIENT_ID,
        privateKey: clientKey,
        tenancy: 'multi-tenant',
        parentOrg: '912159523',
        authMode: 'dpop',
      },
      fetch: recorded('helsenorge', pvk),
      helseIdFetch: recorded('helseid', helseId.fetch),
    },
    denmark,
    efrikort,
    exchanges,
    faults,
    reset: async () => {
      await resetSimulators(database);
      await faults.clear();
      await clock.reset();
      await database.batch(exchanges.clear());
    },
  };
};
