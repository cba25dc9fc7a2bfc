import type { Resource } from '@medplum/fhirtypes';
import type { Context } from 'hono';
import { type Failure, failure, failureOf } from '../failure.ts';
import type { Terminology } from '../fhir/terminology/index.ts';
import { type Inputs, readInputs } from '../fhir/terminology/inputs.ts';
import { TERMINOLOGY_OPERATIONS, type TerminologyOperation } from '../fhir/terminology/operations.ts';
import { respond, respondFailure } from '../http/answer.ts';
import { parseBody, readText } from '../interactions/body.ts';
import type { WantedTerminology } from '../interactions/search-engine.ts';
import type { Server } from '../interactions/server.ts';
import { type Facade, renderingOf } from '../interactions/stages.ts';
import { fail, ok, type Result } from '../result.ts';
import { drawnOn } from '../search-terminology.ts';

/** The parameters of a POST, valid R4; undefined when its body is empty. */
const bodyOf = async (
  { bodies, validate }: Pick<Server, 'bodies' | 'validate'>,
  request: Request,
): Promise<Result<object | undefined, Failure>> => {
  if (request.method !== 'POST') return ok(undefined);
  const body = await readText(bodies, request);
  if (!body.ok) return body;
  if (body.value.text.trim() === '') return ok(undefined);
  const parsed = parseBody(bodies, body.value);
  if (!parsed.ok) return parsed;
  const invalid = failureOf(validate(parsed.value));
  return invalid === undefined ? parsed : fail(invalid);
};

const inputsOf = async (
  server: Server,
  { inputs }: TerminologyOperation,
  request: Request,
  url: URL,
): Promise<Result<Inputs, Failure>> => {
  const body = await bodyOf(server, request);
  return body.ok ? readInputs(inputs, url.searchParams, body.value) : body;
};

/** What a path names by its id: among the artefacts, or in the store where its type is kept there. */
const instanceOf = async (
  { resources, repository }: Server,
  artefacts: readonly Resource[],
  type: TerminologyOperation['type'],
  id: string,
): Promise<Resource | undefined> => {
  if (!resources.has(type)) return artefacts.find((one) => one.resourceType === type && one.id === id);
  const stored = await repository.read(type, id);
  return stored === undefined || stored.deleted ? undefined : (JSON.parse(stored.content) as Resource);
};

/** The url of the resource that a path names by its id. */
const urlOf = (found: Resource | undefined, type: TerminologyOperation['type']): Result<string, Failure> => {
  if (found === undefined)
    return fail(failure('not-found', 'not-found', `There is no ${type} with this id.`));
  return 'url' in found && found.url !== undefined
    ? ok(found.url)
    : fail(failure('unprocessable', 'not-supported', `This ${type} has no url, by which it is known here.`));
};

/** What a call names that may be kept in the store; what it means by its path comes last. */
const wantedBy = (
  { type }: TerminologyOperation,
  inputs: Inputs,
  id: string | undefined,
): readonly WantedTerminology[] => {
  const { coding, codeableConcept, valueSet } = inputs;
  const systems = [
    inputs.text('system'),
    ...[coding, ...(codeableConcept?.coding ?? [])].map((one) => one?.system),
  ];
  const url = inputs.text('url');
  return [
    ...systems.flatMap((name) => (name === undefined ? [] : [{ type: 'CodeSystem' as const, name }])),
    ...(valueSet === undefined ? [] : drawnOn(valueSet)),
    ...(url === undefined ? [] : [{ type, name: url }]),
    ...(id === undefined ? [] : [{ type, name: `${type}/${id}` }]),
  ];
};

/** Answers a terminology operation: GET with the parameters in the URL, or POST with Parameters. */
export const answerTerminology = async (
  { server, stages }: Facade,
  artefacts: readonly Resource[],
  terminology: Terminology,
  asked: { readonly type: TerminologyOperation['type']; readonly name: string },
  context: Context,
): Promise<Response> => {
  const operation = TERMINOLOGY_OPERATIONS.find(
    ({ type, name }) => type === asked.type && name === asked.name,
  );
  if (operation === undefined) throw new Error('a terminology operation was mounted that there is not');
  const request = context.req.raw;
  const url = new URL(request.url);
  const { how, refused } = renderingOf(stages, request, url.search);
  if (refused !== undefined) return respondFailure(refused, how);
  const id = context.req.param('id');
  const instance =
    id === undefined
      ? ok(undefined)
      : urlOf(await instanceOf(server, artefacts, operation.type, id), operation.type);
  if (!instance.ok) return respondFailure(instance.failure, how);
  const inputs = await inputsOf(server, operation, request, url);
  if (!inputs.ok) return respondFailure(inputs.failure, how);
  const stored = await server.search.storedTerminology(wantedBy(operation, inputs.value, id));
  const held = stored.length === 0 ? terminology : terminology.beside(stored);
  const outcome = operation.run(held, inputs.value, instance.value, server.clock());
  return outcome.ok
    ? respond({ kind: 'ok', json: JSON.stringify(outcome.value), confidential: false }, how)
    : respondFailure(outcome.failure, how);
};
