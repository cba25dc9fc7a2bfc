import { failure, type Issue } from '../failure.ts';
import { operationOutcome } from '../http/outcome.ts';
import { fail, ok } from '../result.ts';
import { parseBody, readText } from './body.ts';
import type { Handler } from './call.ts';
import { resourceOf } from './preview.ts';
import type { Server } from './server.ts';
import { prepare } from './write.ts';

/**
 * `$validate` on a type: everything a create would be refused for, told with 200 as R4 asks. Nothing is sent
 * or stored. https://hl7.org/fhir/R4/resource-operation-validate.html
 */
export const validate =
  (server: Server): Handler =>
  async (call) => {
    const body = await readText(server.bodies, call.request);
    if (!body.ok) return body;
    const parsed = parseBody(server.bodies, body.value);
    if (!parsed.ok) return parsed;
    const given = resourceOf(parsed.value, call.entry.type);
    if (!given.ok) return given;
    const mode = call.parameters.find(([name]) => name === 'mode')?.[1] ?? 'create';
    const profile = call.parameters.find(([name]) => name === 'profile')?.[1];
    if (mode !== 'create') {
      return fail(
        failure('malformed', 'not-supported', 'The mode create is supported.', { location: ['http.mode'] }),
      );
    }
    const issues = await issuesOf(server, call, given.value, profile);
    return ok({ kind: 'ok', json: JSON.stringify(operationOutcome(issues)), confidential: true });
  };

const issuesOf = async (
  server: Server,
  call: Parameters<Handler>[0],
  resource: object,
  profile: string | undefined,
): Promise<readonly Issue[]> => {
  const { write: rules } = call.entry;
  if (profile !== undefined || rules === undefined) return server.validate(resource, profile);
  const prepared = await prepare(server, call, rules, resource, (one) => ({
    interaction: 'create',
    resource: one,
  }));
  return prepared.ok ? prepared.value.issues : prepared.failure.issues;
};
