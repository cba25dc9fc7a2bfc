import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config.ts';
import type { Database } from '../../src/ports.ts';
import { openSqlite } from '../../src/runtime/node/sqlite.ts';
import { SANDBOX } from '../../src/sandbox/plug.ts';
import { StoreUnavailableError } from '../../src/store/errors.ts';
import { type Client, createClient } from './client.ts';
import { connections, eventsOf, refusal, stateOf } from './efrikort-fixtures.ts';

const open = async (database: Database): Promise<Client> => {
  const config = parseConfig({});
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
  return createClient(async (request) => app.fetch(request));
};

/** A store that is gone for this process once it has written an announcement. */
const dying = (database: Database): Database => {
  let dead = false;
  const alive = () => {
    if (dead) throw new StoreUnavailableError('failed', new Error('the process ended'));
  };
  return {
    async query(statement) {
      alive();
      return database.query(statement);
    },
    async batch(statements) {
      alive();
      const done = await database.batch(statements);
      dead = JSON.stringify(statements).includes('mail-attempt');
      return done;
    },
  };
};

it('a crash between the announcement and the mail is concluded: nothing was sent, and it may be submitted', async () => {
  const database = openSqlite('sqlite::memory:');
  const [first, second] = [connections(await open(dying(database))), await open(database)];
  const id = await first.create();
  expect((await first.run(id, 'submit')).status).toBe(503);
  const { read, run, done, mails } = connections(second);
  expect(eventsOf(await read(id))).toEqual(['draft mail-attempt']);
  expect((await run(id, 'submit')).status).toBe(409);
  await second.advance(60_000);
  expect(refusal(await run(id, 'submit'))).toEqual([422, 'delivery-unknown']);
  await second.advance(11 * 60_000);
  expect(eventsOf(await read(id))).toEqual(['draft mail-attempt', 'draft mail-refused']);
  expect(await mails()).toEqual([]);
  expect(stateOf(await done(id, 'submit'))).toBe('requested');
  expect(await mails()).toHaveLength(1);
  database.close();
});
