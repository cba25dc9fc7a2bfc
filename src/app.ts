import type { Resource } from '@medplum/fhirtypes';
import { Hono } from 'hono';
import type { Config } from './config.ts';
import { type Connections, connectAll } from './connect/connections.ts';
import { type Ground, layGround } from './ground.ts';
import type { HeaderLimits } from './headers/sizes.ts';
import { includesOf } from './interactions/related.ts';
import type { Server } from './interactions/server.ts';
import type { Facade } from './interactions/stages.ts';
import type { OpenSandbox, Platform, SandboxHooks, SandboxPlug } from './platform.ts';
import { mountConformance } from './routes/conformance.ts';
import { atTheFront } from './routes/front.ts';
import { mountOperations } from './routes/operations.ts';
import { mountBase, mountResource, mountServerHistory } from './routes/routes.ts';
import { mountFallbacks, mountMetadata, withCors } from './routes/shell.ts';
import { mountTerminology } from './routes/terminology.ts';
import { smartConfiguration } from './security/smart.ts';
import { createServer } from './server.ts';
import { createStages, issuersOf } from './stages.ts';
import { firstVersions } from './store/first-versions.ts';

export interface App {
  readonly fetch: (request: Request) => Promise<Response> | Response;
  /** Settles what is open, forgets what is old; called now and then by the platform. */
  readonly runJobs: () => Promise<void>;
  readonly fhirBase: string;
  /** What the server itself refuses by name; a platform's own limit must be above it. */
  readonly headerLimits: HeaderLimits;
}

const VERSION = '0.1.0';

/** The project's own artefacts of a type that is kept in the store, among whatever else is put there. */
const keptOf = ({ extraTypes, artefacts }: Ground): readonly Resource[] =>
  artefacts.filter(({ resourceType }) => extraTypes.includes(resourceType));

const keepArtefacts = async (ground: Ground, { indexOf }: Server): Promise<void> => {
  const { platform, repository, clock } = ground;
  const statements = firstVersions(repository, indexOf, keptOf(ground), clock());
  if (statements.length > 0) await platform.database.batch(statements);
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
    operations: async () => {
      const { operationsOf } = await import('./routes/told.ts');
      return [...operationsOf(server.resources), ...(efrikort?.operations ?? [])];
    },
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
