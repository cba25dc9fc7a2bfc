import { type Statement, sql } from '../ports.ts';
import { TABLES as INDEX_TABLES } from '../store/criteria-sql.ts';
import { TEXT_RESET } from '../store/text.ts';

/** Everything that a call can have left behind. Settings stay: keys, so that tokens do, and the mode. */
const TABLES = [
  'resource',
  'history',
  'content_part',
  ...Object.values(INDEX_TABLES),
  'patient_index',
  'intent',
  'intent_part',
  'claim',
  'audit',
  'system_state',
];

/** @param fullText whether the tables of `_text` and `_content` are there */
export const resetStatements = (fullText: boolean): readonly Statement[] => [
  ...TABLES.map((table) => sql(`delete from ${table}`)),
  ...(fullText ? TEXT_RESET : []),
];
