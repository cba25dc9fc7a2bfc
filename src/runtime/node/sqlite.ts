import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Database, Row, Statement, StatementResult } from '../../ports.ts';
import { StoreUnavailableError } from '../../store/errors.ts';
import { type Checkpoints, createCheckpoints } from './checkpoints.ts';

/** The embedded store: SQLite through `node:sqlite`, the same on Node, Bun and Deno. */
export interface SqliteDatabase extends Database {
  /** Commits what waits, then closes the file. Later calls reject. */
  close(): void;
}

export interface SqliteOptions {
  /** Batches that may wait for the next commit before further ones are refused. */
  readonly maxWaiting?: number;
}

interface Prepared {
  readonly statement: StatementSync;
  readonly hasRows: boolean;
  /** The rows that it answers are rows it changed (`returning`). */
  readonly returning: boolean;
}

interface Waiting {
  readonly statements: readonly Statement[];
  readonly resolve: (results: readonly StatementResult[]) => void;
  readonly reject: (error: unknown) => void;
}

const SCHEME = 'sqlite:';
const MAX_PREPARED = 500;
/** One commit takes at most so many batches, so that reads get their turn between two commits. */
const MAX_PER_COMMIT = 512;
const BUSY_TIMEOUT_MS = 2_000;
/** SQLite's primary result codes that say "not now" or "the disk fails": BUSY LOCKED NOMEM READONLY IOERR CORRUPT FULL CANTOPEN. */
const UNAVAILABLE = new Set([5, 6, 7, 8, 10, 11, 13, 14]);
const NO_ROWS: readonly Row[] = [];

const translated = (error: unknown): unknown => {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return error;
  return UNAVAILABLE.has(error.errcode & 0xff) ? new StoreUnavailableError('failed', error) : error;
};

const MEMORY = ':memory:';

const pathOf = (url: string): string => {
  if (!url.startsWith(SCHEME)) throw new Error('DATABASE_URL must start with "sqlite:".');
  const path = url.slice(SCHEME.length);
  if (path !== '') return path;
  throw new Error('DATABASE_URL names no file: write sqlite:./data/facade.db or sqlite::memory:.');
};

const openFile = (path: string): DatabaseSync => {
  if (path !== MEMORY) mkdirSync(dirname(path), { recursive: true });
  const file = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  // FULL, because NORMAL may lose acknowledged commits when the power goes.
  file.exec('pragma journal_mode = wal; pragma synchronous = full; pragma temp_store = memory');
  file.exec('pragma cache_size = -65536; pragma wal_autocheckpoint = 4000');
  return file;
};

/** Statements prepared once for each SQL text; the oldest leaves when there are too many. */
const createPreparer = (file: DatabaseSync) => {
  const known = new Map<string, Prepared>();
  return (sql: string): Prepared => {
    const found = known.get(sql);
    if (found !== undefined) return found;
    const statement = file.prepare(sql);
    const hasRows = statement.columns().length > 0;
    const prepared = { statement, hasRows, returning: hasRows && /\breturning\b/i.test(sql) };
    if (known.size >= MAX_PREPARED) {
      for (const oldest of known.keys()) {
        known.delete(oldest);
        break;
      }
    }
    known.set(sql, prepared);
    return prepared;
  };
};

/**
 * Opens `sqlite:./data/facade.db` or `sqlite::memory:`; makes the folder when it is missing.
 *
 * Batches that arrive while others wait are written in one transaction (group commit): each is all or
 * nothing by itself, and none resolves before the commit is on disk. Rejects with StoreUnavailableError when
 * too many wait or the disk fails, with SQLite's own error when a statement is at fault.
 */
export const openSqlite = (url: string, options: SqliteOptions = {}): SqliteDatabase => {
  const path = pathOf(url);
  const file = openFile(path);
  const checkpoints: Checkpoints | undefined = path === MEMORY ? undefined : createCheckpoints(path);
  const prepare = createPreparer(file);
  const maxWaiting = options.maxWaiting ?? 10_000;
  let waiting: Waiting[] = [];
  let scheduled = false;

  const rowsOf = (prepared: Prepared, statement: Statement): readonly Row[] =>
    // The columns hold text, numbers and null alone: blobs and integers beyond 2^53 are never stored.
    prepared.statement.all(...statement.params) as Row[];

  const run = (statement: Statement): StatementResult => {
    const prepared = prepare(statement.sql);
    if (prepared.hasRows) {
      const rows = rowsOf(prepared, statement);
      return { rows, changes: prepared.returning ? rows.length : 0 };
    }
    return { rows: NO_ROWS, changes: Number(prepared.statement.run(...statement.params).changes) };
  };

  /** All or nothing; a single statement is that by itself, more of them need a savepoint. */
  const runBatch = (statements: readonly Statement[]): readonly StatementResult[] => {
    const [first] = statements;
    if (statements.length === 1 && first !== undefined) return [run(first)];
    prepare('savepoint batch').statement.run();
    try {
      return statements.map(run);
    } catch (error) {
      // A full disk rolls the whole transaction back by itself; the savepoint is gone then.
      if (file.isTransaction) prepare('rollback to batch').statement.run();
      throw error;
    } finally {
      if (file.isTransaction) prepare('release batch').statement.run();
    }
  };

  const commit = (taken: readonly Waiting[]): void => {
    const settle: (() => void)[] = [];
    try {
      prepare('begin immediate').statement.run();
      for (const batch of taken) {
        try {
          const results = runBatch(batch.statements);
          settle.push(() => batch.resolve(results));
        } catch (error) {
          if (!file.isTransaction) throw error;
          settle.push(() => batch.reject(translated(error)));
        }
      }
      prepare('commit').statement.run();
    } catch (error) {
      if (file.isOpen && file.isTransaction) prepare('rollback').statement.run();
      const failed = new StoreUnavailableError('failed', error);
      for (const batch of taken) batch.reject(failed);
      return;
    }
    for (const answer of settle) answer();
    checkpoints?.committed();
  };

  const flush = (): void => {
    scheduled = false;
    const taken = waiting.length <= MAX_PER_COMMIT ? waiting : waiting.slice(0, MAX_PER_COMMIT);
    waiting = waiting.length <= MAX_PER_COMMIT ? [] : waiting.slice(MAX_PER_COMMIT);
    if (waiting.length > 0) schedule();
    if (taken.length > 0) commit(taken);
  };

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    // One turn of the event loop more than needed: what is just being answered (a commit's waiters, a signature)
    // then comes along, and half as many commits carry twice as much.
    setImmediate(() => setImmediate(flush));
  };

  return {
    async query(statement) {
      try {
        return rowsOf(prepare(statement.sql), statement);
      } catch (error) {
        throw translated(error);
      }
    },
    batch(statements) {
      if (statements.length === 0) return Promise.resolve([]);
      if (waiting.length >= maxWaiting) return Promise.reject(new StoreUnavailableError('queue-full'));
      return new Promise((resolve, reject) => {
        waiting.push({ statements, resolve, reject });
        schedule();
      });
    },
    close() {
      while (waiting.length > 0) flush();
      checkpoints?.stop();
      try {
        // The thread's connection may outlive this one, which then would not tidy up by itself.
        file.exec('pragma wal_checkpoint(truncate)');
      } catch {
        // Then the log stays beside the file, and the next start reads it.
      }
      file.close();
    },
  };
};
