import { gzippedSize, workerModules } from '../../../src/build/worker-modules.ts';
import { readHeaders } from '../calls.ts';
import {
  createIssuer,
  readStatements,
  settingsFor,
  storedConsent,
  storingStatements,
} from '../edge-facade.ts';
import { underLoad } from '../load/load.ts';
import { besideReference, type Subject } from '../load/rounds.ts';
import type { BenchPlan } from '../plan.ts';
import { here } from '../processes.ts';
import { type Line, median, milliseconds, perSecond, short } from '../report.ts';
import { buildProduction, bundle, emptyDatabase, serve, type WorkerSetup } from '../workerd.ts';

const PORTS = { facade: 18094, raw: 18095, bare: 18096 } as const;

const SIZE_TARGET = 200;
const START_TARGET = 40;
const READ_TARGET = 0.8;

/** Kilobytes of the modules, gzipped; what only some calls need is loaded then. */
const sizes = (folder: string): Line => {
  const { start, atNeed } = workerModules(folder);
  const kilobytes = gzippedSize(folder, start) / 1024;
  const more = gzippedSize(folder, atNeed) / 1024;
  return {
    what: 'What a production Worker starts with, gzipped; systems, FHIRPath, artefacts come with the first call',
    measured: `${kilobytes.toFixed(1)} KB, and ${more.toFixed(1)} KB loaded at need`,
    target: `< ${SIZE_TARGET} KB`,
    met: kilobytes < SIZE_TARGET,
  };
};

const starts = async (plan: BenchPlan, facade: WorkerSetup): Promise<Line> => {
  const bare: WorkerSetup = { name: 'bare', port: PORTS.bare, module: bundle('bare-worker.js') };
  const found: { readonly ours: number[]; readonly bare: number[] } = { ours: [], bare: [] };
  const timed = async (setup: WorkerSetup, path: string): Promise<number> => {
    const server = await serve(`start-${setup.name}`, [setup], path);
    await server.stop();
    return server.startedIn;
  };
  for (let n = 0; n <= plan.starts; n += 1) {
    const ours = await timed(facade, '/health');
    const reference = await timed(bare, '/');
    // The first start makes the tables and warms the disk's cache.
    if (n === 0) continue;
    found.ours.push(ours);
    found.bare.push(reference);
  }
  const [ours, reference] = [median(found.ours), median(found.bare)];
  return {
    what: 'Start of the production Worker in workerd, from spawn to the first answer',
    measured: milliseconds(ours),
    reference: `bare Hono ${milliseconds(reference)}`,
    ratio: `+ ${milliseconds(ours - reference)}`,
    target: `≤ + ${START_TARGET} ms`,
    met: ours - reference <= START_TARGET,
  };
};

const reads = async (plan: BenchPlan, facade: WorkerSetup, token: string): Promise<Line> => {
  const { id, patient, version } = storedConsent();
  const statements = await readStatements(id, patient);
  const raw: WorkerSetup = {
    name: 'raw',
    port: PORTS.raw,
    module: here('servers/raw-d1.js'),
    json: { STATEMENTS: statements },
  };
  const server = await serve('read', [facade, raw], '/health');
  try {
    const origin = `http://127.0.0.1:${PORTS.raw}`;
    const filled = await fetch(origin, { method: 'POST', body: JSON.stringify(storingStatements(version)) });
    if (!filled.ok) throw new Error(`the database could not be filled: ${await filled.text()}`);
    const headers = readHeaders(token, patient);
    const path = `/fhir/Consent/${id}`;
    const reading =
      (from: string): Subject =>
      (connections, seconds) =>
        underLoad({ kind: 'read', origin: from, path, headers, connections, seconds });
    const connections = plan.connections[0] ?? 32;
    const { ours, reference } = await besideReference(
      plan,
      connections,
      reading(server.origin),
      reading(origin),
    );
    const share = ours.rate / (reference?.rate ?? Number.NaN);
    return {
      what: `Audited read of a Consent on workerd with D1, ${connections} connections`,
      measured: perSecond(ours.rate),
      reference: `the same statements alone ${perSecond(reference?.rate ?? Number.NaN)}`,
      ratio: short(share),
      target: `≥ ${READ_TARGET}`,
      met: share >= READ_TARGET,
    };
  } finally {
    await server.stop();
  }
};

/** The production bundle as it would be deployed, under `workerd serve`; timed from outside. */
export const worker = async (plan: BenchPlan): Promise<readonly Line[]> => {
  const folder = buildProduction();
  const issuer = await createIssuer();
  emptyDatabase();
  const facade: WorkerSetup = {
    name: 'facade',
    port: PORTS.facade,
    module: `${folder}/worker.js`,
    texts: settingsFor(issuer.setting, PORTS.facade),
  };
  const start = await starts(plan, facade);
  return [sizes(folder), start, await reads(plan, facade, await issuer.prescriberToken())];
};
