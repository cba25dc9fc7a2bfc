import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { buildSync } from 'esbuild';
import { here, type ServerProcess, start, stop } from './processes.ts';

const folder = here('../../dist/bench');
const data = `${folder}/data`;
const workerd = here('../../node_modules/.bin/workerd');

/** As in wrangler.toml. */
const COMPATIBILITY_DATE = '2026-10-01';

/** One Worker of a configuration. */
export interface WorkerSetup {
  readonly name: string;
  readonly port: number;
  /** Path of its bundled module. */
  readonly module: string;
  readonly texts?: Readonly<Record<string, string>>;
  readonly json?: Readonly<Record<string, unknown>>;
}

const quoted = (text: string): string => JSON.stringify(text);

/** `embed` takes paths that start at the configuration. */
const embed = (path: string): string => `embed ${quoted(relative(folder, path))}`;

/** The entry first; what it imports lies beside it. */
const modulesText = (name: string, module: string): string => {
  const beside = readdirSync(dirname(module)).filter(
    (file) => file.endsWith('.js') && dirname(module).endsWith('dist/worker') && file !== basename(module),
  );
  return [
    `(name = "${name}.js", esModule = ${embed(module)})`,
    ...beside.map((file) => `(name = "${file}", esModule = ${embed(join(dirname(module), file))})`),
  ].join(', ');
};

const workerText = ({ name, module, texts = {}, json = {} }: WorkerSetup): string => `
const ${name} :Workerd.Worker = (
  modules = [${modulesText(name, module)}],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  bindings = [
    (name = "DB", wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [(name = "fetcher", service = "d1")])),
${Object.entries(texts)
  .map(([key, value]) => `    (name = "${key}", text = ${quoted(value)}),`)
  .join('\n')}
${Object.entries(json)
  .map(([key, value]) => `    (name = "${key}", json = ${quoted(JSON.stringify(value))}),`)
  .join('\n')}
  ],
);
`;

/** Workers that share one database, each at a port of its own. */
const configuration = (workers: readonly WorkerSetup[]): string => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
${workers.map(({ name }) => `    (name = "${name}", worker = .${name}),`).join('\n')}
    (name = "d1", worker = .d1),
    (name = "data", disk = (path = ${quoted(data)}, writable = true)),
  ],
  sockets = [
${workers
  .map(
    ({ name, port }) =>
      `    (name = "${name}", address = "127.0.0.1:${port}", http = (), service = "${name}"),`,
  )
  .join('\n')}
  ],
);
const d1 :Workerd.Worker = (
  modules = [(name = "d1.js", esModule = ${embed(here('servers/d1-service.js'))})],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  durableObjectNamespaces = [(className = "D1", uniqueKey = "bench", enableSql = true)],
  durableObjectStorage = (localDisk = "data"),
  bindings = [(name = "D1", durableObjectNamespace = "D1")],
);
${workers.map(workerText).join('\n')}`;

/** An empty database for the Workers that are started after this. */
export const emptyDatabase = (): void => {
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
};

/** A Worker of this folder as one minified module, as wrangler would bundle it. */
export const bundle = (source: string): string => {
  const outfile = `${folder}/${source}`;
  buildSync({
    entryPoints: [here(`servers/${source}`)],
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    logLevel: 'error',
  });
  return outfile;
};

/** The production bundle of `npm run build:worker`; its folder. */
export const buildProduction = (): string => {
  const built = spawnSync(process.execPath, [here('../../src/build/worker.ts')], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the Worker could not be built: ${built.stderr}`);
  return here('../../dist/worker');
};

const configurationFile = (name: string, workers: readonly WorkerSetup[]): string => {
  const path = `${folder}/${name}.capnp`;
  writeFileSync(path, configuration(workers));
  return path;
};

const answers = async (url: string): Promise<boolean> => {
  try {
    const answer = await fetch(url);
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
    return true;
  } catch (error) {
    // Nobody listens yet.
    if (error instanceof TypeError) return false;
    throw error;
  }
};

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** Milliseconds. */
const PATIENCE = 15_000;

/**
 * Starts `workerd serve` and waits for the first good answer of this path of the first Worker.
 *
 * @returns with the milliseconds from the spawn to that answer
 */
export const serve = async (
  name: string,
  workers: readonly WorkerSetup[],
  path: string,
): Promise<ServerProcess & { readonly startedIn: number }> => {
  const file = configurationFile(name, workers);
  const origin = `http://127.0.0.1:${workers[0]?.port}`;
  const began = performance.now();
  const child = start(workerd, ['serve', file]);
  let said = '';
  child.stdout?.resume();
  child.stderr?.on('data', (chunk) => {
    said += String(chunk);
  });
  try {
    while (!(await answers(`${origin}${path}`))) {
      if (child.exitCode !== null || performance.now() - began > PATIENCE) throw new Error('no answer');
      await pause();
    }
  } catch (error) {
    await stop(child);
    throw new Error(`workerd: ${error instanceof Error ? error.message : error} ${said.slice(-800)}`);
  }
  return { origin, stop: () => stop(child), startedIn: performance.now() - began };
};
