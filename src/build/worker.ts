/**
 * `npm run build:worker`: the production Worker as wrangler would upload it, and a look at what is in it. A
 * simulator or the sandbox in the bundle stops the build.
 *
 * FACADE_EXTRA_TYPES is read here: the Worker has no files, so the definitions of these types become part of
 * the bundle. Without it the bundle holds none of them.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { loadExtraTypes } from '../fhir/definitions/extra-types.ts';
import { parseTypeNames, writeWorkerEntry } from './worker-entry.ts';
import { gzippedSize, workerModules } from './worker-modules.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const out = join(root, 'dist/worker');

/** Phrases that only the sandbox's own code has. */
const FORBIDDEN = [
  'pvk.sandbox.invalid',
  'efrikort.sandbox.invalid',
  'simulator_state',
  '/sandbox/token',
  'nordic-fhir-facade.dev/sandbox/elsewhere',
];

const extraTypes = parseTypeNames(process.env['FACADE_EXTRA_TYPES'] ?? '');
const loaded = await loadExtraTypes(extraTypes);
if (!loaded.ok) {
  process.stderr.write(`${loaded.failure}\n`);
  process.exit(1);
}
rmSync(out, { recursive: true, force: true });
// A bundle of its own entry, only where there is something to bring along.
const entry = extraTypes.length === 0 ? 'src/runtime/workerd/worker.ts' : writeWorkerEntry(root, extraTypes);
// Split where the source imports at need, so that a Worker starts with what most calls use.
await build({
  absWorkingDir: root,
  entryPoints: { worker: entry },
  outdir: out,
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: 'es2024',
  conditions: ['workerd', 'worker', 'browser'],
  mainFields: ['browser', 'module', 'main'],
  external: ['node:*', 'cloudflare:*'],
  legalComments: 'none',
  logLevel: 'error',
});
const wrangler = spawnSync(
  join(root, 'node_modules/.bin/wrangler'),
  // Named, because the top level is production and the sandbox an environment of its own.
  ['deploy', join(out, 'worker.js'), '--no-bundle', '--dry-run', '--env', ''],
  {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true', CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
  },
);
if (wrangler.status !== 0) {
  process.stderr.write(`${wrangler.stdout}\n${wrangler.stderr}\n`);
  process.exit(1);
}
const { start, atNeed } = workerModules(out);
for (const name of [...start, ...atNeed]) {
  const text = readFileSync(join(out, name));
  const leaked = FORBIDDEN.filter((phrase) => text.includes(phrase));
  if (leaked.length > 0) {
    process.stderr.write(`${name} holds sandbox code: ${leaked.join(', ')}\n`);
    process.exit(1);
  }
}
const kilobytes = (names: readonly string[]): string => `${(gzippedSize(out, names) / 1024).toFixed(1)} KB`;
process.stdout.write(`The Worker starts with ${kilobytes(start)} gzipped, in ${start.length} modules.\n`);
process.stdout.write(
  `Loaded with the first call (the configured systems, FHIRPath, the XML parser, terminology, artefacts) or at need: ${kilobytes(atNeed)} gzipped.\n`,
);
