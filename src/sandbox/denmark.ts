import type { Environment } from '../config.ts';
import type { DanishPlace } from '../connect/denmark.ts';
import type { Clock, Database, Fetch } from '../ports.ts';
import { parseBrsSettings } from '../systems/brs/settings.ts';
import {
  BRS_FAULT_KINDS,
  BRS_SIMULATOR_DEFAULTS,
  type BrsSimulatorSettings,
  createBrsSimulator,
} from '../systems/brs/simulator.ts';
import { STS_DEFAULTS, type StsSettings } from '../systems/dgws/settings.ts';
import {
  createStsSimulator,
  STS_FAULT_KINDS,
  STS_SIMULATOR_DEFAULTS,
} from '../systems/dgws/simulator-sts.ts';
import { FMK_DEFAULTS, parseFmkSettings } from '../systems/fmk/settings.ts';
import { createFmkSimulator } from '../systems/fmk/simulator.ts';
import { FMK_FAULT_KINDS } from '../systems/fmk/simulator-faults.ts';
import { FMK_SIMULATOR_DEFAULTS } from '../systems/fmk/simulator-settings.ts';
import type { UserCredential } from '../systems/fmk/user-cards.ts';
import type { Faults } from '../systems/simulation/faults.ts';
import { createSimulatorState } from '../systems/simulation/state.ts';
import type { SystemName } from '../systems/system.ts';
import type { UpstreamFetch } from '../systems/upstream/fetch.ts';
import { encodeBase64 } from '../xml/base64.ts';

export const DANISH_FAULT_KINDS = { sts: STS_FAULT_KINDS, brs: BRS_FAULT_KINDS, fmk: FMK_FAULT_KINDS };

/** The organisation that the sandbox is for the Danish services: Kolind Apotek of the directory. */
const HOLDER = { cvr: '12345674', name: 'Kolind Apotek' } as const;

const URLS = {
  sts: 'https://sts.sandbox.invalid/sts/services/NewSecurityTokenService',
  brs: 'https://brs.sandbox.invalid/brs-nsp/service/brs',
  notifications: 'https://brs.sandbox.invalid/brs-nsp/service/notification',
  fmk: 'https://fmk.sandbox.invalid/fmk12/ws/MedicineCard',
} as const;

/** Everything that a real deployment would have to say; what is left open can be set in the sandbox too. */
const ENVIRONMENT: Environment = {
  BRS_URL: URLS.brs,
  BRS_NOTIFICATION_URL: URLS.notifications,
  BRS_CVR: HOLDER.cvr,
  FMK_URL: URLS.fmk,
  FMK_SYSTEM_OWNER: 'Exempelleverandør',
  FMK_SYSTEM_NAME: 'Nordic FHIR facade',
  FMK_SYSTEM_VERSION: '0.1.0',
  FMK_ORG_RESPONSIBLE: HOLDER.name,
  FMK_ORG_USING: HOLDER.name,
  FMK_ORG_USING_ID: 'medcom:locationnumber|5790001381615',
  FMK_REQUESTED_ROLE: 'Apoteksansat',
  FMK_READ_AS: 'any',
  FMK_DUPLICATE_FAULTS: 'SIM-0010',
  FMK_ABSENT_FAULTS: 'SIM-0011',
};

/** The test persons that have a card of their own. */
const PERSONS = [
  { cpr: '2401010001', givenName: 'Anne', surName: 'Testsen', role: 'Apoteksansat' },
  { cpr: '2609782859', givenName: 'Lars', surName: 'Prøve', role: 'Apoteksansat' },
] as const;

/** The simulated BRS is the one that the settings of its open questions describe. */
const brsAsOpenSettings = (environment: Environment): BrsSimulatorSettings => {
  const asked = parseBrsSettings(environment);
  if (!asked.ok || asked.value === undefined) return BRS_SIMULATOR_DEFAULTS;
  const { organisationNames, requestNamespace, bPlus } = asked.value;
  return {
    ...BRS_SIMULATOR_DEFAULTS,
    organisationNames,
    ...(requestNamespace === undefined ? {} : { requestNamespace }),
    rules: { ...BRS_SIMULATOR_DEFAULTS.rules, bPlus },
  };
};

export interface DanishSandbox {
  readonly place: DanishPlace;
  /** A level 4 ID card of a person, base64, for X-Dgws-IdCard. */
  readonly idCard: (cpr: string, role: string) => Promise<string>;
  /** What became due in the simulators. */
  readonly runJobs: () => Promise<void>;
}

export interface DanishSandboxParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly recorded: (system: SystemName, simulator: Fetch) => UpstreamFetch;
  /** Settings of the Danish systems that hold in the sandbox as well. */
  readonly environment: Environment;
}

/** The STS, BRS and FMK, simulated in this process. */
export const createDanishSandbox = (parts: DanishSandboxParts): DanishSandbox => {
  const { database, clock, faults, recorded, environment } = parts;
  const sts = createStsSimulator({
    state: createSimulatorState(database, 'sts'),
    clock,
    settings: STS_SIMULATOR_DEFAULTS,
    faults,
  });
  const trusted = async () => [await sts.certificate()];
  const brs = createBrsSimulator({
    state: createSimulatorState(database, 'brs'),
    clock,
    settings: brsAsOpenSettings({ ...ENVIRONMENT, ...environment }),
    faults,
    trusted,
  });
  const asked = parseFmkSettings({ ...ENVIRONMENT, ...environment });
  const { version, cardLevel } = asked.ok ? asked.value.settings : FMK_DEFAULTS;
  const fmk = createFmkSimulator({
    state: createSimulatorState(database, 'fmk'),
    clock,
    settings: { ...FMK_SIMULATOR_DEFAULTS, version, cardLevel },
    trusted,
    faults,
  });
  const holder = () => sts.holder(HOLDER.cvr, HOLDER.name, 'fhir-facade');

  const settings = async (): Promise<StsSettings> => {
    const { privateKey, certificate } = await holder();
    return {
      ...STS_DEFAULTS,
      url: URLS.sts,
      key: privateKey,
      certificate,
      trusted: await sts.certificateText(),
      cvr: HOLDER.cvr,
      careProviderName: HOLDER.name,
    };
  };

  const credentials = async (): Promise<readonly UserCredential[]> => {
    const { privateKey, certificate } = await holder();
    return PERSONS.map((user) => ({ user, certificate, key: privateKey }));
  };

  return {
    place: {
      environment: ENVIRONMENT,
      sts: settings,
      users: PERSONS.map(({ cpr }) => cpr),
      credentials,
      fetchSts: recorded('sts', sts.fetch),
      fetchBrs: recorded('brs', brs.fetch),
      fetchFmk: recorded('fmk', fmk),
    },
    idCard: async (cpr, role) =>
      encodeBase64(new TextEncoder().encode(await sts.userCard({ cpr, role }, HOLDER.cvr, HOLDER.name))),
    runJobs: () => brs.runJobs(),
  };
};
