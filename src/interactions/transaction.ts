import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import type { Delivered, KeptVersion, WriteOrder } from '../delivery/types.ts';
import { type Failure, failure, type Issue } from '../failure.ts';
import { type Answer, answerStatus } from '../http/answer.ts';
import { etagOf } from '../http/etag.ts';
import { parseJsonText } from '../json.ts';
import { fail, ok, type Result } from '../result.ts';
import { audit } from './audited.ts';
import { type Dispatch, isOutcome, responseEntry, statusLine } from './batch.ts';
import { type BundleCall, type Entry, requestOf } from './bundle-entries.ts';
import { entryFailure, together } from './bundle-failures.ts';
import type { Call } from './call.ts';
import type { Arrive } from './serve.ts';
import type { Server } from './server.ts';
import { combine } from './transaction-order.ts';
import { type Arrived, arriveAll, type PlannedEntry, planAll } from './transaction-plan.ts';
import { answerOf } from './write.ts';

export interface TransactionParts {
  readonly server: Server;
  readonly dispatch: Dispatch;
  /** Takes an entry's request through token, headers and rights. */
  readonly arrive: Arrive;
  /** What an entry's own answer would say in `X-Header-Findings`. */
  readonly findingsOf: (call: Call) => readonly Issue[];
}

/** By what a repeat of the transaction is known. */
export interface Once {
  readonly callerKey: string;
  readonly requestId?: string;
  readonly fingerprint: string;
}

type Answered = ReadonlyMap<number, BundleEntry>;

const RANK: Readonly<Record<string, number>> = { DELETE: 0, POST: 1, PUT: 2, PATCH: 2, GET: 3, HEAD: 3 };

/** What an entry's call answers, as the response of the entry. */
const answerEntry = (answer: Answer): BundleEntry => {
  const { version, kind, json, url } = answer;
  const body = json === undefined ? undefined : (parseJsonText(json) as Resource);
  const outcome = body !== undefined && isOutcome(body) ? body : undefined;
  const place = url?.replace(/\/_history\/[^/]+$/, '');
  return {
    ...(body === undefined || outcome !== undefined || place === undefined ? {} : { fullUrl: place }),
    ...(body === undefined || outcome !== undefined ? {} : { resource: body }),
    response: {
      status: statusLine(answerStatus(kind)),
      ...(url === undefined ? {} : { location: url }),
      ...(version === undefined
        ? {}
        : { etag: etagOf(version.version), lastModified: new Date(version.lastUpdated).toISOString() }),
      ...(outcome === undefined ? {} : { outcome }),
    },
  };
};

/** Records each of the calls; the first failure to do so is the answer. */
const auditEach = async (
  { server }: TransactionParts,
  calls: readonly Arrived[],
  outcome: { readonly ok: boolean },
): Promise<Failure | undefined> => {
  for (const { call, trace } of calls) {
    const unaudited = await audit(server, call, trace, outcome);
    if (unaudited !== undefined) return unaudited;
  }
  return undefined;
};

/** Refuses the whole; each entry that was looked at is audited, for the refusal tells about it. */
const refuseAll = async (
  parts: TransactionParts,
  calls: readonly Arrived[],
  refusal: Failure,
): Promise<Result<never, Failure>> => fail((await auditEach(parts, calls, { ok: false })) ?? refusal);

/** What the delivery says of the entries that wrote, each by its call's Prefer. */
const deliveredAnswers = (arrived: readonly Arrived[], delivered: Delivered): Map<number, BundleEntry> => {
  const answers = new Map<number, BundleEntry>();
  const { repeated } = delivered;
  const companions = (delivered.companions ?? []).map((each) => ({ ...each, issues: [], repeated }));
  for (const one of [delivered, ...companions]) {
    const found = arrived.find(({ entry }) => entry.index === (one.position ?? 0));
    if (found === undefined) continue;
    const answer = answerOf(found.call, found.trace, one);
    answers.set(found.entry.index, answerEntry(answer));
  }
  return answers;
};

const unreachable = (): Failure =>
  failure('forbidden', 'forbidden', 'The token does not reach the patient of this resource.');

/** Entries whose earlier outcome the caller may not see now. */
const outOfReach = (arrived: readonly Arrived[], delivered: Delivered): readonly Failure[] =>
  [delivered, ...(delivered.companions ?? [])].flatMap(({ position = 0, version }) => {
    const patients = arrived.find(({ entry }) => entry.index === position)?.call.authority.patients;
    if (patients === undefined) return [];
    const within = version.patient !== null && patients.includes(version.patient);
    return within ? [] : [entryFailure(unreachable(), position)];
  });

/** A refusal that the journal tells again is that of the one entry that reaches a national system. */
const retold = (arrived: readonly Arrived[], refusal: Failure): Failure => {
  const [carrier, other] = arrived.filter(({ call }) => call.entry.write?.system !== undefined);
  return carrier === undefined || other !== undefined ? refusal : entryFailure(refusal, carrier.entry.index);
};

/** The earlier outcome of the same call, told to a caller that was authorised anew, and audited anew. */
const repeat = async (
  parts: TransactionParts,
  arrived: readonly Arrived[],
  { callerKey, requestId, fingerprint }: Once,
): Promise<Result<Answered, Failure> | undefined> => {
  if (requestId === undefined) return undefined;
  const earlier = await parts.server.delivery.repeat(callerKey, requestId, fingerprint);
  if (earlier === undefined) return undefined;
  if (!earlier.ok) return refuseAll(parts, arrived, retold(arrived, earlier.failure));
  const hidden = together(outOfReach(arrived, earlier.value));
  if (hidden !== undefined) return refuseAll(parts, arrived, hidden);
  const answers = deliveredAnswers(arrived, earlier.value);
  const unaudited = await auditEach(parts, arrived, { ok: true });
  return unaudited === undefined ? ok(answers) : fail(unaudited);
};

/** What an entry found as it was to be; undefined: nothing was there. */
const keptBy = ({ entry, call, trace, planned }: PlannedEntry): readonly KeptVersion[] => {
  const version = 'answer' in planned ? planned.answer.version?.version : undefined;
  const id = trace.id ?? call.id;
  if (version === undefined || id === undefined) return [];
  return [{ type: call.entry.type, id, version, position: entry.index }];
};

const isOrdered = (orders: readonly WriteOrder[]): orders is readonly [WriteOrder, ...WriteOrder[]] =>
  orders.length > 0;

/** Carries out what is planned: at most one delivery, then the audit of what needed none. */
const carryOut = async (
  parts: TransactionParts,
  planned: readonly PlannedEntry[],
  once: Once,
): Promise<Result<Answered, Failure>> => {
  const { server } = parts;
  const answers = new Map<number, BundleEntry>();
  const orders: WriteOrder[] = [];
  for (const one of planned) {
    if ('order' in one.planned) orders.push({ ...one.planned.order, position: one.entry.index });
    else answers.set(one.entry.index, answerEntry(one.planned.answer));
  }
  const still = planned.filter(({ planned: plan }) => 'answer' in plan);
  if (!isOrdered(orders)) {
    const unaudited = await auditEach(parts, still, { ok: true });
    return unaudited === undefined ? ok(answers) : fail(unaudited);
  }
  const { fingerprint, requestId } = once;
  const request = { fingerprint, ...(requestId === undefined ? {} : { requestId }) };
  const order = combine(orders, request, still.flatMap(keptBy));
  if (!order.ok) return refuseAll(parts, planned, order.failure);
  const delivered = await server.delivery.execute(order.value);
  if (!delivered.ok) {
    const { position = 0 } = order.value;
    const others = planned.filter(({ entry }) => entry.index !== position);
    return refuseAll(parts, others, entryFailure(delivered.failure, position));
  }
  const told = deliveredAnswers(planned, delivered.value);
  // The delivery audits what it writes; of a repeat that overtook this call only the entry that carries the others.
  const unaudited = await auditEach(parts, delivered.value.repeated ? planned : still, { ok: true });
  return unaudited === undefined ? ok(new Map([...answers, ...told])) : fail(unaudited);
};

const write = async (
  parts: TransactionParts,
  bundle: BundleCall,
  writes: readonly Entry[],
  once: Once,
): Promise<Result<Answered, Failure>> => {
  const { good: arrived, faults } = await arriveAll(parts.server, parts.arrive, bundle, writes);
  const settle = async (): Promise<Result<Answered, Failure>> => {
    const repeated = faults.length === 0 ? await repeat(parts, arrived, once) : undefined;
    if (repeated !== undefined) return repeated;
    const fullUrls = writes.flatMap(({ fullUrl }) => fullUrl ?? []);
    const plans = await planAll(parts.server, bundle, arrived, fullUrls);
    const refusal = together([...faults, ...plans.faults]);
    return refusal === undefined ? carryOut(parts, plans.good, once) : refuseAll(parts, arrived, refusal);
  };
  const settled = await settle();
  for (const { entry, call } of arrived) bundle.report(entry.index, parts.findingsOf(call));
  return settled;
};

/**
 * https://hl7.org/fhir/R4/http.html#transaction: deletes, then creates, then updates, then reads; all or nothing.
 * At most one entry may reach a national system: it goes last, and its refusal undoes the rest.
 */
export const runTransaction = async (
  parts: TransactionParts,
  bundle: BundleCall,
  entries: readonly Entry[],
  once: Once,
): Promise<Result<Bundle, Failure>> => {
  const ordered = [...entries].sort((a, b) => (RANK[a.method] ?? 9) - (RANK[b.method] ?? 9));
  const reads = ({ method }: Entry): boolean => method === 'GET' || method === 'HEAD';
  const written = await write(
    parts,
    bundle,
    ordered.filter((entry) => !reads(entry)),
    once,
  );
  if (!written.ok) return written;
  const answered = new Map(written.value);
  for (const entry of ordered) {
    if (answered.has(entry.index)) continue;
    // A write that is missing here found nothing to change the first time either: a delete of what was not there.
    answered.set(
      entry.index,
      reads(entry)
        ? await responseEntry(await parts.dispatch(requestOf(bundle, entry)))
        : { response: { status: statusLine(entry.method === 'DELETE' ? 204 : 200) } },
    );
  }
  const inOrder = entries.flatMap(({ index }) => answered.get(index) ?? []);
  return ok({
    resourceType: 'Bundle',
    type: 'transaction-response',
    ...(inOrder.length === 0 ? {} : { entry: inOrder }),
  });
};
