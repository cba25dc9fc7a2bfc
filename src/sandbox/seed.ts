import type { SandboxHooks } from '../platform.ts';
import { type Statement, sql } from '../ports.ts';
import { createRepository } from '../store/repository.ts';
import type { Guard } from '../store/types.ts';
import { DIRECTORY } from './directory.ts';

/** Each organisation only once, also when two isolates start together. */
const absent = (id: string): Guard => ({
  sql: 'not exists (select 1 from history where type = ? and id = ?)',
  params: ['Organization', id],
});

/** The organisations of the directory as first versions; those that are there are left alone. */
export const seedStatements = (
  hooks: Pick<SandboxHooks, 'database' | 'indexOf'>,
  now: number,
): readonly Statement[] => {
  const repository = createRepository(hooks.database);
  return DIRECTORY.flatMap((organization) => {
    const id = organization.id ?? '';
    const meta = { versionId: '1', lastUpdated: new Date(now).toISOString() };
    const { resourceType, id: _, ...rest } = organization;
    const version = {
      type: 'Organization',
      id,
      version: 1,
      lastUpdated: now,
      deleted: false,
      method: 'PUT' as const,
      content: JSON.stringify({ resourceType, id, meta, ...rest }),
      patient: null,
      owner: null,
      checkedAt: null,
      uniqueKey: null,
      index: hooks.indexOf(organization),
    };
    // The history row goes last: it is what the guard of the others looks for.
    const statements = repository.versionStatements(version, absent(id));
    const history = statements.filter((statement) => statement.sql.startsWith('insert into history'));
    return [...statements.filter((statement) => !history.includes(statement)), ...history];
  });
};

/** Whether the seed has been loaded before: a deleted organisation must not come back at the next start. */
export const isSeeded = async (database: SandboxHooks['database']): Promise<boolean> =>
  (await database.query(sql('select 1 from history where type = ? limit 1', 'Organization'))).length > 0;
