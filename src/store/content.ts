import { type Database, type Row, type Statement, sql } from '../ports.ts';
import { numberOf, textOf } from './rows.ts';
import type { Guard } from './types.ts';

/**
 * UTF-16 units of one stored piece. A unit takes at most three bytes of UTF-8, so that no piece reaches
 * 1 MB: D1 refuses values above 2 MB, its local stand-in does not.
 */
export const PIECE_UNITS = 300_000;

const endsInsidePair = (text: string, end: number): boolean => {
  const last = text.charCodeAt(end - 1);
  const next = text.charCodeAt(end);
  return last >= 0xd800 && last <= 0xdbff && next >= 0xdc00 && next <= 0xdfff;
};

/** Cuts a text into pieces of at most PIECE_UNITS, never between the two halves of a surrogate pair. */
export const cut = (text: string, units: number = PIECE_UNITS): readonly string[] => {
  const pieces: string[] = [];
  let start = 0;
  while (start < text.length) {
    let end = Math.min(start + units, text.length);
    if (end < text.length && endsInsidePair(text, end)) end -= 1;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
};

/** How a version's content lies in the store: within its row, or in pieces of its own. */
export interface Laid {
  readonly inline: string;
  readonly pieces: readonly string[];
}

export const layOut = (content: string): Laid =>
  content.length <= PIECE_UNITS ? { inline: content, pieces: [] } : { inline: '', pieces: cut(content) };

export const pieceStatements = (
  { type, id, version }: { readonly type: string; readonly id: string; readonly version: number },
  pieces: readonly string[],
  guard: Guard,
): readonly Statement[] =>
  pieces.map((piece, seq) =>
    sql(
      `insert into content_part (type, id, version, seq, text) select ?, ?, ?, ?, ? where ${guard.sql}`,
      type,
      id,
      version,
      seq,
      piece,
      ...guard.params,
    ),
  );

/** The content of a resource or history row. */
export const contentOf = async (db: Database, type: string, id: string, row: Row): Promise<string> => {
  if (row['parts'] === 0) return textOf(row, 'content');
  const pieces = await db.query(
    sql(
      'select text from content_part where type = ? and id = ? and version = ? order by seq',
      type,
      id,
      numberOf(row, 'version'),
    ),
  );
  if (pieces.length !== row['parts']) throw new Error(`content of ${type} version is incomplete`);
  return pieces.map((piece) => textOf(piece, 'text')).join('');
};
