import { type Database, type Fetch, type Row, sql } from '../../../src/ports.ts';
import { createStsClient } from '../../../src/systems/dgws/client-sts.ts';
import { STS_DEFAULTS } from '../../../src/systems/dgws/settings.ts';
import {
  createStsSimulator,
  STS_FAULT_KINDS,
  STS_SIMULATOR_DEFAULTS,
} from '../../../src/systems/dgws/simulator-sts.ts';
import { type CardAsk, createFmkCards, type FmkCardOptions } from '../../../src/systems/fmk/client-cards.ts';
import { FMK_DEFAULTS, type FmkSettings, type WhitelistedSystem } from '../../../src/systems/fmk/settings.ts';
import { createFmkSimulator } from '../../../src/systems/fmk/simulator.ts';
import { FMK_FAULT_KINDS } from '../../../src/systems/fmk/simulator-faults.ts';
import {
  FMK_SIMULATOR_DEFAULTS,
  type FmkSimulatorSettings,
} from '../../../src/systems/fmk/simulator-settings.ts';
import { createFmk } from '../../../src/systems/fmk/system.ts';
import { createUserCards } from '../../../src/systems/fmk/user-cards.ts';
import { createFaults } from '../../../src/systems/simulation/faults.ts';
import { createSimulatorState, SIMULATOR_SCHEMA } from '../../../src/systems/simulation/state.ts';
import { memoryDatabase } from '../../helpers/memory-database.ts';
import { createFakeTime } from '../upstream/fake-time.ts';
import { KARL, SIGNE } from './samples.ts';

export const SYSTEM: WhitelistedSystem = {
  ownerName: 'Leverandør A',
  name: 'System A',
  version: '1.0.2',
  orgResponsibleName: 'Eksempel Apotek',
  orgUsingName: 'Eksempel Apotek',
  orgUsingId: { nameFormat: 'medcom:locationnumber', value: '5790009999997' },
  requestedRole: 'Apoteksansat',
};

const URL_FMK = 'https://fmk.test.invalid/fmk12/ws/MedicineCard';
const CVR = '12345674';

export interface WorldOptions {
  readonly settings?: Partial<FmkSettings>;
  readonly simulator?: Partial<FmkSimulatorSettings>;
  readonly cards?: Partial<FmkCardOptions>;
}

let keys: readonly Row[] | undefined;

/** The STS's keys are made once for all tests: making them takes longer than everything else. */
const useKeys = async (database: Database): Promise<void> => {
  if (keys === undefined) return;
  const insert = 'insert into simulator_state (system, key, value) values (?, ?, ?)';
  await database.batch(
    keys.map((row) => sql(insert, row['system'] ?? null, row['key'] ?? null, row['value'] ?? null)),
  );
};

/** STS and FMK simulated, and the facade's own client in front of them. */
export const fmkWorld = async (options: WorldOptions = {}) => {
  const database = memoryDatabase();
  await database.batch(SIMULATOR_SCHEMA.map((text) => sql(text)));
  await useKeys(database);
  const time = createFakeTime();
  const faults = createFaults({
    state: createSimulatorState(database, 'faults'),
    kinds: { fmk: FMK_FAULT_KINDS, sts: STS_FAULT_KINDS },
    shared: false,
  });
  const sts = createStsSimulator({
    state: createSimulatorState(database, 'sts'),
    clock: time.clock,
    settings: STS_SIMULATOR_DEFAULTS,
    faults,
  });
  const holder = await sts.holder(CVR, 'Eksempel Apotek', 'fhir-facade');
  const issuing = {
    settings: {
      ...STS_DEFAULTS,
      url: 'https://sts.test.invalid/sts',
      key: holder.privateKey,
      certificate: holder.certificate,
      trusted: await sts.certificateText(),
      cvr: CVR,
      careProviderName: 'Eksempel Apotek',
    },
    fetch: sts.fetch,
    clock: time.clock,
    timer: time.timer,
  };
  keys ??= await database.query(sql("select system, key, value from simulator_state where key like 'key/%'"));
  const users = createUserCards(
    [SIGNE, KARL].map((cpr) => ({
      user: { cpr, givenName: 'Karl', surName: 'Karlsen', role: 'Apoteksansat' },
      certificate: holder.certificate,
      key: holder.privateKey,
    })),
    issuing,
  );
  const system = createStsClient(issuing);

  const simulator: Fetch = createFmkSimulator({
    state: createSimulatorState(database, 'fmk'),
    clock: time.clock,
    settings: { ...FMK_SIMULATOR_DEFAULTS, ...options.simulator },
    trusted: async () => [await sts.certificate()],
    faults,
    faultTiming: { sleep: () => Promise.resolve(), hangMs: 1, slowMs: 1 },
  });

  /** SOAPAction of each call that reached FMK, and the bodies. */
  const calls: string[] = [];
  const bodies: string[] = [];
  const answers: string[] = [];
  const fetch: Fetch = async (request) => {
    calls.push((request.headers.get('soapaction') ?? '').replace(/^.*#|"$/g, ''));
    bodies.push(await request.clone().text());
    const response = await simulator(request);
    answers.push(await response.clone().text());
    return response;
  };

  const settings = { ...FMK_DEFAULTS, ...options.settings };
  const asked: CardAsk[] = [];
  const logged: string[] = [];
  const cards = createFmkCards({
    level: settings.cardLevel,
    users: users.sources,
    readAs: 'any',
    ...options.cards,
  });
  const fmk = createFmk({
    settings,
    place: { url: URL_FMK, system: SYSTEM },
    cards: (ask) => {
      asked.push(ask);
      return cards(ask);
    },
    fetch,
    log: (level, message, fields = {}) => {
      logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
    },
    clock: time.clock,
    timer: time.timer,
    random: () => 0,
  });

  const context = (repeat = false) => ({
    requestId: '4e2b6e9c-6d3a-4b8f-9a51-0c7d1e2f3a4b',
    deadline: time.clock() + 10_000,
    repeat,
  });

  return {
    logged,
    fmk,
    simulator,
    sts,
    faults,
    time,
    calls,
    bodies,
    answers,
    asked,
    context,
    users,
    system,
    url: URL_FMK,
  };
};

export type FmkWorld = Awaited<ReturnType<typeof fmkWorld>>;
