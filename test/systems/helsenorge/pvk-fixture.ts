import type { Fetch } from '../../../src/ports.ts';
import { type Database, sql } from '../../../src/ports.ts';
import { createHelseIdSimulator } from '../../../src/systems/helseid/simulator.ts';
import {
  HELSEID_FAULT_KINDS,
  HELSEID_SIMULATOR_DEFAULTS,
  type HelseIdSimulatorSettings,
  sandboxClient,
} from '../../../src/systems/helseid/simulator-settings.ts';
import { createPvkSimulator } from '../../../src/systems/helsenorge/simulator.ts';
import { PVK_FAULT_KINDS } from '../../../src/systems/helsenorge/simulator-faults.ts';
import {
  type Grant,
  OPEN_GRANTS,
  PVK_SIMULATOR_DEFAULTS,
  type PvkDefinition,
  type PvkSimulatorSettings,
} from '../../../src/systems/helsenorge/simulator-settings.ts';
import { createFaults } from '../../../src/systems/simulation/faults.ts';
import { createSimulatorState, SIMULATOR_SCHEMA } from '../../../src/systems/simulation/state.ts';
import { memoryDatabase } from '../../helpers/memory-database.ts';
import {
  type ApiCall,
  CLIENT_ID,
  createActor,
  type KeyPair,
  PVK,
  type TokenCall,
  testClock,
} from '../simulation/actor.ts';

export const CITIZEN = '12048645510';
export const BIOMATERIALE = '3fe2a80a-4200-42e2-817b-da8a6236708a';
export const REGISTRERING = 'ecc56090-124b-4405-8137-2a616c683ffc';
export const LEGEMIDDELLISTE = '3f7457b8-821c-45a8-ae04-d3e4a0dac0f0';
export const UNNTATT_FASTLEGEN = 'fb922810-01f1-4b20-9999-bb25b47d1b44';

const plain = { metadata: 'forbidden', periods: 'none', proof: 'forbidden' } as const;

export const CATALOGUE: readonly PvkDefinition[] = [
  {
    ...plain,
    guid: BIOMATERIALE,
    navn: 'Samtykke til oppbevaring av biomateriale',
    partKode: 'NFS',
    typePi: 'samtykke',
    proof: 'allowed',
    periods: 'one',
  },
  {
    ...plain,
    guid: REGISTRERING,
    navn: 'Reservasjon mot registrering av helseopplysninger',
    partKode: 'PDMR',
    typePi: 'reservasjon',
    omfangElementer: [
      {
        omfangKode: 'OF',
        logiskOmfang: 'Angitte',
        presisering: 'Direkte personidentifiserende opplysninger',
      },
    ],
  },
  {
    ...plain,
    guid: LEGEMIDDELLISTE,
    navn: 'Begrensning av helsepersonells tilgang til legemiddelliste',
    partKode: 'RF',
    typePi: 'tilgangsbegrensning',
    metadata: 'required',
  },
  {
    ...plain,
    guid: UNNTATT_FASTLEGEN,
    navn: 'Alle unntatt fastlegen',
    typePi: 'tilgangsbegrensning',
  },
];

export const SAMTYKKE = {
  innbyggerFnr: CITIZEN,
  definisjonGuid: BIOMATERIALE.toUpperCase(),
  definisjonNavn: 'Samtykke til oppbevaring av biomateriale',
  partKode: 'NFS',
  typePi: 'samtykke',
  aktiv: true,
};

export const RESERVASJON = {
  innbyggerFnr: CITIZEN,
  definisjonGuid: REGISTRERING,
  partKode: 'PDMR',
  typePi: 'reservasjon',
  aktiv: true,
};

const named = (...numbers: readonly string[]) => ({
  TbInnbyggerMetadata: {
    detaljertAngivelse: {
      navngittHelseperson: numbers.map((nummer) => ({ nummer, navn: `Person ${nummer}` })),
    },
  },
});

export const begrensning = (...numbers: readonly string[]) => ({
  innbyggerFnr: CITIZEN,
  definisjonGuid: LEGEMIDDELLISTE,
  partKode: 'RF',
  typePi: 'tilgangsbegrensning',
  aktiv: true,
  ...named(...numbers),
});

export const SETT = `${PVK}/SettInnbyggersPersonvernInnstilling/v2`;
export const SETT_V1 =
  'https://eksternapi.hn2.test.nhn.no/personvern/v1/Personverninnstillinger/SettInnbyggersPersonvernInnstilling';
export const SJEKK = `${PVK}/SjekkInnbyggersPiStatus/v2`;
export const FOR_PART = `${PVK}/HentInnbyggersPiForPart/v2`;

export const activeUrl = (guid: string, reference: number, partKode?: string): string =>
  `${PVK}/HentInnbyggereAktivePiForDefinisjon/v2?definisjonGuid=${guid}&pagingReference=${reference}${
    partKode === undefined ? '' : `&partKode=${partKode}`
  }`;

export interface Keys {
  readonly client: KeyPair;
  readonly dpop: KeyPair;
}

/** Both simulators over one database, and a client that calls them. */
export const pvkFixture = async (keys: Keys) => {
  const database: Database = memoryDatabase();
  await database.batch(SIMULATOR_SCHEMA.map((text) => sql(text)));
  const clock = testClock();
  const faults = createFaults({
    state: createSimulatorState(database, 'faults'),
    kinds: { helsenorge: PVK_FAULT_KINDS, helseid: HELSEID_FAULT_KINDS },
    shared: false,
  });
  const actor = createActor(clock.read, keys.client, keys.dpop);

  const helseid = (settings: Partial<HelseIdSimulatorSettings> = {}) =>
    createHelseIdSimulator({
      state: createSimulatorState(database, 'helseid'),
      clock: clock.read,
      settings: { ...HELSEID_SIMULATOR_DEFAULTS, ...settings },
      clients: [sandboxClient(CLIENT_ID, keys.client.jwk)],
      faults,
    });

  const pvk = (
    settings: Partial<PvkSimulatorSettings> = {},
    grants: readonly Grant[] = OPEN_GRANTS,
    jwks = helseid().jwks,
  ): Fetch =>
    createPvkSimulator({
      state: createSimulatorState(database, 'helsenorge'),
      clock: clock.read,
      settings: { ...PVK_SIMULATOR_DEFAULTS, ...settings },
      catalogue: CATALOGUE,
      grants,
      jwks,
      faults,
    });

  const token = (call: TokenCall = {}): Promise<string> => actor.accessToken(helseid().fetch, call);

  /** Calls with a good token and proof unless the test says otherwise; without a body it is a GET. */
  const send = async (
    simulator: Fetch,
    url: string,
    body?: unknown,
    call: Partial<ApiCall> = {},
  ): Promise<Response> =>
    simulator(await actor.request(url, body, { ...call, token: call.token ?? (await token()) }));

  return { database, clock, faults, actor, helseid, pvk, token, send };
};

export type PvkFixture = Awaited<ReturnType<typeof pvkFixture>>;
