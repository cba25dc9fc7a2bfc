import type { Parameters, Resource } from '@medplum/fhirtypes';
import { WRITE_ISSUE_SYSTEM } from '../delivery/failures.ts';
import type { WriteOrder } from '../delivery/types.ts';
import { type Failure, failure, failureOf, type Issue } from '../failure.ts';
import type { Answer } from '../http/answer.ts';
import type { Format } from '../http/media-type.ts';
import type { ResourceKind } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import type { StoredVersion } from '../store/types.ts';
import type { JsonValue } from '../systems/system.ts';
import { parseBody, readText } from './body.ts';
import type { Call, Handler, Trace } from './call.ts';
import { gone, isName } from './read.ts';
import type { Server } from './server.ts';
import { refuseOtherVersion } from './update.ts';
import { missing, refuseUnlessVisible, storedOf } from './visible.ts';
import {
  answerOf,
  deliver,
  fingerprintOf,
  isWriteCall,
  notWritable,
  outrun,
  PLANS,
  parseStored,
  repeatOf,
  type WriteCall,
} from './write.ts';
import { orderOf, refuseUnlessMayWrite } from './write-order.ts';

/** What an operation makes of a stored resource. */
export interface Change {
  /** Stored when all went well. */
  readonly resource: Resource;
  /** Warnings. */
  readonly issues: readonly Issue[];
  /** The national system is told, and the store knows of it before and after. */
  readonly telling?: {
    readonly request: JsonValue;
    /** Stored first: after a crash it says that the system may have been told. */
    readonly announced: Resource;
    /** Stored when the system refused: nothing was done there. */
    readonly refused: Resource;
  };
}

/** An operation that changes one resource by a rule of its own. */
export interface Changing {
  /** Without `$`. */
  readonly name: string;
  /** The kind of resource it is for. */
  readonly kind: ResourceKind;
  readonly change: (
    current: Resource,
    parameters: Parameters | undefined,
  ) => Promise<Result<Change, Failure>>;
  /** The answer around the resource, where the resource is not all of it. `at`: when it was stored, milliseconds. */
  readonly around?: (resource: Resource, at: number) => Promise<Parameters>;
}

/** The handler of such an operation: repeat, read, If-Match, change, deliver, answer. */
export const changing =
  (server: Server, what: Changing): Handler =>
  async (call, trace) => {
    if (!isWriteCall(call)) return fail(notWritable(call));
    const misplaced = refuseUrlParameters(call);
    if (misplaced !== undefined) return fail(misplaced);
    const sent = await readText(server.bodies, call.request);
    if (!sent.ok) return sent;
    const { text } = sent.value;
    const fingerprint = fingerprintOf(call, `$${what.name}\n${text}`);
    const repeated = await repeatOf(server, call, trace, fingerprint);
    if (repeated !== undefined)
      return repeated.ok ? ok(await answered(call, what, repeated.value)) : repeated;
    const parameters = text.trim() === '' ? ok(undefined) : readParameters(server, sent.value);
    if (!parameters.ok) return parameters;
    const done = await carryOut(server, call, trace, what, { parameters: parameters.value, fingerprint });
    return done.ok ? ok(await answered(call, what, done.value)) : done;
  };

const PRESENTATION = new Set(['_format', '_pretty']);

/** An operation that changes something is told in its body: passed over, `?sentByHand=true` would send a mail. */
const refuseUrlParameters = ({ parameters }: Call): Failure | undefined => {
  const found = parameters.find(([name]) => !PRESENTATION.has(name))?.[0];
  if (found === undefined) return undefined;
  const why = 'This operation takes its parameters in the body, as Parameters, and none in the URL.';
  return failure('malformed', 'not-supported', why, isName(found) ? { location: [`http.${found}`] } : {});
};

const readParameters = (
  server: Server,
  body: { readonly text: string; readonly format: Format },
): Result<Parameters, Failure> => {
  const parsed = parseBody(server.bodies, body);
  if (!parsed.ok) return parsed;
  const refused = failureOf(server.validate(parsed.value));
  if (isParameters(parsed.value)) return refused === undefined ? ok(parsed.value) : fail(refused);
  return fail(
    failure('malformed', 'value', 'This operation takes Parameters, or no body at all.', {
      expression: ['resourceType'],
    }),
  );
};

const isParameters = (body: object): body is Parameters =>
  'resourceType' in body && body.resourceType === 'Parameters';

const answered = async (call: Call, { around }: Changing, answer: Answer): Promise<Answer> => {
  const whole = call.prefer.return === undefined || call.prefer.return === 'representation';
  if (around === undefined || !whole || answer.json === undefined || answer.version === undefined)
    return answer;
  const resource = JSON.parse(answer.json) as Resource;
  return { ...answer, json: JSON.stringify(await around(resource, answer.version.lastUpdated)) };
};

interface Input {
  readonly parameters: Parameters | undefined;
  readonly fingerprint: string;
}

interface Held {
  readonly stored: StoredVersion;
  readonly current: Resource;
}

/** The live resource that a call names, if it is of this kind and within the caller's reach. */
export const held = async (
  server: Server,
  call: Call,
  { kind, name }: Pick<Changing, 'kind' | 'name'>,
): Promise<Result<Held, Failure>> => {
  const stored = await storedOf(server, call);
  if (stored === undefined) return fail(missing(call));
  const hidden = await refuseUnlessVisible(server, call, stored);
  if (hidden !== undefined) return fail(hidden);
  if (stored.deleted) return fail(gone(call.entry.type));
  if (call.entry.kind !== kind) return fail(otherKind(call, kind, name));
  return ok({ stored, current: parseStored(stored) });
};

/** What an operation of one kind says of a resource of another. */
const otherKind = ({ entry }: Pick<Call, 'entry'>, kind: ResourceKind, name: string): Failure =>
  failure(
    'unprocessable',
    'business-rule',
    `$${name} is for ${kind}, and this ${entry.type} is another kind.`,
    {
      expression: [`${entry.type}.code`],
    },
  );

/** Where a call wrote nothing to be repeated: the announcement, and what became of it. */
const unnumbered = ({
  requestId: _id,
  fingerprint: _body,
  provenance: _who,
  ...order
}: WriteOrder): WriteOrder => order;

const carryOut = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  what: Changing,
  { parameters, fingerprint }: Input,
): Promise<Result<Answer, Failure>> => {
  const rules = call.entry.write;
  if (rules === undefined) return fail(notWritable(call));
  const orderFor = (base: StoredVersion, resource: Resource, request?: JsonValue): WriteOrder => {
    const uniqueKey = rules.uniqueKey?.(resource);
    return orderOf(
      server,
      call,
      trace,
      {
        interaction: 'update',
        type: base.type,
        id: base.id,
        base,
        resource: { ...resource, id: base.id },
        ...(uniqueKey === undefined ? {} : { uniqueKey }),
      },
      { onUnchanged: 'commit', issues: [], ...(request === undefined ? {} : { request }) },
      fingerprint,
    );
  };

  const tell = async (
    announced: StoredVersion,
    { resource }: Change,
    { request, refused }: NonNullable<Change['telling']>,
  ): Promise<Result<Answer, Failure>> => {
    const sent = await deliver(server, trace, orderFor(announced, resource, request));
    if (sent.ok) return ok(answerOf(call, trace, sent.value));
    // Should this fail, a job finds the announcement and says the same.
    if (isOver(sent.failure)) await server.delivery.execute(unnumbered(orderFor(announced, refused)));
    return sent;
  };

  const unconditional = call.request.headers.get('if-match') === null;
  for (let plans = 1; ; plans += 1) {
    const found = await held(server, call, what);
    if (!found.ok) return found;
    const { stored, current } = found.value;
    const refused =
      refuseUnlessMayWrite(server, call, rules, current, undefined) ??
      refuseOtherVersion(call, rules, stored, current, undefined);
    if (refused !== undefined) return fail(refused);
    const changed = await what.change(current, parameters);
    if (!changed.ok) return changed;
    const { resource, telling, issues } = changed.value;
    const first =
      telling === undefined ? orderFor(stored, resource) : unnumbered(orderFor(stored, telling.announced));
    const delivered = await deliver(server, trace, first);
    if (delivered.ok) {
      call.warnings.push(...issues);
      return telling === undefined
        ? ok(answerOf(call, trace, delivered.value))
        : tell(delivered.value.version, changed.value, telling);
    }
    // Without If-Match nobody said which version was seen: another write in between is no conflict.
    if (delivered.failure.kind !== 'precondition-failed' || !unconditional) return delivered;
    if (plans === PLANS) return fail(outrun(first));
  }
};

/** False as long as the system may have done it. */
const isOver = ({ kind, issues }: Failure): boolean =>
  kind !== 'upstream-timeout' &&
  !issues.some(
    ({ details }) => details?.system === WRITE_ISSUE_SYSTEM && details.code === 'store-unavailable',
  );
