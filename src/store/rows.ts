import type { Row } from '../ports.ts';

/**
 * Columns of a row as what the schema says they are; anything else is a bug. The functions are named after
 * what they return.
 */
export const textOf = (row: Row, column: string): string => {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw new TypeError(`column ${column} holds no text`);
};

export const numberOf = (row: Row, column: string): number => {
  const value = row[column];
  if (typeof value === 'number') return value;
  throw new TypeError(`column ${column} holds no number`);
};

export const textOrNull = (row: Row, column: string): string | null => {
  const value = row[column];
  return value === null ? null : textOf(row, column);
};

export const numberOrNull = (row: Row, column: string): number | null => {
  const value = row[column];
  return value === null ? null : numberOf(row, column);
};

/** The value of a sort key: text or number, by the kind of its parameter. */
export const keyOf = (row: Row, column: string): string | number => {
  const value = row[column];
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new TypeError(`column ${column} holds no sort value`);
};
