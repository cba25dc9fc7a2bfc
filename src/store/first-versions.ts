import type { Resource } from '@medplum/fhirtypes';
import type { Statement } from '../ports.ts';
import type { Repository } from './repository.ts';
import type { Guard, IndexRows } from './types.ts';

/** Each resource only once, also when two isolates start together. */
const absent = (type: string, id: string): Guard => ({
  sql: 'not exists (select 1 from history where type = ? and id = ?)',
  params: [type, id],
});

/** Resources of the server's own as first versions; those that are there, or were, are left alone. */
export const firstVersions = (
  repository: Pick<Repository, 'versionStatements'>,
  indexOf: (resource: Resource) => IndexRows,
  resources: readonly Resource[],
  now: number,
): readonly Statement[] =>
  resources.flatMap((resource) => {
    const { resourceType, id = '', meta, ...rest } = resource;
    const stamped = { ...meta, versionId: '1', lastUpdated: new Date(now).toISOString() };
    const version = {
      type: resourceType,
      id,
      version: 1,
      lastUpdated: now,
      deleted: false,
      method: 'PUT' as const,
      content: JSON.stringify({ resourceType, id, meta: stamped, ...rest }),
      patient: null,
      owner: null,
      checkedAt: null,
      uniqueKey: null,
      index: indexOf(resource),
    };
    // The history row goes last: it is what the guard of the others looks for.
    const statements = repository.versionStatements(version, absent(resourceType, id));
    const history = statements.filter((statement) => statement.sql.startsWith('insert into history'));
    return [...statements.filter((statement) => !history.includes(statement)), ...history];
  });
