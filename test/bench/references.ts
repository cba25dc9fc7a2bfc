import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { here, type ServerProcess, startServer } from './processes.ts';

/** What the server is held against beside bare Hono. They are no dependencies of the project. */
const REFERENCES = [
  '@asymmetrik/node-fhir-server-core',
  '@medplum/fhir-router',
  'xmldsigjs',
  'xml-crypto',
  'fhir',
] as const;

type ReferenceName = (typeof REFERENCES)[number];

const folder = here('references');

const installed = (name: ReferenceName): boolean => existsSync(`${folder}/node_modules/${name}/package.json`);

/** Installs them once, from the lock file; says so when it cannot be done (no network), and goes on without. */
export const installReferences = (): void => {
  if (REFERENCES.every(installed)) return;
  process.stderr.write('installing the references of the benchmarks …\n');
  const done = spawnSync('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts'], {
    encoding: 'utf8',
  });
  if (done.status !== 0) process.stderr.write(`not installed: ${done.stderr.trim().slice(-400)}\n`);
};

/** Starts a reference's server; undefined when it is not installed or does not start. */
export const startReference = async (
  name: ReferenceName,
  script: string,
  environment: Readonly<Record<string, string>>,
): Promise<ServerProcess | undefined> => {
  if (!installed(name)) return undefined;
  try {
    return await startServer(`${folder}/${script}`, { NODE_ENV: 'production', ...environment });
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
};

/** A reference that is a library: what its script exports; undefined when it is not installed. */
export const loadReference = async <Exports>(script: string): Promise<Exports | undefined> => {
  try {
    // The scripts are JavaScript, beside what they need; each caller says what it knows of its own.
    return (await import(`${folder}/${script}`)) as Exports;
  } catch (error) {
    process.stderr.write(`${script}: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
};

export const MISSING = 'not installed';
