import type { Resource } from '@medplum/fhirtypes';
import type { Context } from 'hono';
import { type Failure, failure, failureOf } from './failure.ts';
import type { Terminology } from './fhir/terminology/index.ts';
import { type Inputs, readInputs } from './fhir/terminology/inputs.ts';
import { TERMINOLOGY_OPERATIONS, type TerminologyOperation } from './fhir/terminology/operations.ts';
import { respond, respondFailure } from './http/answer.ts';
import { parseBody, readText } from './interactions/body.ts';
import type { Server } from './interactions/server.ts';
import { type Facade, renderingOf } from './interactions/stages.ts';
import { fail, ok, type Result } from './result.ts';

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

/** The url of the resource that a path names by its id. */
const instanceUrl = (
  artefacts: readonly Resource[],
  type: TerminologyOperation['type'],
  id: string,
): Result<string, Failure> => {
  const found = artefacts.find((artefact) => artefact.resourceType === type && artefact.id === id);
  return found !== undefined && 'url' in found && found.url !== undefined
    ? ok(found.url)
    : fail(failure('not-found', 'not-found', `There is no ${type} with this id.`));
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
  const instance = id === undefined ? ok(undefined) : instanceUrl(artefacts, operation.type, id);
  if (!instance.ok) return respondFailure(instance.failure, how);
  const inputs = await inputsOf(server, operation, request, url);
  if (!inputs.ok) return respondFailure(inputs.failure, how);
  const outcome = operation.run(terminology, inputs.value, instance.value, server.clock());
  return outcome.ok
    ? respond({ kind: 'ok', json: JSON.stringify(outcome.value), confidential: false }, how)
    : respondFailure(outcome.failure, how);
};
