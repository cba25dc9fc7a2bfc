import { createHash } from 'node:crypto';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config.ts';
import { openSqlite } from '../../src/runtime/node/sqlite.ts';
import { SANDBOX } from '../../src/sandbox/plug.ts';
import type { Open } from './server.ts';

/** The facade as Node runs it, with SQLite in memory. */
export const openOnNode: Open = async (settings = {}) => {
  const config = parseConfig(settings);
  if (!config.ok) throw new Error(config.failure);
  const database = openSqlite('sqlite::memory:');
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
  return {
    fetch: async (request) => app.fetch(request),
    close: async () => database.close(),
  };
};
