/** Delimited text, as spreadsheets write it (RFC 4180) and people change it. */

/** One record of a delimited text. */
export interface DelimitedRecord {
  /** The line in which it begins, from 0. */
  readonly at: number;
  /** How many lines it takes: a quoted cell may hold line ends. */
  readonly lines: number;
  readonly cells: readonly string[];
}

/** A quoted cell may hold the delimiter and doubled quotes; `open`: its quote has not ended. */
const cellsOf = (
  text: string,
  delimiter: string,
): { readonly cells: readonly string[]; readonly open: boolean } => {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quoted && character === '"' && text.charAt(at + 1) === '"') {
      cell += '"';
      at += 1;
    } else if (character === '"' && (quoted || cell.trim() === '')) quoted = !quoted;
    else if (character === delimiter && !quoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += character;
  }
  return { cells: [...cells, cell.trim()], open: quoted };
};

/** A cell with more lines than these has lost its closing quote. */
const MOST_LINES = 20;

/** The record that begins in a line; where a quote does not end, it ends with the line. */
export const recordAt = (lines: readonly string[], at: number, delimiter: string): DelimitedRecord => {
  for (let end = at + 1; end <= Math.min(at + MOST_LINES, lines.length); end += 1) {
    const { cells, open } = cellsOf(lines.slice(at, end).join('\n'), delimiter);
    if (!open) return { at, lines: end - at, cells };
  }
  return { at, lines: 1, cells: cellsOf(lines[at] ?? '', delimiter).cells };
};
