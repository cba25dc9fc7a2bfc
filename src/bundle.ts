import type { Bundle } from '@medplum/fhirtypes';
import type { Context, Hono } from 'hono';
import { type Failure, failure, failureOf } from './failure.ts';
import { checkHeaderSizes } from './headers/sizes.ts';
import { respond, respondFailure } from './http/answer.ts';
import { runBatch } from './interactions/batch.ts';
import { parseBody, readText } from './interactions/body.ts';
import { entriesOf, shellOf } from './interactions/bundle-entries.ts';
import { arriveFor, authenticate, type Facade, renderingOf } from './interactions/serve.ts';
import { runTransaction } from './interactions/transaction.ts';
import { printJson } from './json.ts';
import { fail, ok, type Result } from './result.ts';

/** The most entries of a Bundle: each is a call of its own. */
const MOST_ENTRIES = 500;

const isBundle = (body: object): body is Bundle => 'resourceType' in body && body.resourceType === 'Bundle';

/** `POST /fhir`: batch and transaction. Each entry is judged by its own interaction, with the headers of the call. */
export const mountBundle = (app: Hono, facade: Facade): void => {
  const { server, stages } = facade;
  const parts = {
    server,
    dispatch: async (request: Request) => app.fetch(request),
    arrive: arriveFor(facade),
  };

  const bundleOf = async (request: Request): Promise<Result<{ bundle: Bundle; text: string }, Failure>> => {
    const text = await readText(server.bodies, request);
    if (!text.ok) return text;
    const body = parseBody(server.bodies, text.value);
    if (!body.ok) return body;
    if (!isBundle(body.value) || !(body.value.type === 'batch' || body.value.type === 'transaction')) {
      return fail(
        failure('malformed', 'value', 'POST to the base takes a Bundle of type batch or transaction.', {
          expression: ['Bundle.type'],
        }),
      );
    }
    const faults = failureOf(server.validate(shellOf(body.value)));
    if (faults !== undefined) return fail(faults);
    if ((body.value.entry?.length ?? 0) > MOST_ENTRIES) {
      return fail(
        failure('too-large', 'too-costly', `A Bundle may have ${MOST_ENTRIES} entries; send several.`, {
          expression: ['Bundle.entry'],
        }),
      );
    }
    return ok({ bundle: body.value, text: text.value.text });
  };

  const run = async (request: Request, base: string): Promise<Result<Bundle, Failure>> => {
    const read = await bundleOf(request);
    if (!read.ok) return read;
    const { bundle, text } = read.value;
    const entries = entriesOf(bundle, base);
    if (!entries.ok) return entries;
    if (bundle.type === 'batch') return ok(await runBatch(parts.dispatch, request, base, entries.value));
    const caller = await authenticate(stages, request);
    if (!caller.ok) return caller;
    const requestId = request.headers.get('x-request-id')?.trim();
    return runTransaction(parts, request, base, entries.value, {
      callerKey: await stages.callerKeys.keyOf(caller.value),
      fingerprint: JSON.stringify(['transaction', text]),
      ...(requestId === undefined || requestId === '' ? {} : { requestId }),
    });
  };

  const takeBundle = async (context: Context): Promise<Response> => {
    const request = context.req.raw;
    const { how, refused } = renderingOf(stages, request, new URL(request.url).search);
    const first = checkHeaderSizes(request.headers, stages.headerLimits) ?? refused;
    if (first !== undefined) return respondFailure(first, how);
    if (request.method !== 'POST') {
      return respondFailure(
        failure('method-not-allowed', 'not-supported', 'The base takes POST of a batch or transaction.', {
          allow: ['POST'],
        }),
        how,
      );
    }
    const answer = await run(request, `${stages.baseOf(request.url)}/fhir`);
    return answer.ok
      ? respond({ kind: 'ok', json: printJson(answer.value), confidential: true }, how)
      : respondFailure(answer.failure, how);
  };

  // R4 writes the base without a slash at its end; clients that join paths to it send one.
  for (const path of ['/fhir', '/fhir/']) app.all(path, takeBundle);
};
