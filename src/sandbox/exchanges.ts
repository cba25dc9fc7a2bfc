import { type Clock, type Database, type Statement, sql } from '../ports.ts';
import { maskEnvelope } from '../systems/dgws/mask.ts';
import type { SystemName } from '../systems/system.ts';
import type { UpstreamFetch } from '../systems/upstream/fetch.ts';

/** One call to a (simulated) national system, as `GET /sandbox/exchanges` shows it: masked. */
export interface Exchange {
  readonly system: SystemName;
  readonly requestId: string;
  /** Instant. */
  readonly at: string;
  readonly durationMs: number;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  /** Absent when no answer came. */
  readonly response?: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

export const EXCHANGE_SCHEMA: readonly Statement[] = [
  sql(`create table if not exists exchange (
    seq integer primary key autoincrement, system text not null, content text not null)`),
];

/** Older ones are forgotten: a sandbox may run for months. */
const KEPT = 1000;

/** Bytes of a body that are shown; a signed proof may have megabytes. */
const SHOWN = 100_000;

const MASK = '***';

const SECRET_HEADERS = new Set(['authorization', 'dpop', 'dpop-nonce', 'cookie', 'set-cookie']);

/** Tokens, assertions and keys by their member or form field name, whatever the body's form. */
const SECRET_MEMBERS =
  /("(?:access_token|client_assertion|refresh_token|x5c|n|signature)"\s*:\s*)"[^"]*"|((?:^|&)(?:client_assertion|client_secret|refresh_token)=)[^&]*/g;

const maskHeader = (name: string, value: string): string => {
  if (!SECRET_HEADERS.has(name)) return value;
  const scheme = name === 'authorization' ? /^\S+\s/.exec(value)?.[0] : undefined;
  return `${scheme ?? ''}${MASK}`;
};

const headersOf = (headers: Headers): Record<string, string> =>
  Object.fromEntries([...headers].map(([name, value]) => [name, maskHeader(name, value)]));

export interface Exchanges {
  /** Wraps a fetch so that every call through it is remembered, also one that gets no answer. */
  readonly recording: (system: SystemName, fetch: UpstreamFetch) => UpstreamFetch;
  /** Newest first. */
  readonly list: (system?: string) => Promise<readonly Exchange[]>;
  readonly clear: () => Statement[];
}

export const createExchanges = (parts: {
  readonly database: Database;
  readonly clock: Clock;
  /** Replaces what looks like a national identity number. */
  readonly maskNumbers: (text: string) => string;
  /** Several isolates may serve the same sandbox (Workers). */
  readonly shared: boolean;
}): Exchanges => {
  const { database, clock, maskNumbers, shared } = parts;
  let written = 0;

  const mask = (text: string): string =>
    maskNumbers(
      maskEnvelope(text)
        .slice(0, SHOWN)
        .replace(SECRET_MEMBERS, (_, member?: string, field?: string) =>
          member === undefined ? `${field ?? ''}${MASK}` : `${member}"${MASK}"`,
        ),
    );

  const store = async (exchange: Exchange): Promise<void> => {
    const insert = sql(
      'insert into exchange (system, content) values (?, ?)',
      exchange.system,
      JSON.stringify(exchange),
    );
    written += 1;
    const trim = sql('delete from exchange where seq <= (select max(seq) from exchange) - ?', KEPT);
    await database.batch(written % 100 === 0 ? [insert, trim] : [insert]);
  };

  const recording =
    (system: SystemName, fetch: UpstreamFetch): UpstreamFetch =>
    async (request, about) => {
      const at = clock();
      const started = performance.now();
      // Not as text: workerd warns of a Content-Type that is none to it.
      const body = new TextDecoder().decode(await request.clone().arrayBuffer());
      let response: Response | undefined;
      let answered: string | undefined;
      try {
        response = await fetch(request, about);
        answered = await response.text();
        const { status, headers } = response;
        return new Response(answered === '' ? null : answered, { status, headers });
      } finally {
        const stored = store({
          system,
          requestId: about.requestId,
          at: new Date(at).toISOString(),
          durationMs: Math.round((performance.now() - started) * 100) / 100,
          request: {
            method: request.method,
            url: maskNumbers(request.url),
            headers: headersOf(request.headers),
            body: mask(body),
          },
          ...(response === undefined
            ? {}
            : {
                response: {
                  status: response.status,
                  headers: headersOf(response.headers),
                  body: mask(answered ?? ''),
                },
              }),
        });
        // One process writes its batches in the order they come: this one is there before the write it belongs to
        // is answered, so nobody needs to wait for it here.
        if (shared) await stored;
        else stored.catch(() => undefined);
      }
    };

  const list = async (system?: string): Promise<readonly Exchange[]> => {
    const rows = await database.query(
      system === undefined
        ? sql('select content from exchange order by seq desc limit ?', KEPT)
        : sql('select content from exchange where system = ? order by seq desc limit ?', system, KEPT),
    );
    return rows.map((row) => JSON.parse(String(row['content'])) as Exchange);
  };

  return { recording, list, clear: () => [sql('delete from exchange')] };
};
