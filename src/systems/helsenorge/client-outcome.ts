import type { Failure } from '../../failure.ts';
import type { Result } from '../../result.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { retryAfterOf } from '../upstream/retry.ts';
import { parseErrorBody } from './message-answers.ts';

/** What came of one try at a call of PVK. */
export type Outcome<T> =
  /** 200 with the body that the documentation describes. */
  | { readonly kind: 'done'; readonly value: T }
  /** PVK has judged the request and refuses it. */
  | ({ readonly kind: 'refused' } & Refusal)
  /** PVK does not accept the token or the proof. */
  | ({ readonly kind: 'credentials' } & Refusal)
  /** PVK wants a nonce in the proof, and gave it (RFC 9449, 9). */
  | { readonly kind: 'nonce' }
  | { readonly kind: 'throttled' | 'busy'; readonly retryAfter: number | undefined }
  /** An answer that cannot be read: whether PVK acted is not known. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'timeout' | 'dropped' | 'no-connection' }
  /** HelseID gave no token: PVK was not called. */
  | { readonly kind: 'no-token'; readonly failure: Failure }
  /** The deadline had passed before anything was sent. */
  | { readonly kind: 'too-late' }
  /** The circuit is open: PVK was not called. Seconds. */
  | { readonly kind: 'circuit-open'; readonly retryAfter: number };

export interface Refusal {
  readonly status: number;
  /** PVK's error code, when it looks like one. */
  readonly code?: string;
  /** For a question to Helsenorge's support. */
  readonly correlationId?: string;
}

export type OutcomeKind = Outcome<unknown>['kind'];

/** Why a try is repeated. */
export type Reason = 'transient' | 'token' | 'nonce';

interface Judgement {
  readonly again?: Reason;
  /** True: PVK may have carried out the request, though it does not say so. */
  readonly mayHaveActed?: true;
  /** True: PVK has said nothing at all about the request, so that a write's fate stays open. */
  readonly open?: true;
  /** Whether PVK lives; undefined when it was not reached for another's fault. */
  readonly healthy?: boolean;
}

/** The retry table of the domain page, section 12, and what each outcome means for a write. */
export const JUDGEMENTS: Readonly<Record<OutcomeKind, Judgement>> = {
  done: { healthy: true },
  refused: { healthy: true },
  credentials: { again: 'token', healthy: true },
  nonce: { again: 'nonce', healthy: true },
  throttled: { again: 'transient', healthy: true },
  busy: { again: 'transient', mayHaveActed: true, healthy: false },
  broken: { again: 'transient', mayHaveActed: true, open: true, healthy: false },
  timeout: { again: 'transient', mayHaveActed: true, open: true, healthy: false },
  dropped: { again: 'transient', mayHaveActed: true, open: true, healthy: false },
  'no-connection': { again: 'transient', healthy: false },
  'no-token': {},
  'too-late': {},
  'circuit-open': {},
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Letters and at most eight digits: never long enough to be a person's number. */
const CODE = /^[A-Z]{2,12}-\d{3,8}$/;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The code of an error body; undefined when there is none that may be repeated. */
const codeOf = (text: string): string | undefined => {
  const body = parseErrorBody(parseJson(text));
  const code = body.ok ? body.value.value.code : undefined;
  return code !== undefined && CODE.test(code) ? code : undefined;
};

const isJson = (headers: Headers): boolean =>
  /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(headers.get('content-type') ?? '');

const wantsNonce = (headers: Headers): boolean =>
  headers.has('dpop-nonce') && /\buse_dpop_nonce\b/.test(headers.get('www-authenticate') ?? '');

const refusalOf = (status: number, headers: Headers, text: string): Refusal => {
  const code = codeOf(text);
  const correlationId = headers.get('correlationid');
  return {
    status,
    ...(code === undefined ? {} : { code }),
    ...(correlationId !== null && GUID.test(correlationId) ? { correlationId } : {}),
  };
};

const isOfPvk = ({ code }: Refusal): boolean => code?.startsWith('EPVK-') === true;
const isOfSecurity = ({ code }: Refusal): boolean => code !== undefined && /SEC-\d+$/.test(code);

const interpretError = <T>(status: number, headers: Headers, text: string, now: number): Outcome<T> => {
  const refusal = refusalOf(status, headers, text);
  // Which status carries EPVK codes is not documented, so the code decides before the status does.
  if (isOfPvk(refusal)) return { kind: 'refused', ...refusal };
  if (status === 429) return { kind: 'throttled', retryAfter: retryAfterOf(headers, now) };
  if (status >= 500) return { kind: 'busy', retryAfter: retryAfterOf(headers, now) };
  if (status === 401) return wantsNonce(headers) ? { kind: 'nonce' } : { kind: 'credentials', ...refusal };
  // An older page of Helsenorge's has 403 for an expired token.
  if (status === 403 && isOfSecurity(refusal)) return { kind: 'credentials', ...refusal };
  return { kind: 'refused', ...refusal };
};

/** Pure. `now` in milliseconds, for a `Retry-After` that is a date. */
export const interpretResponse = <T>(
  exchange: Exchange,
  parse: (body: unknown) => Result<T, string>,
  now: number,
): Outcome<T> => {
  if (exchange.kind === 'broken') {
    return exchange.status < 400
      ? { kind: 'broken' }
      : interpretError(exchange.status, exchange.headers, '', now);
  }
  if (exchange.kind !== 'answer') return { kind: exchange.kind };
  const { status, headers, text } = exchange;
  if (status >= 300) return interpretError(status, headers, text, now);
  if (status !== 200 || !isJson(headers)) return { kind: 'broken' };
  const parsed = parse(parseJson(text));
  return parsed.ok ? { kind: 'done', value: parsed.value } : { kind: 'broken' };
};
