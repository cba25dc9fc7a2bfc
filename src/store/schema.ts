import { type Database, type Statement, sql } from '../ports.ts';
import { isMissingTable } from './errors.ts';

/**
 * The tables of the store. Statements may be added, never changed: each must leave a database alone that
 * already has what it makes.
 */
const TABLES = [
  // The version that now holds, one row a resource. `parts` > 0: the content lies in content_part.
  `create table if not exists resource (
     type text not null, id text not null, version integer not null, last_updated integer not null,
     deleted integer not null, method text not null, content text not null, parts integer not null,
     patient text, owner text, unique_key text, checked_at integer, primary key (type, id))`,
  `create unique index if not exists resource_by_key on resource (unique_key)
     where deleted = 0 and unique_key is not null`,
  'create index if not exists resource_by_time on resource (type, last_updated, id) where deleted = 0',
  `create index if not exists resource_by_patient on resource (type, patient, id)
     where deleted = 0 and patient is not null`,
  `create index if not exists resource_by_owner on resource (type, owner, id)
     where deleted = 0 and owner is not null`,

  `create table if not exists history (
     type text not null, id text not null, version integer not null, last_updated integer not null,
     deleted integer not null, method text not null, content text not null, parts integer not null,
     patient text, owner text, checked_at integer, primary key (type, id, version))`,

  // History of a type and of the whole server, newest first.
  'create index if not exists history_by_time on history (last_updated)',

  // Shared by the resource and history rows of the same version.
  `create table if not exists content_part (
     type text not null, id text not null, version integer not null, seq integer not null, text text not null,
     primary key (type, id, version, seq))`,

  // Search values. Each table is its own index: the rows that match one value lie together, sorted by id, so
  // that a page needs no sorting. The second index finds a resource's rows, to replace or to test them.
  // '' stands for null, because key columns cannot be null; no FHIR value is empty.
  `create table if not exists idx_token (
     type text not null, param text not null, code text not null, id text not null, system text not null,
     primary key (type, param, code, id, system)) without rowid`,
  'create index if not exists idx_token_by_system on idx_token (type, param, system, id)',
  'create index if not exists idx_token_by_resource on idx_token (type, id, param)',

  `create table if not exists idx_reference (
     type text not null, param text not null, target_id text not null, id text not null,
     target_type text not null, target_version text not null,
     primary key (type, param, target_id, id, target_type, target_version)) without rowid`,
  'create index if not exists idx_reference_by_resource on idx_reference (type, id, param)',

  `create table if not exists idx_date (
     type text not null, param text not null, low integer not null, high integer not null, id text not null,
     primary key (type, param, low, id, high)) without rowid`,
  'create index if not exists idx_date_by_high on idx_date (type, param, high, id)',
  'create index if not exists idx_date_by_resource on idx_date (type, id, param)',

  `create table if not exists idx_string (
     type text not null, param text not null, folded text not null, id text not null, exact text not null,
     primary key (type, param, folded, id, exact)) without rowid`,
  'create index if not exists idx_string_by_resource on idx_string (type, id, param)',

  `create table if not exists idx_uri (
     type text not null, param text not null, value text not null, id text not null,
     primary key (type, param, value, id)) without rowid`,
  'create index if not exists idx_uri_by_resource on idx_uri (type, id, param)',

  // Who refers to a resource: what `referring` asks, of whatever type and parameter.
  'create index if not exists idx_reference_by_target on idx_reference (target_type, target_id, type, id)',

  `create table if not exists idx_number (
     type text not null, param text not null, low real not null, high real not null, id text not null,
     primary key (type, param, low, id, high)) without rowid`,
  'create index if not exists idx_number_by_high on idx_number (type, param, high, id)',
  'create index if not exists idx_number_by_resource on idx_number (type, id, param)',

  `create table if not exists idx_quantity (
     type text not null, param text not null, low real not null, high real not null, id text not null,
     system text not null, code text not null, unit text not null,
     primary key (type, param, low, id, high, system, code, unit)) without rowid`,
  'create index if not exists idx_quantity_by_high on idx_quantity (type, param, high, id)',
  'create index if not exists idx_quantity_by_resource on idx_quantity (type, id, param)',

  // One row a value of a component. It has the columns of all the other tables, under their names, so that a
  // match is written the same for both; what a kind has no use for is '' or 0. `seq` tells values apart.
  `create table if not exists idx_composite (
     type text not null, param text not null, id text not null, grp integer not null, comp integer not null,
     seq integer not null, system text not null, code text not null, unit text not null, low real not null,
     high real not null, folded text not null, exact text not null, target_type text not null,
     target_id text not null, target_version text not null, value text not null,
     primary key (type, id, param, grp, comp, seq)) without rowid`,
  'create index if not exists idx_composite_by_code on idx_composite (type, param, comp, code, id, system)',
  'create index if not exists idx_composite_by_low on idx_composite (type, param, comp, low, id)',
  'create index if not exists idx_composite_by_target on idx_composite (type, param, comp, target_id, id)',

  // Keyed hash of a national identity number to the random logical id of its Patient.
  'create table if not exists patient_index (key text primary key, id text not null) without rowid',
  'create index if not exists patient_index_by_id on patient_index (id)',
];

const SETTING =
  'create table if not exists setting (key text primary key, value text not null) without rowid';

const STORE_SCHEMA: readonly Statement[] = TABLES.map((table) => sql(table));

const VERSION_KEY = 'schema_version';

/** Differs when the statements do (FNV-1a over their text, and their number). */
const versionOf = (statements: readonly Statement[]): string => {
  let hash = 0x811c9dc5;
  for (const statement of statements) {
    for (let index = 0; index < statement.sql.length; index++) {
      hash = Math.imul(hash ^ statement.sql.charCodeAt(index), 0x01000193) >>> 0;
    }
  }
  return `${statements.length}-${hash.toString(16)}`;
};

const presentVersion = async (db: Database): Promise<unknown> => {
  try {
    const [row] = await db.query(sql('select value from setting where key = ?', VERSION_KEY));
    return row?.['value'];
  } catch (error) {
    if (isMissingTable(error)) return undefined;
    throw error;
  }
};

/**
 * Makes whatever tables are missing, the store's and those of other rooms. Costs one read when nothing is
 * missing. Safe when several do it at once: every statement leaves alone what is there, and all run in one
 * batch. `extra`: `create … if not exists` statements without parameters.
 */
export const migrate = async (db: Database, extra: readonly Statement[] = []): Promise<void> => {
  const statements = [sql(SETTING), ...STORE_SCHEMA, ...extra];
  const version = versionOf(statements);
  if ((await presentVersion(db)) === version) return;
  await db.batch([
    ...statements,
    sql(
      'insert into setting (key, value) values (?, ?) on conflict (key) do update set value = excluded.value',
      VERSION_KEY,
      version,
    ),
  ]);
};
