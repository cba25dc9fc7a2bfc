import type { Resource } from '@medplum/fhirtypes';
import type { Delivered, WriteOrder } from '../delivery/types.ts';
import { type Failure, failure, failureOf, type Issue } from '../failure.ts';
import type { Answer } from '../http/answer.ts';
import { operationOutcome } from '../http/outcome.ts';
import { parseJsonText } from '../json.ts';
import type { PlanGiven, WriteRules } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import type { StoredVersion } from '../store/types.ts';
import type { Plan, SystemWrite } from '../systems/system.ts';
import { type BodyReader, parseBody, readText } from './body.ts';
import { type Authority, auditOf, type Call, type Trace } from './call.ts';
import { type NamedPatient, namePatient, withPatient } from './patient.ts';
import { versionUrl } from './read.ts';
import type { Server } from './server.ts';
import { refuseUnlessScopeCovers } from './visible.ts';

/** A call that writes: the stages before it have made sure of these two. */
export interface WriteCall extends Call {
  readonly authority: Authority;
}

export const isWriteCall = (call: Call): call is WriteCall => call.authority !== undefined;

/** What a write is planned from. */
export interface WriteInput {
  readonly rules: WriteRules;
  /** Parsed, not yet validated; `{}` for a delete. */
  readonly body: object;
  /** Tells a repeat of the call from another one with the same X-Request-ID. */
  readonly fingerprint: string;
  /** For a patch: makes the resource from the stored one. */
  readonly patch?: (current: Resource) => Result<object, Failure>;
  /** The id that a create shall give, where others refer to it already (a transaction). */
  readonly id?: string;
}

/** A write that is to be delivered, or one that turned out to need no delivery. */
export type Planned = { readonly order: WriteOrder } | { readonly answer: Answer };

/** Plans one kind of write: everything that can be refused is, and nothing is stored but a Patient's index entry. */
export type Planner = (
  server: Server,
  call: WriteCall,
  trace: Trace,
  input: WriteInput,
) => Promise<Result<Planned, Failure>>;

export const notWritable = ({ entry }: Call): Failure =>
  failure(
    'not-implemented',
    'not-supported',
    `${entry.unconfigured ?? entry.type} is not configured on this server.`,
  );

/** What a write's body says, read once. */
export interface WriteBody {
  /** As sent, to tell a repeat by. */
  readonly text: string;
  /** The resource, parsed when it is needed. */
  readonly body: () => Result<object, Failure>;
  /** For a patch: makes the resource from the stored one. */
  readonly patch?: WriteInput['patch'];
}

export type ReadWrite = (reader: BodyReader, request: Request) => Promise<Result<WriteBody, Failure>>;

/** Creates and updates send the resource itself. */
export const readResource: ReadWrite = async (reader, request) => {
  const text = await readText(reader, request);
  return text.ok ? ok({ text: text.value.text, body: () => parseBody(reader, text.value) }) : text;
};

/** A delete sends nothing. */
export const readNothing: ReadWrite = async () => ok({ text: '', body: () => ok({}) });

/** The handler of a write: repeat, parse, plan, deliver, answer. */
export const writing =
  (planner: Planner, read: ReadWrite) =>
  (server: Server) =>
  async (call: WriteCall, trace: Trace): Promise<Result<Answer, Failure>> => {
    const rules = call.entry.write;
    if (rules === undefined) return fail(notWritable(call));
    const sent = await read(server.bodies, call.request);
    if (!sent.ok) return sent;
    const fingerprint = fingerprintOf(call, sent.value.text);
    const repeated = await repeatOf(server, call, trace, fingerprint);
    if (repeated !== undefined) return repeated;
    const body = sent.value.body();
    if (!body.ok) return body;
    const { patch } = sent.value;
    const input = { rules, body: body.value, fingerprint, ...(patch === undefined ? {} : { patch }) };
    return carryOut(server, call, trace, () => planner(server, call, trace, input));
  };

/** How often a write without If-Match starts anew from the version that another one has just made. */
export const PLANS = 4;

const carryOut = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  plan: () => Promise<Result<Planned, Failure>>,
): Promise<Result<Answer, Failure>> => {
  const unconditional = call.request.headers.get('if-match') === null;
  for (let plans = 1; ; plans += 1) {
    const planned = await plan();
    if (!planned.ok) return planned;
    if ('answer' in planned.value) return ok(planned.value.answer);
    const delivered = await deliver(server, trace, planned.value.order);
    if (delivered.ok) return ok(answerOf(call, trace, delivered.value));
    // Without If-Match nobody said which version was seen: another write in between is no conflict.
    if (delivered.failure.kind !== 'precondition-failed' || !unconditional) return delivered;
    if (plans === PLANS) return fail(outrun(planned.value.order));
  }
};

export const outrun = ({ type }: WriteOrder): Failure =>
  failure(
    'locked',
    'lock-error',
    `Other writes of this ${type} are under way. Repeat the call in a moment.`,
    {
      retryAfter: 1,
    },
  );

export const parseStored = (version: StoredVersion): Resource => parseJsonText(version.content) as Resource;

/** What `prepare` makes of a body: fit to be planned, its patient known. */
export interface Prepared {
  readonly resource: Resource;
  readonly named?: NamedPatient;
  /** Warnings. */
  readonly issues: readonly Issue[];
}

/**
 * Validates a body and plans its write; every fault of structure, invariants, profile and mapping in one
 * failure. Nothing is stored, no Patient is made.
 */
export const prepare = async (
  server: Server,
  call: Pick<Call, 'entry' | 'base' | 'authority' | 'values'>,
  rules: WriteRules,
  body: object,
  writeOf: (resource: Resource) => SystemWrite<Resource>,
): Promise<Result<Prepared & { readonly plan: Plan<Resource> }, Failure>> => {
  const { entry } = call;
  if (isOfOtherType(body, entry.type)) return fail(wrongType(entry.type));
  const given = await givenOf(server, call, rules, body);
  const structural = server.validate(body, entry.profile);
  const malformed = structural.some((issue) => issue.severity === 'error' && issue.malformed === true);
  if (!isOfType(body, entry.type)) return fail(failureOf(structural) ?? wrongType(entry.type));
  const named = malformed
    ? ok({ resource: body })
    : rules.patient === undefined
      ? ok({ resource: body })
      : await namePatient(server, body, rules.patient, call);
  if (!named.ok) return fail(unnamed(rules, structural, named.failure, writeOf(body), given));
  const { resource } = named.value;
  const planned = planSafely(rules, writeOf(resource), given, malformed);
  if (planned === undefined) return fail(refusal(structural));
  if (!planned.ok)
    return fail({ ...planned.failure, ...refusal(merged(structural, planned.failure.issues)) });
  const issues = [...structural, ...planned.value.issues];
  const refused = failureOf(issues);
  if (refused !== undefined) return fail(refused);
  return ok({ resource, named: named.value, issues, plan: planned.value });
};

/** References in a resource that are looked up for its plan; one with more is a bulk load of its own. */
const MOST_RESOLVED = 20;

const referencesIn = (value: unknown, found: Set<string>): void => {
  if (typeof value !== 'object' || value === null) return;
  if ('reference' in value && typeof value.reference === 'string') found.add(value.reference);
  for (const inner of Object.values(value)) referencesIn(inner, found);
};

/** What a plan may look at besides the write: X-Provenance, and the resources that literal references lead to. */
export const givenOf = async (
  server: Server,
  { base, values }: Pick<Call, 'base' | 'values'>,
  { resolves = [] }: WriteRules,
  body: object,
): Promise<PlanGiven> => {
  const found = new Set<string>();
  if (resolves.length > 0) referencesIn(body, found);
  const held = new Map<string, Resource>();
  for (const reference of [...found].slice(0, MOST_RESOLVED)) {
    const [type = '', id = ''] = reference.replace(`${base}/`, '').split('/');
    if (!resolves.includes(type)) continue;
    const stored = await server.repository.read(type, id);
    if (stored !== undefined && !stored.deleted) held.set(reference, parseStored(stored));
  }
  return {
    resolve: (reference) => held.get(reference),
    ...(values.provenance === undefined ? {} : { provenance: values.provenance }),
  };
};

/** The plan with what the call's headers bring along, for systems that take it from there; warnings are told. */
export const attached = async (
  rules: WriteRules,
  plan: Plan<Resource>,
  { request, warnings }: Pick<Call, 'request' | 'warnings'>,
): Promise<Result<Plan<Resource>, Failure>> => {
  const taken = rules.attach === undefined ? ok(plan) : await rules.attach(plan, request.headers);
  if (taken.ok) warnings.push(...taken.value.issues.filter((issue) => !plan.issues.includes(issue)));
  return taken;
};

/** The patient cannot be told: all else that is wrong is told with it. */
const unnamed = (
  rules: WriteRules,
  structural: readonly Issue[],
  naming: Failure,
  write: SystemWrite<Resource>,
  given: PlanGiven,
): Failure => {
  if (naming.kind === 'forbidden') return naming;
  const planned = planSafely(rules, write, given, true);
  const mapping = planned === undefined ? [] : planned.ok ? planned.value.issues : planned.failure.issues;
  const named = naming.issues.flatMap(({ expression }) => expression ?? []);
  const further = merged(structural, mapping).filter(
    ({ expression }) =>
      !(expression ?? []).some((at) => named.some((other) => other.startsWith(at) || at.startsWith(other))),
  );
  return refusal([...further, ...naming.issues]);
};

const isOfType = (body: object, type: string): body is Resource =>
  'resourceType' in body && body.resourceType === type;

/** Says that it is something else, so that no rule of this type tells anything about it. */
const isOfOtherType = (body: object, type: string): boolean =>
  'resourceType' in body && typeof body.resourceType === 'string' && body.resourceType !== type;

const wrongType = (type: string): Failure =>
  failure('malformed', 'value', `This endpoint takes a ${type}.`, { expression: ['resourceType'] });

const refusal = (issues: readonly Issue[]): Failure => failureOf(issues) ?? { kind: 'unprocessable', issues };

/**
 * With a body that is not R4 the mapping's faults are still worth telling, as far as it gets: the sender then
 * mends everything at once. What it stumbles over is already in the list.
 */
const planSafely = (
  rules: WriteRules,
  write: SystemWrite<Resource>,
  given: PlanGiven,
  malformed: boolean,
): Result<Plan<Resource>, Failure> | undefined => {
  if (!malformed) return rules.plan(write, given);
  try {
    return rules.plan(write, given);
  } catch {
    return undefined;
  }
};

/**
 * A fault that both told is told once. What is not R4 at an element says enough; of a rule that the profile and
 * the mapping share, the mapping's words are the more exact.
 */
const merged = (structural: readonly Issue[], mapping: readonly Issue[]): readonly Issue[] => {
  const placesOf = (issues: readonly Issue[]) => issues.flatMap((issue) => issue.expression ?? []);
  const broken = placesOf(structural.filter(({ severity, malformed }) => severity === 'error' && malformed));
  const inBroken = (at: string) => broken.some((other) => at === other || at.startsWith(`${other}.`));
  const further = mapping.filter(({ expression }) => !(expression ?? []).some(inBroken));
  const mapped = new Set(placesOf(further));
  const own = structural.filter(
    ({ malformed, expression }) => malformed === true || !(expression ?? []).some((at) => mapped.has(at)),
  );
  return [...own, ...further];
};

/** May this caller write for this patient and this organisation? */
export const refuseUnlessMayWrite = (
  server: Server,
  call: WriteCall,
  rules: WriteRules,
  resource: Resource,
  patient: string | undefined,
): Failure | undefined => {
  const { patients, caller } = call.authority;
  if (rules.patient !== undefined && patients !== undefined) {
    if (patient === undefined || !patients.includes(patient)) {
      return failure('forbidden', 'forbidden', 'The token does not reach the patient of this resource.');
    }
  }
  const refused =
    refuseUnlessScopeCovers(server, call, resource, patient) ?? rules.mayAct?.(caller, resource);
  if (refused !== undefined) return refused;
  return failureOf(rules.checkCaller?.(caller, resource) ?? []);
};

/** Makes the Patient of a resource that named one by number only, now that nothing else stands in the way. */
export const settlePatient = async (
  server: Server,
  rules: WriteRules,
  named: NamedPatient | undefined,
  resource: Resource,
): Promise<{ readonly resource: Resource; readonly patient?: string }> => {
  if (rules.patient === undefined || named?.identifier === undefined) return { resource };
  const id = named.id ?? (await server.patients.findOrMake(named.identifier));
  return { resource: withPatient(resource, rules.patient, id, named.identifier), patient: id };
};

/** The order for the delivery, from a call and what was planned. */
export const orderOf = (
  server: Server,
  call: WriteCall,
  trace: Trace,
  write: Pick<WriteOrder, 'interaction' | 'type' | 'id'> &
    Partial<Pick<WriteOrder, 'base' | 'resource' | 'patient' | 'uniqueKey'>>,
  plan: Plan<Resource>,
  fingerprint: string,
): WriteOrder => {
  const now = server.clock();
  const { system, isPatient } = call.entry.write ?? {};
  const { resource } = write;
  const patient = isPatient === true ? write.id : write.patient;
  const requestId = journalId(call);
  trace.id = write.id;
  if (patient !== undefined) trace.patient = patient;
  return {
    ...write,
    ...(patient === undefined ? {} : { patient }),
    ...(resource === undefined ? {} : { index: server.indexOf(resource) }),
    ...(system === undefined || plan.request === undefined
      ? {}
      : { upstream: { system, request: plan.request, onUnchanged: plan.onUnchanged } }),
    ...(call.values.provenance === undefined ? {} : { provenance: call.values.provenance }),
    audit: auditOf(call, call.authority, now, trace),
    callerKey: call.authority.callerKey,
    ...(requestId === undefined ? {} : { requestId }),
    fingerprint,
    deadline: now + server.upstreamDeadline,
  };
};

/** The delivery audits whatever it answers, failures too; only a failing store leaves nothing behind. */
const STORE_UNAVAILABLE = 'store-unavailable';

export const deliver = async (
  server: Server,
  trace: Trace,
  order: WriteOrder,
): Promise<Result<Delivered, Failure>> => {
  const delivered = await server.delivery.execute(order);
  trace.recorded =
    delivered.ok || !delivered.failure.issues.some(({ details }) => details?.code === STORE_UNAVAILABLE);
  return delivered;
};

/** By what the journal knows the call: the entries of a batch share its X-Request-ID and are told apart. */
const journalId = ({ values, part }: Call): string | undefined =>
  values.requestId === undefined || part === undefined ? values.requestId : `${values.requestId}/${part}`;

/** What tells a repeat from another write with the same X-Request-ID: method, target, condition and body. */
export const fingerprintOf = (call: Call, body: string): string =>
  JSON.stringify([
    call.interaction,
    call.entry.type,
    call.id ?? '',
    call.id === undefined ? call.parameters : [],
    call.request.headers.get('if-match') ?? '',
    call.request.headers.get('if-none-exist') ?? '',
    body,
  ]);

/** The outcome of an earlier identical call, if there was one; the caller has been authorised anew. */
export const repeatOf = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  fingerprint: string,
): Promise<Result<Answer, Failure> | undefined> => {
  const requestId = journalId(call);
  if (requestId === undefined) return undefined;
  const earlier = await server.delivery.repeat(call.authority.callerKey, requestId, fingerprint);
  if (earlier === undefined) return undefined;
  if (!earlier.ok) return earlier;
  const { version } = earlier.value;
  const { patients } = call.authority;
  if (patients !== undefined && (version.patient === null || !patients.includes(version.patient))) {
    return fail(failure('forbidden', 'forbidden', 'The token does not reach the patient of this resource.'));
  }
  return ok(answerOf(call, trace, earlier.value));
};

/** https://hl7.org/fhir/R4/http.html#ops: what a write answers, by Prefer. */
export const answerOf = (call: Call, trace: Trace, delivered: Delivered): Answer => {
  const { version, effect } = delivered;
  trace.id = version.id;
  trace.version = version.version;
  if (version.patient !== null) trace.patient = version.patient;
  const { confidential } = call.entry;
  if (effect === 'deleted' || version.deleted) {
    return { kind: 'no-content', version, confidential };
  }
  const body = (): string | undefined => {
    if (call.prefer.return === 'minimal') return undefined;
    if (call.prefer.return === 'OperationOutcome') {
      return JSON.stringify(operationOutcome([...call.warnings, ...delivered.issues]));
    }
    return version.content;
  };
  const json = body();
  return {
    kind: effect === 'created' ? 'created' : 'ok',
    ...(json === undefined ? {} : { json }),
    version,
    url: versionUrl(call, version),
    confidential,
  };
};
