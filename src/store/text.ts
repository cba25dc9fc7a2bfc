import { type Statement, sql } from '../ports.ts';
import { type Piece, p } from './piece.ts';
import type { Guard, TextRow } from './types.ts';

/**
 * The tables of `_text` and `_content`, made only where types are served that are searched by them. Words are kept,
 * their resources are not: what they stand in is read from `resource`.
 */
export const TEXT_SCHEMA: readonly Statement[] = [
  'create table if not exists text_of (n integer primary key, type text not null, id text not null)',
  'create unique index if not exists text_of_by_id on text_of (id, type)',
  `create virtual table if not exists idx_text using fts5 (
     narrative, content, content='', contentless_delete=1, tokenize='unicode61')`,
].map((table) => sql(table));

/** Both tables emptied. */
export const TEXT_RESET: readonly Statement[] = [
  sql("insert into idx_text (idx_text) values ('delete-all')"),
  sql('delete from text_of'),
];

interface Named {
  readonly type: string;
  readonly id: string;
  readonly version: number;
}

/**
 * Replaces the words of a resource.
 *
 * @param text absent: it has none any more
 */
export const textStatements = (
  { type, id, version }: Named,
  text: TextRow | undefined,
  guard: Guard,
): readonly Statement[] => {
  const which = 'select n from text_of where id = ? and type = ?';
  // A first version has nothing to replace.
  const removed =
    version > 1
      ? [
          sql(`delete from idx_text where rowid in (${which}) and ${guard.sql}`, id, type, ...guard.params),
          sql(`delete from text_of where id = ? and type = ? and ${guard.sql}`, id, type, ...guard.params),
        ]
      : [];
  if (text === undefined) return removed;
  return [
    ...removed,
    sql(`insert or ignore into text_of (type, id) select ?, ? where ${guard.sql}`, type, id, ...guard.params),
    sql(
      `insert into idx_text (rowid, narrative, content) select n, ?, ? from text_of where id = ? and type = ? and ${guard.sql}`,
      text.narrative,
      text.content,
      id,
      type,
      ...guard.params,
    ),
  ];
};

/** A row of `text_of`, alias x, of a resource that has these words. */
export const textPiece = (query: string): Piece =>
  p`x.n in (select rowid from idx_text where idx_text match ${query})`;
