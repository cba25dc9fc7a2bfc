import { type Database, sql } from '../../ports.ts';

/**
 * Where the simulators keep their state: one table beside the facade's own, so that it survives a restart and
 * is the same on every isolate. It stands for the registers of other organisations: keys may hold a national
 * identity number, and are therefore never logged.
 */
export const SIMULATOR_SCHEMA: readonly string[] = [
  `create table if not exists simulator_state (
     system text not null,
     key text not null,
     value text not null,
     primary key (system, key)
   )`,
];

/** Keys that start so (signing keys and the like) survive a reset: tokens already issued stay valid. */
export const LASTING_PREFIX = 'key/';

export interface StateEntry {
  readonly key: string;
  readonly value: string;
  /** Grows in the order in which the keys were first written: a stable place to continue a list from. */
  readonly position: number;
}

/** One simulator's part of the table. Values are JSON text of the simulator's own making. */
export interface SimulatorState {
  get(key: string): Promise<string | undefined>;
  /** The values of those keys that exist; at most 90 keys. */
  getMany(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** Entries whose key starts with `prefix`, in order of position, after the position `after` (0: from the start). */
  list(prefix: string, after: number, limit: number): Promise<readonly StateEntry[]>;
  /** Writes only if the value still is `expected` (undefined: does not exist yet); false when it is not. */
  compareAndSet(key: string, expected: string | undefined, value: string): Promise<boolean>;
  /** Forgets all but the lasting keys. */
  reset(): Promise<void>;
}

const UPSERT = `insert into simulator_state (system, key, value) values (?, ?, ?)
  on conflict (system, key) do update set value = excluded.value`;
const INSERT = `insert into simulator_state (system, key, value) values (?, ?, ?)
  on conflict (system, key) do nothing`;
const REPLACE = 'update simulator_state set value = ? where system = ? and key = ? and value = ?';
// The plus signs keep SQLite from using the primary key's index, so that a page is read in order of rowid and
// stops at its limit, instead of sorting the whole register for each page.
const LIST = `select rowid as position, key, value from simulator_state
  where rowid > ? and +system = ? and +key >= ? and +key < ? order by rowid limit ?`;
const FORGET = 'delete from simulator_state where system = ? and not (key >= ? and key < ?)';

/** The first text that sorts after every text with this prefix (keys are ASCII). */
const endOf = (prefix: string): string => `${prefix}\u{10ffff}`;

const text = (value: unknown): string => (typeof value === 'string' ? value : String(value));

/** The state of one simulator in `database`, which must hold SIMULATOR_SCHEMA. Rejects as the database does. */
export const createSimulatorState = (database: Database, system: string): SimulatorState => ({
  async get(key) {
    const rows = await database.query(
      sql('select value from simulator_state where system = ? and key = ?', system, key),
    );
    const value = rows[0]?.['value'];
    return value === undefined ? undefined : text(value);
  },
  async getMany(keys) {
    if (keys.length === 0) return new Map();
    const marks = keys.map(() => '?').join(', ');
    const rows = await database.query(
      sql(`select key, value from simulator_state where system = ? and key in (${marks})`, system, ...keys),
    );
    return new Map(rows.map((row) => [text(row['key']), text(row['value'])]));
  },
  async put(key, value) {
    await database.batch([sql(UPSERT, system, key, value)]);
  },
  async delete(key) {
    await database.batch([sql('delete from simulator_state where system = ? and key = ?', system, key)]);
  },
  async list(prefix, after, limit) {
    const rows = await database.query(sql(LIST, after, system, prefix, endOf(prefix), limit));
    return rows.map((row) => ({
      key: text(row['key']),
      value: text(row['value']),
      position: Number(row['position']),
    }));
  },
  async compareAndSet(key, expected, value) {
    const [result] = await database.batch([
      expected === undefined ? sql(INSERT, system, key, value) : sql(REPLACE, value, system, key, expected),
    ]);
    return result?.changes === 1;
  },
  async reset() {
    await database.batch([sql(FORGET, system, LASTING_PREFIX, endOf(LASTING_PREFIX))]);
  },
});

/** Back to the state of a first start for all simulators at once; lasting keys stay. */
export const resetSimulators = async (database: Database): Promise<void> => {
  await database.batch([
    sql(
      'delete from simulator_state where not (key >= ? and key < ?)',
      LASTING_PREFIX,
      endOf(LASTING_PREFIX),
    ),
  ]);
};
