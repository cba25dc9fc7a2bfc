import { openSqlite, type SqliteDatabase } from '../../src/runtime/node/sqlite.ts';

/** An empty database in memory, gone with the last reference; the same driver that the server runs on. */
export const memoryDatabase = (): SqliteDatabase => openSqlite('sqlite::memory:');
