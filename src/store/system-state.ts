import { type Database, sql } from '../ports.ts';

/**
 * What the national systems' clients keep between calls, beside the resources: offsets, an outbox, sealed ID cards.
 * Keys and values may hold personal data, and are therefore never logged.
 */
export const SYSTEM_STATE_TABLE = `create table if not exists system_state (
  system text not null, key text not null, value text not null, primary key (system, key)) without rowid`;

/** One system's part of the table. Values are texts of the system's own making. */
export interface SystemState {
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** The keys that start with `prefix` (ASCII), in their order. */
  keys(prefix: string, limit: number): Promise<readonly string[]>;
  /** Writes only if the value still is `expected` (undefined: does not exist yet); false when it is not. */
  compareAndSet(key: string, expected: string | undefined, value: string): Promise<boolean>;
}

const UPSERT = `insert into system_state (system, key, value) values (?, ?, ?)
  on conflict (system, key) do update set value = excluded.value`;
const INSERT = `insert into system_state (system, key, value) values (?, ?, ?)
  on conflict (system, key) do nothing`;
const REPLACE = 'update system_state set value = ? where system = ? and key = ? and value = ?';

/** The first text that sorts after every text with this prefix. */
const endOf = (prefix: string): string => `${prefix}\u{10ffff}`;

/** Rejects as the database does. */
export const createSystemState = (database: Database, system: string): SystemState => ({
  async get(key) {
    const [row] = await database.query(
      sql('select value from system_state where system = ? and key = ?', system, key),
    );
    return row === undefined ? undefined : String(row['value']);
  },
  async put(key, value) {
    await database.batch([sql(UPSERT, system, key, value)]);
  },
  async delete(key) {
    await database.batch([sql('delete from system_state where system = ? and key = ?', system, key)]);
  },
  async keys(prefix, limit) {
    const rows = await database.query(
      sql(
        'select key from system_state where system = ? and key >= ? and key < ? order by key limit ?',
        system,
        prefix,
        endOf(prefix),
        limit,
      ),
    );
    return rows.map((row) => String(row['key']));
  },
  async compareAndSet(key, expected, value) {
    const [result] = await database.batch([
      expected === undefined ? sql(INSERT, system, key, value) : sql(REPLACE, value, system, key, expected),
    ]);
    return result?.changes === 1;
  },
});
