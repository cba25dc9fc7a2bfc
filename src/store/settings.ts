import { type Database, sql } from '../ports.ts';
import { textOf } from './rows.ts';

/** The setting stored under this key; undefined when there is none. */
export const readSetting = async (db: Database, key: string): Promise<string | undefined> => {
  const [row] = await db.query(sql('select value from setting where key = ?', key));
  return row === undefined ? undefined : textOf(row, 'value');
};

/**
 * Stores a setting unless there is one; the one that then holds. Two that do it at once get the same answer,
 * e.g. a secret made at first start, or the mark sandbox or live.
 */
export const settingOnce = async (db: Database, key: string, value: string): Promise<string> => {
  const held = await readSetting(db, key);
  if (held !== undefined) return held;
  await db.batch([
    sql('insert into setting (key, value) values (?, ?) on conflict (key) do nothing', key, value),
  ]);
  return (await readSetting(db, key)) ?? value;
};
