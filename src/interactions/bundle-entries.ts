import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import type { Failure, Issue } from '../failure.ts';
import { failure } from '../failure.ts';
import { printJson } from '../json.ts';
import { fail, ok, type Result } from '../result.ts';
import { asPart } from './part.ts';

/** One entry of a batch or transaction, as far as the Bundle alone tells. */
export interface Entry {
  readonly index: number;
  readonly method: string;
  /** Relative to the base, e.g. `Consent`, `Consent/1`, `Consent?identifier=…`. */
  readonly url: string;
  readonly fullUrl?: string;
  readonly resource?: Resource;
  readonly conditions: Readonly<Record<string, string>>;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH']);

const fault = (index: number, element: string, diagnostics: string): Issue => ({
  severity: 'error',
  code: 'required',
  diagnostics,
  expression: [`Bundle.entry[${index}].${element}`],
  malformed: true,
});

const conditionsOf = (request: NonNullable<BundleEntry['request']>): Record<string, string> => ({
  ...(request.ifMatch === undefined ? {} : { 'If-Match': request.ifMatch }),
  ...(request.ifNoneMatch === undefined ? {} : { 'If-None-Match': request.ifNoneMatch }),
  ...(request.ifModifiedSince === undefined
    ? {}
    : { 'If-Modified-Since': new Date(request.ifModifiedSince).toUTCString() }),
  ...(request.ifNoneExist === undefined ? {} : { 'If-None-Exist': request.ifNoneExist }),
});

const relative = (url: string, base: string): string =>
  (url.startsWith(`${base}/`) ? url.slice(base.length + 1) : url).replace(/^\//, '');

/** The entries, every fault at once. */
export const entriesOf = (bundle: Bundle, base: string): Result<readonly Entry[], Failure> => {
  const faults: Issue[] = [];
  const entries: Entry[] = [];
  for (const [index, { request, resource, fullUrl }] of (bundle.entry ?? []).entries()) {
    if (request?.method === undefined || request.url === undefined) {
      faults.push(fault(index, 'request', 'An entry says its method and url in request.'));
      continue;
    }
    const { method } = request;
    if (!METHODS.has(method)) faults.push(fault(index, 'request.method', 'This method is none of R4.'));
    if ((method === 'POST' || method === 'PUT') && resource === undefined) {
      faults.push(fault(index, 'resource', `A ${method} needs a resource.`));
    }
    entries.push({
      index,
      method,
      url: relative(request.url, base),
      conditions: conditionsOf(request),
      ...(fullUrl === undefined ? {} : { fullUrl }),
      ...(resource === undefined ? {} : { resource }),
    });
  }
  return faults.length === 0 ? ok(entries) : fail({ kind: 'malformed', issues: faults });
};

/** Headers that belong to the Bundle as a body, or to one resource only. */
const OWN = [
  'content-type',
  'content-length',
  'transfer-encoding',
  'accept-encoding',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-none-exist',
];

/** Text that is not base64 comes out empty, which no patch is. */
const decodedText = (base64: string): string => {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  } catch {
    return '';
  }
};

/** R4: a JSON Patch travels in a Bundle as a Binary. */
const binaryPatch = (
  resource: Resource | undefined,
): { readonly text: string; readonly type: string } | undefined => {
  if (resource?.resourceType !== 'Binary') return undefined;
  return { text: decodedText(resource.data ?? ''), type: resource.contentType };
};

/** An entry as the call it stands for: with the headers of the Bundle's call, always answered in JSON. */
export const requestOf = (call: Request, base: string, entry: Entry, resource?: Resource): Request => {
  const headers = new Headers(call.headers);
  for (const name of [...OWN, 'if-modified-since', 'if-none-exist']) headers.delete(name);
  headers.set('accept', 'application/fhir+json');
  for (const [name, value] of Object.entries(entry.conditions)) headers.set(name, value);
  const body = resource ?? entry.resource;
  const patch = entry.method === 'PATCH' ? binaryPatch(body) : undefined;
  const hasBody = body !== undefined && entry.method !== 'GET' && entry.method !== 'HEAD';
  if (hasBody) headers.set('content-type', patch?.type ?? 'application/fhir+json');
  return asPart(
    new Request(`${base}/${entry.url}`, {
      method: entry.method,
      headers,
      ...(hasBody ? { body: patch?.text ?? printJson(body) } : {}),
    }),
    entry.index,
  );
};

/** The Bundle without its entries' resources: those are validated each by its own interaction. */
export const shellOf = (bundle: object): object =>
  'entry' in bundle && Array.isArray(bundle.entry)
    ? { ...bundle, entry: bundle.entry.map(withoutResource) }
    : bundle;

const withoutResource = (entry: unknown): unknown => {
  if (typeof entry !== 'object' || entry === null) return entry;
  const { resource: _, ...rest } = entry as { readonly resource?: unknown };
  return rest;
};

/** Issues of an entry, at their place in the Bundle. */
export const placed = (issues: readonly Issue[], index: number): readonly Issue[] =>
  issues.map((issue) => ({
    ...issue,
    expression:
      issue.expression === undefined
        ? [`Bundle.entry[${index}]`]
        : issue.expression.map((at) => `Bundle.entry[${index}].resource${at.replace(/^[A-Za-z]+/, '')}`),
  }));

export const entryFailure = ({ issues, ...rest }: Failure, index: number): Failure => ({
  ...rest,
  issues: placed(issues, index),
});

export const unsupported = (index: number, diagnostics: string): Failure =>
  failure('malformed', 'not-supported', diagnostics, { expression: [`Bundle.entry[${index}].request`] });
