import type { Resource } from '@medplum/fhirtypes';
import { Hono } from 'hono';
import type { Config } from './config.ts';
import { mountConformance, ownSearchParameters } from './conformance.ts';
import { type Connections, connectAll } from './connections.ts';
import { createDelivery } from './delivery/delivery.ts';
import { DELIVERY_SCHEMA } from './delivery/schema.ts';
import { type Failure, failure, failureOf } from './failure.ts';
import {
  bundledExtraTypes,
  type ExtendedDefinitions,
  loadExtraTypes,
} from './fhir/definitions/extra-types.ts';
import { loadFhirPath } from './fhir/fhirpath.ts';
import { createIsCanonical, createSystemOf } from './fhir/search/implied-systems.ts';
import { indexRows } from './fhir/search/index-rows.ts';
import { createSearchParameters } from './fhir/search/parameters.ts';
import { createSubsets } from './fhir/search/subset.ts';
import type { Terminology } from './fhir/terminology/index.ts';
import { createValidator } from './fhir/validate/index.ts';
import { createXml, type Xml } from './fhir/xml/index.ts';
import { loadXmlParser } from './fhir/xml-parser.ts';
import { atTheFront } from './front.ts';
import { createFindingsCount } from './headers/report.ts';
import { type HeaderLimits, headerLimitsBy } from './headers/sizes.ts';
import { createRelated, includesOf } from './interactions/related.ts';
import { createSearchEngine } from './interactions/search-engine.ts';
import type { Facade, Stages } from './interactions/serve.ts';
import type { Server } from './interactions/server.ts';
import { mountOperations, operationsOf } from './operations.ts';
import {
  type OpenSandbox,
  type Platform,
  type SandboxHooks,
  type SandboxPlug,
  SettingError,
} from './platform.ts';
import { type Clock, type Database, sql } from './ports.ts';
import { refreshers } from './refreshers.ts';
import { basicEntry, professionalRows } from './resources/basic.ts';
import { consentEntry, definitionRows } from './resources/consent.ts';
import type { ResourceEntry } from './resources/entry.ts';
import { extraEntry, patientStore } from './resources/extra.ts';
import { ORGANIZATION } from './resources/organization.ts';
import { AUDIT_EVENT, PATIENT, PROVENANCE } from './resources/server-made.ts';
import { withUpdateCreate } from './resources/update-create.ts';
import { fail, type Result } from './result.ts';
import { mountBase, mountResource, mountServerHistory } from './routes.ts';
import { createSearchTerminology } from './search-terminology.ts';
import { AUDIT_SCHEMA, auditStatement, createAudit } from './security/audit.ts';
import { createCallerKeys } from './security/caller-key.ts';
import { type Grants, NO_GRANTS, parseGrants } from './security/grants.ts';
import { createKeyring, type Keyring, parseSecrets } from './security/keyring.ts';
import { smartConfiguration } from './security/smart.ts';
import { createAuthenticator } from './security/token/authenticate.ts';
import { parseTokenIssuers } from './security/token/configuration.ts';
import { type AcceptedIssuer, headerLimitsFor } from './security/token/issuer.ts';
import { createTokenVerifier } from './security/token/verify.ts';
import { mountFallbacks, mountMetadata, withCors } from './shell.ts';
import { firstVersions } from './store/first-versions.ts';
import { createPatientIndex, type PatientIndex } from './store/patient-index.ts';
import { createRepository, type Repository } from './store/repository.ts';
import { migrate } from './store/schema.ts';
import { createSearch } from './store/search.ts';
import { settingOnce } from './store/settings.ts';
import { SYSTEM_STATE_TABLE } from './store/system-state.ts';
import { TEXT_SCHEMA } from './store/text.ts';
import type { IndexRows } from './store/types.ts';
import { type Catalogue, DEFAULT_CATALOGUE, parseCatalogue } from './systems/helsenorge/catalogue.ts';
import {
  canonicalSystem,
  isPersonSystem,
  looksLikePersonNumber,
  maskPersonNumbers,
  normalisePersonNumber,
} from './systems/identifiers.ts';
import { mountTerminology } from './terminology.ts';

export interface App {
  readonly fetch: (request: Request) => Promise<Response> | Response;
  /** Settles what is open, forgets what is old; called now and then by the platform. */
  readonly runJobs: () => Promise<void>;
  readonly fhirBase: string;
  /** What the server itself refuses by name; a platform's own limit must be above it. */
  readonly headerLimits: HeaderLimits;
}

const orStop = <T>(parsed: { ok: true; value: T } | { ok: false; failure: string }): T => {
  if (parsed.ok) return parsed.value;
  throw new SettingError(parsed.failure);
};

const VERSION = '0.1.0';

const FORMATS = ['json', 'xml'] as const;

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
interface Ground {
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
const layGround = async (config: Config, platform: Platform, plug?: SandboxPlug): Promise<Ground> => {
  const { database } = platform;
  if (config.sandbox && plug === undefined) {
    throw new SettingError('SANDBOX=on needs a build with the sandbox; this one is for production.');
  }
  // Modules of their own, so that a Worker starts without them.
  const [{ createTerminologyService }, { PROFILES, loadProfilesOfBasic }] = await Promise.all([
    import('./fhir/terminology/index.ts'),
    import('./fhir/definitions/artefacts.ts'),
    loadFhirPath(),
    loadXmlParser(),
  ]);
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

/** Denied by default; open in the sandbox, until configuration narrows it. */
const grantsOf = ({ config, sandbox }: Ground): Grants =>
  config.grants === undefined ? (sandbox?.grants ?? NO_GRANTS) : orStop(parseGrants(config.grants));

const entriesOf = (ground: Ground, { helsenorge, kinds }: Connections): readonly ResourceEntry[] => {
  const { config, extraTypes, parametersOf } = ground;
  const codesOf = (type: string): readonly string[] => parametersOf(type).map(({ code }) => code);
  const own = [
    consentEntry(helsenorge?.system, grantsOf(ground)),
    basicEntry(kinds),
    ORGANIZATION,
    extraTypes.includes('Patient') ? patientStore(codesOf('Patient'), isPersonSystem) : PATIENT,
    PROVENANCE,
    AUDIT_EVENT,
  ];
  const extra = extraTypes.filter((name) => !own.some(({ type }) => type === name));
  const all = [...own, ...extra.map((type) => extraEntry(type, codesOf(type)))];
  return config.updateCreate ? all.map(withUpdateCreate) : all;
};

type ParametersOf = ReturnType<typeof createSearchParameters>;

/** @param texts the types that are searched by their words, too */
const indexer =
  (parametersOf: ParametersOf, baseUrl: string, texts: readonly string[]) =>
  (resource: Resource): IndexRows => {
    const rows = indexRows(resource, parametersOf(resource.resourceType), {
      baseUrl,
      isPrivateSystem: isPersonSystem,
      ...(texts.includes(resource.resourceType) ? { maskText: maskPersonNumbers } : {}),
    });
    return { ...rows, token: [...rows.token, ...definitionRows(resource), ...professionalRows(resource)] };
  };

const readXml =
  (xml: Xml) =>
  (text: string): Result<string, Failure> => {
    const read = xml.fromXml(text);
    if (read.ok) return read;
    return fail(failureOf(read.failure) ?? failure('malformed', 'structure', 'The body is not FHIR XML.'));
  };

/** The day named in HEADER_REPORT_UNTIL is the last one, also for a server that runs on. */
const headerRulesAt = (config: Config, now: number): Config['headerRules'] =>
  now < (config.headerReportUntil ?? Number.POSITIVE_INFINITY) ? config.headerRules : 'enforce';

/** What the interactions work with. */
const createServer = (ground: Ground, connections: Connections): Server => {
  const { config, platform, clock, keyring, patients, repository, fhirBase } = ground;
  const { definitions, parametersOf, terminology, xml } = ground;
  const { database, log, background } = platform;
  const { maxBody, upstreamDeadline } = config;
  const indexOf = indexer(parametersOf, fhirBase, ground.extraTypes);
  const delivery = createDelivery({
    database,
    repository,
    clock,
    log,
    background,
    systems: connections.systemOf,
    auditStatement,
    keys: keyring,
    indexOf,
    options: { idempotencyTtl: config.idempotencyTtl, settleTimeout: upstreamDeadline },
  });
  const audit = createAudit({ database });
  const store = createSearch(database);
  const resources = new Map(entriesOf(ground, connections).map((entry) => [entry.type, entry]));
  const search = createSearchEngine({
    database,
    clock,
    baseUrl: fhirBase,
    parametersOf,
    maxBody,
    subsets: createSubsets(definitions.definitions),
    terminology: createSearchTerminology({
      terminology,
      artefacts: ground.artefacts,
      valueSets: definitions.valueSets,
      hierarchies: definitions.hierarchies,
      clock,
      stored: ground.extraTypes,
      find: async (request) => (await store.search(request)).versions,
    }),
  });
  return {
    bodies: { maxBody, formats: FORMATS, fromXml: readXml(xml), definitions: definitions.definitions },
    upstreamDeadline,
    resources,
    repository,
    search,
    related: createRelated({
      resources,
      offered: search.offered,
      headers: config.headers,
      reporting: () => headerRulesAt(config, clock()) === 'report',
    }),
    patients,
    delivery,
    audit,
    recordAudit: audit.record,
    validate: createValidator(ground.artefacts, definitions.definitions, definitions.valueSets).validate,
    indexOf,
    keyring,
    persons: {
      canonicalSystem,
      isPersonSystem,
      holdsNumber: (text) => maskPersonNumbers(text) !== text || looksLikePersonNumber(text),
      normalise: normalisePersonNumber,
    },
    clock,
    log,
    refreshOf: refreshers(connections, ground, { delivery, indexOf, search: store }),
  };
};

/** The project's own artefacts of a type that is kept in the store, among whatever else is put there. */
const keptOf = ({ extraTypes, artefacts }: Ground): readonly Resource[] =>
  artefacts.filter(({ resourceType }) => extraTypes.includes(resourceType));

const keepArtefacts = async (ground: Ground, { indexOf }: Server): Promise<void> => {
  const { platform, repository, clock } = ground;
  const statements = firstVersions(repository, indexOf, keptOf(ground), clock());
  if (statements.length > 0) await platform.database.batch(statements);
};

/** Whose tokens are accepted. */
const issuersOf = ({ config, sandbox }: Pick<Ground, 'config' | 'sandbox'>): readonly AcceptedIssuer[] => [
  ...(sandbox === undefined ? [] : [sandbox.issuer]),
  ...(config.tokenIssuers === undefined ? [] : orStop(parseTokenIssuers(config.tokenIssuers))),
];

/** Who is let in, and by which rules. */
const createStages = (ground: Ground, server: Server): { stages: Stages; forget: () => void } => {
  const { config, platform, sandbox, clock, keyring, patients } = ground;
  const { fetch, sha256, background, log } = platform;
  const issuers = issuersOf(ground);
  const verifier = createTokenVerifier({ issuers, fetch, clock, sha256, background });
  const authenticator = createAuthenticator(verifier, (person) => patients.find(person));
  const openCaller = config.sandboxOpen ? sandbox?.openCaller : undefined;
  const { shownCertificate } = platform;
  const stages: Stages = {
    get headerRules() {
      return headerRulesAt(config, clock());
    },
    headers: { ...config.headers, validateProvenance: server.validate },
    headerLimits: orStop(
      headerLimitsBy(config.headers, headerLimitsFor(issuers), config.tokenClientCertificateHeader),
    ),
    ...(shownCertificate === undefined ? {} : { shownCertificate }),
    countFindings: createFindingsCount(log),
    formats: FORMATS,
    toXml: ground.xml.toXml,
    authenticate: async (authorization, presentation) =>
      authorization === null && openCaller !== undefined
        ? { ok: true, value: openCaller }
        : authenticator.authenticate(authorization, presentation),
    callerKeys: createCallerKeys(keyring),
    baseOf: (url) => config.baseUrl ?? new URL(url).origin,
  };
  return { stages, forget: () => authenticator.clear() };
};

/** Every route, each from the table that it belongs to. */
const mount = (
  facade: Facade,
  { config, sandbox, clock, parametersOf, terminology, artefacts }: Ground,
  { denmark, efrikort }: Connections,
): Hono => {
  const app = new Hono();
  const { server, stages } = facade;
  const entries = [...server.resources.values()];
  // A system without settings is not told of.
  const offered = entries.filter(({ unconfigured }) => unconfigured === undefined);
  const smart = smartConfiguration(issuersOf({ config, sandbox }));
  mountMetadata(app, facade, {
    entries: offered,
    includesOf: includesOf({ resources: server.resources, offered: server.search.offered }),
    parametersOf,
    operations: [...operationsOf(server.resources), ...(efrikort?.operations ?? [])],
    ...(smart === undefined ? {} : { smart }),
    formats: stages.formats,
    sandbox: config.sandbox,
    ...(sandbox === undefined ? {} : { guide: sandbox.guide }),
    headerRules: config.headerRules,
    date: new Date(clock()).toISOString(),
    version: VERSION,
  });
  mountTerminology(app, facade, artefacts, terminology);
  mountConformance(app, facade, artefacts);
  mountBase(app, facade);
  mountOperations(app, facade);
  denmark?.mount(app, facade);
  efrikort?.mount(app, facade);
  mountServerHistory(app, facade);
  for (const entry of entries) mountResource(app, facade, entry);
  return app;
};

/** Puts the rooms together. Failure: SettingError, with the sentence to stop on. */
export const createApp = async (config: Config, platform: Platform, plug?: SandboxPlug): Promise<App> => {
  const ground = await layGround(config, platform, plug);
  const { sandbox } = ground;
  const connections = await connectAll(ground);
  const server = createServer(ground, connections);
  await keepArtefacts(ground, server);
  const { stages, forget } = createStages(ground, server);
  const facade: Facade = { server, stages };
  await connections.efrikort?.prepare(facade);
  const runJobs = async (): Promise<void> => {
    await server.delivery.settleDue();
    await server.delivery.sweep();
    await connections.denmark?.runJobs(facade);
    await connections.efrikort?.runJobs(facade);
  };
  const app = mount(facade, ground, connections);
  const hooks: SandboxHooks = {
    kept: keptOf(ground),
    fullText: ground.extraTypes.length > 0,
    config,
    database: platform.database,
    delivery: server.delivery,
    indexOf: server.indexOf,
    runJobs,
    receiveMail: async () => connections.efrikort?.receive(facade),
    forget: () => {
      connections.reset();
      forget();
    },
  };
  sandbox?.mount(app, hooks);
  mountFallbacks(app, facade);
  await sandbox?.seed(hooks);
  const answer = atTheFront(facade, withCors(app, config));
  return {
    fetch: sandbox !== undefined && platform.shared ? sharingClock(sandbox, answer) : answer,
    runJobs,
    fhirBase: ground.fhirBase,
    headerLimits: stages.headerLimits,
  };
};

/** Another isolate may have moved the sandbox's clock. */
const sharingClock =
  (sandbox: OpenSandbox, answer: App['fetch']): App['fetch'] =>
  async (request) => {
    await sandbox.clock.load();
    return answer(request);
  };
