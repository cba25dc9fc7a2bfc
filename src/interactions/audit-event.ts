import type { AuditEvent } from '@medplum/fhirtypes';
import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { AuditPage } from '../security/audit.ts';
import type { AuditPeriod, AuditSearch } from '../security/audit-search.ts';
import type { Criterion, DateMatch, SearchRequest } from '../store/search-request.ts';
import type { Link } from './bundle.ts';
import type { Call, Handler } from './call.ts';
import { openCursor, sealCursor } from './cursor.ts';
import { isName, refuseUnknownParameters } from './read.ts';
import { continued, nextUrl, refuseBesideCursor } from './search.ts';
import type { Server } from './server.ts';
import { notFound } from './visible.ts';

/** What the audit's own table can tell. */
export interface AuditReader {
  readonly read: (id: string) => Promise<AuditEvent | undefined>;
  readonly search: (search: AuditSearch) => Promise<Result<AuditPage, Failure>>;
  readonly count: (search: AuditSearch) => Promise<Result<number, Failure>>;
}

/** The audit is a table of its own; an AuditEvent is written out when somebody reads it. */
export const readAuditEvent =
  (server: Server): Handler =>
  async (call, trace) => {
    const unknown = refuseUnknownParameters(call);
    if (unknown !== undefined) return fail(unknown);
    const event = await server.audit.read(call.id ?? '');
    if (event === undefined) return fail(notFound('AuditEvent'));
    trace.version = 1;
    return ok({
      kind: 'ok',
      json: JSON.stringify(event),
      version: { version: 1, lastUpdated: Date.parse(event.recorded) },
      url: `${call.base}/AuditEvent/${event.id}`,
      confidential: true,
    });
  };

export const searchAuditEvents =
  (server: Server): Handler =>
  async (call, trace) => {
    const position = await positionOf(server, call);
    if (!position.ok) return position;
    const { parameters, after } = position.value;
    const handling = call.prefer.handling ?? 'strict';
    const sorted = inOrder(parameters, handling);
    if (!sorted.ok) return sorted;
    const parsed = server.search.parse(call.entry, sorted.value, handling);
    if (!parsed.ok) return parsed;
    const { request, applied } = parsed.value;
    const criteria = auditSearchOf(request, after);
    if (!criteria.ok) return criteria;
    const page =
      request.count === 0 ? ok<AuditPage>({ events: [] }) : await server.audit.search(criteria.value);
    if (!page.ok) return page;
    const total = request.total === 'none' ? ok(undefined) : await server.audit.count(criteria.value);
    if (!total.ok) return total;
    if (page.value.events.length === 0) trace.empty = true;
    const links = await linksOf(server, call, applied, page.value);
    return ok({ kind: 'ok', json: bundleOf(call, page.value, links, total.value), confidential: true });
  };

/** What is searched for, and after which record: from the cursor, when the call has one. */
const positionOf = async (server: Server, call: Call) => {
  const sealed = call.parameters.find(([name]) => name === '_cursor')?.[1];
  if (sealed === undefined) return ok({ parameters: call.parameters, after: undefined });
  const added = refuseBesideCursor(call);
  if (added !== undefined) return fail(added);
  const cursor = await openCursor(server, call, sealed);
  if (!cursor.ok) return cursor;
  const { parameters, after } = cursor.value;
  return ok({ parameters: continued(call, parameters), after: after.id });
};

const linksOf = async (
  server: Server,
  call: Call,
  applied: readonly (readonly [string, string])[],
  page: AuditPage,
): Promise<readonly Link[]> => {
  const url = `${call.base}/AuditEvent`;
  const query = new URLSearchParams(
    applied.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  const links: Link[] = [{ relation: 'self', url: query === '' ? url : `${url}?${query}` }];
  if (page.next === undefined) return links;
  const after = { keys: [], id: String(page.next) };
  const cursor = await sealCursor(server, call, { after, parameters: applied });
  return [...links, { relation: 'next', url: nextUrl(url, applied, cursor) }];
};

const bundleOf = (call: Call, page: AuditPage, links: readonly Link[], total: number | undefined): string =>
  JSON.stringify({
    resourceType: 'Bundle',
    type: 'searchset',
    total,
    link: links,
    entry:
      page.events.length === 0
        ? undefined
        : page.events.map((event) => ({
            fullUrl: `${call.base}/AuditEvent/${event.id}`,
            resource: event,
            search: { mode: 'match' },
          })),
  });

const unsupported = (name: string, why: string): Result<never, Failure> =>
  fail(failure('malformed', 'not-supported', `${name}: ${why}`, { location: [`http.${name}`] }));

/** A record has one instant, so every prefix comes to a period. */
const periodOf = ({ prefix, low, high }: DateMatch): AuditPeriod | undefined => {
  switch (prefix) {
    case 'eq':
    case 'ap':
      return { low, high };
    case 'ge':
      return { low };
    case 'le':
      return { high };
    case 'gt':
    case 'sa':
      return { low: high + 1 };
    case 'lt':
    case 'eb':
      return { high: low - 1 };
    case 'ne':
      return undefined;
  }
};

const MEMBERS = new Set(['action', 'outcome', 'type', 'subtype']);
type TokenMember = 'action' | 'outcome' | 'type' | 'subtype';
const isMember = (name: string): name is TokenMember => MEMBERS.has(name);

const partOf = (criterion: Criterion): Result<Partial<AuditSearch>, Failure> => {
  switch (criterion.kind) {
    case 'id':
      return ok({ id: criterion.anyOf });
    case 'last-updated':
    case 'date': {
      const [first, ...more] = criterion.anyOf;
      const period = first === undefined || more.length > 0 ? undefined : periodOf(first);
      return period === undefined
        ? unsupported('date', 'give one date without ne; repeat the parameter for a period.')
        : ok({ periods: [period] });
    }
    case 'token':
      return tokenPart(criterion);
    case 'reference':
      return referencePart(criterion);
    case 'text':
      return unsupported('_text', 'the audit is searched by its parameters only.');
    default:
      return unsupported(
        'param' in criterion ? criterion.param : criterion,
        'this modifier is not supported.',
      );
  }
};

const tokenPart = (criterion: Criterion & { kind: 'token' }): Result<Partial<AuditSearch>, Failure> => {
  const { param, anyOf, not } = criterion;
  if (not) return unsupported(param, ':not is not supported.');
  if (param === 'agent:identifier') {
    return ok({ agent: anyOf.map(({ system, code }) => ({ system: system ?? '', value: code ?? '' })) });
  }
  if (!isMember(param)) return unsupported(param, 'it cannot be searched by here.');
  return ok({ [param]: anyOf.flatMap(({ code }) => code ?? []) });
};

const referencePart = (
  criterion: Criterion & { kind: 'reference' },
): Result<Partial<AuditSearch>, Failure> => {
  const { param, anyOf } = criterion;
  if (param === 'patient') return ok({ patient: anyOf.map(({ id }) => id) });
  if (param !== 'entity') return unsupported(param, 'use the modifier :identifier.');
  const typed = anyOf.filter(({ type }) => typeof type === 'string');
  if (typed.length < anyOf.length) return unsupported(param, 'give it as Type/id.');
  return ok({
    entity: typed.map(({ type, id, version }) => ({
      type: type ?? '',
      id,
      ...(version === undefined ? {} : { version: Number(version) }),
    })),
  });
};

/** The two ways of saying how the audit is told. */
const NEWEST_FIRST = new Set(['-date', '-_lastUpdated']);

/** Sorted otherwise it cannot be: refused by name, or under lenient handling passed over. */
const inOrder = (
  parameters: readonly (readonly [string, string])[],
  handling: 'strict' | 'lenient',
): Result<readonly (readonly [string, string])[], Failure> => {
  const unknown = parameters
    .flatMap(([name, value]) => (name === '_sort' ? value.split(',') : []))
    .find((key) => !NEWEST_FIRST.has(key));
  if (unknown === undefined) return ok(parameters);
  if (handling === 'lenient') return ok(parameters.filter(([name]) => name !== '_sort'));
  const named = isName(unknown.replace(/^-/, '')) ? unknown : 'This';
  return unsupported(
    '_sort',
    `${named} is not offered; the audit is told newest first, ${[...NEWEST_FIRST].join(' or ')}.`,
  );
};

/** Periods add up (AND); of any other member only one is taken. */
const auditSearchOf = (request: SearchRequest, after: string | undefined): Result<AuditSearch, Failure> => {
  let search: AuditSearch = {
    count: request.count,
    ...(after === undefined || after === '' ? {} : { before: Number(after) }),
  };
  for (const criterion of request.criteria) {
    const part = partOf(criterion);
    if (!part.ok) return part;
    const periods = [...(search.periods ?? []), ...(part.value.periods ?? [])];
    const repeated = Object.keys(part.value).find((name) => name !== 'periods' && name in search);
    if (repeated !== undefined) return unsupported(repeated, 'give it once.');
    search = { ...search, ...part.value, ...(periods.length === 0 ? {} : { periods }) };
  }
  return ok(search);
};
