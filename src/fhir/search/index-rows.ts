import type { Resource } from '@medplum/fhirtypes';
import type { DateRow, IndexRows, ReferenceRow, StringRow, TokenRow, UriRow } from '../../store/types.ts';
import { BEGINNING, type DateRange, dateRange, END } from './date-range.ts';
import { fold } from './fold.ts';
import type { SearchKind, SearchParameter } from './parameters.ts';
import { literalReference } from './reference.ts';

export interface IndexOptions {
  /** Our own base URL without a slash at the end: references below it are indexed like relative ones. */
  readonly baseUrl: string;
  /** True for the systems of national identity numbers: their values are never indexed. */
  readonly isPrivateSystem: (system: string) => boolean;
}

interface Rows extends IndexRows {
  readonly token: TokenRow[];
  readonly reference: ReferenceRow[];
  readonly date: DateRow[];
  readonly string: StringRow[];
  readonly uri: UriRow[];
}

type Add = (rows: Rows, param: string, value: unknown, options: IndexOptions) => void;

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** A Coding, Identifier or ContactPoint. A private or empty one leaves only the trace that there is a value. */
const addPair = (rows: Rows, param: string, pair: Members, options: IndexOptions): void => {
  const system = textOf(pair['system']);
  const code = textOf(pair['code'] ?? pair['value']);
  const hidden = system !== null && options.isPrivateSystem(system);
  // ContactPoint.system is a code (phone, email …), not the URI of a system.
  const contact = system !== null && pair['value'] !== undefined && !system.includes(':');
  rows.token.push({ param, system: hidden || contact ? null : system, code: hidden ? null : code });
};

const addToken: Add = (rows, param, value, options) => {
  if (isObject(value)) {
    const codings = listOf(value['coding']).filter(isObject);
    if (codings.length === 0) addPair(rows, param, value, options);
    else for (const coding of codings) addPair(rows, param, coding, options);
    return;
  }
  const code = typeof value === 'boolean' || typeof value === 'number' ? String(value) : textOf(value);
  if (code !== null) rows.token.push({ param, system: null, code });
};

const addReference: Add = (rows, param, value, options) => {
  const inlined = isObject(value) && typeof value['resourceType'] === 'string';
  const text = inlined
    ? `${value['resourceType']}/${value['id']}`
    : textOf(isObject(value) ? value['reference'] : value);
  const literal = text === null ? undefined : literalReference(text, options.baseUrl);
  const identifier = isObject(value) && isObject(value['identifier']) ? value['identifier'] : undefined;
  const system = textOf(identifier?.['system']);
  const hidden = system !== null && options.isPrivateSystem(system);
  rows.reference.push({
    param,
    targetType: literal?.type ?? null,
    targetId: literal?.id ?? null,
    targetVersion: literal?.version ?? null,
    identifierSystem: hidden ? null : system,
    identifierValue: hidden ? null : textOf(identifier?.['value']),
  });
};

const rangeOf = (value: unknown): DateRange | undefined =>
  typeof value === 'string' ? dateRange(value) : undefined;

const periodOf = (period: Members): DateRange | undefined => {
  const start = rangeOf(period['start']);
  const end = rangeOf(period['end']);
  if (start === undefined && end === undefined) return undefined;
  return { low: start?.low ?? BEGINNING, high: end?.high ?? END };
};

/** R4: of a Timing only the outer limits matter. */
const timingOf = (timing: Members): DateRange | undefined => {
  const repeat = timing['repeat'];
  const bounds = isObject(repeat) ? repeat['boundsPeriod'] : undefined;
  const events = listOf(timing['event']).map(rangeOf);
  const ranges = [...events, isObject(bounds) ? periodOf(bounds) : undefined].filter(
    (range) => range !== undefined,
  );
  if (ranges.length === 0) return undefined;
  return {
    low: Math.min(...ranges.map((range) => range.low)),
    high: Math.max(...ranges.map((range) => range.high)),
  };
};

const addDate: Add = (rows, param, value) => {
  const range = isObject(value) ? (periodOf(value) ?? timingOf(value)) : rangeOf(value);
  if (range !== undefined) rows.date.push({ param, low: range.low, high: range.high });
};

/** The members of HumanName and Address that hold what people search for. */
const NAMED = ['text', 'family', 'given', 'prefix', 'suffix'];
const ADDRESSED = ['line', 'city', 'district', 'state', 'country', 'postalCode'];
const SPOKEN = [...NAMED, ...ADDRESSED];

const addString: Add = (rows, param, value) => {
  const parts = isObject(value)
    ? SPOKEN.flatMap((name) => {
        const part = value[name];
        return Array.isArray(part) ? part : [part];
      })
    : [value];
  for (const part of parts) {
    const exact = textOf(part);
    if (exact !== null) rows.string.push({ param, folded: fold(exact), exact });
  }
};

const addUri: Add = (rows, param, value) => {
  const uri = textOf(value);
  if (uri !== null) rows.uri.push({ param, value: uri });
};

const ADD: Readonly<Record<SearchKind, Add>> = {
  token: addToken,
  reference: addReference,
  date: addDate,
  string: addString,
  uri: addUri,
};

/** The values that a resource is found by. Values that are not R4 leave no row. */
export const indexRows = (
  resource: Resource,
  params: readonly SearchParameter[],
  options: IndexOptions,
): IndexRows => {
  const rows: Rows = { token: [], reference: [], date: [], string: [], uri: [] };
  for (const { code, type, select } of params) {
    if (select === undefined) continue;
    const add = ADD[type];
    for (const value of select(resource)) add(rows, code, value, options);
  }
  return rows;
};
