import { type Failure, failure, type Issue } from '../failure.ts';
import type { ParsedSearch } from '../fhir/search/parse.ts';
import { checkPatientRef } from '../headers/patient-match.ts';
import { operationOutcome } from '../http/outcome.ts';
import { fail, ok, type Result } from '../result.ts';
import { searchNarrowing } from '../security/scopes.ts';
import type { SearchPage } from '../store/search.ts';
import type { SearchPosition, Within } from '../store/search-request.ts';
import type { StoredVersion } from '../store/types.ts';
import { type Link, searchset } from './bundle.ts';
import type { Call, Handler, Trace } from './call.ts';
import { type Cursor, openCursor, sealCursor } from './cursor.ts';
import type { Parameters } from './search-engine.ts';
import { namePatients } from './search-patient.ts';
import type { Server } from './server.ts';
import { holdsPersonNumber } from './url-guard.ts';
import { patientMismatch } from './visible.ts';

/** A search whose every parameter has been understood and whose reach is settled. */
export interface Settled {
  readonly parsed: ParsedSearch;
  /** What the links say: as sent, but for identity numbers. */
  readonly parameters: Parameters;
  readonly within?: Within;
  readonly after?: SearchPosition;
  readonly upstream?: Cursor['upstream'];
}

/** https://hl7.org/fhir/R4/http.html#search */
export const search =
  (server: Server): Handler =>
  async (call, trace) => {
    const settled = await settle(server, call, trace);
    if (!settled.ok) return settled;
    const refreshed = await refresh(server, call, settled.value);
    if (!refreshed.ok) return refreshed;
    const { ids, next: upstreamNext, issues } = refreshed.value;
    const { parsed } = settled.value;
    const page = await pageOf(server, settled.value, ids);
    if (page.versions.length === 0) trace.empty = true;
    const included = page.included?.versions ?? [];
    notePatient(trace, [...page.versions, ...included]);
    const warnings = [...parsed.warnings, ...issues, ...(page.included?.cut === true ? [CUT] : [])];
    return ok({
      kind: 'ok',
      json: searchset(
        call.base,
        shown(server, page.versions, parsed.subset),
        await linksOf(server, call, settled.value, page, upstreamNext),
        {
          included,
          ...(page.total === undefined ? {} : { total: page.total }),
          ...(warnings.length === 0 ? {} : { outcome: JSON.stringify(operationOutcome(warnings)) }),
        },
      ),
      confidential: call.entry.confidential,
    });
  };

/** What the store has; when the national list names its page, of those alone. */
export const pageOf = async (
  server: Server,
  { parsed: { request }, within, after }: Settled,
  ids: readonly string[] | undefined,
): Promise<SearchPage> => {
  if (ids?.length === 0) return { versions: [], positions: [] };
  const named = ids === undefined ? [] : [{ kind: 'id' as const, anyOf: ids }];
  return server.search.run(
    { ...request, criteria: [...request.criteria, ...named] },
    { ...(within === undefined ? {} : { within }), ...(after === undefined ? {} : { after }) },
  );
};

/** What `_summary` and `_elements` leave of the matches. */
export const shown = (
  server: Server,
  versions: readonly StoredVersion[],
  subset: ParsedSearch['subset'],
): readonly StoredVersion[] =>
  subset === undefined
    ? versions
    : versions.map((version) => ({
        ...version,
        content: server.search.subsets.apply(version.content, version.type, subset),
      }));

export const CUT: Issue = {
  severity: 'warning',
  code: 'incomplete',
  diagnostics:
    'More resources than fit belong to this page by _include or _revinclude; ask for fewer at a time (_count).',
};

/** The audit of a search names the patient when it concerns a single one. */
export const notePatient = (trace: Trace, versions: readonly StoredVersion[]): void => {
  const patients = new Set(versions.map((version) => version.patient));
  const [only] = patients;
  if (trace.patient === undefined && patients.size === 1 && only !== undefined && only !== null) {
    trace.patient = only;
  }
};

const settle = async (server: Server, call: Call, trace: Trace): Promise<Result<Settled, Failure>> => {
  const sealed = call.parameters.find(([name]) => name === '_cursor')?.[1];
  const cursor = sealed === undefined ? ok(undefined) : await openCursor(server, call, sealed);
  if (!cursor.ok) return cursor;
  const added = sealed === undefined ? undefined : refuseBesideCursor(call);
  if (added !== undefined) return fail(added);
  const given = cursor.value === undefined ? call.parameters : continued(call, cursor.value.parameters);
  const understood = await understand(server, call, trace, given);
  if (!understood.ok) return understood;
  return ok({
    ...understood.value,
    ...(cursor.value === undefined || cursor.value.after.id === '' ? {} : { after: cursor.value.after }),
    ...(cursor.value?.upstream === undefined ? {} : { upstream: cursor.value.upstream }),
  });
};

/** The criteria of a search, and how far its caller sees; where it begins is not yet said. */
export const understand = async (
  server: Server,
  call: Call,
  trace: Trace,
  given: Parameters,
): Promise<Result<Settled, Failure>> => {
  const named = await namePatients(server, call.entry.type, given, call.entry.numbered);
  const { patient } = named;
  if (patient !== undefined) trace.patient = patient;
  const caller = call.authority?.caller;
  if (caller !== undefined) {
    const unknown = await refuseUnknownPatient(server, call);
    if (unknown !== undefined) return fail(unknown);
    const mismatch = checkPatientRef({ values: call.values, patient, caller }, call);
    if (mismatch !== undefined) return fail(mismatch);
  }
  const narrowed = searchNarrowing(call.authority?.grants ?? [{ patientOnly: false }]);
  if (!narrowed.ok) return narrowed;
  const handling = call.prefer.handling ?? 'strict';
  const written = named.parameters.map(([name, value]): [string, string] => [
    name,
    call.entry.searchValue?.(name, value) ?? value,
  ]);
  const criteria = [...written, ...Object.entries(narrowed.value.query ?? {})];
  const parsed = server.search.parse(call.entry, criteria, handling, {
    related: server.related(call),
    subsets: true,
    terminology: await server.search.terminologyOf(criteria),
  });
  if (!parsed.ok) return parsed;
  const within = withinOf(call);
  return ok({
    parsed: parsed.value,
    parameters: parsed.value.applied.filter(([name, value]) =>
      written.some(([sent, said]) => sent === name && said === value),
    ),
    ...(within === undefined ? {} : { within }),
  });
};

/** The cursor holds the criteria; others beside it would go unnoticed. */
export const refuseBesideCursor = (call: Call): Failure | undefined => {
  const kinds = new Set(call.entry.narrowedBy?.map(([name]) => name));
  const added = call.parameters.find(([name]) => !BESIDE_CURSOR.has(name) && !kinds.has(name))?.[0];
  return added === undefined
    ? undefined
    : failure('malformed', 'value', 'The _cursor holds the criteria of the search: give none beside it.', {
        location: ['http._cursor'],
      });
};

const BESIDE_CURSOR = new Set(['_cursor', '_count', '_format', '_pretty']);

export const isCount = ([name]: Parameters[number]): boolean => name === '_count';

/** The criteria of a continued search; how much a page holds may be said anew, as some clients do on every link. */
export const continued = (call: Call, criteria: Parameters): Parameters => {
  const counts = call.parameters.filter(isCount);
  return counts.length === 0 ? criteria : [...criteria.filter((one) => !isCount(one)), ...counts];
};

/** The address of the next page: the size of a page stands beside the cursor, so that a client keeps to it. */
export const nextUrl = (
  url: string,
  parameters: Parameters,
  cursor: string,
  /** What says of which kind the resources are: the header rules of the next call depend on it. */
  kinds: Parameters = [],
): string => `${url}${queryOf([...kinds, ...parameters.filter(isCount), ['_cursor', cursor]])}`;

/** VR095: X-PatientRef names a Patient that the index knows. */
const refuseUnknownPatient = async (server: Server, call: Call): Promise<Failure | undefined> => {
  const { patientRef } = call.values;
  if (patientRef === undefined || (await server.patients.identifierOf(patientRef)) !== undefined)
    return undefined;
  return patientMismatch(call, 'X-PatientRef is no Patient of this server');
};

/** X-PatientRef narrows the search to that patient; a private person's token to its own. */
const withinOf = (call: Call): Within | undefined => {
  const { authority, values, entry } = call;
  if (authority?.ownOnly === true) return { owners: authority.callerKeys };
  if (entry.patientBound !== true) return undefined;
  const { patientRef } = values;
  const patients = authority?.patients;
  if (patientRef === undefined) return patients === undefined ? undefined : { patients };
  // Both hold: X-PatientRef narrows what the token allows, and never widens it.
  return { patients: patients === undefined || patients.includes(patientRef) ? [patientRef] : [] };
};

export interface Refreshed {
  readonly ids?: readonly string[];
  readonly next?: Cursor['upstream'];
  readonly issues: readonly Issue[];
}

export const refresh = async (
  server: Server,
  call: Call,
  settled: Settled,
): Promise<Result<Refreshed, Failure>> => {
  const asked = server.refreshOf(call.entry.kind);
  if (asked === undefined) return ok({ issues: [] });
  return asked.search({
    criteria: settled.parsed.request.criteria,
    patients:
      settled.within !== undefined && 'patients' in settled.within ? settled.within.patients : undefined,
    requestId: call.values.requestId ?? '',
    upstream: settled.upstream,
  });
};

export const queryOf = (parameters: Parameters): string => {
  const query = new URLSearchParams(
    parameters.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  return query === '' ? '' : `?${query}`;
};

/** What a link may show: never a national identity number. The cursor, which is sealed, keeps it. */
const shownOf = ({ persons }: Server, { entry }: Call, { parameters }: Settled): Parameters =>
  (entry.numbered ?? []).length === 0
    ? parameters
    : parameters.filter(([name, value]) => !holdsPersonNumber(persons, entry.type, name, value));

const linksOf = async (
  server: Server,
  call: Call,
  settled: Settled,
  page: SearchPage,
  upstreamNext: Cursor['upstream'],
): Promise<readonly Link[]> => {
  const url = `${call.base}/${call.entry.type}`;
  const links: Link[] = [{ relation: 'self', url: `${url}${queryOf(shownOf(server, call, settled))}` }];
  const { parameters, upstream } = settled;
  const more = page.next !== undefined;
  if (!more && upstreamNext === undefined) return links;
  // First the rest of this page of the national list, then its next page.
  const from = more ? upstream : upstreamNext;
  const cursor: Cursor = {
    after: page.next ?? { keys: [], id: '' },
    parameters,
    ...(from === undefined ? {} : { upstream: from }),
  };
  const sealed = await sealCursor(server, call, cursor);
  links.push({ relation: 'next', url: nextUrl(url, parameters, sealed, call.entry.narrowedBy) });
  return links;
};
