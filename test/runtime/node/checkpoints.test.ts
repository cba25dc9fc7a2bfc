import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { sql } from '../../../src/ports.ts';
import { openSqlite } from '../../../src/runtime/node/sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'checkpoints-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Milliseconds; the thread has started by then and holds the file open. */
const BUSY = 400;

describe('checkpoints on their own thread', () => {
  it('lose nothing: after a clean stop the database file alone holds every commit', async () => {
    const database = openSqlite(`sqlite:${folder}/a.db`);
    await database.batch([sql('create table t (n integer primary key, text text not null)')]);
    let rows = 0;
    for (const end = performance.now() + BUSY; performance.now() < end; rows += 1) {
      await database.batch([sql('insert into t values (?, ?)', rows, 'x'.repeat(2000))]);
    }
    database.close();

    copyFileSync(`${folder}/a.db`, `${folder}/b.db`);
    const copy = openSqlite(`sqlite:${folder}/b.db`);
    expect(await copy.query(sql('select count(*) as n from t'))).toEqual([{ n: rows }]);
    copy.close();
  });
});
