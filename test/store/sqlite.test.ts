import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Statement, sql } from '../../src/ports.ts';
import { openSqlite, type SqliteDatabase } from '../../src/runtime/node/sqlite.ts';
import { StoreUnavailableError } from '../../src/store/errors.ts';
import { memoryDatabase } from '../helpers/memory-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const insert = (id: number): Statement => sql('insert into item (id) values (?)', id);

const withItems = async (db: SqliteDatabase = memoryDatabase()) => {
  await db.batch([sql('create table item (id integer primary key)')]);
  const ids = async () => (await db.query(sql('select id from item order by id'))).map((row) => row['id']);
  return { db, ids };
};

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('group commit', () => {
  it('lets a failing batch hurt none that are committed with it', async () => {
    const { db, ids } = await withItems();
    const outcomes = await Promise.allSettled([
      db.batch([insert(1)]),
      db.batch([insert(2), insert(1)]),
      db.batch([insert(1)]),
      db.batch([insert(3), insert(4)]),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(await ids()).toEqual([1, 3, 4]);
  });

  it('shows no reader what is not committed', async () => {
    const { db, ids } = await withItems();
    const write = db.batch([insert(1)]);
    expect(await ids()).toEqual([]);
    await write;
    expect(await ids()).toEqual([1]);
  });

  it('rejects every batch, with nothing written, when the commit fails', async () => {
    const { db, ids } = await withItems();
    await db.batch([
      sql('create table child (item integer references item (id) deferrable initially deferred)'),
    ]);
    const orphan = db.batch([sql('insert into child (item) values (99)')]);
    const failures = await Promise.all([db.batch([insert(1)]), orphan, db.batch([insert(2)])].map(failureOf));
    for (const failure of failures) expect(failure).toBeInstanceOf(StoreUnavailableError);
    expect(await ids()).toEqual([]);
    await db.batch([insert(3)]);
    expect(await ids()).toEqual([3]);
  });

  it('refuses further batches while too many wait, and takes them again afterwards', async () => {
    const { db, ids } = await withItems(openSqlite('sqlite::memory:', { maxWaiting: 2 }));
    const taken = [db.batch([insert(1)]), db.batch([insert(2)])];
    const refused = await failureOf(db.batch([insert(3)]));
    expect(refused).toBeInstanceOf(StoreUnavailableError);
    expect(refused).toMatchObject({ code: 'store-unavailable', reason: 'queue-full' });
    await Promise.all(taken);
    await db.batch([insert(4)]);
    expect(await ids()).toEqual([1, 2, 4]);
  });

  it('keeps the order of batches beyond what one commit takes', async () => {
    const { db, ids } = await withItems();
    const set = (value: number) => db.batch([sql('update item set id = ? where id = ?', value + 1, value)]);
    await db.batch([insert(0)]);
    await Promise.all(Array.from({ length: 1500 }, (_, value) => set(value)));
    expect(await ids()).toEqual([1500]);
  });

  it('says that the store is unavailable when the disk is full, and goes on when it is not', async () => {
    const db = openSqlite(`sqlite:${join(folder, 'full.db')}`);
    await db.batch([sql('create table blobs (text text)')]);
    await db.query(sql('pragma max_page_count = 10'));
    const large = sql('insert into blobs (text) values (?)', 'x'.repeat(100_000));
    const small = sql('insert into blobs (text) values (?)', 'x');
    const failure = await failureOf(db.batch([small, large]));
    expect(failure).toMatchObject({ name: 'StoreUnavailableError', reason: 'failed' });
    await db.query(sql('pragma max_page_count = 1000'));
    await db.batch([small]);
    expect(await db.query(sql('select count(*) as n from blobs'))).toEqual([{ n: 1 }]);
    db.close();
  });
});

describe('a database file', () => {
  it('makes its folder, and keeps what was committed when it is opened again', async () => {
    const url = `sqlite:${join(folder, 'deep', 'er', 'facade.db')}`;
    const first = openSqlite(url);
    const { db } = await withItems(first);
    await db.batch([insert(1)]);
    const late = db.batch([insert(2)]);
    db.close();
    await late;
    const again = openSqlite(url);
    expect(await again.query(sql('select id from item order by id'))).toEqual([{ id: 1 }, { id: 2 }]);
    again.close();
  });

  it('writes through to the disk at every commit', async () => {
    const db = openSqlite(`sqlite:${join(folder, 'pragmas.db')}`);
    expect(await db.query(sql('pragma journal_mode'))).toEqual([{ journal_mode: 'wal' }]);
    expect(await db.query(sql('pragma synchronous'))).toEqual([{ synchronous: 2 }]);
    db.close();
  });

  it('answers a statement at fault with the database’s own error, and rejects after close', async () => {
    const { db } = await withItems();
    const failure = await failureOf(db.query(sql('select nothing from item')));
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(StoreUnavailableError);
    db.close();
    expect(await failureOf(db.query(sql('select 1')))).toBeInstanceOf(Error);
    expect(await failureOf(db.batch([insert(1)]))).toBeInstanceOf(Error);
  });

  it.each(['postgres://x', 'sqlite:'])('refuses the URL %s by naming the setting', (url) => {
    expect(() => openSqlite(url)).toThrow(/DATABASE_URL/);
  });
});
