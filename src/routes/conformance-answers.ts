import type { Resource } from '@medplum/fhirtypes';
import { type Failure, failure } from '../failure.ts';
import { type Answer, respond, respondFailure } from '../http/answer.ts';
import { operationOutcome } from '../http/outcome.ts';
import { parsePrefer } from '../http/prefer.ts';
import { askedFormat, askedSo } from '../interactions/asked-format.ts';
import { type Link, searchset } from '../interactions/bundle.ts';
import { lookThrough } from '../interactions/look-through.ts';
import { refuseUnknownParameters, subsetOf } from '../interactions/read.ts';
import { isCount, nextUrl, queryOf } from '../interactions/search.ts';
import type { Parameters } from '../interactions/search-engine.ts';
import type { Server } from '../interactions/server.ts';
import { type Facade, renderingOf, searchOf } from '../interactions/stages.ts';
import type { ResourceEntry } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import { type ConformanceType, conformanceParameters } from './conformance.ts';

/** A conformance type as the interactions see any other. */
const entryOf = ({ search }: Server, type: string): ResourceEntry => ({
  type,
  kind: 'extra',
  interactions: ['read', 'search-type'],
  pattern: 'discovery',
  confidential: false,
  searchParameters: conformanceParameters(search.parametersOf(type)).map(({ code }) => code),
  documentation: '',
});

/** What `_summary` or `_elements` leave of a resource that is not kept in the store; all of it without them. */
export const shownOf = (
  server: Server,
  type: string,
  parameters: Parameters,
  json: string,
): Result<string, Failure> => subsetOf(server, entryOf(server, type), parameters, json);

const answered = (json: string): Result<Answer, Failure> => ok({ kind: 'ok', json, confidential: false });

const reply = async (
  { stages }: Facade,
  request: Request,
  work: (search: string) => Promise<Result<Answer, Failure>>,
): Promise<Response> => {
  const search = searchOf(request.url);
  const { how, refused } = renderingOf(stages, request, search);
  if (refused !== undefined) return respondFailure(refused, how);
  const answer = await work(search);
  return answer.ok ? respond(answer.value, how) : respondFailure(answer.failure, how);
};

/** https://hl7.org/fhir/R4/http.html#read */
export const readArtefact = (
  facade: Facade,
  type: ConformanceType,
  own: readonly Resource[],
  id: string,
  request: Request,
): Promise<Response> =>
  reply(facade, request, async (search) => {
    const parameters: Parameters = [...new URLSearchParams(search)];
    const unknown = refuseUnknownParameters({
      parameters,
      prefer: parsePrefer(request.headers.get('prefer')),
    });
    if (unknown !== undefined) return fail(unknown);
    const found = own.find((artefact) => artefact.id === id);
    if (found === undefined) {
      return fail(failure('not-found', 'not-found', `There is no ${type} with this id.`));
    }
    const { server } = facade;
    const json = shownOf(server, type, parameters, JSON.stringify(found));
    return json.ok ? answered(json.value) : json;
  });

const isCursor = ([name]: Parameters[number]): boolean => name === '_cursor';

/** Where a page begins in a list that never changes. */
const offsetOf = (parameters: Parameters): Result<number, Failure> => {
  const [cursor = '0'] = parameters.filter(isCursor).map(([, value]) => value);
  return /^\d{1,6}$/.test(cursor)
    ? ok(Number(cursor))
    : fail(
        failure('malformed', 'value', 'The _cursor is that of a next link.', { location: ['http._cursor'] }),
      );
};

/** https://hl7.org/fhir/R4/http.html#search, by GET and by POST _search. */
export const searchArtefacts = (
  facade: Facade,
  type: ConformanceType,
  own: readonly Resource[],
  request: Request,
): Promise<Response> =>
  reply(facade, request, async (query) => {
    const { server, stages } = facade;
    const sent = await server.search.parameters(request, query);
    if (!sent.ok) return sent;
    const format = askedFormat(server, request, sent.value);
    if (!format.ok) return format;
    const offset = offsetOf(sent.value);
    if (!offset.ok) return offset;
    const asked = sent.value.filter((one) => !isCursor(one));
    const handling = parsePrefer(request.headers.get('prefer')).handling ?? 'strict';
    const parsed = server.search.parse(entryOf(server, type), asked, handling, { subsets: true });
    if (!parsed.ok) return parsed;
    const { request: wanted, applied, warnings, subset } = parsed.value;
    const found = lookThrough(own, wanted, server.indexOf);
    // The whole of a short list, unless a page of it is asked for.
    const size = asked.some(isCount) ? wanted.count : wanted.count === 0 ? 0 : found.length;
    const end = offset.value + size;
    const page = found.slice(offset.value, end);
    const base = `${stages.baseOf(request.url)}/fhir`;
    const url = `${base}/${type}`;
    const links: Link[] = [{ relation: 'self', url: `${url}${queryOf(applied)}` }];
    if (size > 0 && end < found.length) {
      const criteria = applied.filter((one) => !isCount(one));
      links.push({ relation: 'next', url: nextUrl(url, applied, String(end), criteria) });
    }
    const contents = page.map((resource) => ({
      type,
      id: resource.id ?? '',
      content: JSON.stringify(resource),
    }));
    const cut = contents.map((one) => ({
      ...one,
      content: subset === undefined ? one.content : server.search.subsets.apply(one.content, type, subset),
    }));
    const json = searchset(base, cut, links, {
      total: found.length,
      ...(warnings.length === 0 ? {} : { outcome: JSON.stringify(operationOutcome(warnings)) }),
    });
    return ok(askedSo({ kind: 'ok', json, confidential: false }, format.value));
  });
