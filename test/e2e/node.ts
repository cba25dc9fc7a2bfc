import { createHash } from 'node:crypto';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config.ts';
import { openSqlite, type SqliteDatabase } from '../../src/runtime/node/sqlite.ts';
import { SANDBOX } from '../../src/sandbox/plug.ts';
import type { Open } from './server.ts';

/** The facade as Node runs it, over a database that may have been used before; it stays open. */
export const openOver = async (database: SqliteDatabase, settings: Parameters<Open>[0] = {}) => {
  const config = parseConfig(settings);
  if (!config.ok) throw new Error(config.failure);
  const app = await createApp(
    config.value,
    {
      database,
      clock: Date.now,
      fetch: () => Promise.reject(new Error('nothing leaves the sandbox')),
      background: (work) => {
        work.catch(() => undefined);
      },
      sha256: (text) => createHash('sha256').update(text).digest('base64url'),
      log: () => undefined,
      shared: false,
    },
    SANDBOX,
  );
  return { fetch: async (request: Request) => app.fetch(request) };
};

/** The facade as Node runs it, with SQLite in memory. */
export const openOnNode: Open = async (settings = {}) => {
  const database = openSqlite('sqlite::memory:');
  return { ...(await openOver(database, settings)), close: async () => database.close() };
};
