import { type Failure, failure, type Issue } from '../failure.ts';
import type { Pattern } from '../headers/pattern.ts';
import { checkHeaderSizes } from '../headers/sizes.ts';
import { type Answer, respond, respondFailure } from '../http/answer.ts';
import { authenticate } from '../interactions/arrive.ts';
import { askedFormat, askedSo } from '../interactions/asked-format.ts';
import { audit } from '../interactions/audited.ts';
import { distinct, together } from '../interactions/bundle-failures.ts';
import { asPart } from '../interactions/part.ts';
import { NOT_INDEXED } from '../interactions/related.ts';
import { queryOf } from '../interactions/search.ts';
import type { Parameters } from '../interactions/search-engine.ts';
import { askedOf } from '../interactions/search-places.ts';
import { searchTypes, type TypeCall } from '../interactions/search-system.ts';
import { arriveFor, findingsOf, withFindings } from '../interactions/serve.ts';
import type { Server } from '../interactions/server.ts';
import { type Facade, renderingOf } from '../interactions/stages.ts';
import type { ResourceEntry } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';

/** Each type is a search of its own. */
const MOST_TYPES = 20;

/** A later one asks for more than those before it. */
const STRICTNESS: readonly Pattern[] = ['discovery', '2.1', '2.2.1', '2.2.2', '2.3'];

const strictest = (entries: readonly ResourceEntry[]): Pattern =>
  entries.reduce<Pattern>(
    (most, { pattern }) => (STRICTNESS.indexOf(pattern) > STRICTNESS.indexOf(most) ? pattern : most),
    'discovery',
  );

/** Types of which nobody needs a token to search them. */
const isOpen = (entries: readonly ResourceEntry[]): boolean =>
  ['discovery', '2.1'].includes(strictest(entries));

const typeFault = (diagnostics: string, code: 'required' | 'value' | 'too-costly' = 'value'): Failure =>
  failure('malformed', code, diagnostics, { location: ['http._type'] });

const searchable = ({ resources }: Server): readonly ResourceEntry[] =>
  [...resources.values()].filter(
    ({ type, interactions }) => interactions.includes('search-type') && !NOT_INDEXED.has(type),
  );

/** The types that `_type` names, in its order. */
const typesOf = (server: Server, parameters: Parameters): Result<readonly ResourceEntry[], Failure> => {
  const known = searchable(server);
  const names = known.map(({ type }) => type).join(', ');
  const [asked, again] = parameters.filter(([name]) => name === '_type').map(([, value]) => value);
  if (asked === undefined) {
    return fail(
      typeFault(
        `A search over the whole server names its types, each of which has its own header rules and rights: _type with any of ${names}.`,
        'required',
      ),
    );
  }
  const types = [...new Set(asked.split(',').map((one) => one.trim()))];
  if (again !== undefined) return fail(typeFault('The parameter _type may be given once.'));
  if (types.length > MOST_TYPES) {
    return fail(typeFault(`The parameter _type takes up to ${MOST_TYPES} types.`, 'too-costly'));
  }
  const entries = types.flatMap((type) => known.find((entry) => entry.type === type) ?? []);
  return entries.length === types.length
    ? ok(entries)
    : fail(typeFault(`The parameter _type takes a list of ${names}.`));
};

/**
 * Each type as the call that it would be by itself, under the strictest header rules of them all; one that the
 * caller may not search closes the whole.
 */
const arriveAll = async (
  facade: Facade,
  request: Request,
  entries: readonly ResourceEntry[],
  parameters: Parameters,
  caller: Awaited<ReturnType<typeof authenticate>> | undefined,
): Promise<Result<readonly TypeCall[], Failure>> => {
  const pattern = strictest(entries);
  const base = `${new URL(request.url).origin}/fhir`;
  const calls: TypeCall[] = [];
  const refusals: Failure[] = [];
  for (const entry of entries) {
    const plain = new Request(`${base}/${entry.type}${queryOf(parameters)}`, { headers: request.headers });
    // The token has been verified: a proof of possession is good for one use.
    const own = caller === undefined ? plain : asPart(plain, { index: 0, caller, report: () => {} });
    const resource = { ...entry, pattern };
    const arrived = await arriveFor(facade)({ resource, interaction: 'search-type' }, own);
    if (arrived.ok) calls.push({ call: arrived.value, trace: {} });
    else refusals.push(arrived.failure);
  }
  const refused = together(refusals);
  return refused === undefined ? ok(calls) : fail(refused);
};

const run = async (
  facade: Facade,
  request: Request,
  search: string,
  report: (issues: readonly Issue[]) => void,
): Promise<Result<Answer, Failure>> => {
  const { server, stages } = facade;
  const parameters = await server.search.parameters(request, search);
  if (!parameters.ok) return parameters;
  const format = askedFormat(server, request, parameters.value);
  if (!format.ok) return format;
  const entries = typesOf(server, parameters.value);
  if (!entries.ok) return entries;
  const caller = isOpen(entries.value) ? undefined : await authenticate(stages, request);
  if (caller?.ok === false) return caller;
  const callerKey = caller === undefined ? '' : await stages.callerKeys.keyOf(caller.value);
  const types = entries.value.map(({ type }) => type);
  const asked = await askedOf(server, parameters.value, types, callerKey);
  if (!asked.ok) return asked;
  const arrived = await arriveAll(facade, request, entries.value, asked.value.parameters, caller);
  if (!arrived.ok) return arrived;
  const outcome = await searchTypes(server, arrived.value, asked.value);
  for (const { call, trace } of arrived.value) {
    const unaudited = await audit(server, call, trace, outcome);
    if (unaudited !== undefined) return fail(unaudited);
    report(findingsOf(stages, call));
  }
  return outcome.ok ? ok(askedSo(outcome.value, format.value)) : outcome;
};

const isForm = (pathname: string): boolean => pathname.startsWith('/fhir/_search');

/**
 * `GET /fhir?_type=…` and `POST /fhir/_search`: a search over several types by what is common to them. Every type
 * has to be named, and each is judged as a search of its own.
 */
export const createSystemSearch =
  (facade: Facade): ((request: Request) => Promise<Response>) =>
  async (request) => {
    const { stages } = facade;
    const { pathname, search } = new URL(request.url);
    const { how, refused } = renderingOf(stages, request, search);
    const first = checkHeaderSizes(request.headers, stages.headerLimits) ?? refused;
    if (first !== undefined) return respondFailure(first, how);
    if (isForm(pathname) && request.method !== 'POST') {
      const diagnostics = 'Here this server takes POST of search parameters.';
      const allow = ['POST'];
      return respondFailure(failure('method-not-allowed', 'not-supported', diagnostics, { allow }), how);
    }
    const found: Issue[] = [];
    const answer = await run(facade, request, search, (issues) => found.push(...issues));
    const echoed = withFindings(distinct(found), how);
    return answer.ok ? respond(answer.value, echoed) : respondFailure(answer.failure, echoed);
  };
