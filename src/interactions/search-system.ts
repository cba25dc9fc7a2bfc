import { type Failure, failure, type Issue } from '../failure.ts';
import { asWarning, unknownIssue } from '../fhir/search/issues.ts';
import type { Answer } from '../http/answer.ts';
import { operationOutcome } from '../http/outcome.ts';
import { fail, ok, type Result } from '../result.ts';
import type { SearchPage } from '../store/search.ts';
import type { StoredVersion } from '../store/types.ts';
import { type Link, searchset } from './bundle.ts';
import { distinct, together } from './bundle-failures.ts';
import type { Call, Trace } from './call.ts';
import { sealIn } from './cursor.ts';
import {
  CUT,
  isCount,
  notePatient,
  pageOf,
  queryOf,
  refresh,
  type Settled,
  shown,
  understand,
} from './search.ts';
import type { Parameters } from './search-engine.ts';
import { merge } from './search-merge.ts';
import { namePatients } from './search-patient.ts';
import { type Asked, contextOf, type Place, type SystemCursor } from './search-places.ts';
import type { Server, UpstreamPosition } from './server.ts';

/** One of the types that are searched, as the call that it would be by itself. */
export interface TypeCall {
  readonly call: Call;
  /** What the audit shall say of it. */
  readonly trace: Trace;
}

/** Parameters that select nothing, or lead elsewhere: what may be asked of them each type says itself. */
const NOT_CRITERIA = new Set([
  '_count',
  '_sort',
  '_total',
  '_summary',
  '_elements',
  '_include',
  '_revinclude',
  '_has',
  '_format',
  '_pretty',
]);

/** R4: "only the parameters that are common to all the types". The codes that all have, as the same kind. */
const commonCodes = (server: Server, calls: readonly TypeCall[]): readonly string[] => {
  const [first = [], ...others] = calls.map(({ call }) =>
    server.search.offered(call.entry).map(({ code, type }) => `${code} ${type}`),
  );
  return first
    .filter((one) => others.every((all) => all.includes(one)))
    .map((one) => one.slice(0, one.indexOf(' ')));
};

interface Common {
  readonly parameters: Parameters;
  readonly unknown: readonly Issue[];
}

const commonOf = (server: Server, calls: readonly TypeCall[], parameters: Parameters): Common => {
  const codes = commonCodes(server, calls);
  const isCommon = ([name]: Parameters[number]): boolean => {
    const code = /^[^.:]*/.exec(name)?.[0] ?? '';
    return NOT_CRITERIA.has(code) || codes.includes(code);
  };
  const which = calls.length === 1 ? (calls[0]?.call.entry.type ?? '') : 'all of the types asked for';
  return {
    parameters: parameters.filter(isCommon),
    unknown: parameters.filter((one) => !isCommon(one)).map(([name]) => unknownIssue(name, which, codes)),
  };
};

/** A type's search, understood. */
interface Part extends TypeCall {
  readonly settled: Settled;
  readonly place: Place;
}

/** A type's page: of its matches the answer takes a beginning. */
interface PartPage extends Part {
  readonly page: SearchPage;
  readonly upstreamNext: UpstreamPosition | undefined;
  readonly issues: readonly Issue[];
}

const sortedDifferently = (parts: readonly Part[]): Failure | undefined => {
  const ways = new Set(parts.map(({ settled }) => JSON.stringify(settled.parsed.request.sort)));
  return ways.size < 2
    ? undefined
    : failure('malformed', 'not-supported', 'The types asked for have no common way to sort by that.', {
        location: ['http._sort'],
      });
};

const understandAll = async (
  server: Server,
  calls: readonly TypeCall[],
  asked: Asked,
  parameters: Parameters,
): Promise<Result<readonly Part[], Failure>> => {
  const parts: Part[] = [];
  const faults: Failure[] = [];
  for (const [index, { call, trace }] of calls.entries()) {
    const settled = await understand(server, call, trace, parameters);
    if (settled.ok) parts.push({ call, trace, settled: settled.value, place: asked.places[index] ?? {} });
    else faults.push(settled.failure);
  }
  const fault = together(faults) ?? sortedDifferently(parts);
  return fault === undefined ? ok(parts) : fail(fault);
};

const NO_PAGE: SearchPage = { versions: [], positions: [] };

const pageOfPart = async (server: Server, part: Part): Promise<Result<PartPage, Failure>> => {
  const { call, place } = part;
  const { includes: _, ...request } = part.settled.parsed.request;
  const { done, ...from } = place;
  if (done === true && request.total === 'none') {
    return ok({ ...part, page: NO_PAGE, upstreamNext: undefined, issues: [] });
  }
  const reached = done === true ? { ...request, count: 0 } : request;
  const settled: Settled = { ...part.settled, ...from, parsed: { ...part.settled.parsed, request: reached } };
  const refreshed = await refresh(server, call, settled);
  if (!refreshed.ok) return refreshed;
  const { ids, next, issues } = refreshed.value;
  const page = await pageOf(server, settled, ids);
  return ok({ ...part, page, upstreamNext: reached.count === 0 ? undefined : next, issues });
};

/** Where the type's next page begins, when this one took so many of its matches. */
const placeAfter = ({ place, page, upstreamNext }: PartPage, taken: number): Place => {
  if (taken < page.versions.length || page.next !== undefined) {
    const after = page.positions[taken - 1] ?? place.after;
    const { upstream } = place;
    return { ...(after === undefined ? {} : { after }), ...(upstream === undefined ? {} : { upstream }) };
  }
  return upstreamNext === undefined ? { done: true } : { upstream: upstreamNext };
};

const keyOf = ({ type, id, version }: StoredVersion): string => `${type}/${id}/${version}`;

/** What comes along with the matches, each once, and never one of them. */
const includedOf = async (
  server: Server,
  parts: readonly PartPage[],
  takenOf: (index: number) => readonly StoredVersion[],
) => {
  const known = new Set(parts.flatMap((_, index) => takenOf(index).map(keyOf)));
  const versions: StoredVersion[] = [];
  let cut = false;
  for (const [index, { settled, trace }] of parts.entries()) {
    const matches = takenOf(index);
    const { includes } = settled.parsed.request;
    const found = includes === undefined ? undefined : await server.search.included(includes, matches);
    cut ||= found?.cut === true;
    const fresh = (found?.versions ?? []).filter((version) => !known.has(keyOf(version)));
    for (const version of fresh) known.add(keyOf(version));
    versions.push(...fresh);
    notePatient(trace, [...matches, ...fresh]);
    if (matches.length === 0) trace.empty = true;
  }
  return { versions, cut };
};

const totalOf = (parts: readonly PartPage[]): number | undefined =>
  parts.reduce<number | undefined>(
    (sum, { page }) => (sum === undefined || page.total === undefined ? undefined : sum + page.total),
    0,
  );

/**
 * A search over several types at once, each of them a call that has been let in.
 * https://hl7.org/fhir/R4/http.html#search
 */
export const searchTypes = async (
  server: Server,
  calls: readonly TypeCall[],
  asked: Asked,
): Promise<Result<Answer, Failure>> => {
  const [first] = calls;
  if (first === undefined) throw new Error('a search without types');
  const { base, prefer, authority } = first.call;
  const { parameters: common, unknown } = commonOf(server, calls, asked.parameters);
  if (unknown.length > 0 && prefer.handling !== 'lenient') {
    return fail({ kind: 'malformed', issues: distinct(unknown) });
  }
  const types = calls.map(({ call }) => call.entry.type);
  // Once for all of them, as the strictest does: what one type takes for a person's number no link may carry.
  const { parameters } = await namePatients(server, types.includes('Patient') ? 'Patient' : '', common);
  const understood = await understandAll(server, calls, asked, parameters);
  if (!understood.ok) return understood;
  const pages = await Promise.all(understood.value.map((part) => pageOfPart(server, part)));
  const fault = together(pages.flatMap((page) => (page.ok ? [] : [page.failure])));
  if (fault !== undefined) return fail(fault);
  const parts = pages.flatMap((page) => (page.ok ? [page.value] : []));
  const { request } = parts[0]?.settled.parsed ?? {};
  const merged = merge(
    parts.map(({ page }, run) => ({
      matches: page.versions.map((version) => ({ run, version })),
      positions: page.positions,
    })),
    request?.sort ?? [],
    request?.count ?? 0,
  );
  const included = await includedOf(server, parts, (index) =>
    merged.matches.filter(({ run }) => run === index).map(({ version }) => version),
  );
  const url = `${base}${queryOf([['_type', types.join(',')]])}`;
  const applied = parts[0]?.settled.parameters ?? [];
  const links: Link[] = [{ relation: 'self', url: `${url}${queryOf(applied).replace('?', '&')}` }];
  const places = parts.map((part, index) => placeAfter(part, merged.taken[index] ?? 0));
  if (places.some(({ done }) => done !== true)) {
    const context = contextOf(authority?.callerKey ?? '', types);
    const cursor: SystemCursor = { parameters, places };
    const more = queryOf([...parameters.filter(isCount), ['_cursor', await sealIn(server, context, cursor)]]);
    links.push({ relation: 'next', url: `${url}${more.replace('?', '&')}` });
  }
  const warnings = distinct([
    ...unknown.map(asWarning),
    ...parts.flatMap(({ settled, issues }) => [...settled.parsed.warnings, ...issues]),
    ...(included.cut ? [CUT] : []),
  ]);
  const total = totalOf(parts);
  return ok({
    kind: 'ok',
    json: searchset(
      base,
      merged.matches.flatMap(({ run, version }) =>
        shown(server, [version], parts[run]?.settled.parsed.subset),
      ),
      links,
      {
        included: included.versions,
        ...(total === undefined ? {} : { total }),
        ...(warnings.length === 0 ? {} : { outcome: JSON.stringify(operationOutcome(warnings)) }),
      },
    ),
    confidential: calls.some(({ call }) => call.entry.confidential),
  });
};
