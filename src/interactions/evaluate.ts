import type { Resource } from '@medplum/fhirtypes';
import { type Failure, failure } from '../failure.ts';
import { checkPatientRef } from '../headers/patient-match.ts';
import { printJson } from '../json.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Completed } from '../systems/system.ts';
import { parseBody, readText } from './body.ts';
import type { Handler } from './call.ts';
import { givenOf, prepare } from './prepare.ts';
import { resourceOf } from './preview.ts';
import type { Server } from './server.ts';
import { isWriteCall } from './write.ts';
import { refuseUnlessMayWrite } from './write-order.ts';

/** Asks a national system; `resolve` looks up literal references. */
export type Ask = (
  resource: Resource,
  context: { readonly requestId: string; readonly deadline: number },
  resolve: (reference: string) => Resource | undefined,
) => Promise<Result<Completed<Resource>, Failure>>;

/**
 * An operation that asks a national system what a create would ask, and stores nothing: the answer is the resource
 * with the system's answer in it, without `id` and `meta`. No Patient is made.
 */
export const evaluating =
  (server: Server, ask: Ask): Handler =>
  async (call, trace) => {
    const rules = call.entry.write;
    if (rules === undefined || !isWriteCall(call)) {
      const why = `${call.entry.unconfigured ?? call.entry.type} is not configured on this server.`;
      return fail(failure('not-implemented', 'not-supported', why));
    }
    const text = await readText(server.bodies, call.request);
    const parsed = text.ok ? parseBody(server.bodies, text.value) : text;
    const given = parsed.ok ? resourceOf(parsed.value, call.entry.type) : parsed;
    if (!given.ok) return given;
    const prepared = await prepare(server, call, rules, given.value, (resource) => ({
      interaction: 'create',
      resource,
    }));
    if (!prepared.ok) return prepared;
    const { resource, named, plan } = prepared.value;
    const patient = named?.id;
    if (patient !== undefined) trace.patient = patient;
    const { caller } = call.authority;
    const refused =
      refuseUnlessMayWrite(server, call, rules, plan.resource ?? resource, patient) ??
      // A patient that the index does not know is none that X-PatientRef could name.
      checkPatientRef({ values: call.values, patient: patient ?? '', caller }, call);
    if (refused !== undefined) return fail(refused);
    const { resolve } = await givenOf(server, call, rules, resource);
    const asked = await ask(
      resource,
      {
        requestId: call.values.requestId ?? crypto.randomUUID(),
        deadline: server.clock() + server.upstreamDeadline,
      },
      resolve,
    );
    if (!asked.ok) return asked;
    call.warnings.push(...asked.value.issues);
    const { id: _id, meta: _meta, ...answered } = asked.value.resource;
    return ok({ kind: 'ok', json: printJson(answered), confidential: true });
  };
