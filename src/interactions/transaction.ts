import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import { timedUuid } from '../delivery/deps.ts';
import type { Delivered, LocalWrite, WriteOrder } from '../delivery/types.ts';
import { type Failure, failure } from '../failure.ts';
import { answerStatus } from '../http/answer.ts';
import { etagOf } from '../http/etag.ts';
import { parseJsonText } from '../json.ts';
import type { Interaction, ResourceEntry } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import type { StoredVersion } from '../store/types.ts';
import { type Dispatch, responseEntry, statusLine } from './batch.ts';
import { type Entry, entryFailure, requestOf, unsupported } from './bundle-entries.ts';
import { relink, resolveConditional } from './bundle-references.ts';
import { criteriaOf, matchOne } from './conditional.ts';
import { PLANNERS } from './handlers.ts';
import type { Arrive } from './serve.ts';
import type { Server } from './server.ts';
import { isWriteCall, type Planned, type WriteCall } from './write.ts';

export interface TransactionParts {
  readonly server: Server;
  readonly dispatch: Dispatch;
  /** Takes an entry's request through token, headers and rights. */
  readonly arrive: Arrive;
}

/** An entry that writes, and what it will do. */
interface PlannedEntry {
  readonly entry: Entry;
  readonly call: WriteCall;
  readonly planned: Planned;
}

const RANK: Readonly<Record<string, number>> = { DELETE: 0, POST: 1, PUT: 2, PATCH: 2, GET: 3, HEAD: 3 };

const INTERACTION: Readonly<Record<string, Interaction>> = {
  POST: 'create',
  PUT: 'update',
  DELETE: 'delete',
};

const PATH = /^([A-Z][A-Za-z]+)(?:\/([A-Za-z0-9\-.]{1,64}))?(?:\?.*)?$/;

interface Target {
  readonly resource: ResourceEntry;
  readonly interaction: Interaction;
  readonly id?: string;
}

const targetOf = (server: Server, { method, url, index }: Entry): Result<Target, Failure> => {
  const [, type = '', id] = PATH.exec(url) ?? [];
  const resource = server.resources.get(type);
  const interaction = INTERACTION[method];
  if (resource?.write === undefined || interaction === undefined || (method === 'POST' && id !== undefined)) {
    return fail(
      unsupported(index, 'In a transaction this server writes by POST, PUT and DELETE of its own types.'),
    );
  }
  return ok({ resource, interaction, ...(id === undefined ? {} : { id }) });
};

/**
 * Ids of what the transaction creates, so that other entries can refer to them by `urn:uuid:`. A conditional
 * create whose resource exists is linked to that one.
 */
const linksOf = async (
  { server, arrive }: TransactionParts,
  request: Request,
  base: string,
  entries: readonly Entry[],
): Promise<Result<{ readonly links: Map<string, string>; readonly ids: Map<number, string> }, Failure>> => {
  const links = new Map<string, string>();
  const ids = new Map<number, string>();
  for (const entry of entries) {
    const target = targetOf(server, entry);
    if (!target.ok) return target;
    const { type } = target.value.resource;
    const condition = entry.conditions['If-None-Exist'];
    let id = target.value.id;
    if (entry.method === 'POST') {
      id = timedUuid(server.clock());
      ids.set(entry.index, id);
      if (condition !== undefined) {
        const call = await arrive(target.value, requestOf(request, base, entry));
        if (!call.ok) return fail(entryFailure(call.failure, entry.index));
        const existing = await matchOne(server, call.value, criteriaOf(condition), 'If-None-Exist');
        if (!existing.ok) return fail(entryFailure(existing.failure, entry.index));
        id = existing.value?.id ?? id;
      }
    }
    if (entry.fullUrl !== undefined && id !== undefined) links.set(entry.fullUrl, `${type}/${id}`);
  }
  return ok({ links, ids });
};

const planEntry = async (
  parts: TransactionParts,
  request: Request,
  base: string,
  entry: Entry,
  found: { readonly links: ReadonlyMap<string, string>; readonly ids: ReadonlyMap<number, string> },
): Promise<Result<PlannedEntry, Failure>> => {
  const { server, arrive } = parts;
  const target = targetOf(server, entry);
  if (!target.ok) return target;
  const arrived = await arrive(target.value, requestOf(request, base, entry));
  if (!arrived.ok) return arrived;
  const call = arrived.value;
  const rules = target.value.resource.write;
  const planner = PLANNERS[target.value.interaction];
  if (rules === undefined || planner === undefined || !isWriteCall(call)) {
    return fail(failure('unauthenticated', 'login', 'A write needs a token.', { challenge: 'Bearer' }));
  }
  const body = await bodyOf(server, call, entry, found.links);
  if (!body.ok) return body;
  const id = found.ids.get(entry.index);
  const planned = await planner(
    server,
    call,
    {},
    {
      rules,
      body: body.value,
      fingerprint: '',
      ...(id === undefined ? {} : { id }),
    },
  );
  return planned.ok ? ok({ entry, call, planned: planned.value }) : planned;
};

const bodyOf = async (
  server: Server,
  call: WriteCall,
  { resource, method }: Entry,
  links: ReadonlyMap<string, string>,
): Promise<Result<object, Failure>> =>
  resource === undefined || method === 'DELETE'
    ? ok({})
    : resolveConditional(server, call, relink(resource as Resource, links));

const samePlace = (orders: readonly WriteOrder[]): string | undefined => {
  const seen = new Set<string>();
  for (const { type, id, uniqueKey } of orders) {
    for (const key of [`${type}/${id}`, ...(uniqueKey === undefined ? [] : [uniqueKey])]) {
      if (seen.has(key)) return `${type}/${id}`;
      seen.add(key);
    }
  }
  return undefined;
};

const localPart = (order: WriteOrder): LocalWrite => {
  const { upstream: _u, companions: _c, requestId: _r, fingerprint: _f, deadline: _d, ...local } = order;
  return local;
};

/** One order of them all: the one that reaches a national system carries the others. */
const combine = (
  orders: readonly WriteOrder[],
  request: { readonly requestId?: string; readonly fingerprint: string },
): Result<WriteOrder, Failure> => {
  const upstream = orders.filter((order) => order.upstream !== undefined);
  if (upstream.length > 1) {
    return fail(
      failure(
        'unprocessable',
        'business-rule',
        'A transaction can reach a national system with one entry only: what a system has accepted cannot be undone. Send a batch, or several transactions.',
        { expression: ['Bundle.entry'] },
      ),
    );
  }
  const twice = samePlace(orders);
  if (twice !== undefined) {
    return fail(
      failure('unprocessable', 'business-rule', `Two entries of the transaction write ${twice}.`, {
        expression: ['Bundle.entry'],
      }),
    );
  }
  const carrier = upstream[0] ?? orders[0];
  if (carrier === undefined) throw new Error('a transaction without orders is not delivered');
  const { requestId: _, ...rest } = carrier;
  return ok({
    ...rest,
    ...request,
    companions: orders.filter((order) => order !== carrier).map(localPart),
  });
};

const versionEntry = (base: string, effect: Delivered['effect'], version: StoredVersion): BundleEntry => {
  const { type, id } = version;
  return {
    ...(version.deleted
      ? {}
      : { fullUrl: `${base}/${type}/${id}`, resource: parseJsonText(version.content) as Resource }),
    response: {
      status: statusLine(effect === 'created' ? 201 : effect === 'deleted' ? 204 : 200),
      location: `${base}/${type}/${id}/_history/${version.version}`,
      etag: etagOf(version.version),
      lastModified: new Date(version.lastUpdated).toISOString(),
    },
  };
};

const deliveredEntries = (base: string, delivered: Delivered): ReadonlyMap<number, BundleEntry> =>
  new Map(
    [delivered, ...(delivered.companions ?? [])].map(({ position, effect, version }) => [
      position ?? 0,
      versionEntry(base, effect, version),
    ]),
  );

const plannedEntry = (base: string, { planned }: PlannedEntry): BundleEntry | undefined => {
  if (!('answer' in planned)) return undefined;
  const { version, kind, json, url } = planned.answer;
  return {
    ...(json === undefined ? {} : { resource: parseJsonText(json) as Resource }),
    response: {
      status: statusLine(answerStatus(kind)),
      ...(version === undefined ? {} : { etag: etagOf(version.version) }),
      ...(url === undefined ? {} : { location: url.startsWith(base) ? url : `${base}/${url}` }),
    },
  };
};

/**
 * https://hl7.org/fhir/R4/http.html#transaction: deletes, then creates, then updates, then reads; all or nothing.
 * At most one entry may reach a national system: it goes last, and its refusal undoes the rest.
 */
export const runTransaction = async (
  parts: TransactionParts,
  request: Request,
  base: string,
  entries: readonly Entry[],
  once: { readonly callerKey?: string; readonly requestId?: string; readonly fingerprint: string },
): Promise<Result<Bundle, Failure>> => {
  const ordered = [...entries].sort((a, b) => (RANK[a.method] ?? 9) - (RANK[b.method] ?? 9));
  const writes = ordered.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
  const repeated = await repeatedEntries(parts, base, once);
  if (repeated?.ok === false) return repeated;
  const written = repeated ?? (await write(parts, request, base, writes, once));
  if (!written.ok) return written;
  const answered = new Map(written.value);
  for (const entry of ordered) {
    if (answered.has(entry.index)) continue;
    const reads = entry.method === 'GET' || entry.method === 'HEAD';
    // A write that is missing here changed nothing the first time either.
    answered.set(
      entry.index,
      reads
        ? await responseEntry(await parts.dispatch(requestOf(request, base, entry)))
        : { response: { status: statusLine(200) } },
    );
  }
  const inOrder = entries.flatMap(({ index }) => answered.get(index) ?? []);
  return ok({
    resourceType: 'Bundle',
    type: 'transaction-response',
    ...(inOrder.length === 0 ? {} : { entry: inOrder }),
  });
};

const repeatedEntries = async (
  { server }: TransactionParts,
  base: string,
  { callerKey, requestId, fingerprint }: Parameters<typeof runTransaction>[4],
): Promise<Result<ReadonlyMap<number, BundleEntry>, Failure> | undefined> => {
  if (callerKey === undefined || requestId === undefined) return undefined;
  const earlier = await server.delivery.repeat(callerKey, requestId, fingerprint);
  if (earlier === undefined) return undefined;
  return earlier.ok ? ok(deliveredEntries(base, earlier.value)) : earlier;
};

const write = async (
  parts: TransactionParts,
  request: Request,
  base: string,
  writes: readonly Entry[],
  once: { readonly requestId?: string; readonly fingerprint: string },
): Promise<Result<ReadonlyMap<number, BundleEntry>, Failure>> => {
  const found = await linksOf(parts, request, base, writes);
  if (!found.ok) return found;
  const planned: PlannedEntry[] = [];
  const faults: Failure[] = [];
  for (const entry of writes) {
    const one = await planEntry(parts, request, base, entry, found.value);
    if (one.ok) planned.push(one.value);
    else faults.push(entryFailure(one.failure, entry.index));
  }
  const [first] = faults;
  if (first !== undefined) return fail({ ...first, issues: faults.flatMap(({ issues }) => issues) });
  const answered = new Map<number, BundleEntry>();
  const orders: WriteOrder[] = [];
  for (const one of planned) {
    const answer = plannedEntry(base, one);
    if (answer !== undefined) answered.set(one.entry.index, answer);
    if ('order' in one.planned) orders.push({ ...one.planned.order, position: one.entry.index });
  }
  if (orders.length === 0) return ok(answered);
  const order = combine(orders, {
    fingerprint: once.fingerprint,
    ...(once.requestId === undefined ? {} : { requestId: once.requestId }),
  });
  if (!order.ok) return order;
  const delivered = await parts.server.delivery.execute(order.value);
  if (!delivered.ok) return fail(entryFailure(delivered.failure, order.value.position ?? 0));
  return ok(new Map([...answered, ...deliveredEntries(base, delivered.value)]));
};
