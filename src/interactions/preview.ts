import type { Parameters, Resource } from '@medplum/fhirtypes';
import { type Failure, failure } from '../failure.ts';
import { operationOutcome } from '../http/outcome.ts';
import type { ResourceEntry, WriteRules } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import type { JsonValue, Preview } from '../systems/system.ts';
import { parseBody, readText } from './body.ts';
import type { Handler } from './call.ts';
import { prepare } from './prepare.ts';
import type { Server } from './server.ts';
import type { WriteCall } from './write.ts';
import { refuseUnlessMayWrite } from './write-order.ts';

/** In: the resource itself, or Parameters with one `resource` (and other parameters). */
export const resourceOf = (body: object, type: string): Result<object, Failure> => {
  if (!('resourceType' in body) || body.resourceType !== 'Parameters') return ok(body);
  const { parameter } = body as Partial<Parameters>;
  const given = (Array.isArray(parameter) ? parameter : []).filter(({ name }) => name === 'resource');
  const [only] = given;
  if (given.length === 1 && only?.resource !== undefined) return ok(only.resource);
  return fail(
    failure('malformed', 'required', `Send the ${type} itself, or Parameters with one parameter resource.`, {
      expression: ['Parameters.parameter'],
    }),
  );
};

/**
 * `$preview`: what a create would send, with token and proof replaced by placeholders. Nothing is sent, nothing
 * stored, no Patient made. A person number that the caller did not send itself is masked.
 */
export const preview =
  (server: Server): Handler =>
  async (call) => {
    const { write: rules, preview: previewOf, previewLater } = call.entry;
    const { authority } = call;
    if (
      rules === undefined ||
      authority === undefined ||
      (previewOf === undefined && previewLater === undefined)
    ) {
      return fail(
        failure('not-implemented', 'not-supported', `${call.entry.type} has no national system here.`),
      );
    }
    const body = await readText(server.bodies, call.request);
    if (!body.ok) return body;
    const parsed = parseBody(server.bodies, body.value);
    if (!parsed.ok) return parsed;
    const planned = await plan(server, { ...call, authority }, rules, parsed.value);
    if (!planned.ok) return planned;
    const { numbers, issues } = planned.value;
    const shown = await shownOf(call.entry, planned.value);
    if (!shown.ok) return shown;
    const { method, url, headers, body: text } = shown.value;
    const masked = numbers
      .filter((number) => !body.value.text.includes(number))
      .reduce((shown, number) => shown.replaceAll(number, '*'.repeat(number.length)), text);
    const parameters: Parameters = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'system', valueString: rules.system ?? '' },
        {
          name: 'request',
          part: [
            { name: 'method', valueString: method },
            { name: 'url', valueUri: url },
            ...Object.entries(headers).map(([name, value]) => ({
              name: 'header',
              part: [
                { name: 'name', valueString: name },
                { name: 'value', valueString: value },
              ],
            })),
            { name: 'body', valueString: masked },
          ],
        },
        ...(issues.length === 0 ? [] : [{ name: 'outcome', resource: operationOutcome(issues) }]),
      ],
    };
    return ok({ kind: 'ok', json: JSON.stringify(parameters), confidential: true });
  };

const plan = async (server: Server, call: WriteCall, rules: WriteRules, body: object) => {
  const given = resourceOf(body, call.entry.type);
  if (!given.ok) return given;
  const prepared = await prepare(server, call, rules, given.value, (resource: Resource) => ({
    interaction: 'create',
    resource,
  }));
  if (!prepared.ok) return prepared;
  const { named, plan: made, issues, resource } = prepared.value;
  const refused = refuseUnlessMayWrite(server, call, rules, made.resource ?? resource, named?.id);
  if (refused !== undefined) return fail(refused);
  const numbers = named?.identifier === undefined ? [] : [named.identifier.value];
  return ok({ request: made.request, resource, numbers, issues });
};

/** What the create sends, else what it leads to. */
const shownOf = async (
  { preview: previewOf, previewLater }: Pick<ResourceEntry, 'preview' | 'previewLater'>,
  { request, resource }: { readonly request: JsonValue | undefined; readonly resource: Resource },
): Promise<Result<Preview, Failure>> => {
  if (request !== undefined && previewOf !== undefined) return ok(previewOf(request));
  return previewLater === undefined
    ? fail(failure('unprocessable', 'business-rule', 'Nothing would be sent for this resource.'))
    : previewLater(resource);
};
