/**
 * `npm run build:worker`: the production Worker as wrangler would upload it, and a look at what is in it. A
 * simulator or the sandbox in the bundle stops the build.
 *
 * FACADE_EXTRA_TYPES is read here: the Worker has no files, so the definitions of these types become part of
 * the bundle. Without it the bundle holds none of them.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { loadExtraTypes } from '../fhir/definitions/extra-types.ts';
import { parseTypeNames, writeWorkerEntry } from './worker-entry.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const out = join(root, 'dist/worker');

/** Phrases that only the sandbox's own code has. */
const FORBIDDEN = [
  'pvk.sandbox.invalid',
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
const entry = extraTypes.length === 0 ? [] : [writeWorkerEntry(root, extraTypes)];
const built = spawnSync(
  join(root, 'node_modules/.bin/wrangler'),
  // Named, because the top level is production and the sandbox an environment of its own.
  ['deploy', ...entry, '--dry-run', '--outdir', out, '--env', '', '--minify'],
  {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true', CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
  },
);
if (built.status !== 0) {
  process.stderr.write(`${built.stdout}\n${built.stderr}\n`);
  process.exit(1);
}
const modules = readdirSync(out).filter((name) => name.endsWith('.js'));
for (const name of modules) {
  const text = readFileSync(join(out, name));
  const leaked = FORBIDDEN.filter((phrase) => text.includes(phrase));
  if (leaked.length > 0) {
    process.stderr.write(`${name} holds sandbox code: ${leaked.join(', ')}\n`);
    process.exit(1);
  }
  const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;
  process.stdout.write(`${name}: ${kilobytes(text.length)}, ${kilobytes(gzipSync(text).length)} gzipped\n`);
}
