import type { Resource } from '@medplum/fhirtypes';
import { codeSystem } from '../canonical.ts';
import { type Failure, failure } from '../failure.ts';
import type { Answer } from '../http/answer.ts';
import { parseEntityTags } from '../http/etag.ts';
import type { WriteRules } from '../resources/entry.ts';
import { fail, type Result } from '../result.ts';
import type { StoredVersion } from '../store/types.ts';
import type { SystemWrite } from '../systems/system.ts';
import { parseBody, readText } from './body.ts';
import type { Trace } from './call.ts';
import type { Server } from './server.ts';
import { refuseUnlessVisible } from './visible.ts';
import {
  answerOf,
  deliver,
  fingerprintOf,
  orderOf,
  parseStored,
  prepare,
  refuseUnlessMayWrite,
  repeatOf,
  settlePatient,
  type WriteCall,
} from './write.ts';

/** https://hl7.org/fhir/R4/http.html#update */
export const update =
  (server: Server) =>
  async (call: WriteCall, trace: Trace): Promise<Result<Answer, Failure>> => {
    const rules = call.entry.write;
    if (rules === undefined) return fail(failure('method-not-allowed', 'not-supported', 'Not writable.'));
    const body = await readText(server.bodies, call.request);
    if (!body.ok) return body;
    const fingerprint = fingerprintOf(call, body.value.text);
    const repeated = await repeatOf(server, call, trace, fingerprint);
    if (repeated !== undefined) return repeated;
    const parsed = parseBody(server.bodies, body.value);
    if (!parsed.ok) return parsed;
    const misplaced = refuseOtherId(call, parsed.value);
    if (misplaced !== undefined) return fail(misplaced);
    const stored = await server.repository.read(call.entry.type, call.id ?? '');
    if (stored === undefined) return fail(unknownId(call));
    const hidden = await refuseUnlessVisible(server, call, stored);
    if (hidden !== undefined) return fail(hidden);
    return replace(server, call, trace, { rules, stored, body: parsed.value, fingerprint });
  };

interface Replacement {
  readonly rules: WriteRules;
  readonly stored: StoredVersion;
  readonly body: object;
  readonly fingerprint: string;
}

const replace = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  { rules, stored, body, fingerprint }: Replacement,
): Promise<Result<Answer, Failure>> => {
  const current = stored.deleted ? undefined : parseStored(stored);
  const prepared = await prepare(
    server,
    call,
    rules,
    body,
    (resource): SystemWrite<Resource> =>
      // A deleted one is brought back: for the national system that is setting it anew.
      current === undefined
        ? { interaction: 'create', resource }
        : { interaction: 'update', resource, current },
  );
  if (!prepared.ok) return prepared;
  const { named, plan, issues } = prepared.value;
  const refused =
    refuseUnlessMayWrite(call, rules, prepared.value.resource, named?.id) ??
    refuseOtherVersion(call, rules, stored, current, prepared.value.resource);
  if (refused !== undefined) return fail(refused);
  call.warnings.push(...issues);
  const settled = await settlePatient(server, rules, named, plan.resource ?? prepared.value.resource);
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
    plan,
    fingerprint,
  );
  const delivered = await deliver(server, trace, order);
  if (!delivered.ok) return delivered;
  return { ok: true, value: answerOf(call, trace, delivered.value) };
};

const refuseOtherId = (call: WriteCall, body: object): Failure | undefined => {
  const id: unknown = 'id' in body ? body.id : undefined;
  if (id === call.id) return undefined;
  return failure('malformed', 'value', 'The id of the resource must be the id of the URL.', {
    expression: [`${call.entry.type}.id`],
  });
};

/** R4: 405 when "the resource did not exist prior to the update, and the server does not allow client defined ids". */
const unknownId = (call: WriteCall): Failure =>
  failure(
    'method-not-allowed',
    'not-supported',
    `There is no ${call.entry.type} with this id, and the server gives ids itself: create it with POST.`,
    { allow: ['GET', 'HEAD'] },
  );

/** If-Match: needed where a write overwrites a list (428), and always honoured (412). */
export const refuseOtherVersion = (
  call: WriteCall,
  rules: WriteRules,
  stored: StoredVersion,
  current: Resource | undefined,
  incoming: Resource | undefined,
): Failure | undefined => {
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
