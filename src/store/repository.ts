import { type Database, type Row, type SqlValue, type Statement, sql } from '../ports.ts';
import { contentOf, layOut, pieceStatements } from './content.ts';
import { indexStatements } from './index-statements.ts';
import { numberOf, numberOrNull, textOf, textOrNull } from './rows.ts';
import { textStatements } from './text.ts';
import type { Guard, NewVersion, StoredVersion } from './types.ts';

/** Whose versions: of all resources of these types, or of one. */
export interface HistoryOf {
  readonly types: readonly string[];
  readonly id?: string;
}

/** Where a page of the history of many resources ended. */
export interface HistoryPosition {
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
  readonly type: string;
  readonly id: string;
  readonly version: number;
}

export interface HistoryPage {
  readonly count: number;
  readonly after?: HistoryPosition;
  /** Only versions made at or after this instant, milliseconds since the epoch. */
  readonly since?: number;
  /** Only versions that held at some time in this range, both ends included. */
  readonly at?: { readonly low: number; readonly high: number };
}

/** Versioned resources. A deleted resource is a version like any other: `deleted` says so. */
export interface Repository {
  /** The version that now holds. */
  read(type: string, id: string): Promise<StoredVersion | undefined>;
  vread(type: string, id: string, version: number): Promise<StoredVersion | undefined>;
  /** How far the history goes: what is made later lies beyond it. */
  mark(): Promise<number>;
  /** Newest first. */
  historyOf(of: HistoryOf, page: HistoryPage): Promise<readonly StoredVersion[]>;
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
const TOUCH =
  'update resource set checked_at = ? where type = ? and id = ? and (checked_at is null or checked_at < ?)';

const historyStatementOf = ({ types, id }: HistoryOf, page: HistoryPage): Statement => {
  const { count, after, since = 0, at } = page;
  const conditions = ['type in (select value from json_each(?))', 'last_updated >= ?'];
  const params: SqlValue[] = [JSON.stringify(types), since];
  if (id !== undefined) {
    // One resource is found by its key, not along the time.
    conditions.splice(0, 1, 'type = ?', 'id = ?');
    params.splice(0, 1, types[0] ?? '', id);
  }
  if (after !== undefined) {
    conditions.push('last_updated <= ?', '(last_updated, type, id, version) < (?, ?, ?, ?)');
    params.push(after.lastUpdated, after.lastUpdated, after.type, after.id, after.version);
  }
  if (at !== undefined) {
    // A version holds from when it was made until the next one is.
    conditions.push(
      'last_updated <= ?',
      'not exists (select 1 from history later where later.type = history.type and later.id = history.id ' +
        'and later.version = history.version + 1 and later.last_updated <= ?)',
    );
    params.push(at.high, at.low);
  }
  return sql(
    `select type, id, ${COLUMNS} from history where ${conditions.join(' and ')} ` +
      'order by last_updated desc, type desc, id desc, version desc limit ?',
    ...params,
    count,
  );
};

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

const NO_TYPES: ReadonlySet<string> = new Set();

/** @param texts the types that are searched by their words, see `TEXT_SCHEMA` */
export const createRepository = (db: Database, texts: ReadonlySet<string> = NO_TYPES): Repository => {
  const one = async (type: string, id: string, statement: Statement): Promise<StoredVersion | undefined> => {
    const [row] = await db.query(statement);
    return row === undefined ? undefined : versionOf(db, type, id, row);
  };
  return {
    read: (type, id) => one(type, id, sql(READ, type, id)),
    vread: (type, id, version) => one(type, id, sql(VREAD, type, id, version)),

    async mark() {
      const [row] = await db.query(sql('select max(rowid) as mark from history'));
      return Number(row?.['mark'] ?? 0);
    },

    async historyOf(of, page) {
      const rows = await db.query(historyStatementOf(of, page));
      return Promise.all(rows.map((row) => versionOf(db, textOf(row, 'type'), textOf(row, 'id'), row)));
    },

    versionStatements(version, guard) {
      const { inline, pieces } = layOut(version.content);
      return [
        resourceStatement(version, inline, pieces.length, guard),
        historyStatement(version, inline, pieces.length, guard),
        ...pieceStatements(version, pieces, guard),
        ...indexStatements(version, version.index, guard),
        ...(version.index.text !== undefined || texts.has(version.type)
          ? textStatements(version, version.index.text, guard)
          : []),
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
