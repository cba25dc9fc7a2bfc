/**
 * What the code needs from the platform it runs on. `runtime/<platform>/` fills these in; nothing else
 * touches `node:` modules or a platform's own globals.
 */

export type SqlValue = string | number | null;

export interface Statement {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

export type Row = Readonly<Record<string, SqlValue>>;

export interface StatementResult {
  /** Rows of a `select` or of `returning`; empty otherwise. */
  readonly rows: readonly Row[];
  /** Rows inserted, updated or deleted by this statement alone. */
  readonly changes: number;
}

/**
 * The two verbs every SQL store can offer, D1 included, which has no interactive transaction. One dialect:
 * SQLite's. At most 100 parameters a statement and 1 MB a value.
 */
export interface Database {
  /** Runs one reading statement. */
  query(statement: Statement): Promise<readonly Row[]>;
  /**
   * Runs the statements in order, all or nothing. Resolves only when they are durable (written through to
   * disk); rejects, with nothing written, when one of them fails.
   */
  batch(statements: readonly Statement[]): Promise<readonly StatementResult[]>;
}

/** Milliseconds since the epoch. One clock for the whole server; the sandbox can move it. */
export type Clock = () => number;

/** An outgoing HTTP call. The sandbox answers it in-process; callers cannot tell. */
export type Fetch = (request: Request) => Promise<Response>;

/** Keeps work alive after the answer has left (`ctx.waitUntil` on Workers). Never rejects. */
export type Background = (work: Promise<unknown>) => void;

/** One line of structured log. Values never hold identity numbers, tokens or bodies. */
export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, string | number | boolean>>,
) => void;

/** SHA-256 of a text, base64url; synchronous where the platform can. */
export type Sha256 = (text: string) => string | Promise<string>;

/** HMAC-SHA-256 under one key: of a text's UTF-8, base64url; synchronous where the platform can. */
export type Hmac = (text: string) => string | Promise<string>;

/** Takes a key in. */
export type HmacOf = (key: Uint8Array<ArrayBuffer>) => Hmac | Promise<Hmac>;

export const sql = (text: string, ...params: readonly SqlValue[]): Statement => ({ sql: text, params });
