import type { Resource } from '@medplum/fhirtypes';
import { Hono } from 'hono';
import { mountBundle } from './bundle.ts';
import type { Config } from './config.ts';
import { mountConformance, ownSearchParameters } from './conformance.ts';
import { createDelivery } from './delivery/delivery.ts';
import { DELIVERY_SCHEMA } from './delivery/schema.ts';
import { failure, failureOf } from './failure.ts';
import { PROFILES, SEARCH_PARAMETERS } from './fhir/definitions/index.ts';
import { indexRows } from './fhir/search/index-rows.ts';
import { createSearchParameters } from './fhir/search/parameters.ts';
import { createValidator } from './fhir/validate/index.ts';
import { fromXml, toXml } from './fhir/xml/index.ts';
import { atTheFront } from './front.ts';
import { createFindingsCount } from './headers/report.ts';
import { type ConnectedHelsenorge, connectHelsenorge, type HelsenorgePlace } from './helsenorge.ts';
import { createSearchEngine } from './interactions/search-engine.ts';
import type { Facade, Stages } from './interactions/serve.ts';
import type { Server } from './interactions/server.ts';
import { mountOperations, OPERATIONS } from './operations.ts';
import {
  type OpenSandbox,
  type Platform,
  type SandboxHooks,
  type SandboxPlug,
  SettingError,
} from './platform.ts';
import type { Clock, Database } from './ports.ts';
import { consentEntry, definitionRows } from './resources/consent.ts';
import { createConsentSearch } from './resources/consent-search.ts';
import type { ResourceEntry } from './resources/entry.ts';
import { ORGANIZATION } from './resources/organization.ts';
import { AUDIT_EVENT, PATIENT, PROVENANCE } from './resources/server-made.ts';
import { fail } from './result.ts';
import { mountResource } from './routes.ts';
import { AUDIT_SCHEMA, auditStatement, createAudit } from './security/audit.ts';
import { createCallerKeys } from './security/caller-key.ts';
import { NO_GRANTS, parseGrants } from './security/grants.ts';
import { createKeyring, parseSecrets } from './security/keyring.ts';
import { createAuthenticator } from './security/token/authenticate.ts';
import { parseTokenIssuers } from './security/token/configuration.ts';
import { createTokenVerifier } from './security/token/verify.ts';
import { mountFallbacks, mountMetadata, withCors } from './shell.ts';
import { createPatientIndex } from './store/patient-index.ts';
import { createRepository } from './store/repository.ts';
import { migrate } from './store/schema.ts';
import { createSearch } from './store/search.ts';
import { settingOnce } from './store/settings.ts';
import { checkHelseIdSettings } from './systems/helseid/client-settings.ts';
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

/** Puts the rooms together. Failure: SettingError, with the sentence to stop on. */
export const createApp = async (config: Config, platform: Platform, plug?: SandboxPlug): Promise<App> => {
  const { database, log, background } = platform;
  if (config.sandbox && plug === undefined) {
    throw new SettingError('SANDBOX=on needs a build with the sandbox; this one is for production.');
  }
  await migrate(database, [...DELIVERY_SCHEMA, ...AUDIT_SCHEMA, ...(plug?.schema ?? [])]);
  await refuseOtherMode(database, config.sandbox);
  const catalogue = catalogueOf(config);
  const sandbox = config.sandbox
    ? await plug?.open({ database, catalogue, realClock: platform.clock, shared: platform.shared })
    : undefined;
  const clock = sandbox?.clock.now ?? platform.clock;
  const keyring = await createKeyring(orStop(parseSecrets(config.facadeSecret ?? sandbox?.secret ?? '')));
  const origin = config.baseUrl ?? `http://${config.host}:${config.port}`;
  const fhirBase = `${origin}/fhir`;
  if (config.helsenorge !== undefined) {
    const checked = await checkHelseIdSettings(config.helsenorge.helseId);
    if (!checked.ok) throw new SettingError(checked.failure);
  }
  const helsenorge = connect(config, platform, clock, catalogue, sandbox);
  const grants =
    sandbox?.grants ?? (config.grants === undefined ? NO_GRANTS : orStop(parseGrants(config.grants)));
  const entries: readonly ResourceEntry[] = [
    consentEntry(
      helsenorge?.system,
      config.grants === undefined ? grants : orStop(parseGrants(config.grants)),
    ),
    ORGANIZATION,
    PATIENT,
    PROVENANCE,
    AUDIT_EVENT,
  ];
  const validator = createValidator(PROFILES);
  const parametersOf = createSearchParameters([...SEARCH_PARAMETERS, ...ownSearchParameters(PROFILES)]);
  const indexOf = (resource: Resource) => {
    const rows = indexRows(resource, parametersOf(resource.resourceType), {
      baseUrl: fhirBase,
      isPrivateSystem: isPersonSystem,
    });
    return { ...rows, token: [...rows.token, ...definitionRows(resource)] };
  };
  const repository = createRepository(database);
  const patients = createPatientIndex({ db: database, repository, keys: keyring, clock });
  const delivery = createDelivery({
    database,
    repository,
    clock,
    log,
    background,
    systems: (name) => (name === 'helsenorge' ? helsenorge?.system : undefined),
    auditStatement,
    keys: keyring,
    indexOf,
    options: { idempotencyTtl: config.idempotencyTtl, settleTimeout: config.upstreamDeadline },
  });
  const audit = createAudit({ database });
  const storeSearch = createSearch(database);
  const server: Server = {
    bodies: {
      maxBody: config.maxBody,
      formats: FORMATS,
      fromXml: (text) => {
        const read = fromXml(text);
        return read.ok
          ? read
          : fail(failureOf(read.failure) ?? failure('malformed', 'structure', 'Not FHIR XML.'));
      },
    },
    upstreamDeadline: config.upstreamDeadline,
    resources: new Map(entries.map((entry) => [entry.type, entry])),
    repository,
    search: createSearchEngine({
      database,
      clock,
      baseUrl: fhirBase,
      parametersOf,
      maxBody: config.maxBody,
    }),
    patients,
    delivery,
    audit,
    recordAudit: audit.record,
    validate: validator.validate,
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
    ...(helsenorge === undefined
      ? {}
      : {
          refresh: createConsentSearch({
            client: helsenorge.client,
            catalogue,
            repository,
            patients,
            delivery,
            indexOf,
            clock,
            refreshAge: config.pvk.refreshAge,
            upstreamDeadline: config.upstreamDeadline,
            find: async (request) => (await storeSearch.search(request)).versions,
          }),
        }),
  };
  const verifier = createTokenVerifier({
    issuers: [
      ...(sandbox === undefined ? [] : [sandbox.issuer]),
      ...(config.tokenIssuers === undefined ? [] : orStop(parseTokenIssuers(config.tokenIssuers))),
    ],
    fetch: platform.fetch,
    clock,
    sha256: platform.sha256,
    background,
  });
  const authenticator = createAuthenticator(verifier, (person) => patients.find(person));
  const openCaller = config.sandboxOpen ? sandbox?.openCaller : undefined;
  const stages: Stages = {
    get headerRules() {
      // The day named in HEADER_REPORT_UNTIL is the last one, also for a server that runs on.
      return clock() < (config.headerReportUntil ?? Number.POSITIVE_INFINITY)
        ? config.headerRules
        : 'enforce';
    },
    headers: { ...config.headers, validateProvenance: validator.validate },
    countFindings: createFindingsCount(log),
    formats: FORMATS,
    toXml,
    authenticate: async (authorization) =>
      authorization === null && openCaller !== undefined
        ? { ok: true, value: openCaller }
        : authenticator.authenticate(authorization),
    callerKeys: createCallerKeys(keyring),
    baseOf: (url) => config.baseUrl ?? new URL(url).origin,
  };
  const facade: Facade = { server, stages };
  const runJobs = async (): Promise<void> => {
    await delivery.settleDue();
    await delivery.sweep();
  };

  const app = new Hono();
  const started = new Date(clock()).toISOString();
  mountMetadata(app, facade, {
    // A system without settings is not told of.
    entries: entries.filter(({ unconfigured }) => unconfigured === undefined),
    parametersOf,
    operations: OPERATIONS.filter(
      ({ type }) => type === undefined || server.resources.get(type)?.unconfigured === undefined,
    ),
    formats: stages.formats,
    sandbox: config.sandbox,
    headerRules: config.headerRules,
    date: started,
    version: VERSION,
  });
  mountTerminology(app, facade, PROFILES);
  mountConformance(app, facade, PROFILES);
  mountBundle(app, facade);
  mountOperations(app, facade, helsenorge?.system.preview);
  for (const entry of entries) mountResource(app, facade, entry);
  const hooks: SandboxHooks = {
    config,
    database,
    delivery,
    indexOf,
    runJobs,
    forget: () => {
      helsenorge?.reset();
      authenticator.clear();
    },
  };
  sandbox?.mount(app, hooks);
  mountFallbacks(app, facade);
  await sandbox?.seed(hooks);
  const fetch = atTheFront(facade, withCors(app, config));
  return {
    fetch:
      sandbox !== undefined && platform.shared
        ? async (request) => {
            await sandbox.clock.load();
            return fetch(request);
          }
        : fetch,
    runJobs,
    fhirBase,
  };
};

const connect = (
  config: Config,
  platform: Platform,
  clock: Clock,
  catalogue: Catalogue,
  sandbox: OpenSandbox | undefined,
): ConnectedHelsenorge | undefined => {
  const { fetch, background, log } = platform;
  const place: HelsenorgePlace | undefined =
    sandbox?.helsenorge ??
    (config.helsenorge === undefined ? undefined : { ...config.helsenorge, fetch, helseIdFetch: fetch });
  return place && connectHelsenorge(place, { config, catalogue, clock, background, log });
};
