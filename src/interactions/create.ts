import type { Resource } from '@medplum/fhirtypes';
import { timedUuid } from '../delivery/deps.ts';
import { type Failure, failure } from '../failure.ts';
import type { Answer } from '../http/answer.ts';
import type { WriteRules } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import type { StoredVersion } from '../store/types.ts';
import type { Plan } from '../systems/system.ts';
import type { Trace } from './call.ts';
import { criteriaOf, matchOne } from './conditional.ts';
import { prepare } from './prepare.ts';
import type { Server } from './server.ts';
import { answerOf, type Planned, parseStored, type WriteCall, type WriteInput } from './write.ts';
import { attached, orderOf, refuseUnlessMayWrite, settlePatient } from './write-order.ts';

/** https://hl7.org/fhir/R4/http.html#create, and #ccreate with If-None-Exist. */
export const planCreate = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  input: WriteInput,
): Promise<Result<Planned, Failure>> => {
  const { rules } = input;
  const condition = call.request.headers.get('if-none-exist');
  const looks = condition !== null && input.guarded === true;
  const seen = input.seen ?? (looks ? await server.repository.mark() : undefined);
  if (condition !== null) {
    const existing = await matchOne(server, call, criteriaOf(condition), 'If-None-Exist', input.leaving);
    if (!existing.ok) return existing;
    if (existing.value !== undefined) return ok({ answer: existingAnswer(call, trace, existing.value) });
  }
  const prepared = await prepare(server, call, rules, input.body, (resource) => ({
    interaction: 'create',
    resource: withoutServerElements(resource),
  }));
  if (!prepared.ok) return prepared;
  const { named, plan, issues } = prepared.value;
  const refused = refuseUnlessMayWrite(
    server,
    call,
    rules,
    plan.resource ?? prepared.value.resource,
    named?.id,
  );
  if (refused !== undefined) return fail(refused);
  call.warnings.push(...issues);
  const settled = await settlePatient(server, rules, named, plan.resource ?? prepared.value.resource);
  const taken = await attached(rules, plan, call);
  if (!taken.ok) return taken;
  const entered = await enterNumber(server, rules, settled.resource, input);
  if (!entered.ok) return entered;
  const looked = seen === undefined ? {} : { seen };
  return place(server, call, trace, {
    rules,
    plan: taken.value,
    input: entered.value,
    ...settled,
    ...looked,
  });
};

/**
 * A Patient with a national identity number is entered into the index with its create. One that was entered by a create
 * that came to nothing gets the id that it has there.
 */
const enterNumber = async (
  server: Server,
  rules: WriteRules,
  resource: Resource,
  input: WriteInput,
): Promise<Result<WriteInput, Failure>> => {
  const number = rules.numberOf?.(resource);
  if (number === undefined) return ok(input);
  const id = await server.patients.claim(number, input.id ?? timedUuid(server.clock()));
  const held = await server.repository.read('Patient', id);
  if (held === undefined && (input.id === undefined || input.id === id)) return ok({ ...input, id });
  const why = `Patient/${id} has this national identity number; update that one.`;
  return fail(
    failure('conflict', 'duplicate', why, { expression: ['Patient.identifier'], subject: `Patient/${id}` }),
  );
};

/**
 * R4: one match: "the server ignores the post and returns 200 OK". The same for what is there already, as asked
 * for, and of which no national system is told.
 */
const existingAnswer = (call: WriteCall, trace: Trace, existing: StoredVersion): Answer =>
  answerOf(call, trace, { effect: 'unchanged', version: existing, issues: [], repeated: false });

interface Placement {
  readonly rules: WriteRules;
  readonly plan: Plan<Resource>;
  readonly input: WriteInput;
  readonly resource: Resource;
  readonly patient?: string;
  /** How far the history went when the condition named nothing. */
  readonly seen?: number;
}

/** R4: "If an id is provided, the server SHALL ignore it"; so with versionId and lastUpdated. */
const withoutServerElements = (resource: Resource): Resource => {
  const { id: _, meta, ...rest } = resource;
  if (meta === undefined) return rest;
  const { versionId: _v, lastUpdated: _l, ...kept } = meta;
  return Object.keys(kept).length === 0 ? rest : { ...rest, meta: kept };
};

const same = (rules: WriteRules, live: StoredVersion, resource: Resource): boolean =>
  rules.sameContent(parseStored(live), resource);

/**
 * A type with a unique key has at most one live resource of it: an equal one is set again upstream (it may have
 * been changed there) and answered as it is; one with other content is a duplicate, and nothing is sent. Where the
 * rules say so any second one is, or is answered with the first.
 */
const place = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  placement: Placement,
): Promise<Result<Planned, Failure>> => {
  const { rules, resource, plan, patient, input, seen } = placement;
  const uniqueKey = rules.uniqueKey?.(resource);
  const live = uniqueKey === undefined ? undefined : await server.repository.liveByKey(uniqueKey);
  if (live !== undefined && rules.duplicate === 'existing') {
    return ok({ answer: existingAnswer(call, trace, live) });
  }
  if (live !== undefined && (rules.duplicate === 'refuse' || !same(rules, live, resource))) {
    trace.id = live.id;
    return fail(
      failure(
        'conflict',
        'duplicate',
        rules.duplicate === 'refuse'
          ? `${live.type}/${live.id} is this already.`
          : `${live.type}/${live.id} already holds this with other content; change it with PUT /${live.type}/${live.id}.`,
        { subject: `${live.type}/${live.id}` },
      ),
    );
  }
  if (live !== undefined && plan.request === undefined) {
    return ok({ answer: existingAnswer(call, trace, live) });
  }
  const id = live?.id ?? input.id ?? timedUuid(server.clock());
  const order = orderOf(
    server,
    call,
    trace,
    {
      interaction: live === undefined ? 'create' : 'update',
      type: call.entry.type,
      id,
      resource: { ...resource, id },
      ...(live === undefined ? {} : { base: live }),
      ...(seen === undefined ? {} : { seen }),
      ...(patient === undefined ? {} : { patient }),
      ...(uniqueKey === undefined ? {} : { uniqueKey }),
    },
    // What already is as asked for is a new version only if it changed upstream.
    live === undefined ? plan : { ...plan, onUnchanged: 'keep' },
    input.fingerprint,
  );
  return ok({ order });
};
