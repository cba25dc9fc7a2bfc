import type { Bundle } from '@medplum/fhirtypes';
import { type Failure, failure, failureOf, type Issue } from '../failure.ts';
import { checkHeaderSizes } from '../headers/sizes.ts';
import { respond, respondFailure } from '../http/answer.ts';
import { authenticate } from '../interactions/arrive.ts';
import { runBatch } from '../interactions/batch.ts';
import { parseBody, readText } from '../interactions/body.ts';
import { type BundleCall, entriesOf, shellOf } from '../interactions/bundle-entries.ts';
import { distinct, placed } from '../interactions/bundle-failures.ts';
import { arriveFor, findingsOf, withFindings } from '../interactions/serve.ts';
import { type Facade, renderingOf } from '../interactions/stages.ts';
import { runTransaction, type TransactionParts } from '../interactions/transaction.ts';
import { printJson } from '../json.ts';
import { fail, ok, type Result } from '../result.ts';

/** The most entries of a Bundle: each is a call of its own. */
const MOST_ENTRIES = 500;

/** The same for a batch that nobody answers for. */
const MOST_ANONYMOUS = 50;

const isBundle = (body: object): body is Bundle => 'resourceType' in body && body.resourceType === 'Bundle';

const notRunnable = (): Failure =>
  failure('malformed', 'value', 'POST to the base takes a Bundle of type batch or transaction.', {
    expression: ['Bundle.type'],
  });

const tooMany = (most: number, advice: string): Failure =>
  failure('too-large', 'too-costly', `${advice} may have ${most} entries; send several.`, {
    expression: ['Bundle.entry'],
  });

interface Sent {
  readonly bundle: Bundle;
  readonly text: string;
}

/** The body as a Bundle that can be run, as far as its type says; what is in it is not yet looked at. */
const readBundle = async ({ server }: Facade, request: Request): Promise<Result<Sent, Failure>> => {
  const text = await readText(server.bodies, request);
  if (!text.ok) return text;
  const body = parseBody(server.bodies, text.value);
  if (!body.ok) return body;
  const bundle = body.value;
  return isBundle(bundle) && (bundle.type === 'batch' || bundle.type === 'transaction')
    ? ok({ bundle, text: text.value.text })
    : fail(notRunnable());
};

const refuseBundle = ({ server }: Facade, bundle: Bundle, isAnonymous: boolean): Failure | undefined => {
  const count = Array.isArray(bundle.entry) ? bundle.entry.length : 0;
  if (isAnonymous && count > MOST_ANONYMOUS) return tooMany(MOST_ANONYMOUS, 'A batch without a token');
  if (count > MOST_ENTRIES) return tooMany(MOST_ENTRIES, 'A Bundle');
  return failureOf(server.validate(shellOf(bundle)));
};

/**
 * Runs the Bundle of a call. The token is verified first and once. Without one only a batch is looked at: it may
 * ask for what needs none.
 */
const run = async (
  facade: Facade,
  parts: TransactionParts,
  request: Request,
  report: BundleCall['report'],
): Promise<Result<Bundle, Failure>> => {
  const { server, stages } = facade;
  const caller = await authenticate(stages, request);
  const isAnonymous = !caller.ok && request.headers.get('authorization') === null;
  if (!caller.ok && !isAnonymous) return caller;
  const sent = await readBundle(facade, request);
  if (!caller.ok && !(sent.ok && sent.value.bundle.type === 'batch')) return caller;
  if (!sent.ok) return sent;
  const { bundle, text } = sent.value;
  const refused = refuseBundle(facade, bundle, isAnonymous);
  if (refused !== undefined) return fail(refused);
  const base = `${stages.baseOf(request.url)}/fhir`;
  const entries = entriesOf(bundle, base);
  if (!entries.ok) return entries;
  const call: BundleCall = { request, caller, report };
  const id = request.headers.get('x-request-id')?.trim();
  const requestId = id === '' ? undefined : id;
  const { delivery } = server;
  if (!caller.ok) return runBatch(parts.dispatch, call, entries.value, delivery);
  const callerKey = await stages.callerKeys.keyOf(caller.value);
  const known = { callerKey, fingerprint: JSON.stringify([bundle.type, text]) };
  const once = requestId === undefined ? undefined : { ...known, requestId };
  return bundle.type === 'batch'
    ? runBatch(parts.dispatch, call, entries.value, delivery, once)
    : runTransaction(parts, call, entries.value, once ?? known);
};

/** `POST /fhir`: batch and transaction. Each entry is judged by its own interaction, with the headers of the call. */
export const createBundleHandler = (
  facade: Facade,
  dispatch: TransactionParts['dispatch'],
): ((request: Request) => Promise<Response>) => {
  const { server, stages } = facade;
  const parts: TransactionParts = {
    server,
    dispatch,
    arrive: arriveFor(facade),
    findingsOf: (call) => findingsOf(stages, call),
  };

  return async (request) => {
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
    const found: Issue[] = [];
    const answer = await run(facade, parts, request, (index, issues) => found.push(...placed(issues, index)));
    const echoed = withFindings(distinct(found), how);
    return answer.ok
      ? respond({ kind: 'ok', json: printJson(answer.value), confidential: true }, echoed)
      : respondFailure(answer.failure, echoed);
  };
};
