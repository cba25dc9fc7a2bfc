import type { Parameters } from '@medplum/fhirtypes';
import type { Context, Hono } from 'hono';
import { failureOf } from '../failure.ts';
import { checkHeaders } from '../headers/check.ts';
import { headerFindings } from '../headers/report.ts';
import { checkHeaderSizes } from '../headers/sizes.ts';
import { respond, respondFailure } from '../http/answer.ts';
import { authenticate } from '../interactions/arrive.ts';
import { type Facade, renderingOf } from '../interactions/stages.ts';
import { refuseOtherMethods } from './other-methods.ts';

/**
 * `$ping`, as NLLPing: without Authorization a check of connectivity (pattern 2.1), with a token also of the
 * token (2.2.1), answering the role it gives. Not meant for monitoring or load.
 */
export const mountPing = (app: Hono, { stages }: Facade): void => {
  const ping = async (context: Context): Promise<Response> => {
    const request = context.req.raw;
    const { how, refused } = renderingOf(stages, request, new URL(request.url).search);
    const first = checkHeaderSizes(request.headers, stages.headerLimits) ?? refused;
    if (first !== undefined) return respondFailure(first, how);
    const authorization = request.headers.get('authorization');
    const identified = authorization === null ? undefined : await authenticate(stages, request);
    if (identified?.ok === false) return respondFailure(identified.failure, how);
    const caller = identified?.value;
    const { issues } = checkHeaders({
      pattern: caller === undefined ? '2.1' : '2.2.1',
      headers: request.headers,
      kind: caller?.kind,
      settings: stages.headers,
      patientRefExpected: false,
    });
    if (stages.headerRules === 'report') stages.countFindings(issues);
    const faults = stages.headerRules === 'enforce' ? failureOf(issues) : undefined;
    if (faults !== undefined) return respondFailure(faults, how);
    const parameters: Parameters = {
      resourceType: 'Parameters',
      parameter: [{ name: 'result', valueString: caller === undefined ? 'ok' : `ok, role ${caller.role}` }],
    };
    // What `report` let through; when the rules are enforced, only warnings come this far.
    const found = headerFindings(issues);
    const echo = found === undefined ? how.echo : { ...how.echo, 'X-Header-Findings': found };
    return respond({ kind: 'ok', json: JSON.stringify(parameters), confidential: false }, { ...how, echo });
  };
  app.on(['GET', 'POST'], '/fhir/$ping', ping);
  refuseOtherMethods(app, { stages }, '/fhir/$ping', ['GET', 'HEAD', 'POST']);
};
