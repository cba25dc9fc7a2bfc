import { type Failure, failure } from '../failure.ts';
import type { Answer } from '../http/answer.ts';
import { parseEntityTags } from '../http/etag.ts';
import type { ResourceEntry } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import type { StoredVersion } from '../store/types.ts';
import type { Call, Handler } from './call.ts';
import type { Parameters } from './search-engine.ts';
import type { Server } from './server.ts';
import { missing, refuseUnlessVisible, storedOf } from './visible.ts';

/** Absolute URL of one version. */
export const versionUrl = (call: Call, version: Pick<StoredVersion, 'type' | 'id' | 'version'>): string =>
  `${call.base}/${version.type}/${version.id}/_history/${version.version}`;

export const gone = (type: string) =>
  failure('gone', 'deleted', `This ${type} was deleted; its history remains.`);

/**
 * Has the client this version already? If-None-Match decides alone when it is sent (RFC 9110, 13.1.3); dates
 * are whole seconds. Malformed ones are passed over: the worst that happens is a full answer.
 * https://hl7.org/fhir/R4/http.html#cread
 */
const isUnmodified = (request: Request, version: StoredVersion): boolean => {
  const tags = request.headers.get('if-none-match');
  if (tags !== null) {
    const parsed = parseEntityTags('If-None-Match', tags);
    return parsed.ok && parsed.value.matches(version.version);
  }
  const since = request.headers.get('if-modified-since');
  if (since === null) return false;
  const date = Date.parse(since);
  return !Number.isNaN(date) && Math.floor(version.lastUpdated / 1000) * 1000 <= date;
};

const PARTS = new Set(['_summary', '_elements']);

const PRESENTATION = new Set(['_format', '_pretty']);

/** A name that may be told again: what looks otherwise could be a value in the wrong place. */
export const isName = (name: string): boolean => /^[A-Za-z_][\w.:-]{0,63}$/.test(name) && !/\d{6}/.test(name);

/**
 * R4 says of a search what becomes of parameters that the server does not know; of a read it says nothing. Passed
 * over, a misspelt `_elements` would answer more than was asked for, so it is told, unless handling=lenient.
 */
export const refuseUnknownParameters = ({
  parameters,
  prefer,
}: Pick<Call, 'parameters' | 'prefer'>): Failure | undefined => {
  if (parameters.length === 0 || prefer.handling === 'lenient') return undefined;
  const unknown = parameters.find(([name]) => !PARTS.has(name) && !PRESENTATION.has(name))?.[0];
  if (unknown === undefined) return undefined;
  const named = isName(unknown);
  return failure(
    'malformed',
    'not-supported',
    `${named ? unknown : 'This parameter'} is unknown for a read; it takes ${[...PARTS, ...PRESENTATION].join(', ')}. Prefer: handling=lenient passes over others.`,
    named ? { location: [`http.${unknown}`] } : {},
  );
};

/** What `_summary` or `_elements` leave of a resource; all of it when neither is given. */
export const subsetOf = (
  { search }: Server,
  entry: ResourceEntry,
  parameters: Parameters,
  content: string,
): Result<string, Failure> => {
  const parts = parameters.filter(([name]) => PARTS.has(name));
  if (parts.length === 0) return ok(content);
  const asked = search.parse(entry, parts, 'strict', { subsets: true });
  if (!asked.ok) return asked;
  const { subset } = asked.value;
  return ok(subset === undefined ? content : search.subsets.apply(content, entry.type, subset));
};

/** The version, what `_summary` or `_elements` leave of it, or that the client has it already. */
const versionAnswer = (server: Server, call: Call, version: StoredVersion): Result<Answer, Failure> => {
  const { confidential } = call.entry;
  const url = versionUrl(call, version);
  if (isUnmodified(call.request, version)) return ok({ kind: 'not-modified', version, url, confidential });
  const json = subsetOf(server, call.entry, call.parameters, version.content);
  return json.ok ? ok({ kind: 'ok', json: json.value, version, url, confidential }) : json;
};

/** https://hl7.org/fhir/R4/http.html#read */
export const read =
  (server: Server): Handler =>
  async (call, trace) => {
    const unknown = refuseUnknownParameters(call);
    if (unknown !== undefined) return fail(unknown);
    const { type } = call.entry;
    const stored = await storedOf(server, call);
    if (stored === undefined) return fail(missing(call));
    if (stored.patient !== null) trace.patient = stored.patient;
    const refused = await refuseUnlessVisible(server, call, stored);
    if (refused !== undefined) return fail(refused);
    if (stored.deleted) return fail(gone(type));
    const refresh = stored.checkedAt === null ? undefined : server.refreshOf(call.entry.kind);
    const fresh =
      refresh === undefined ? ok(stored) : await refresh.version(stored, call.values.requestId ?? '');
    if (!fresh.ok) return fresh;
    const version = fresh.value;
    if (version.deleted) return fail(gone(type));
    trace.version = version.version;
    return versionAnswer(server, call, version);
  };

/** https://hl7.org/fhir/R4/http.html#vread */
export const vread =
  (server: Server): Handler =>
  async (call, trace) => {
    const unknown = refuseUnknownParameters(call);
    if (unknown !== undefined) return fail(unknown);
    const { type } = call.entry;
    const number = /^[1-9]\d{0,9}$/.test(call.versionId ?? '') ? Number(call.versionId) : undefined;
    const version =
      number === undefined || call.unseen === true
        ? undefined
        : await server.repository.vread(type, call.id ?? '', number);
    if (version === undefined) {
      return fail(missing(call));
    }
    if (version.patient !== null) trace.patient = version.patient;
    const refused = await refuseUnlessVisible(server, call, version);
    if (refused !== undefined) return fail(refused);
    trace.version = version.version;
    if (version.deleted) return fail(gone(type));
    return versionAnswer(server, call, version);
  };
