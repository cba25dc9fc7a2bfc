/**
 * `npm run regions -- import FILE`: the operator's contacts of Sweden's regions into the database of DATABASE_URL. A
 * server that runs on it uses them at once; no API serves them. `npm run regions -- sql FILE` prints the statements
 * that do the same, for the D1 of a Worker.
 */
import { readFileSync } from 'node:fs';
import { sql } from '../../ports.ts';
import { migrate } from '../../store/schema.ts';
import { createSystemState, SYSTEM_STATE_TABLE } from '../../store/system-state.ts';
import { createRegionContacts, type KeyValue, type RegionContact } from '../../systems/efrikort/contacts.ts';
import { describeImport, parseRegionImport } from '../../systems/efrikort/regions-import.ts';
import { openSqlite } from './sqlite.ts';

const USAGE =
  'Usage: npm run regions -- import FILE, or sql FILE (CSV, the table of eFrikort’s page, or JSON)';

const stop = (sentence: string): never => {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
};

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return stop(`${file} cannot be read.`);
  }
};

const openDatabase = (url: string) => {
  try {
    return openSqlite(url);
  } catch {
    return stop(`DATABASE_URL ${url} cannot be opened; it is sqlite:<file>.`);
  }
};

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Takes what is loaded as SQL; what an earlier import had is not known here. */
const printed = (): KeyValue => {
  process.stdout.write(`${SYSTEM_STATE_TABLE};\n`);
  const put = async (key: string, value: string): Promise<void> => {
    process.stdout.write(
      `insert or replace into system_state (system, key, value) values ('efrikort', ${quoted(key)}, ${quoted(value)});\n`,
    );
  };
  return {
    get: async () => undefined,
    put,
    compareAndSet: async (key, _expected, value) => {
      await put(key, value);
      return true;
    },
  };
};

const importInto = async (url: string, contacts: readonly RegionContact[]): Promise<void> => {
  const database = openDatabase(url);
  await migrate(database, [sql(SYSTEM_STATE_TABLE)]);
  await createRegionContacts(createSystemState(database, 'efrikort')).load(contacts);
  database.close();
};

const [command, file, ...more] = process.argv.slice(2);
const isKnown = command === 'import' || command === 'sql';
if (!isKnown || file === undefined || more.length > 0) stop(USAGE);
else {
  const url = process.env['DATABASE_URL']?.trim() || 'sqlite:./data/facade.db';
  if (command === 'import' && url === 'sqlite::memory:') {
    stop(`DATABASE_URL ${url} ends with this command: give that of the server, sqlite:<file>.`);
  }
  const read = parseRegionImport(textOf(file));
  // Never among the statements.
  process.stderr.write(`${describeImport(read).join('\n')}\n`);
  if (read.regions.length === 0) stop('Nothing was loaded.');
  const contacts = read.regions.map(({ region: _name, ...contact }) => contact);
  if (command === 'sql') await createRegionContacts(printed()).load(contacts);
  else await importInto(url, contacts);
}
