import type { Failure, Issue } from '../failure.ts';
import { parseJsonText, printJson } from '../json.ts';
import { etagOf } from './etag.ts';
import { CONTENT_TYPE, type Format } from './media-type.ts';
import { operationOutcome } from './outcome.ts';
import { STATUS } from './status.ts';

/** What an interaction answers when it succeeds; HTTP spells it. */
export interface Answer {
  readonly kind: 'ok' | 'created' | 'no-content' | 'not-modified';
  /** JSON text of the body; absent: no body. */
  readonly json?: string;
  /** The same in media types of its own, by their names, for an operation that offers them. */
  readonly native?: Readonly<Record<string, string>>;
  /** The version answered: ETag and, but for a delete, Last-Modified. */
  readonly version?: { readonly version: number; readonly lastUpdated: number };
  /** Absolute URL of the version: Content-Location, and Location of what was created. */
  readonly url?: string;
  /** What the body of the call asked for, where it says how to answer: `_format` and `_pretty` of a POST _search. */
  readonly asked?: Partial<Pick<Rendering, 'format' | 'pretty'>>;
  /** Personal data must not stay in caches. */
  readonly confidential: boolean;
}

const ANSWER_STATUS = { ok: 200, created: 201, 'no-content': 204, 'not-modified': 304 } as const;

export const answerStatus = (kind: Answer['kind']): number => ANSWER_STATUS[kind];

/** Turns JSON text into the body of another format. Failure is a bug: what we store is valid R4. */
export type Render = (json: string, pretty: boolean) => string;

export interface Rendering {
  readonly format: Format;
  /** A media type that the operation offers besides FHIR's, and that the call would rather have. */
  readonly native?: string;
  readonly pretty: boolean;
  readonly toXml: Render;
  /** X-Request-ID, X-Context-ID and the like, on every answer. */
  readonly echo: Readonly<Record<string, string>>;
  /** For HEAD: everything but the body. */
  readonly withoutBody: boolean;
}

const render = (json: string, how: Rendering): string => {
  if (how.format === 'xml') return how.toXml(json, how.pretty);
  return how.pretty ? `${printJson(parseJsonText(json), 2)}\n` : json;
};

const NO_STORE = 'no-store';

export const respond = (answer: Answer, general: Rendering): Response => {
  const how = answer.asked === undefined ? general : { ...general, ...answer.asked };
  const headers: Record<string, string> = { ...how.echo };
  const { version } = answer;
  if (version !== undefined) {
    headers['ETag'] = etagOf(version.version);
    // For read, vread, create and update: what a delete leaves has no content that could have changed.
    if (answer.kind !== 'no-content') headers['Last-Modified'] = httpDate(version.lastUpdated);
  }
  if (answer.url !== undefined) {
    headers['Content-Location'] = answer.url;
    if (answer.kind === 'created') headers['Location'] = answer.url;
  }
  if (answer.confidential) headers['Cache-Control'] = NO_STORE;
  const status = ANSWER_STATUS[answer.kind];
  if (answer.json === undefined) return new Response(null, { status, headers });
  const native = how.native === undefined ? undefined : answer.native?.[how.native];
  headers['Content-Type'] = (native === undefined ? undefined : how.native) ?? CONTENT_TYPE[how.format];
  return new Response(how.withoutBody ? null : (native ?? render(answer.json, how)), { status, headers });
};

/** Every refusal is an OperationOutcome in the format asked for. */
export const respondFailure = (
  failure: Failure,
  how: Rendering,
  warnings: readonly Issue[] = [],
): Response => {
  const headers: Record<string, string> = {
    ...how.echo,
    'Content-Type': CONTENT_TYPE[how.format],
    'Cache-Control': NO_STORE,
  };
  if (failure.challenge !== undefined) headers['WWW-Authenticate'] = failure.challenge;
  if (failure.allow !== undefined) headers['Allow'] = failure.allow.join(', ');
  if (failure.retryAfter !== undefined) headers['Retry-After'] = String(failure.retryAfter);
  const body = render(JSON.stringify(operationOutcome([...failure.issues, ...warnings])), how);
  return new Response(how.withoutBody ? null : body, { status: STATUS[failure.kind], headers });
};

/** The answer with further headers; those that it has stay as they are. */
export const withHeaders = (response: Response, more: Readonly<Record<string, string>>): Response => {
  const missing = Object.entries(more).filter(([name]) => !response.headers.has(name));
  if (missing.length === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of missing) headers.set(name, value);
  return new Response(response.body, { status: response.status, headers });
};

let lastDate = { at: Number.NaN, text: '' };

/** HTTP-date; whole seconds, the last one remembered because reads cluster on few versions. */
const httpDate = (at: number): string => {
  if (lastDate.at !== at) lastDate = { at, text: new Date(at).toUTCString() };
  return lastDate.text;
};
