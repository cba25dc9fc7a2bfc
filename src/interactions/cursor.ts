import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { SearchPosition } from '../store/search-request.ts';
import type { Call } from './call.ts';
import type { Server, UpstreamPosition } from './server.ts';

/**
 * What a `next` link carries: where the page ended and the criteria it went by. Search values can be personal
 * data, so it is encrypted; it opens only for the caller it was made for, within the hour.
 */
export interface Cursor {
  readonly after: SearchPosition;
  readonly parameters: readonly (readonly [string, string])[];
  /** Where the national system's own list continues. */
  readonly upstream?: UpstreamPosition;
}

const HOUR = 3_600_000;

/** The same caller, type and interaction; an anonymous caller (pattern 2.1) shares with the others. */
const contextOf = (call: Call): string =>
  JSON.stringify([
    call.authority?.callerKey ?? '',
    call.entry.type,
    call.interaction,
    call.id ?? '',
    call.entry.narrowedBy ?? [],
  ]);

/** Seals what a `next` link carries; it opens in the same context alone, within the hour. */
export const sealIn = (server: Server, context: string, cursor: object): Promise<string> =>
  server.keyring.seal('cursor', JSON.stringify({ until: server.clock() + HOUR, cursor }), context);

export const sealCursor = (server: Server, call: Call, cursor: Cursor): Promise<string> =>
  sealIn(server, contextOf(call), cursor);

const unusable = (): Failure =>
  failure(
    'malformed',
    'value',
    'The _cursor is none of this server, was made for another caller, or is older than an hour: search anew.',
    { location: ['http._cursor'] },
  );

/** What `sealIn` sealed, of the type that it was sealed from. */
export const openIn = async <C extends object>(
  server: Server,
  context: string,
  sealed: string,
): Promise<Result<C, Failure>> => {
  const opened = await server.keyring.open('cursor', sealed, context);
  if (!opened.ok) return fail(unusable());
  const { until, cursor } = JSON.parse(opened.value) as { readonly until: number; readonly cursor: C };
  return until < server.clock() ? fail(unusable()) : ok(cursor);
};

export const openCursor = (server: Server, call: Call, sealed: string): Promise<Result<Cursor, Failure>> =>
  openIn(server, contextOf(call), sealed);
