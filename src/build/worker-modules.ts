/** Which modules of a built Worker it starts with, and which it loads when a call needs them. Build time only. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface WorkerModules {
  /** The entry and everything it imports at once. */
  readonly start: readonly string[];
  readonly atNeed: readonly string[];
}

const STATIC_IMPORT = /(?:from|import)\s*"\.\/([^"]+\.js)"/g;

export const workerModules = (folder: string): WorkerModules => {
  const start = new Set<string>();
  const visit = (name: string): void => {
    if (start.has(name)) return;
    start.add(name);
    for (const [, next = ''] of readFileSync(join(folder, name), 'utf8').matchAll(STATIC_IMPORT)) visit(next);
  };
  visit('worker.js');
  const all = readdirSync(folder).filter((name) => name.endsWith('.js'));
  return { start: [...start].toSorted(), atNeed: all.filter((name) => !start.has(name)).toSorted() };
};

/** Bytes of modules, each gzipped by itself, as they are uploaded. */
export const gzippedSize = (folder: string, names: readonly string[]): number =>
  names.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
