import type { Resource } from '@medplum/fhirtypes';
import { codeSystem } from '../canonical.ts';
import { type Failure, failure } from '../failure.ts';
import { parseEntityTags } from '../http/etag.ts';
import type { WriteRules } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import type { StoredVersion } from '../store/types.ts';
import type { SystemWrite } from '../systems/system.ts';
import type { Trace } from './call.ts';
import { matchOne } from './conditional.ts';
import { planCreate } from './create.ts';
import { refuseCircle } from './hierarchy.ts';
import { prepare } from './prepare.ts';
import type { Server } from './server.ts';
import { planMatchless, planUnderId, refuseUnmade } from './update-create.ts';
import { missing, reachesAll, refuseUnlessVisible, storedOf } from './visible.ts';
import { answerOf, type Planned, parseStored, type WriteCall, type WriteInput } from './write.ts';
import { attached, orderOf, refuseUnlessMayWrite, settlePatient } from './write-order.ts';

/** https://hl7.org/fhir/R4/http.html#update, and #cond-update without an id in the URL. */
export const planUpdate = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  input: WriteInput,
): Promise<Result<Planned, Failure>> => {
  if (call.id === undefined) return planConditionalUpdate(server, call, trace, input);
  const misplaced = refuseOtherId(call, call.id, input.body);
  if (misplaced !== undefined) return fail(misplaced);
  const stored = await storedOf(server, call);
  if (stored === undefined) {
    const { authority, entry } = call;
    // Under a narrowed scope something new may be made where ids are the client's to give.
    const made = authority.patients === undefined && entry.updateCreate === true;
    return made || reachesAll(call) ? planUnderId(server, call, trace, input, call.id) : fail(missing(call));
  }
  const hidden = await refuseUnlessVisible(server, call, stored);
  if (hidden !== undefined) return fail(hidden);
  return planReplace(server, call, trace, stored, input);
};

/** No match: a create. One match: an update of it, whose id the body may leave out. */
const planConditionalUpdate = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  given: WriteInput,
): Promise<Result<Planned, Failure>> => {
  const input = given.guarded === true ? { ...given, seen: await server.repository.mark() } : given;
  const found = await matchOne(server, call, call.parameters, 'URL', input.leaving);
  if (!found.ok) return found;
  const named: unknown = 'id' in input.body ? input.body.id : undefined;
  if (found.value === undefined) {
    const unmade = refuseUnmade(call);
    if (unmade !== undefined) return fail(unmade);
    return named === undefined
      ? planCreate(server, call, trace, input)
      : planMatchless(server, call, trace, input, named);
  }
  const { id } = found.value;
  trace.id = id;
  if (named !== undefined && named !== id) {
    return fail(
      failure('malformed', 'value', 'The id of the resource is not that of the one resource that matches.', {
        expression: [`${call.entry.type}.id`],
      }),
    );
  }
  return planReplace(server, call, trace, found.value, { ...input, body: { ...input.body, id } });
};

/** A new version over a stored one, deleted ones included: those are brought back. */
export const planReplace = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  stored: StoredVersion,
  input: WriteInput,
): Promise<Result<Planned, Failure>> => {
  const { rules } = input;
  const current = stored.deleted ? undefined : parseStored(stored);
  const prepared = await prepare(
    server,
    call,
    rules,
    input.body,
    (resource): SystemWrite<Resource> =>
      // A deleted one is brought back: for the national system that is setting it anew.
      current === undefined
        ? { interaction: 'create', resource }
        : { interaction: 'update', resource, current },
  );
  if (!prepared.ok) return prepared;
  const { named, plan, issues, resource } = prepared.value;
  const refused =
    refuseUnlessMayWrite(server, call, rules, plan.resource ?? resource, named?.id) ??
    refuseOtherVersion(call, rules, stored, current, resource) ??
    (await refuseCircle(server, stored.id, resource));
  if (refused !== undefined) return fail(refused);
  call.warnings.push(...issues);
  const settled = await settlePatient(server, rules, named, plan.resource ?? resource);
  if (plan.request === undefined && current !== undefined && rules.sameContent(current, settled.resource)) {
    // NLL: an update that changes nothing is 200, no version and no event.
    return ok({
      answer: answerOf(call, trace, { effect: 'unchanged', version: stored, issues: [], repeated: false }),
    });
  }
  const taken = await attached(rules, plan, call);
  if (!taken.ok) return taken;
  const uniqueKey = rules.uniqueKey?.(settled.resource);
  const order = orderOf(
    server,
    call,
    trace,
    {
      interaction: 'update',
      type: stored.type,
      id: stored.id,
      base: stored,
      resource: { ...settled.resource, id: stored.id },
      ...(settled.patient === undefined ? {} : { patient: settled.patient }),
      ...(uniqueKey === undefined ? {} : { uniqueKey }),
    },
    taken.value,
    input.fingerprint,
  );
  return ok({ order });
};

const refuseOtherId = (call: WriteCall, id: string, body: object): Failure | undefined => {
  const given: unknown = 'id' in body ? body.id : undefined;
  if (given === id) return undefined;
  return failure('malformed', 'value', 'The id of the resource must be the id of the URL.', {
    expression: [`${call.entry.type}.id`],
  });
};

/** If-None-Match: the write is wanted only while this version, or with `*` any, is not there (RFC 9110, 13.1.2). */
const refuseThisVersion = (call: WriteCall, stored: StoredVersion): Failure | undefined => {
  const raw = call.request.headers.get('if-none-match');
  if (raw === null || stored.deleted) return undefined;
  const tags = parseEntityTags('If-None-Match', raw);
  if (!tags.ok) return tags.failure;
  return tags.value.matches(stored.version)
    ? failure('precondition-failed', 'conflict', 'What If-None-Match names is there.', {
        location: ['http.If-None-Match'],
      })
    : undefined;
};

/** If-Match: needed where a write overwrites a list (428), and always honoured (412), as is If-None-Match. */
export const refuseOtherVersion = (
  call: WriteCall,
  rules: WriteRules,
  stored: StoredVersion,
  current: Resource | undefined,
  incoming: Resource | undefined,
): Failure | undefined => {
  const unwanted = refuseThisVersion(call, stored);
  if (unwanted !== undefined) return unwanted;
  const raw = call.request.headers.get('if-match');
  if (raw === null) {
    if (current === undefined || rules.needsIfMatch?.(current, incoming) !== true) return undefined;
    return failure(
      'precondition-required',
      'required',
      'This replaces a whole list: say with If-Match which version of it you have seen.',
      {
        location: ['http.If-Match'],
        details: { system: codeSystem('header-issue'), code: 'version-required' },
      },
    );
  }
  const tags = parseEntityTags('If-Match', raw);
  if (!tags.ok) return tags.failure;
  if (tags.value.matches(stored.deleted ? undefined : stored.version)) return undefined;
  return failure(
    'precondition-failed',
    'conflict',
    stored.deleted
      ? 'The resource is deleted, so no version of it matches If-Match.'
      : `The resource is at version ${stored.version}; read it again and decide anew.`,
    { location: ['http.If-Match'] },
  );
};
