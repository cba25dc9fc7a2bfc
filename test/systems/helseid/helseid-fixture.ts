import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { type Database, sql } from '../../../src/ports.ts';
import { createHelseIdSimulator } from '../../../src/systems/helseid/simulator.ts';
import {
  HELSEID_FAULT_KINDS,
  HELSEID_SIMULATOR_DEFAULTS,
  type HelseIdClient,
  type HelseIdSimulatorSettings,
  sandboxClient,
} from '../../../src/systems/helseid/simulator-settings.ts';
import { createFaults } from '../../../src/systems/simulation/faults.ts';
import { createSimulatorState, SIMULATOR_SCHEMA } from '../../../src/systems/simulation/state.ts';
import { memoryDatabase } from '../../helpers/memory-database.ts';
import { bodyOf, CLIENT_ID, createActor, type KeyPair, testClock } from '../simulation/actor.ts';

/** An empty simulator's surroundings, and a client with an RSA key: the usual kind with HelseID. */
export const helseIdFixture = async (clientKey: KeyPair, dpopKey: KeyPair) => {
  const database: Database = memoryDatabase();
  await database.batch(SIMULATOR_SCHEMA.map((text) => sql(text)));
  const clock = testClock();
  const faults = createFaults({
    state: createSimulatorState(database, 'faults'),
    kinds: { helseid: HELSEID_FAULT_KINDS },
    shared: false,
  });
  const actor = createActor(clock.read, clientKey, dpopKey, { kid: 'k1', alg: 'RS256' });

  /** A simulator, started anew over the same database. */
  const simulator = (settings: Partial<HelseIdSimulatorSettings> = {}, client: Partial<HelseIdClient> = {}) =>
    createHelseIdSimulator({
      state: createSimulatorState(database, 'helseid'),
      clock: clock.read,
      settings: { ...HELSEID_SIMULATOR_DEFAULTS, ...settings },
      clients: [sandboxClient(CLIENT_ID, { ...clientKey.jwk, kid: 'k1' }, client)],
      faults,
    });

  /** The claims of an answered access token, its signature checked. */
  const claimsOf = async (answer: Response, jwks: JSONWebKeySet): Promise<JWTPayload> => {
    const { access_token: token } = await bodyOf(answer);
    const { payload } = await jwtVerify(String(token), createLocalJWKSet(jwks), {
      currentDate: new Date(clock.read()),
    });
    return payload;
  };

  return { database, clock, faults, actor, simulator, claimsOf };
};

/** Status, error and description of a refused token call. */
export const refusalOf = async (answer: Response) => {
  const { error, error_description: why } = await bodyOf(answer);
  return { status: answer.status, error, why };
};
