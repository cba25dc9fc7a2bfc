import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import { mayDo } from '../security/access.ts';
import { allows } from '../security/scopes.ts';
import type { StoredVersion } from '../store/types.ts';
import type { Call } from './call.ts';
import type { Parameters } from './search-engine.ts';
import { namePatients } from './search-patient.ts';
import type { Server } from './server.ts';
import { storedOf } from './visible.ts';

/** Parameters that say how to answer, not which resource is meant. */
const PRESENTATION = new Set(['_format', '_pretty']);

/** The criteria of a conditional interaction: `a=b&c=d`, with or without `?` or `Type?` before it. */
export const criteriaOf = (query: string): Parameters =>
  [...new URLSearchParams(query.slice(query.indexOf('?') + 1))].filter(([name]) => !PRESENTATION.has(name));

/**
 * What is stored under the id of the call, or the one resource that its criteria name; undefined when there is none.
 * Failures: those of {@link matchOne}.
 */
export const storedOrMatching = async (
  server: Server,
  call: Call,
): Promise<Result<StoredVersion | undefined, Failure>> =>
  call.id === undefined ? matchOne(server, call, call.parameters, 'URL') : ok(await storedOf(server, call));

/** `_count` and the like say how to answer, not which resource is meant. */
const nothingNamed = (where: string): Failure =>
  failure('malformed', 'required', `${where} needs at least one search parameter that names the resource.`, {
    location: [`http.${where}`],
  });

/** To learn whether something exists is to search for it, whatever the call does next. */
const refuseUnlessMaySearch = ({
  authority,
  entry,
}: Pick<Call, 'entry' | 'authority'>): Failure | undefined => {
  if (authority === undefined) return undefined;
  const reach = mayDo(authority.caller, entry.kind, 'read');
  if (!reach.ok) return reach.failure;
  for (const action of ['s', 'r'] as const) {
    const granted = allows(authority.caller, entry.type, action);
    if (!granted.ok) return granted.failure;
    // What a narrowed scope covers is told resource by resource; criteria would tell about the others.
    if (granted.value.some(({ query }) => query !== undefined)) {
      return failure('forbidden', 'forbidden', 'A conditional interaction needs scopes without a query.');
    }
  }
  return undefined;
};

const NOTHING: ReadonlySet<string> = new Set();

/**
 * The one resource that criteria name, as far as the caller may see; undefined when there is none. Failures:
 * `precondition-failed` when there are several, `malformed` when the criteria are not understood, or none are
 * given: that would mean any resource.
 * https://hl7.org/fhir/R4/http.html#ccreate
 */
export const matchOne = async (
  server: Server,
  call: Pick<Call, 'entry' | 'authority'>,
  criteria: Parameters,
  where: string,
  /** `Type/id` of what is being deleted with the call: R4 deletes first, so it no longer matches. */
  leaving: ReadonlySet<string> = NOTHING,
): Promise<Result<StoredVersion | undefined, Failure>> => {
  const named = await namePatients(server, call.entry.type, criteria);
  const parsed = server.search.parse(call.entry, named.parameters, 'strict', {
    terminology: await server.search.terminologyOf(named.parameters),
  });
  if (!parsed.ok) return parsed;
  if (parsed.value.request.criteria.length === 0) return fail(nothingNamed(where));
  const refused = refuseUnlessMaySearch(call);
  if (refused !== undefined) return fail(refused);
  const patients = call.authority?.patients;
  const page = await server.search.run(
    { ...parsed.value.request, count: 2 + leaving.size },
    patients === undefined ? {} : { within: { patients } },
  );
  const [first, second] = page.versions.filter(({ type, id }) => !leaving.has(`${type}/${id}`));
  if (second === undefined) return ok(first);
  return fail(
    failure(
      'precondition-failed',
      'multiple-matches',
      `${where} matches several resources of type ${call.entry.type}; make it name one.`,
      { location: [`http.${where}`] },
    ),
  );
};
