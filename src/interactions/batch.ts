import type { Bundle, BundleEntry, OperationOutcome, Resource } from '@medplum/fhirtypes';
import type { Delivery } from '../delivery/types.ts';
import type { Failure } from '../failure.ts';
import { parseJsonText } from '../json.ts';
import { ok, type Result } from '../result.ts';
import { type BundleCall, type Entry, requestOf } from './bundle-entries.ts';

/** Answers a request as if it had come from outside. */
export type Dispatch = (request: Request) => Promise<Response>;

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  422: 'Unprocessable Entity',
};

export const statusLine = (status: number): string => `${status} ${REASONS[status] ?? ''}`.trim();

export const isOutcome = (resource: Resource): resource is OperationOutcome =>
  resource.resourceType === 'OperationOutcome';

/** What an entry's own answer comes to in the response Bundle. */
export const responseEntry = async (response: Response): Promise<BundleEntry> => {
  const text = await response.text();
  const body = text === '' ? undefined : (parseJsonText(text) as Resource);
  const header = (name: string) => response.headers.get(name) ?? undefined;
  const [location, etag, modified] = [
    header('location') ?? header('content-location'),
    header('etag'),
    header('last-modified'),
  ];
  const outcome = body !== undefined && isOutcome(body) ? body : undefined;
  return {
    ...(body === undefined || outcome !== undefined ? {} : { resource: body }),
    response: {
      status: statusLine(response.status),
      ...(location === undefined ? {} : { location }),
      ...(etag === undefined ? {} : { etag }),
      ...(modified === undefined ? {} : { lastModified: new Date(modified).toISOString() }),
      ...(outcome === undefined ? {} : { outcome }),
    },
  };
};

const isWrite = ({ method }: Entry): boolean => method !== 'GET' && method !== 'HEAD';

/** Refused for its own faults: nothing was done, and nothing is under way. */
const isRefused = ({ response }: BundleEntry): boolean => response?.status?.startsWith('4') === true;

/** By what a repeat of the batch is known. */
export interface BatchOnce {
  readonly callerKey: string;
  readonly requestId: string;
  readonly fingerprint: string;
}

/**
 * https://hl7.org/fhir/R4/http.html#transaction: a batch settles each entry by itself; one that fails does not
 * touch the others. With `once` the X-Request-ID is this batch's alone, unless every entry is refused: then it
 * may be corrected and sent again.
 */
export const runBatch = async (
  dispatch: Dispatch,
  bundle: BundleCall,
  entries: readonly Entry[],
  delivery: Pick<Delivery, 'reserve' | 'release'>,
  once?: BatchOnce,
): Promise<Result<Bundle, Failure>> => {
  const writes = entries.filter(isWrite);
  const held =
    once === undefined || writes.length === 0
      ? ok<{ readonly fresh?: string }>({})
      : await delivery.reserve(once.callerKey, once.requestId, once.fingerprint);
  if (!held.ok) return held;
  const answered: BundleEntry[] = [];
  let acted = false;
  for (const entry of entries) {
    const answer = await responseEntry(await dispatch(requestOf(bundle, entry)));
    answered.push(answer);
    acted ||= isWrite(entry) && !isRefused(answer);
  }
  if (!acted && held.value.fresh !== undefined) await delivery.release(held.value.fresh);
  return ok({
    resourceType: 'Bundle',
    type: 'batch-response',
    ...(answered.length === 0 ? {} : { entry: answered }),
  });
};
