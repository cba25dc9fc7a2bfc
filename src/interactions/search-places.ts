import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { SearchPosition } from '../store/search-request.ts';
import { openIn } from './cursor.ts';
import { isCount } from './search.ts';
import type { Parameters } from './search-engine.ts';
import type { Server, UpstreamPosition } from './server.ts';

/** How far a search has come in one type. */
export interface Place {
  readonly done?: true;
  readonly after?: SearchPosition;
  readonly upstream?: UpstreamPosition;
}

/** What the `next` link of a search over several types carries: their places in the order of the types. */
export interface SystemCursor {
  readonly parameters: Parameters;
  readonly places: readonly Place[];
}

/** What is asked for, and from where on. */
export interface Asked {
  readonly parameters: Parameters;
  readonly places: readonly Place[];
}

/** The same caller and types. */
export const contextOf = (callerKey: string, types: readonly string[]): string =>
  JSON.stringify([callerKey, types, 'search-system']);

const BESIDE_CURSOR = new Set(['_type', '_cursor', '_count', '_format', '_pretty']);

const besideCursor = (): Failure =>
  failure(
    'malformed',
    'value',
    'The _cursor holds the criteria of the search: give none but _type beside it.',
    { location: ['http._cursor'] },
  );

/** The criteria as they were sent, or as the cursor of an earlier page has them. */
export const askedOf = async (
  server: Server,
  parameters: Parameters,
  types: readonly string[],
  callerKey: string,
): Promise<Result<Asked, Failure>> => {
  const sealed = parameters.find(([name]) => name === '_cursor')?.[1];
  if (sealed === undefined) {
    const criteria = parameters.filter(([name]) => name !== '_type');
    return ok({ parameters: criteria, places: types.map(() => ({})) });
  }
  if (parameters.some(([name]) => !BESIDE_CURSOR.has(name))) return fail(besideCursor());
  const opened = await openIn<SystemCursor>(server, contextOf(callerKey, types), sealed);
  if (!opened.ok) return opened;
  const counts = parameters.filter(isCount);
  const held = opened.value.parameters;
  return ok({
    parameters: counts.length === 0 ? held : [...held.filter((one) => !isCount(one)), ...counts],
    places: opened.value.places,
  });
};
