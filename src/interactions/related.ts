import type { Related } from '../fhir/search/related.ts';
import { checkCombination } from '../headers/matrix.ts';
import type { HeaderSettings } from '../headers/settings.ts';
import type { ResourceEntry } from '../resources/entry.ts';
import { mayDo, patientsInContext, patientsWithin } from '../security/access.ts';
import { allows, searchNarrowing } from '../security/scopes.ts';
import type { Reach, Within } from '../store/search-request.ts';
import type { Call } from './call.ts';
import type { SearchEngine } from './search-engine.ts';

/** Kept beside the store's index, so nothing leads there. */
export const NOT_INDEXED: ReadonlySet<string> = new Set(['AuditEvent']);

/** What a caller may be led to from a search: as far as it could have searched there itself. */
export interface RelatedParts {
  readonly resources: ReadonlyMap<string, ResourceEntry>;
  readonly offered: SearchEngine['offered'];
  readonly headers: HeaderSettings;
  /** True while faults of headers are told and let through: then a missing one closes nothing here either. */
  readonly reporting: () => boolean;
}

type Reaching = Pick<Call, 'entry' | 'authority' | 'values'>;

/** Without a token there are only types that ask for none. */
const isOpen = ({ pattern }: ResourceEntry): boolean => pattern === '2.1' || pattern === 'discovery';

/** Pattern 2.2.2 asks for headers that another pattern does not: a search under that one cannot lead there. */
const asksForMore = (target: ResourceEntry, from: ResourceEntry): boolean =>
  target.pattern === '2.2.2' && from.pattern !== '2.2.2';

const withinOf = (
  target: ResourceEntry,
  { authority, values }: Reaching,
  patientOnly: boolean,
): Within | undefined => {
  if (authority === undefined || target.patientBound !== true) return undefined;
  const { caller } = authority;
  const allowed = patientsWithin(caller);
  const patients = allowed === 'any' ? (patientOnly ? patientsInContext(caller) : undefined) : allowed;
  const { patientRef } = values;
  if (patientRef === undefined) return patients === undefined ? undefined : { patients };
  return { patients: patients === undefined || patients.includes(patientRef) ? [patientRef] : [] };
};

const reachInto = (
  target: ResourceEntry,
  call: Reaching,
  { headers, reporting }: RelatedParts,
): Reach | undefined => {
  const { authority, values, entry } = call;
  if (authority === undefined) return isOpen(target) ? {} : undefined;
  if (asksForMore(target, entry) && !reporting()) return undefined;
  const { caller } = authority;
  const role = mayDo(caller, target.kind, 'read');
  const searched = allows(caller, target.type, 's');
  const read = allows(caller, target.type, 'r');
  if (!role.ok || !searched.ok || !read.ok) return undefined;
  const grants = [searchNarrowing(searched.value), searchNarrowing(read.value)];
  // A scope narrowed by criteria is judged resource by resource, which a chain does not do.
  if (grants.some((grant) => !grant.ok || grant.value.query !== undefined)) return undefined;
  const patientOnly = grants.some((grant) => grant.ok && grant.value.patientOnly);
  const refused = checkCombination(
    {
      purpose: values.purpose,
      access: values.access,
      role: caller.role,
      kind: caller.kind,
      resourceType: target.type,
      organization: caller.organization !== undefined,
    },
    headers,
  );
  if (refused !== undefined) return undefined;
  if (role.value === 'written-by-self') return { within: { owners: authority.callerKeys } };
  const within = withinOf(target, call, patientOnly);
  return within === undefined ? {} : { within };
};

/**
 * Into a type of several kinds (Basic) only the kind that concerns patients can be reached, and only within the one
 * patient of the call: that alone tells it from the other kinds, which have none.
 */
const reachIntoKinds = (
  entries: readonly ResourceEntry[],
  call: Reaching,
  parts: RelatedParts,
): Reach | undefined => {
  const target = entries.find(({ patientBound }) => patientBound === true);
  return target === undefined || call.values.patientRef === undefined
    ? undefined
    : reachInto(target, call, parts);
};

/** Where chaining, `_has`, `_include` and `_revinclude` may lead this call. */
export const createRelated = (parts: RelatedParts) => {
  const { resources, offered } = parts;
  const types = [...resources.keys()].filter((type) => !NOT_INDEXED.has(type));
  return (call: Reaching): Related => {
    const reaches = new Map<string, Reach | undefined>();
    return {
      types,
      parametersOf: (type) => {
        const entry = resources.get(type);
        return entry === undefined ? [] : offered(entry);
      },
      storedValue: (type, name, value) => resources.get(type)?.searchValue?.(name, value) ?? value,
      reachOf: (type) => {
        if (reaches.has(type)) return reaches.get(type);
        const entry = resources.get(type);
        const reach =
          entry?.kinds === undefined
            ? entry && reachInto(entry, call, parts)
            : reachIntoKinds(entry.kinds.entries, call, parts);
        reaches.set(type, reach);
        return reach;
      },
    };
  };
};

/** `Type:parameter` for each reference that `_include` follows from a type, and that `_revinclude` follows to it. */
export const includesOf =
  ({ resources, offered }: Pick<RelatedParts, 'resources' | 'offered'>) =>
  (entry: ResourceEntry): { readonly forward: readonly string[]; readonly reverse: readonly string[] } => {
    const linked = [...resources.values()].filter(
      ({ type, unconfigured }) => !NOT_INDEXED.has(type) && unconfigured === undefined,
    );
    const isLinked = (type: string): boolean => linked.some((one) => one.type === type);
    const links = (from: ResourceEntry, leads: (target: readonly string[]) => boolean): readonly string[] =>
      offered(from)
        .filter(({ type, target }) => type === 'reference' && leads(target))
        .map(({ code }) => `${from.type}:${code}`);
    if (NOT_INDEXED.has(entry.type)) return { forward: [], reverse: [] };
    return {
      forward: links(entry, (target) => target.length === 0 || target.some(isLinked)),
      reverse: linked.flatMap((from) =>
        links(from, (target) => target.length === 0 || target.includes(entry.type)),
      ),
    };
  };
