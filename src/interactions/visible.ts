import { codeSystem } from '../canonical.ts';
import { type Failure, failure } from '../failure.ts';
import type { StoredVersion } from '../store/types.ts';
import type { Call } from './call.ts';
import type { Server } from './server.ts';

export const notFound = (type: string): Failure =>
  failure('not-found', 'not-found', `There is no ${type} with this id.`);

const mismatch = (diagnostics: string): Failure =>
  failure('forbidden', 'business-rule', diagnostics, {
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
    return mismatch('The token does not reach the patient of this resource (VR095, VR096).');
  }
  const asked = values.patientRef;
  if (asked !== undefined && version.patient !== null && asked !== version.patient) {
    return mismatch('X-PatientRef is not the patient of this resource (VR095, VR096).');
  }
  if (authority.ownOnly && (version.owner === null || !authority.callerKeys.includes(version.owner))) {
    // Whether somebody else's record exists is not this caller's to know.
    return notFound(entry.type);
  }
  return refuseUnlessInScope(server, call, version);
};

const refuseUnlessInScope = async (
  server: Server,
  call: Call,
  version: StoredVersion,
): Promise<Failure | undefined> => {
  const grants = call.authority?.grants ?? [];
  if (grants.length === 0) return undefined;
  for (const grant of grants) {
    if (grant.query === undefined) return undefined;
    if (await server.search.matches(call.entry, version.id, grant.query)) return undefined;
  }
  return failure('forbidden', 'forbidden', 'The scopes of the token do not reach this resource.', {
    details: { system: codeSystem('header-issue'), code: 'combination-not-allowed' },
  });
};
