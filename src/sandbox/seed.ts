import type { SandboxHooks } from '../platform.ts';
import { type Statement, sql } from '../ports.ts';
import { firstVersions } from '../store/first-versions.ts';
import { createRepository } from '../store/repository.ts';
import { DIRECTORY } from './directory.ts';

/** The organisations of the directory, and what else is kept, as first versions; those that are there, or were, are left alone. */
export const seedStatements = (
  { database, indexOf, kept }: Pick<SandboxHooks, 'database' | 'indexOf' | 'kept'>,
  now: number,
): readonly Statement[] => firstVersions(createRepository(database), indexOf, [...DIRECTORY, ...kept], now);

const IDS = JSON.stringify(DIRECTORY.map(({ id }) => id));

/** Whether the whole seed has been loaded before; a database that an older program made may lack some of it. */
export const isSeeded = async (database: SandboxHooks['database']): Promise<boolean> => {
  const [row] = await database.query(
    sql(
      `select count(*) as loaded from history
       where type = 'Organization' and version = 1 and id in (select value from json_each(?))`,
      IDS,
    ),
  );
  return Number(row?.['loaded']) === DIRECTORY.length;
};
