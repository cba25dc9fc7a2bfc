import type { Resource } from '@medplum/fhirtypes';
import { codeSystem } from '../canonical.ts';
import { type Failure, failure } from '../failure.ts';
import { patientsInContext } from '../security/access.ts';
import type { StoredVersion } from '../store/types.ts';
import type { Authority, Call } from './call.ts';
import { matchesUnstored } from './matches.ts';
import type { Server } from './server.ts';

export const notFound = (type: string): Failure =>
  failure('not-found', 'not-found', `There is no ${type} with this id.`);

/** What is stored under the id of the call, as far as this caller may know of its kind. */
export const storedOf = async (
  server: Server,
  { entry, id, unseen }: Pick<Call, 'entry' | 'id' | 'unseen'>,
): Promise<StoredVersion | undefined> =>
  id === undefined || unseen === true ? undefined : server.repository.read(entry.type, id);

/** The operator's name for the rules stands behind the text, as in the header stage's own refusals. */
export const patientMismatch = ({ patientRules }: Call, text: string): Failure =>
  failure('forbidden', 'business-rule', `${text} (${patientRules}).`, {
    location: ['http.X-PatientRef'],
    details: { system: codeSystem('header-issue'), code: 'patient-mismatch' },
  });

/**
 * May this call see this version? VR095/VR096: the patient asked for is the patient of the resource; roles of
 * private persons stay with their own patients; a narrowed scope with what it names.
 */
export const refuseUnlessVisible = async (
  server: Server,
  call: Call,
  version: StoredVersion,
): Promise<Failure | undefined> => {
  const { authority, values, entry } = call;
  if (authority === undefined) return undefined;
  const { patients } = authority;
  if (patients !== undefined && (version.patient === null || !patients.includes(version.patient))) {
    return beyondToken(call);
  }
  const asked = values.patientRef;
  if (asked !== undefined && version.patient !== null && asked !== version.patient) {
    return notOfPatient(call);
  }
  if (authority.ownOnly && (version.owner === null || !authority.callerKeys.includes(version.owner))) {
    // Whether somebody else's record exists is not this caller's to know.
    return notFound(entry.type);
  }
  return refuseUnlessInScope(server, call, version);
};

const outOfScope = (): Failure =>
  failure('forbidden', 'forbidden', 'The scopes of the token do not reach this resource.', {
    details: { system: codeSystem('header-issue'), code: 'combination-not-allowed' },
  });

/** Is the resource's patient one of those that a `patient/` scope covers? */
const concernsOwn = (authority: Authority, patient: string | null | undefined): boolean =>
  typeof patient === 'string' && patientsInContext(authority.caller).includes(patient);

/** At least one scope must cover the stored version, with its patient and its query. */
const refuseUnlessInScope = async (
  server: Server,
  call: Call,
  version: StoredVersion,
): Promise<Failure | undefined> => {
  const { authority } = call;
  if (authority === undefined || authority.grants.length === 0) return undefined;
  for (const grant of authority.grants) {
    if (grant.patientOnly && call.entry.patientBound === true && !concernsOwn(authority, version.patient))
      continue;
    if (grant.query === undefined) return undefined;
    if (await server.search.matches(call.entry, version.id, grant.query)) return undefined;
  }
  return outOfScope();
};

/** At least one scope must cover what is about to be written. */
export const refuseUnlessScopeCovers = (
  server: Server,
  call: Call & { readonly authority: Authority },
  resource: Resource,
  patient: string | undefined,
): Failure | undefined => {
  const { authority } = call;
  const covered = authority.grants.some(
    (grant) =>
      (!grant.patientOnly || call.entry.patientBound !== true || concernsOwn(authority, patient)) &&
      (grant.query === undefined || matchesUnstored(server, resource, grant.query)),
  );
  return covered || authority.grants.length === 0 ? undefined : outOfScope();
};

/** False when the token reaches only some resources of this kind: what is not there must look like the others. */
export const reachesAll = ({ authority, entry }: Pick<Call, 'authority' | 'entry'>): boolean => {
  const { patients, grants = [] } = authority ?? {};
  const open = grants.some(
    ({ query, patientOnly }) => query === undefined && !(patientOnly && entry.patientBound === true),
  );
  return patients === undefined && (grants.length === 0 || open);
};

/**
 * What is not there: 404, but to a caller who sees only some patients' data, or what a narrowed scope names, the
 * same 403 as for the rest, so that the answer tells nothing about what exists. That a Patient is not the one of
 * X-PatientRef is seen from its id alone.
 */
export const missing = (call: Call): Failure => {
  const { authority, entry, id, values } = call;
  if (authority?.patients !== undefined) return beyondToken(call);
  if (entry.kind === 'Patient' && values.patientRef !== undefined && values.patientRef !== id) {
    return notOfPatient(call);
  }
  return reachesAll(call) ? notFound(entry.type) : outOfScope();
};

const notOfPatient = (call: Call): Failure =>
  patientMismatch(call, 'X-PatientRef is not the patient of this resource');

const beyondToken = (call: Call): Failure =>
  patientMismatch(call, 'The token does not reach the patient of this resource');
