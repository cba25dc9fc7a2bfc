import type { Resource } from '@medplum/fhirtypes';
import type { Config } from './config.ts';
import { DELIVERY_SCHEMA } from './delivery/schema.ts';
import {
  bundledExtraTypes,
  type ExtendedDefinitions,
  loadExtraTypes,
} from './fhir/definitions/extra-types.ts';
import { useFhirPath } from './fhir/fhirpath.ts';
import { createIsCanonical, createSystemOf } from './fhir/search/implied-systems.ts';
import { createSearchParameters } from './fhir/search/parameters.ts';
import type { Terminology } from './fhir/terminology/index.ts';
import { createXml, type Xml } from './fhir/xml/index.ts';
import { useXmlParser } from './fhir/xml-parser.ts';
import { type OpenSandbox, orStop, type Platform, type SandboxPlug, SettingError } from './platform.ts';
import { type Clock, type Database, sql } from './ports.ts';
import { ownSearchParameters } from './routes/conformance.ts';
import { AUDIT_SCHEMA } from './security/audit.ts';
import { createKeyring, type Keyring, parseSecrets } from './security/keyring.ts';
import { createPatientIndex, type PatientIndex } from './store/patient-index.ts';
import { createRepository, type Repository } from './store/repository.ts';
import { migrate } from './store/schema.ts';
import { settingOnce } from './store/settings.ts';
import { SYSTEM_STATE_TABLE } from './store/system-state.ts';
import { TEXT_SCHEMA } from './store/text.ts';
import { type Catalogue, DEFAULT_CATALOGUE, parseCatalogue } from './systems/helsenorge/catalogue.ts';
import { isPersonSystem } from './systems/identifiers.ts';

export type ParametersOf = ReturnType<typeof createSearchParameters>;

const refuseOtherMode = async (database: Database, sandbox: boolean): Promise<void> => {
  const mode = sandbox ? 'sandbox' : 'live';
  const held = await settingOnce(database, 'mode', mode);
  if (held === mode) return;
  throw new SettingError(
    `SANDBOX is ${sandbox ? 'on' : 'off'}, but the database of DATABASE_URL was first used ${held === 'sandbox' ? 'by a sandbox' : 'live'}; use another one.`,
  );
};

const catalogueOf = (config: Config): Catalogue => {
  if (config.catalogue === undefined) return DEFAULT_CATALOGUE;
  const parsed = parseCatalogue(config.catalogue);
  if (!parsed.ok) throw new SettingError(`HELSENORGE_CATALOGUE: ${parsed.failure}`);
  if (parsed.value.entries.length === 0) throw new SettingError('HELSENORGE_CATALOGUE is an empty list.');
  return parsed.value;
};

/** What every other part stands on. */
export interface Ground {
  readonly config: Config;
  readonly platform: Platform;
  readonly catalogue: Catalogue;
  readonly sandbox: OpenSandbox | undefined;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly patients: PatientIndex;
  readonly repository: Repository;
  readonly fhirBase: string;
  readonly definitions: ExtendedDefinitions;
  /** The project's own artefacts that are served. */
  readonly artefacts: readonly Resource[];
  readonly parametersOf: ParametersOf;
  readonly xml: Xml;
  readonly terminology: Terminology;
  readonly extraTypes: readonly string[];
}

/** Is a system behind Basic connected? */
const hasBasic = ({ sandbox, danish, efrikort }: Config): boolean =>
  sandbox || Object.keys(danish).length > 0 || Object.keys(efrikort).length > 0;

/** Tables, mode, sandbox, keys: in this order, because each needs the one before. */
export const layGround = async (config: Config, platform: Platform, plug?: SandboxPlug): Promise<Ground> => {
  const { database } = platform;
  if (config.sandbox && plug === undefined) {
    throw new SettingError('SANDBOX=on needs a build with the sandbox; this one is for production.');
  }
  // Loaded with the first call, so that a Worker starts without it.
  const { createTerminologyService, fhirPathEngine, loadProfilesOfBasic, PROFILES, SaxesParser } =
    await import('./first-call.ts');
  useFhirPath(fhirPathEngine);
  useXmlParser({ SaxesParser });
  // A bundle serves what it was built for; elsewhere the setting says.
  const bundled = bundledExtraTypes();
  const extraTypes = config.extraTypes.length > 0 ? config.extraTypes : bundled;
  await migrate(database, [
    ...(extraTypes.length > 0 ? TEXT_SCHEMA : []),
    ...DELIVERY_SCHEMA,
    ...AUDIT_SCHEMA,
    sql(SYSTEM_STATE_TABLE),
    ...(plug?.schema ?? []),
  ]);
  await refuseOtherMode(database, config.sandbox);
  const catalogue = catalogueOf(config);
  const sandbox = config.sandbox
    ? await plug?.open({
        database,
        catalogue,
        realClock: platform.clock,
        shared: platform.shared,
        danish: config.danish,
        efrikort: config.efrikort,
      })
    : undefined;
  const clock = sandbox?.clock.now ?? platform.clock;
  const secrets = orStop(parseSecrets(config.facadeSecret ?? sandbox?.secret ?? ''));
  const keyring = await createKeyring(secrets, platform.hmacOf);
  const repository = createRepository(database, new Set(extraTypes));
  const patients = createPatientIndex({ db: database, repository, keys: keyring, clock, isPersonSystem });
  // While an old secret is still listed, everything found by it is entered under the new one.
  if (secrets.length > 1) await patients.rekey();
  const fhirBase = `${config.baseUrl ?? `http://${config.host}:${config.port}`}/fhir`;
  const definitions = orStop(await loadExtraTypes(extraTypes));
  const artefacts = hasBasic(config) ? [...PROFILES, ...(await loadProfilesOfBasic())] : PROFILES;
  return {
    config,
    platform,
    catalogue,
    sandbox,
    clock,
    keyring,
    patients,
    repository,
    fhirBase,
    definitions,
    artefacts,
    parametersOf: createSearchParameters(
      [...definitions.searchParameters, ...ownSearchParameters(artefacts)],
      createSystemOf(definitions.definitions, definitions.valueSets),
      createIsCanonical(definitions.definitions),
    ),
    xml: createXml(definitions.definitions, definitions.valueSets),
    terminology: createTerminologyService(artefacts, definitions.valueSets, definitions.hierarchies),
    extraTypes: [...new Set(extraTypes)],
  };
};
