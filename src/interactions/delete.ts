import { type Failure, failure } from '../failure.ts';
import type { Answer } from '../http/answer.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Trace } from './call.ts';
import type { Server } from './server.ts';
import { refuseOtherVersion } from './update.ts';
import { refuseUnlessVisible } from './visible.ts';
import {
  answerOf,
  deliver,
  fingerprintOf,
  orderOf,
  parseStored,
  refuseUnlessMayWrite,
  repeatOf,
  type WriteCall,
} from './write.ts';

/**
 * https://hl7.org/fhir/R4/http.html#delete: 204 whether it was there or not. For a type behind a national system
 * the delete withdraws there first.
 */
export const remove =
  (server: Server) =>
  async (call: WriteCall, trace: Trace): Promise<Result<Answer, Failure>> => {
    const rules = call.entry.write;
    if (rules === undefined) return fail(failure('method-not-allowed', 'not-supported', 'Not writable.'));
    const fingerprint = fingerprintOf(call, '');
    const repeated = await repeatOf(server, call, trace, fingerprint);
    if (repeated !== undefined) return repeated;
    const { confidential, type } = call.entry;
    const stored = await server.repository.read(type, call.id ?? '');
    if (stored === undefined) return ok({ kind: 'no-content', confidential });
    const hidden = await refuseUnlessVisible(server, call, stored);
    if (hidden !== undefined) return fail(hidden);
    if (stored.deleted) return ok({ kind: 'no-content', version: stored, confidential });
    const current = parseStored(stored);
    const refused =
      refuseUnlessMayWrite(call, rules, current, stored.patient ?? undefined) ??
      refuseOtherVersion(call, rules, stored, current, undefined) ??
      (await refuseWhileReferred(server, type, stored.id));
    if (refused !== undefined) return fail(refused);
    const planned = rules.plan({ interaction: 'delete', current });
    if (!planned.ok) return planned;
    const order = orderOf(
      server,
      call,
      trace,
      {
        interaction: 'delete',
        type,
        id: stored.id,
        base: stored,
        ...(stored.patient === null ? {} : { patient: stored.patient }),
      },
      planned.value,
      fingerprint,
    );
    const delivered = await deliver(server, trace, order);
    if (!delivered.ok) return delivered;
    return ok(answerOf(call, trace, delivered.value));
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
