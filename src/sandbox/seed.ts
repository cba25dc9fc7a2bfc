import type { SandboxHooks } from '../platform.ts';
import { type Statement, sql } from '../ports.ts';
import { firstVersions } from '../store/first-versions.ts';
import { createRepository } from '../store/repository.ts';
import { DIRECTORY } from './directory.ts';

/** The organisations of the directory, and what else is kept, as first versions; those that are there are left alone. */
export const seedStatements = (
  { database, indexOf, kept }: Pick<SandboxHooks, 'database' | 'indexOf' | 'kept'>,
  now: number,
): readonly Statement[] => firstVersions(createRepository(database), indexOf, [...DIRECTORY, ...kept], now);

/** Whether the seed has been loaded before: a deleted organisation must not come back at the next start. */
export const isSeeded = async (database: SandboxHooks['database']): Promise<boolean> =>
  (await database.query(sql('select 1 from history where type = ? limit 1', 'Organization'))).length > 0;
