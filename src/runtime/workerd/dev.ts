/**
 * `npm run dev:worker`: the sandbox in workerd with a local D1. wrangler forks several processes, so it gets a
 * process group of its own, which ends with this one.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseTypeNames, writeWorkerEntry } from '../../build/worker-entry.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const wrangler = fileURLToPath(new URL('../../../node_modules/.bin/wrangler', import.meta.url));
const port = process.env['PORT'] ?? '8787';
const variables = ['SANDBOX_OPEN', 'HEADER_RULES', 'LOG_LEVEL', 'UPSTREAM_DEADLINE', 'MAX_BODY'].flatMap(
  (name) => (process.env[name] === undefined ? [] : ['--var', `${name}:${process.env[name]}`]),
);

/** Further R4 types are part of the bundle, so that it gets an entry of its own. */
const types = parseTypeNames(process.env['FACADE_EXTRA_TYPES'] ?? '');
const entry = types.length === 0 ? [] : [writeWorkerEntry(root, types, 'sandbox-worker')];

const child = spawn(
  wrangler,
  [
    'dev',
    ...entry,
    '--env',
    'sandbox',
    '--local',
    '--ip',
    '127.0.0.1',
    '--port',
    port,
    // By it an absolute reference to the server itself is known as one.
    '--var',
    `PORT:${port}`,
    ...variables,
    ...process.argv.slice(2),
  ],
  {
    stdio: 'inherit',
    detached: true,
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true', CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
  },
);

const end = (signal: NodeJS.Signals): void => {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, signal);
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
