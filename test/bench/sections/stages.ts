import '../../fhirpath.ts';
import { randomUUID } from 'node:crypto';
import type { Consent } from '@medplum/fhirtypes';
import { type App, createApp } from '../../../src/app.ts';
import { structureDefinition } from '../../../src/canonical.ts';
import { parseConfig } from '../../../src/config.ts';
import { PROFILES } from '../../../src/fhir/definitions/artefacts.ts';
import { createValidator } from '../../../src/fhir/validate/index.ts';
import { parseJson } from '../../../src/http/body.ts';
import type { SandboxPlug } from '../../../src/platform.ts';
import type { Database, Statement } from '../../../src/ports.ts';
import { hmacOf, sha256 } from '../../../src/runtime/node/hashes.ts';
import { openSqlite, type SqliteDatabase } from '../../../src/runtime/node/sqlite.ts';
import { SANDBOX } from '../../../src/sandbox/plug.ts';
import { DEFAULT_CATALOGUE } from '../../../src/systems/helsenorge/catalogue.ts';
import { createPlan } from '../../../src/systems/helsenorge/mapping.ts';
import { DEFAULT_SETTINGS } from '../../../src/systems/helsenorge/settings.ts';
import { consentOf, createHeaders, persons } from '../calls.ts';
import { databaseFile } from '../facade.ts';
import { timeCalls } from '../functions.ts';
import type { BenchPlan } from '../plan.ts';
import { type Line, median, microseconds } from '../report.ts';

/** Stages that a port separates, milliseconds of each write. */
interface Times {
  readonly claim: number[];
  readonly send: number[];
  readonly simulator: number[];
  readonly commit: number[];
  readonly whole: number[];
}

const isClaim = ([first]: readonly Statement[]): boolean =>
  first?.sql.startsWith('insert into intent ') === true && first.params.includes('claimed');

const isCommit = ([first]: readonly Statement[]): boolean =>
  first?.sql.startsWith("update intent set state = 'settled'") === true;

/** The database as the delivery sees it, with a watch on the batches that claim and that commit. */
const watchedDatabase = (database: Database, times: Times): Database => {
  const claimedAt = new Map<unknown, number>();
  const timed = async (statements: readonly Statement[], into: number[]) => {
    const began = performance.now();
    const results = await database.batch(statements);
    into.push(performance.now() - began);
    return results;
  };
  return {
    query: (statement) => database.query(statement),
    async batch(statements) {
      if (isClaim(statements)) {
        const results = await timed(statements, times.claim);
        claimedAt.set(statements[0]?.params[0], performance.now());
        return results;
      }
      if (!isCommit(statements)) return database.batch(statements);
      const intent = statements[0]?.params.find((value) => claimedAt.has(value));
      times.send.push(performance.now() - (claimedAt.get(intent) ?? Number.NaN));
      claimedAt.delete(intent);
      return timed(statements, times.commit);
    },
  };
};

/** The sandbox with a watch on what the simulated PVK takes for itself. */
const watchedSandbox = (times: Times): SandboxPlug => ({
  ...SANDBOX,
  open: async (parts) => {
    const open = await SANDBOX.open(parts);
    const { helsenorge } = open;
    return {
      ...open,
      helsenorge: {
        ...helsenorge,
        fetch: async (request, about) => {
          const began = performance.now();
          try {
            return await helsenorge.fetch(request, about);
          } finally {
            times.simulator.push(performance.now() - began);
          }
        },
      },
    };
  },
});

const openApp = async (database: SqliteDatabase, times: Times): Promise<App> => {
  const config = parseConfig({});
  if (!config.ok) throw new Error(config.failure);
  return createApp(
    config.value,
    {
      database: watchedDatabase(database, times),
      clock: Date.now,
      fetch: (request) => fetch(request),
      background: (work) => {
        work.catch(() => undefined);
      },
      sha256,
      hmacOf,
      log: () => {},
      shared: false,
    },
    watchedSandbox(times),
  );
};

const ORIGIN = 'http://127.0.0.1:8787';

const tokenOf = async (app: App): Promise<string> => {
  const request = new Request(`${ORIGIN}/sandbox/token`, { method: 'POST', body: '{"role":"prescriber"}' });
  const { access_token: token } = (await (await app.fetch(request)).json()) as {
    readonly access_token: string;
  };
  return token;
};

/** Creates one after another, so that no stage waits for another write's. */
const createAll = async (app: App, count: number, times: Times): Promise<void> => {
  const token = await tokenOf(app);
  const people = persons();
  const warmUp = count;
  for (let n = 0; n < warmUp + count; n += 1) {
    if (n === warmUp) for (const list of Object.values(times)) list.length = 0;
    const request = new Request(`${ORIGIN}/fhir/Consent`, {
      method: 'POST',
      headers: { ...createHeaders(token, n), 'X-Request-ID': randomUUID() },
      body: JSON.stringify(consentOf(people.next().value)),
    });
    const began = performance.now();
    const answer = await app.fetch(request);
    await answer.text();
    times.whole.push(performance.now() - began);
    if (answer.status !== 201) throw new Error(`a create answered ${answer.status}`);
  }
};

/** Stages without a port: the functions that do them, alone. */
const pureStages = (plan: BenchPlan): readonly Line[] => {
  const { validate } = createValidator(PROFILES);
  const planWrite = createPlan({ catalogue: DEFAULT_CATALOGUE, settings: DEFAULT_SETTINGS, now: Date.now });
  const consent: Consent = consentOf(persons().next().value);
  const text = JSON.stringify(consent);
  const profile = structureDefinition('PvkConsent');
  const [parse = Number.NaN, check = Number.NaN, planned = Number.NaN] = timeCalls(plan, [
    () => parseJson(text),
    () => validate(consent, profile),
    () => planWrite({ interaction: 'create', resource: consent }),
  ]);
  return [
    { what: 'A create by stages: parse', measured: microseconds(parse) },
    { what: '… validate', measured: microseconds(check) },
    { what: '… plan (mapping)', measured: microseconds(planned) },
  ];
};

const stage = (what: string, list: readonly number[]): Line => ({
  what: `… ${what}`,
  measured: microseconds(median(list) * 1000),
});

/** Where the time of a create goes; from outside, by watching the ports. */
export const stages = async (plan: BenchPlan): Promise<readonly Line[]> => {
  const times: Times = { claim: [], send: [], simulator: [], commit: [], whole: [] };
  const database = openSqlite(`sqlite:${databaseFile()}`);
  try {
    await createAll(await openApp(database, times), plan.sequential, times);
  } finally {
    database.close();
  }
  return [
    ...pureStages(plan),
    stage('claim (durable)', times.claim),
    stage('send (client, proof of possession, simulator with its own durable state)', times.send),
    stage('… of which the simulated PVK', times.simulator),
    stage('commit (durable: version, history, index, Provenance, audit, outcome)', times.commit),
    stage('all of it with HTTP parsing left out, one write at a time', times.whole),
  ];
};
