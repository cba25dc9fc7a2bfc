import type { Resource } from '@medplum/fhirtypes';
import type { Delivered, WriteOrder } from '../delivery/types.ts';
import { type Failure, failure } from '../failure.ts';
import type { Answer } from '../http/answer.ts';
import { operationOutcome } from '../http/outcome.ts';
import { parseJsonText } from '../json.ts';
import type { WriteRules } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import type { StoredVersion } from '../store/types.ts';
import { type BodyReader, parseBody, readText } from './body.ts';
import type { Authority, Call, Trace } from './call.ts';
import { versionUrl } from './read.ts';
import type { Server } from './server.ts';

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
  /** True for a single call, which is planned anew when another write came in between. */
  readonly guarded?: true;
  /** How far the history went when the condition of a conditional update named nothing. */
  readonly seen?: number;
  /** The id that a create shall give, where others refer to it already (a transaction). */
  readonly id?: string;
  /** `Type/id` of what the same transaction deletes: criteria no longer match it. */
  readonly leaving?: ReadonlySet<string>;
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
    const input = {
      rules,
      body: body.value,
      fingerprint,
      guarded: true as const,
      ...(patch === undefined ? {} : { patch }),
    };
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
export const journalId = ({ values, part }: Call): string | undefined =>
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
  // What was odd about the system's answer is told as the plan's warnings are.
  call.warnings.push(...delivered.issues);
  const { confidential } = call.entry;
  if (effect === 'deleted' || version.deleted) {
    return { kind: 'no-content', version, confidential };
  }
  const body = (): string | undefined => {
    if (call.prefer.return === 'minimal') return undefined;
    if (call.prefer.return === 'OperationOutcome') {
      return JSON.stringify(operationOutcome(call.warnings));
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
