import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import type { Failure, Issue } from '../failure.ts';
import { IncomingHeaders, withHeadersOf } from '../http/incoming-headers.ts';
import { printJson } from '../json.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Caller } from '../security/caller.ts';
import { asPart } from './part.ts';

/** The call that brought the Bundle. */
export interface BundleCall {
  readonly request: Request;
  /** Verified once; a failure where there is no token. */
  readonly caller: Result<Caller, Failure>;
  /** Takes what the entries' own answers would say in `X-Header-Findings`. */
  readonly report: (index: number, issues: readonly Issue[]) => void;
}

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

const fault = (
  index: number,
  element: string,
  diagnostics: string,
  code: Issue['code'] = 'required',
): Issue => ({
  severity: 'error',
  code,
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

/**
 * Where an entry leads, relative to the base and without detours: `..` in any spelling is gone from it. Undefined
 * when that is not below the base, or the base itself: a Bundle in a Bundle is no interaction of R4's.
 */
const targetOf = (url: string, base: string): string | undefined => {
  const root = URL.parse(`${base}/`)?.href ?? '';
  const href = URL.parse(`${base}/${relative(url, base)}`)?.href ?? '';
  if (root === '' || !href.startsWith(root)) return undefined;
  const target = href.slice(root.length);
  return /^[A-Za-z$_]/.test(target) ? target : undefined;
};

/** What a header can carry: bytes, and no line ends. */
const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The elements of `request` that stand for a header and cannot be one. */
const unspeakable = (request: NonNullable<BundleEntry['request']>): readonly string[] =>
  (['ifMatch', 'ifNoneMatch', 'ifNoneExist'] as const).filter(
    (name) => !HEADER_TEXT.test(spoken(request)[name] ?? ''),
  );

/** Criteria may hold any letter: beyond ASCII they are escaped, as in a URL. */
const spoken = (request: NonNullable<BundleEntry['request']>): NonNullable<BundleEntry['request']> => ({
  ...request,
  ...(request.ifNoneExist === undefined
    ? {}
    : { ifNoneExist: request.ifNoneExist.toWellFormed().replace(/[\u0080-\uffff]+/g, encodeURIComponent) }),
});

const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/**
 * The resource of an entry is validated by its interaction. A transaction writes by each entry with one; in a batch a
 * POST may also be an operation or a search, which need none.
 */
const bodyFault = (type: Bundle['type'], method: string, resource: unknown): string | undefined => {
  if (resource === undefined) {
    return type === 'transaction' && WITH_BODY.has(method) ? `A ${method} needs a resource.` : undefined;
  }
  const isObject = typeof resource === 'object' && resource !== null && !Array.isArray(resource);
  return isObject ? undefined : 'A resource is a JSON object.';
};

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
    const body = bodyFault(bundle.type, method, resource);
    if (body !== undefined) faults.push(fault(index, 'resource', body, 'structure'));
    const url = targetOf(request.url, base);
    if (url === undefined) {
      faults.push(fault(index, 'request.url', 'The url leads to nothing below the base.', 'value'));
      continue;
    }
    const bad = unspeakable(request);
    faults.push(...bad.map((name) => fault(index, `request.${name}`, 'No header can hold this.', 'value')));
    entries.push({
      index,
      method,
      url,
      conditions: bad.length === 0 ? conditionsOf(spoken(request)) : {},
      ...(fullUrl === undefined ? {} : { fullUrl }),
      ...(resource === undefined ? {} : { resource }),
    });
  }
  return faults.length === 0 ? ok(entries) : fail({ kind: 'malformed', issues: faults });
};

/** Headers that belong to the Bundle as a body, or to one resource only. */
const OWN: ReadonlySet<string> = new Set([
  'accept',
  'content-type',
  'content-length',
  'transfer-encoding',
  'accept-encoding',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-none-exist',
]);

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

const JSON_BODY = 'application/fhir+json';

/** Those of the Bundle's call, but for what this entry says itself. */
const headersOf = (request: Request, entry: Entry, type: string | undefined): IncomingHeaders =>
  new IncomingHeaders(
    [
      ...[...request.headers].filter(([name]) => !OWN.has(name)),
      ['Accept', JSON_BODY],
      ...Object.entries(entry.conditions),
      ...(type === undefined ? [] : [['Content-Type', type]]),
    ].flat(),
  );

/**
 * An entry as the call it stands for: with the headers of the Bundle's call, always answered in JSON. It goes where
 * that call came in, which need not be what the world calls the base (BASE_URL).
 */
export const requestOf = ({ request, caller, report }: BundleCall, entry: Entry): Request => {
  const body = entry.resource;
  const patch = entry.method === 'PATCH' ? binaryPatch(body) : undefined;
  const hasBody = body !== undefined && entry.method !== 'GET' && entry.method !== 'HEAD';
  const headers = headersOf(request, entry, hasBody ? (patch?.type ?? JSON_BODY) : undefined);
  // The platform's own headers are given nothing of the call: workerd's print what is not ASCII to the log, and
  // values such as X-Provenance name persons. A clone of the request has the platform's alone.
  const made = new Request(new URL(`/fhir/${entry.url}`, request.url), {
    method: entry.method,
    ...(hasBody ? { headers: { 'Content-Type': JSON_BODY }, body: patch?.text ?? printJson(body) } : {}),
  });
  return asPart(withHeadersOf(made, headers), {
    index: entry.index,
    caller,
    report: (issues) => report(entry.index, issues),
  });
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
