import { type SqlValue, type Statement, sql } from '../ports.ts';

/** A piece of SQL with its parameters, in order. Never holds a `?` that is not a parameter. */
export interface Piece {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** D1 takes a hundred parameters a statement. */
const MAX_PARAMETERS = 90;

/** Template of pieces and bound values: `p\`x.id > ${value} and ${other}\``. Numbers and texts are bound. */
export const p = (texts: TemplateStringsArray, ...parts: readonly (Piece | SqlValue)[]): Piece => {
  let text = texts[0] ?? '';
  const params: SqlValue[] = [];
  parts.forEach((part, index) => {
    if (typeof part === 'object' && part !== null) {
      text += part.sql;
      params.push(...part.params);
    } else {
      text += '?';
      params.push(part);
    }
    text += texts[index + 1] ?? '';
  });
  return { sql: text, params };
};

/** SQL that is written, not bound: names of tables, columns and aliases. */
export const raw = (text: string): Piece => ({ sql: text, params: [] });

export const joined = (pieces: readonly Piece[], separator: ' and ' | ' or ' | ', ' | ' union '): Piece => ({
  sql: pieces.map((one) => one.sql).join(separator),
  params: pieces.flatMap((one) => one.params),
});

export const allOf = (pieces: readonly Piece[]): Piece =>
  pieces.length === 0 ? raw('true') : joined(pieces, ' and ');

export const anyOf = (pieces: readonly Piece[]): Piece => {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  return p`(${joined(pieces, ' or ')})`;
};

/** As a statement; more parameters than D1 takes travel as one JSON array and are read out of it. */
export const statementOf = ({ sql: text, params }: Piece): Statement => {
  if (params.length <= MAX_PARAMETERS) return sql(text, ...params);
  let index = 0;
  const numbered = text.replace(/\?/g, () => `json_extract(?1, '$[${index++}]')`);
  return sql(numbered, JSON.stringify(params));
};
