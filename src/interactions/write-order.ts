import type { Resource } from '@medplum/fhirtypes';
import type { WriteOrder } from '../delivery/types.ts';
import { type Failure, failure, failureOf } from '../failure.ts';
import type { WriteRules } from '../resources/entry.ts';
import { ok, type Result } from '../result.ts';
import type { Plan } from '../systems/system.ts';
import { auditOf, type Call, type Trace } from './call.ts';
import { type NamedPatient, withPatient } from './patient.ts';
import type { Server } from './server.ts';
import { refuseUnlessScopeCovers } from './visible.ts';

import { journalId, type WriteCall } from './write.ts';

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
    Partial<Pick<WriteOrder, 'base' | 'resource' | 'patient' | 'uniqueKey' | 'seen'>>,
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
