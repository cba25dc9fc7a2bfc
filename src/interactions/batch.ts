import type { Bundle, BundleEntry, OperationOutcome, Resource } from '@medplum/fhirtypes';
import { parseJsonText } from '../json.ts';
import { type Entry, requestOf } from './bundle-entries.ts';

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

const isOutcome = (resource: Resource): resource is OperationOutcome =>
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

/**
 * https://hl7.org/fhir/R4/http.html#transaction: a batch settles each entry by itself; one that fails does not
 * touch the others.
 */
export const runBatch = async (
  dispatch: Dispatch,
  call: Request,
  base: string,
  entries: readonly Entry[],
): Promise<Bundle> => {
  const answered: BundleEntry[] = [];
  for (const entry of entries) {
    answered.push(await responseEntry(await dispatch(requestOf(call, base, entry))));
  }
  return {
    resourceType: 'Bundle',
    type: 'batch-response',
    ...(answered.length === 0 ? {} : { entry: answered }),
  };
};
