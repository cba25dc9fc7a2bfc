import { type Database, type Row, type Statement, sql } from '../ports.ts';
import { contentOf, layOut, pieceStatements } from './content.ts';
import { indexStatements } from './index-statements.ts';
import { numberOf, numberOrNull, textOf, textOrNull } from './rows.ts';
import type { Guard, NewVersion, StoredVersion } from './types.ts';

interface HistoryPage {
  /** At most so many versions. */
  readonly count: number;
  /** Only versions before this one (keyset of the next page). */
  readonly beforeVersion?: number;
  /** Only versions made at or after this instant, milliseconds since the epoch. */
  readonly since?: number;
}

/** Versioned resources. A deleted resource is a version like any other: `deleted` says so. */
export interface Repository {
  /** The version that now holds. */
  read(type: string, id: string): Promise<StoredVersion | undefined>;
  vread(type: string, id: string, version: number): Promise<StoredVersion | undefined>;
  /** Newest first. */
  history(type: string, id: string, page: HistoryPage): Promise<readonly StoredVersion[]>;
  /**
   * What writes a version: resource, history, large content in parts, search values. For a batch; nothing
   * changes when the guard is false. The batch rejects (see isUniqueViolation) when another live resource
   * holds the unique key, or the version exists already.
   */
  versionStatements(version: NewVersion, guard: Guard): readonly Statement[];
  /** The live resource that holds a unique key. */
  liveByKey(uniqueKey: string): Promise<StoredVersion | undefined>;
  /** Notes when the national system last confirmed a resource (milliseconds since the epoch); never goes back. */
  touchChecked(type: string, id: string, at: number): Promise<void>;
}

/** Always true: for the server's own writes, which claim nothing. */
export const UNGUARDED: Guard = { sql: 'true', params: [] };

/** Of `resource` and `history`, as versionOf reads them. */
export const COLUMNS = 'version, last_updated, deleted, method, content, parts, patient, owner, checked_at';
const READ = `select ${COLUMNS} from resource where type = ? and id = ?`;
const VREAD = `select ${COLUMNS} from history where type = ? and id = ? and version = ?`;
const BY_KEY = `select type, id, ${COLUMNS} from resource where unique_key = ? and deleted = 0`;
const HISTORY =
  `select ${COLUMNS} from history where type = ? and id = ? and version < ? and last_updated >= ? ` +
  'order by version desc limit ?';
const TOUCH =
  'update resource set checked_at = ? where type = ? and id = ? and (checked_at is null or checked_at < ?)';

const METHODS = new Set<string>(['POST', 'PUT', 'DELETE']);
const isMethod = (text: string): text is StoredVersion['method'] => METHODS.has(text);

/** A row of `resource` or `history` as a version; its content may need a further read. */
export const versionOf = async (db: Database, type: string, id: string, row: Row): Promise<StoredVersion> => {
  const method = textOf(row, 'method');
  if (!isMethod(method)) throw new TypeError('column method holds no method');
  return {
    type,
    id,
    version: numberOf(row, 'version'),
    lastUpdated: numberOf(row, 'last_updated'),
    deleted: row['deleted'] === 1,
    method,
    content: row['parts'] === 0 ? textOf(row, 'content') : await contentOf(db, type, id, row),
    patient: textOrNull(row, 'patient'),
    owner: textOrNull(row, 'owner'),
    checkedAt: numberOrNull(row, 'checked_at'),
  };
};

const resourceStatement = (version: NewVersion, inline: string, parts: number, guard: Guard): Statement =>
  sql(
    `insert into resource (type, id, ${COLUMNS}, unique_key) select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? ` +
      `where ${guard.sql} on conflict (type, id) do update set version = excluded.version, ` +
      'last_updated = excluded.last_updated, deleted = excluded.deleted, method = excluded.method, ' +
      'content = excluded.content, parts = excluded.parts, patient = excluded.patient, owner = excluded.owner, ' +
      'unique_key = excluded.unique_key, checked_at = excluded.checked_at',
    ...cellsOf(version, inline, parts),
    version.uniqueKey,
    ...guard.params,
  );

const historyStatement = (version: NewVersion, inline: string, parts: number, guard: Guard): Statement =>
  sql(
    `insert into history (type, id, ${COLUMNS}) select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? where ${guard.sql}`,
    ...cellsOf(version, inline, parts),
    ...guard.params,
  );

/** In the order of `type, id, COLUMNS`. */
const cellsOf = (version: NewVersion, inline: string, parts: number) => [
  version.type,
  version.id,
  version.version,
  version.lastUpdated,
  version.deleted ? 1 : 0,
  version.method,
  inline,
  parts,
  version.patient,
  version.owner,
  version.checkedAt,
];

export const createRepository = (db: Database): Repository => {
  const one = async (type: string, id: string, statement: Statement): Promise<StoredVersion | undefined> => {
    const [row] = await db.query(statement);
    return row === undefined ? undefined : versionOf(db, type, id, row);
  };
  return {
    read: (type, id) => one(type, id, sql(READ, type, id)),
    vread: (type, id, version) => one(type, id, sql(VREAD, type, id, version)),

    async history(type, id, { count, beforeVersion, since }) {
      const rows = await db.query(
        sql(HISTORY, type, id, beforeVersion ?? Number.MAX_SAFE_INTEGER, since ?? 0, count),
      );
      return Promise.all(rows.map((row) => versionOf(db, type, id, row)));
    },

    versionStatements(version, guard) {
      const { inline, pieces } = layOut(version.content);
      return [
        resourceStatement(version, inline, pieces.length, guard),
        historyStatement(version, inline, pieces.length, guard),
        ...pieceStatements(version, pieces, guard),
        ...indexStatements(version, version.index, guard),
      ];
    },

    async liveByKey(uniqueKey) {
      const [row] = await db.query(sql(BY_KEY, uniqueKey));
      return row === undefined ? undefined : versionOf(db, textOf(row, 'type'), textOf(row, 'id'), row);
    },

    async touchChecked(type, id, at) {
      await db.batch([sql(TOUCH, at, type, id, at)]);
    },
  };
};
