import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Http2Bindings, type HttpBindings, serve } from '@hono/node-server';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config.ts';
import { hmacOf, sha256 } from '../../src/runtime/node/hashes.ts';
import { withIncomingHeaders } from '../../src/runtime/node/headers.ts';
import { openSqlite } from '../../src/runtime/node/sqlite.ts';
import { SANDBOX } from '../../src/sandbox/plug.ts';
import type { Who } from '../e2e/client.ts';

/** A facade that listens on a port of its own, with an empty database. */
export interface Started {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** A bearer token of the sandbox's issuer. */
  readonly token: (who: Who) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** The server must know its own address before it listens: what it stores may hold it. */
const freePort = async (): Promise<number> => {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
};

const tokenFrom = async (origin: string, who: Who): Promise<string> => {
  const body = JSON.stringify(typeof who === 'string' ? { role: who } : who);
  const answer = await fetch(`${origin}/sandbox/token`, { method: 'POST', body });
  const issued: unknown = await answer.json();
  if (typeof issued === 'object' && issued !== null && 'access_token' in issued) {
    if (typeof issued.access_token === 'string') return issued.access_token;
  }
  throw new Error(`no token was issued: ${answer.status}`);
};

/** Starts the facade as `npm start` does, but for the database, which lives in memory. */
export const start = async (settings: Readonly<Record<string, string>> = {}): Promise<Started> => {
  const port = await freePort();
  const config = parseConfig({ PORT: String(port), ...settings });
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
      sha256,
      hmacOf,
      log: () => undefined,
      shared: false,
    },
    SANDBOX,
  );
  const server = serve({
    fetch: (request: Request, { incoming }: HttpBindings | Http2Bindings) =>
      app.fetch(withIncomingHeaders(request, incoming)),
    hostname: '127.0.0.1',
    port,
  });
  if (!server.listening) await once(server, 'listening');
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    token: (who) => tokenFrom(origin, who),
    stop: async () => {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
      await once(server, 'close');
      database.close();
    },
  };
};
