const cell = (text: string): string => (text === '' ? '–' : text.replaceAll('|', '\\|'));

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

/** A Markdown table; an empty cell is a dash. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(row)].join('\n');

/** A chapter of a page. */
export const section = (title: string, ...parts: readonly string[]): string =>
  [`## ${title}`, ...parts].join('\n\n');

export const mark = (verified: boolean): string => (verified ? 'verified' : '**ours**');

export const code = (text: string): string => `\`${text}\``;
