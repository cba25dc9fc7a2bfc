import type { Database, Row, SqlValue, Statement, StatementResult } from '../../ports.ts';
import { StoreUnavailableError } from '../../store/errors.ts';

/** What this driver uses of a D1 binding; `D1Database` of the Workers types fits. */
export interface D1Binding {
  prepare(sql: string): D1Statement;
  batch(statements: D1Statement[]): Promise<D1Answer[]>;
}

interface D1Statement {
  bind(...values: unknown[]): D1Statement;
  all(): Promise<D1Answer>;
}

interface D1Answer {
  readonly results?: unknown[];
  readonly meta: { readonly changes?: number };
}

/** Faults of the statement itself; whatever else D1 throws says that it cannot take the call now. */
const STATEMENT_FAULT =
  /constraint failed|no such|syntax error|parameter bindings|TYPE_ERROR|SQLITE_(?:ERROR|CONSTRAINT|MISMATCH|RANGE|TOOBIG)/;

const READING = /^\s*(?:select|values|explain)\b/i;

const translated = (error: unknown): unknown =>
  error instanceof Error && STATEMENT_FAULT.test(error.message)
    ? error
    : new StoreUnavailableError('failed', error);

// D1 hands rows over as plain objects of text, numbers and null: blobs are never stored.
const rowsOf = (answer: D1Answer): readonly Row[] => (answer.results ?? []) as Row[];

/**
 * The store on Cloudflare D1. A batch is one implicit transaction there, durable when it answers.
 * Rejects with StoreUnavailableError when D1 is out of reach or overloaded, else with D1's own error.
 */
export const openD1 = (binding: D1Binding): Database => {
  const prepared = (statement: Statement): D1Statement => {
    const values: readonly SqlValue[] = statement.params;
    return binding.prepare(statement.sql).bind(...values);
  };
  return {
    async query(statement) {
      try {
        return rowsOf(await prepared(statement).all());
      } catch (error) {
        throw translated(error);
      }
    },
    async batch(statements) {
      if (statements.length === 0) return [];
      try {
        const answers = await binding.batch(statements.map(prepared));
        return answers.map((answer, index): StatementResult => {
          const reading = READING.test(statements[index]?.sql ?? '');
          return { rows: rowsOf(answer), changes: reading ? 0 : (answer.meta.changes ?? 0) };
        });
      } catch (error) {
        throw translated(error);
      }
    },
  };
};
