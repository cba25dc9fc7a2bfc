import { type Failure, failure } from '../failure.ts';
import { type DateRange, dateRange } from '../fhir/search/date-range.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Call } from './call.ts';

const DEFAULT_COUNT = 50;
const LARGEST_COUNT = 200;

/** What a history is asked for. https://hl7.org/fhir/R4/http.html#history */
export interface HistoryAsked {
  /** 0: how many there are, and none of them. */
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly since?: number;
  /** `_at`: versions that held at some time in it. */
  readonly at?: DateRange;
  readonly cursor?: string;
}

const refused = (name: string, diagnostics: string): Result<never, Failure> =>
  fail(failure('malformed', 'value', diagnostics, { location: [`http.${name}`] }));

type Read = (value: string) => Result<Partial<HistoryAsked>, Failure>;

const instant = (value: string): DateRange | undefined =>
  // An unescaped + in a query is a space: `…T10:00:00+01:00` as people type it.
  dateRange(value.replace(/ (\d\d:\d\d)$/, '+$1'));

const READERS: Readonly<Record<string, Read>> = {
  _count: (value) =>
    /^\d{1,6}$/.test(value)
      ? ok({ count: Math.min(Number(value), LARGEST_COUNT) })
      : refused('_count', '_count must be a number.'),
  _since: (value) => {
    const range = instant(value);
    return range === undefined ? refused('_since', '_since must be an instant.') : ok({ since: range.low });
  },
  _at: (value) => {
    const range = instant(value);
    return range === undefined ? refused('_at', '_at must be a date or an instant.') : ok({ at: range });
  },
  _cursor: (cursor) => ok({ cursor }),
  _format: () => ok({}),
  _pretty: () => ok({}),
};

/** The parameters of a history; one it does not know is a fault, unless handling is lenient. */
export const historyAsked = (call: Call): Result<HistoryAsked, Failure> => {
  let asked: HistoryAsked = { count: DEFAULT_COUNT };
  for (const [name, value] of call.parameters) {
    const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (read === undefined && call.prefer.handling === 'lenient') continue;
    if (read === undefined) {
      return fail(
        failure('malformed', 'not-supported', 'History takes _count, _since and _at.', {
          location: [/^[A-Za-z_:.-]{1,40}$/.test(name) ? `http.${name}` : 'http.parameter'],
        }),
      );
    }
    const one = read(value);
    if (!one.ok) return one;
    asked = { ...asked, ...one.value };
  }
  return ok(asked);
};

/** The parameters that shaped the page, for its links. */
export const askedQuery = (call: Call, cursor?: string): string => {
  const kept = call.parameters.filter(([name]) => name === '_count' || name === '_since' || name === '_at');
  const query = new URLSearchParams(kept.map(([name, value]): [string, string] => [name, value]));
  if (cursor !== undefined) query.set('_cursor', cursor);
  return query.size === 0 ? '' : `?${query}`;
};
