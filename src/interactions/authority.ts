import type { Failure } from '../failure.ts';
import type { ResourceEntry } from '../resources/entry.ts';
import { ok, type Result } from '../result.ts';
import { type AccessAction, mayDo, patientsInContext, patientsWithin } from '../security/access.ts';
import { allows, type ScopeAction } from '../security/scopes.ts';
import type { Authority } from './call.ts';

/**
 * How far a caller's role and scopes reach for one kind of act on one kind of resource.
 *
 * @param known who calls; how far it reached for another act is forgotten
 * @returns failure `forbidden`, which tells nothing about what is stored
 */
export const authorityFor = (
  known: Authority,
  entry: ResourceEntry,
  act: { readonly access: AccessAction; readonly scope: ScopeAction },
): Result<Authority, Failure> => {
  const { caller } = known;
  const reach = mayDo(caller, entry.kind, act.access);
  if (!reach.ok) return reach;
  const granted = allows(caller, entry.type, act.scope);
  if (!granted.ok) return granted;
  const within = patientsWithin(caller);
  const byScope = granted.value.every((grant) => grant.patientOnly) && entry.patientBound === true;
  const patients = within === 'any' ? (byScope ? patientsInContext(caller) : undefined) : within;
  const { patients: _, ...who } = known;
  return ok({
    ...who,
    ...(patients === undefined || entry.patientBound !== true ? {} : { patients }),
    ownOnly: reach.value === 'written-by-self',
    grants: granted.value,
  });
};
