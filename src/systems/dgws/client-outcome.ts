import type { Failure } from '../../failure.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { retryAfterOf } from '../upstream/retry.ts';
import { type Envelope, readEnvelope } from './message-envelope.ts';
import type { SoapFault } from './message-fault.ts';
import { rootPart } from './message-multipart.ts';

/** What came of one try at a SOAP call. */
export type Outcome =
  | { readonly kind: 'reply'; readonly envelope: Envelope }
  | { readonly kind: 'fault'; readonly fault: SoapFault; readonly envelope: Envelope }
  /** Busy by HTTP alone: no fault in the body. Milliseconds. */
  | { readonly kind: 'throttled' | 'busy'; readonly retryAfter: number | undefined }
  /** An answer that is no SOAP: whether the service acted is not known. */
  | { readonly kind: 'broken' }
  /** The reply is to another question. */
  | { readonly kind: 'other-reply' }
  | { readonly kind: 'timeout' | 'dropped' | 'no-connection' }
  /** There was no card to call with: nothing was sent. */
  | { readonly kind: 'no-card'; readonly failure: Failure }
  /** The deadline had passed before anything was sent. */
  | { readonly kind: 'too-late' }
  /** Seconds. */
  | { readonly kind: 'circuit-open'; readonly retryAfter: number };

export type OutcomeKind = Outcome['kind'];

/** Why a try is repeated. */
export type Reason = 'transient' | 'card';

interface Judgement {
  readonly again?: Reason;
  /** True: the service may have acted, though nothing says so. */
  readonly open?: true;
  /** Whether the service lives; undefined when it was not reached. */
  readonly healthy?: boolean;
  /** True: it certainly has not acted, so that any call may be repeated. */
  readonly untouched?: true;
}

/** What each outcome means. */
export const JUDGEMENTS: Readonly<Record<OutcomeKind, Judgement>> = {
  reply: { healthy: true },
  fault: { healthy: true },
  throttled: { again: 'transient', healthy: true, untouched: true },
  busy: { again: 'transient', open: true, healthy: false },
  broken: { again: 'transient', open: true, healthy: false },
  'other-reply': { open: true, healthy: true },
  timeout: { again: 'transient', open: true, healthy: false },
  dropped: { again: 'transient', open: true, healthy: false },
  'no-connection': { again: 'transient', healthy: false, untouched: true },
  'no-card': {},
  'too-late': {},
  'circuit-open': {},
};

const TOO_MANY = 429;
const SERVER_ERROR = 500;

const withoutSoap = (status: number, headers: Headers, now: number): Outcome => {
  if (status === TOO_MANY) return { kind: 'throttled', retryAfter: retryAfterOf(headers, now) };
  return status >= SERVER_ERROR
    ? { kind: 'busy', retryAfter: retryAfterOf(headers, now) }
    : { kind: 'broken' };
};

/**
 * Reads an answer. The body decides, not the status: the legacy STS sends faults with 200, and a normal answer
 * with 500 is one all the same. Pure; `now` in milliseconds, for a `Retry-After` that is a date.
 */
export const interpretReply = (exchange: Exchange, now: number): Outcome => {
  if (exchange.kind === 'broken') return withoutSoap(exchange.status, exchange.headers, now);
  if (exchange.kind !== 'answer') return { kind: exchange.kind };
  const { status, headers, text } = exchange;
  const root = rootPart(headers.get('content-type') ?? '', text);
  const envelope = root === undefined ? undefined : readEnvelope(root);
  if (envelope?.ok !== true) return withoutSoap(status, headers, now);
  const { fault } = envelope.value;
  return fault === undefined
    ? { kind: 'reply', envelope: envelope.value }
    : { kind: 'fault', fault, envelope: envelope.value };
};

/** A reply that names another message as its question is not ours; one that names none is accepted. */
export const isReplyTo = ({ header }: Envelope, messageId: string): boolean => {
  const named = header?.linking.inResponseTo?.trim();
  return named === undefined || named === '' || named === messageId;
};
