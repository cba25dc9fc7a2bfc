import { createHash } from 'node:crypto';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config.ts';
import type { Database, Log } from '../../src/ports.ts';
import { certificateInHeader } from '../../src/runtime/node/shown-certificate.ts';
import { openSqlite } from '../../src/runtime/node/sqlite.ts';
import { SANDBOX } from '../../src/sandbox/plug.ts';
import type { Opened } from '../e2e/server.ts';

/** A sandbox facade over a database in memory, with what it logs and stores in reach. */
export interface OpenedHere extends Opened {
  readonly database: Database;
  readonly logged: readonly string[];
}

export const openHere = async (settings: Readonly<Record<string, string>> = {}): Promise<OpenedHere> => {
  const config = parseConfig(settings);
  if (!config.ok) throw new Error(config.failure);
  const database = openSqlite('sqlite::memory:');
  const logged: string[] = [];
  const log: Log = (level, message, fields = {}) => {
    logged.push(JSON.stringify({ level, message, ...fields }));
  };
  const { tokenClientCertificateHeader: header } = config.value;
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
      log,
      ...(header === undefined ? {} : { shownCertificate: certificateInHeader(header) }),
      shared: false,
    },
    SANDBOX,
  );
  return {
    database,
    logged,
    fetch: async (request) => app.fetch(request),
    close: async () => database.close(),
  };
};
