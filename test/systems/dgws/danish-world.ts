import { sql } from '../../../src/ports.ts';
import { BRS_DEFAULTS, type BrsSettings } from '../../../src/systems/brs/settings.ts';
import {
  BRS_FAULT_KINDS,
  BRS_SIMULATOR_DEFAULTS,
  type BrsSimulatorOptions,
  createBrsSimulator,
} from '../../../src/systems/brs/simulator.ts';
import { createBrs } from '../../../src/systems/brs/system.ts';
import { createStsClient } from '../../../src/systems/dgws/client-sts.ts';
import { STS_DEFAULTS, type StsSettings } from '../../../src/systems/dgws/settings.ts';
import { makeKey, systemSubject } from '../../../src/systems/dgws/simulator-certificate.ts';
import {
  createStsSimulator,
  STS_FAULT_KINDS,
  STS_SIMULATOR_DEFAULTS,
  type StsSimulatorSettings,
} from '../../../src/systems/dgws/simulator-sts.ts';
import { createFaults } from '../../../src/systems/simulation/faults.ts';
import { createSimulatorState, SIMULATOR_SCHEMA } from '../../../src/systems/simulation/state.ts';
import type { UpstreamFetch } from '../../../src/systems/upstream/fetch.ts';
import { memoryDatabase } from '../../helpers/memory-database.ts';

export const CVR = '12345674';
export const NOW = Date.parse('2026-03-03T07:00:00Z');

// RSA keys take their time: made once for a test file.
const stsKey = await makeKey(systemSubject('33257872', 'Simulator', 'SIM-STS'));
const holderKey = await makeKey(systemSubject(CVR, 'Eksempel Apotek', 'fhir-facade'));
export const STS_CERTIFICATE = stsKey.certificate;
export const HOLDER = holderKey;

export interface DanishOptions {
  readonly sts?: Partial<StsSettings>;
  readonly stsSimulator?: Partial<StsSimulatorSettings>;
  readonly brs?: Partial<BrsSettings>;
  readonly brsSimulator?: Partial<BrsSimulatorOptions['settings']>;
  readonly whitelists?: BrsSimulatorOptions['whitelists'];
  readonly data?: BrsSimulatorOptions['data'];
}

/** STS and BRS, simulated, and the real clients before them, on one clock that a test moves. */
export const danishWorld = async (options: DanishOptions = {}) => {
  const database = memoryDatabase();
  await database.batch(SIMULATOR_SCHEMA.map((statement) => sql(statement)));
  const real = Date.now();
  const time = { now: NOW };
  const clock = () => time.now + (Date.now() - real);
  const state = (system: string) => createSimulatorState(database, system);
  await state('sts').put('key/sts', JSON.stringify(stsKey));
  await state('sts').put(`key/holder-${CVR}`, JSON.stringify(holderKey));
  const faults = createFaults({
    state: state('faults'),
    kinds: { brs: BRS_FAULT_KINDS, sts: STS_FAULT_KINDS },
    shared: false,
  });
  const faultTiming = { slowMs: 20 };
  const calls: { readonly system: string; readonly request: Request; readonly body: string }[] = [];
  const watched =
    (system: string, fetch: (request: Request) => Promise<Response>): UpstreamFetch =>
    async (request) => {
      calls.push({ system, request, body: await request.clone().text() });
      return fetch(request);
    };
  const stsSimulator = createStsSimulator({
    state: state('sts'),
    clock,
    settings: { ...STS_SIMULATOR_DEFAULTS, ...options.stsSimulator },
    faults,
    faultTiming,
  });
  const brsSimulator = createBrsSimulator({
    state: state('brs'),
    clock,
    settings: { ...BRS_SIMULATOR_DEFAULTS, ...options.brsSimulator },
    faults,
    faultTiming,
    trusted: async () => [await stsSimulator.certificate()],
    ...(options.whitelists === undefined ? {} : { whitelists: options.whitelists }),
    ...(options.data === undefined ? {} : { data: options.data }),
  });
  const stsSettings: StsSettings = {
    ...STS_DEFAULTS,
    url: 'https://sts.invalid/sts/services/NewSecurityTokenService',
    key: holderKey.privateKey,
    certificate: holderKey.certificate,
    trusted: STS_CERTIFICATE,
    cvr: CVR,
    careProviderName: 'Eksempel Apotek',
    ...options.sts,
  };
  const brsSettings: BrsSettings = {
    ...BRS_DEFAULTS,
    url: 'https://brs.invalid/brs-nsp/service/brs',
    notificationUrl: 'https://brs.invalid/brs-nsp/service/notification',
    cvr: CVR,
    ...options.brs,
  };
  const random = () => 0;
  const sts = createStsClient({
    settings: stsSettings,
    fetch: watched('sts', stsSimulator.fetch),
    clock,
    random,
  });
  const brs = createBrs({
    settings: brsSettings,
    fetch: watched('brs', brsSimulator.fetch),
    clock,
    random,
    cards: sts,
  });
  return {
    database,
    clock,
    faults,
    calls,
    callsTo: (system: string) => calls.filter((call) => call.system === system).length,
    sts,
    stsSettings,
    stsSimulator,
    brs,
    brsSettings,
    brsSimulator,
    /** Moves the clock to an instant. */
    moveTo(instant: string) {
      time.now = Date.parse(instant) - (Date.now() - real);
    },
    context: (allowed = 5000) => ({ requestId: crypto.randomUUID(), deadline: clock() + allowed }),
  };
};
