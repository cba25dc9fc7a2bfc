import { timedUuid } from '../delivery/deps.ts';
import { type Failure, failure } from '../failure.ts';
import type { Interaction, ResourceEntry } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import { type BundleCall, type Entry, requestOf } from './bundle-entries.ts';
import { entryFailure, unsupported } from './bundle-failures.ts';
import { refuseDangling, relativeLinks, relink, resolveConditional } from './bundle-references.ts';
import type { Trace } from './call.ts';
import { criteriaOf, matchOne } from './conditional.ts';
import { PLANNERS } from './handlers.ts';
import { readPatch } from './patch.ts';
import type { Arrive } from './serve.ts';
import type { Server } from './server.ts';
import { isWriteCall, type Planned, type WriteCall, type WriteInput } from './write.ts';

/** An entry that writes, as the call that it is: through token, headers and rights. */
export interface Arrived {
  readonly entry: Entry;
  readonly call: WriteCall;
  /** What the audit shall say of it. */
  readonly trace: Trace;
}

/** An entry that writes, and what it will do. */
export interface PlannedEntry extends Arrived {
  readonly planned: Planned;
}

/** What there is of the entries, and what is wrong with the others. */
export interface Sorted<T> {
  readonly good: readonly T[];
  readonly faults: readonly Failure[];
}

const INTERACTION: Readonly<Record<string, Interaction>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
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
  const written = resource?.write !== undefined || resource?.kinds !== undefined;
  if (
    resource === undefined ||
    !written ||
    interaction === undefined ||
    (method === 'POST' && id !== undefined)
  ) {
    return fail(
      unsupported(
        index,
        'In a transaction this server writes by POST, PUT, PATCH and DELETE of its own types.',
      ),
    );
  }
  return ok({ resource, interaction, ...(id === undefined ? {} : { id }) });
};

/** Runs the work for each, one after the other; failures are put at their place in the Bundle. */
const sort = async <F extends { readonly index: number }, T>(
  from: readonly F[],
  work: (one: F) => Promise<Result<T, Failure>>,
): Promise<Sorted<T>> => {
  const good: T[] = [];
  const faults: Failure[] = [];
  for (const one of from) {
    const done = await work(one);
    if (done.ok) good.push(done.value);
    else faults.push(entryFailure(done.failure, one.index));
  }
  return { good, faults };
};

/** Takes each entry through header rules and rights, as the single call that it stands for. */
export const arriveAll = async (
  server: Server,
  arrive: Arrive,
  bundle: BundleCall,
  entries: readonly Entry[],
): Promise<Sorted<Arrived>> => {
  const targets = entries.map((entry) => ({ entry, target: targetOf(server, entry) }));
  const untargeted = targets.flatMap(({ target }) => (target.ok ? [] : [target.failure]));
  const targeted = targets.flatMap(({ entry, target }) =>
    target.ok ? [{ index: entry.index, entry, target: target.value }] : [],
  );
  const { good, faults } = await sort(
    targeted,
    async ({ entry, target }): Promise<Result<Arrived, Failure>> => {
      const arrived = await arrive(target, requestOf(bundle, entry));
      if (!arrived.ok) return arrived;
      return isWriteCall(arrived.value)
        ? ok({ entry, call: arrived.value, trace: {} })
        : fail(failure('unauthenticated', 'login', 'A write needs a token.', { challenge: 'Bearer' }));
    },
  );
  return { good, faults: [...untargeted, ...faults] };
};

/** An entry with the id that others may refer to it by. */
interface Placed extends Arrived {
  readonly index: number;
  readonly id?: string;
  /** True: the id is given by this transaction. */
  readonly isNew: boolean;
}

/** The condition of a create or an update without id; undefined where there is none. */
const conditionOf = ({ entry, call }: Arrived) => {
  const condition = entry.conditions['If-None-Exist'];
  if (call.interaction === 'create') {
    return condition === undefined ? undefined : { criteria: criteriaOf(condition), where: 'If-None-Exist' };
  }
  return call.interaction === 'update' && call.id === undefined
    ? { criteria: call.parameters, where: 'URL' }
    : undefined;
};

/** The id that an update by criteria gives to what it makes. */
const clientId = ({ entry, call }: Arrived): string | undefined =>
  call.interaction === 'update' && call.entry.updateCreate === true ? entry.resource?.id : undefined;

/**
 * Ids of what the transaction writes, so that other entries can refer to them by `urn:uuid:`. A conditional create
 * or update whose resource exists is linked to that one.
 */
const place = async (
  server: Server,
  arrived: Arrived,
  leaving: ReadonlySet<string>,
): Promise<Result<Placed, Failure>> => {
  const { entry, call } = arrived;
  const condition = conditionOf(arrived);
  const known = { ...arrived, index: entry.index, isNew: false };
  if (condition !== undefined) {
    const existing = await matchOne(server, call, condition.criteria, condition.where, leaving);
    if (!existing.ok) return existing;
    if (existing.value !== undefined) return ok({ ...known, id: existing.value.id });
  } else if (call.interaction !== 'create') {
    return ok(call.id === undefined ? known : { ...known, id: call.id });
  }
  return ok({ ...known, id: clientId(arrived) ?? timedUuid(server.clock()), isNew: true });
};

const inputOf = async (
  server: Server,
  bundle: BundleCall,
  { entry, call }: Arrived,
  links: ReadonlyMap<string, string>,
): Promise<Result<Pick<WriteInput, 'body' | 'patch'>, Failure>> => {
  if (entry.resource === undefined || call.interaction === 'delete') return ok({ body: {} });
  if (call.interaction !== 'patch') {
    const body = relink(entry.resource, links);
    const dangling = refuseDangling(body);
    if (dangling !== undefined) return fail(dangling);
    const resolved = await resolveConditional(server, call, body);
    return resolved.ok ? ok({ body: resolved.value }) : resolved;
  }
  const read = await readPatch(server.bodies, requestOf(bundle, entry));
  if (!read.ok) return read;
  const body = read.value.body();
  const { patch } = read.value;
  if (!body.ok || patch === undefined) return body.ok ? ok({ body: body.value }) : body;
  return ok({
    body: body.value,
    // What a patch writes is linked like what is written whole.
    patch: (current) => {
      const patched = patch(current);
      if (!patched.ok) return patched;
      const linked = relink(patched.value, links);
      const dangling = refuseDangling(linked);
      return dangling === undefined ? ok(linked) : fail(dangling);
    },
  });
};

const planOne = async (
  server: Server,
  bundle: BundleCall,
  { id, isNew, ...arrived }: Placed,
  links: ReadonlyMap<string, string>,
  leaving: ReadonlySet<string>,
): Promise<Result<PlannedEntry, Failure>> => {
  const { entry, call, trace } = arrived;
  const rules = call.entry.write;
  const planner = call.interaction === 'operation' ? undefined : PLANNERS[call.interaction];
  if (rules === undefined || planner === undefined)
    throw new Error('an entry without a planner has no target');
  const input = await inputOf(server, bundle, arrived, relativeLinks(entry.fullUrl, links));
  if (!input.ok) return input;
  const given = { leaving, ...(isNew && id !== undefined ? { id } : {}) };
  const planned = await planner(server, call, trace, { rules, fingerprint: '', ...input.value, ...given });
  return planned.ok ? ok({ entry, call, trace, planned: planned.value }) : planned;
};

/** Plans every entry that has arrived, so that all faults are told at once. */
export const planAll = async (
  server: Server,
  bundle: BundleCall,
  arrived: readonly Arrived[],
  /** Of every entry that writes: a link to one that failed is not told as a second fault. */
  fullUrls: readonly string[],
): Promise<Sorted<PlannedEntry>> => {
  const leaving = new Set(
    arrived.flatMap(({ call }) =>
      call.interaction === 'delete' && call.id !== undefined ? [`${call.entry.type}/${call.id}`] : [],
    ),
  );
  const indexed = arrived.map((one) => ({ ...one, index: one.entry.index }));
  const placed = await sort(indexed, (one) => place(server, one, leaving));
  const links = new Map(fullUrls.map((url) => [url, 'Resource/unknown']));
  for (const { entry, call, id } of placed.good) {
    if (entry.fullUrl !== undefined && id !== undefined) links.set(entry.fullUrl, `${call.entry.type}/${id}`);
  }
  const planned = await sort(placed.good, (one) => planOne(server, bundle, one, links, leaving));
  return { good: planned.good, faults: [...placed.faults, ...planned.faults] };
};
