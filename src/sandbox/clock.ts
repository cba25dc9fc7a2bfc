import { type Clock, type Database, sql } from '../ports.ts';
import { readSetting } from '../store/settings.ts';

const KEY = 'sandbox_clock_offset';

/** The one clock that the facade and the simulators share. It can be moved, and then runs on. */
export interface SandboxClock {
  readonly now: Clock;
  /** Takes over what another isolate, or an earlier run, has set. */
  readonly load: () => Promise<void>;
  /** @param instant milliseconds since the epoch */
  readonly set: (instant: number) => Promise<void>;
  readonly reset: () => Promise<void>;
}

export const createSandboxClock = (database: Database, real: Clock): SandboxClock => {
  let offset = 0;
  const store = async (value: number): Promise<void> => {
    offset = value;
    await database.batch([
      sql(
        'insert into setting (key, value) values (?, ?) on conflict (key) do update set value = excluded.value',
        KEY,
        String(value),
      ),
    ]);
  };
  return {
    now: () => real() + offset,
    load: async () => {
      offset = Number((await readSetting(database, KEY)) ?? '0');
    },
    set: (instant) => store(Math.round(instant - real())),
    reset: () => store(0),
  };
};
