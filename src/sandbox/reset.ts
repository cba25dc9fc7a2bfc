import { type Statement, sql } from '../ports.ts';

/** Everything that a call can have left behind. Settings stay: keys, so that tokens do, and the mode. */
const TABLES = [
  'resource',
  'history',
  'content_part',
  'idx_token',
  'idx_reference',
  'idx_date',
  'idx_string',
  'idx_uri',
  'patient_index',
  'intent',
  'intent_part',
  'claim',
  'audit',
] as const;

export const resetStatements = (): readonly Statement[] => TABLES.map((table) => sql(`delete from ${table}`));
