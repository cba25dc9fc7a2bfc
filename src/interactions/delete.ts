import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { StoredVersion } from '../store/types.ts';
import type { Trace } from './call.ts';
import { storedOrMatching } from './conditional.ts';
import { givenOf } from './prepare.ts';
import type { Server } from './server.ts';
import { refuseOtherVersion } from './update.ts';
import { missing, reachesAll, refuseUnlessVisible } from './visible.ts';
import { type Planned, parseStored, type WriteCall, type WriteInput } from './write.ts';
import { attached, orderOf, refuseUnlessMayWrite } from './write-order.ts';

/**
 * https://hl7.org/fhir/R4/http.html#delete: 204 whether it was there or not; #3.1.0.7.1 with criteria instead of
 * an id. For a type behind a national system the delete withdraws there first.
 */
export const planDelete = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  input: WriteInput,
): Promise<Result<Planned, Failure>> => {
  const { confidential } = call.entry;
  const found = await storedOrMatching(server, call);
  if (!found.ok) return found;
  const stored = found.value;
  if (stored === undefined) {
    // Where the kind decides who may delete, 204 would claim it of what somebody else may.
    return reachesAll(call) && call.unseen !== true
      ? ok({ answer: { kind: 'no-content', confidential } })
      : fail(missing(call));
  }
  trace.id = stored.id;
  const hidden = await refuseUnlessVisible(server, call, stored);
  if (hidden !== undefined) return fail(hidden);
  if (stored.deleted) return ok({ answer: { kind: 'no-content', version: stored, confidential } });
  return planWithdrawal(server, call, trace, stored, input);
};

const planWithdrawal = async (
  server: Server,
  call: WriteCall,
  trace: Trace,
  stored: StoredVersion,
  { rules, fingerprint }: WriteInput,
): Promise<Result<Planned, Failure>> => {
  const current = parseStored(stored);
  const refused =
    refuseUnlessMayWrite(server, call, rules, current, stored.patient ?? undefined) ??
    refuseOtherVersion(call, rules, stored, current, undefined) ??
    (await refuseWhileReferred(server, stored.type, stored.id));
  if (refused !== undefined) return fail(refused);
  const planned = rules.plan({ interaction: 'delete', current }, await givenOf(server, call, rules, current));
  if (!planned.ok) return planned;
  const taken = await attached(rules, planned.value, call);
  if (!taken.ok) return taken;
  call.warnings.push(...planned.value.issues);
  const order = orderOf(
    server,
    call,
    trace,
    {
      interaction: 'delete',
      type: stored.type,
      id: stored.id,
      base: stored,
      ...(stored.patient === null ? {} : { patient: stored.patient }),
    },
    taken.value,
    fingerprint,
  );
  return ok({ order });
};

/** An Organization that a live resource refers to stays: the reference would lead nowhere. */
const refuseWhileReferred = async (
  server: Server,
  type: string,
  id: string,
): Promise<Failure | undefined> => {
  if (type !== 'Organization') return undefined;
  const referring = await server.search.referring(type, id);
  if (referring === undefined) return undefined;
  return failure(
    'conflict',
    'conflict',
    `${referring} refers to this Organization; change or delete that first.`,
  );
};
