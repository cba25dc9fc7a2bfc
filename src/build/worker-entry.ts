/** The entry of a Worker that brings extra types along. Build time only. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The names in FACADE_EXTRA_TYPES, separated by commas or spaces. */
export const parseTypeNames = (text: string): readonly string[] => [
  ...new Set(text.split(/[\s,]+/).filter((name) => name !== '')),
];

/** The production Worker, or the one with every national system simulated. */
export type WorkerKind = 'worker' | 'sandbox-worker';

/** The text of an entry in `<root>/dist/entry/`; a type without a file of its own is in every bundle. */
export const workerEntry = (
  types: readonly string[],
  hasFile: (type: string) => boolean,
  kind: WorkerKind = 'worker',
): string => {
  const sandbox = kind === 'sandbox-worker';
  const files = types.filter(hasFile);
  const extra = '../../src/fhir/definitions/extra';
  return [
    "import { createWorker } from '../../src/runtime/workerd/edge.ts';",
    ...(sandbox ? ["import { SANDBOX } from '../../src/sandbox/plug.ts';"] : []),
    "import { bundleExtraTypes } from '../../src/fhir/definitions/extra-types.ts';",
    ...files.map((type) => `import ${type} from '${extra}/${type}.generated.json';`),
    `bundleExtraTypes({ ${types.map((type) => (hasFile(type) ? type : `${type}: undefined`)).join(', ')} });`,
    `export default createWorker(${sandbox ? 'SANDBOX' : ''});`,
    '',
  ].join('\n');
};

/** Writes the entry; its path. */
export const writeWorkerEntry = (
  root: string,
  types: readonly string[],
  kind: WorkerKind = 'worker',
): string => {
  const folder = join(root, 'dist/entry');
  const hasFile = (type: string) =>
    existsSync(join(root, 'src/fhir/definitions/extra', `${type}.generated.json`));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${kind}.ts`);
  writeFileSync(path, workerEntry(types, hasFile, kind));
  return path;
};
