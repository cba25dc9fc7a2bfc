import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { StoredVersion } from '../store/types.ts';
import type { Call } from './call.ts';
import type { Parameters } from './search-engine.ts';
import { namePatients } from './search-patient.ts';
import type { Server } from './server.ts';

/** Parameters that say how to answer, not which resource is meant. */
const PRESENTATION = new Set(['_format', '_pretty']);

/** The criteria of a conditional interaction: `a=b&c=d`, with or without `?` or `Type?` before it. */
export const criteriaOf = (query: string): Parameters =>
  [...new URLSearchParams(query.slice(query.indexOf('?') + 1))].filter(([name]) => !PRESENTATION.has(name));

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
): Promise<Result<StoredVersion | undefined, Failure>> => {
  const named = await namePatients(server, criteria);
  if (named.parameters.length === 0) {
    return fail(
      failure('malformed', 'required', `${where} needs at least one search parameter.`, {
        location: [`http.${where}`],
      }),
    );
  }
  const parsed = server.search.parse(call.entry, named.parameters, 'strict');
  if (!parsed.ok) return parsed;
  const patients = call.authority?.patients;
  const page = await server.search.run(
    { ...parsed.value.request, count: 2 },
    patients === undefined ? {} : { within: { patients } },
  );
  const [first, second] = page.versions;
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
