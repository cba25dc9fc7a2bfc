import type { Failure } from '../../failure.ts';
import { type UpstreamIssue, upstreamFailure } from '../upstream/issues.ts';
import type { Outcome } from './client-outcome.ts';
import { type CardHolder, faultFailure } from './faults.ts';

/** Seconds. */
const RETRY_AFTER = 5;

const seconds = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : Math.max(1, Math.ceil(milliseconds / 1000));

type Simple = Exclude<Outcome['kind'], 'reply' | 'fault' | 'no-card' | 'throttled' | 'busy' | 'circuit-open'>;

/** An answer that is none of DGWS's, and what a page of a proxy stands for: `exception`, whatever its status. */
const asException = (failure: Failure): Failure => ({
  ...failure,
  issues: failure.issues.map((issue) => ({ ...issue, code: 'exception' })),
});

/** What came back is SOAP at best, and nothing that the service's documentation describes. */
export const brokenAnswer = (diagnostics: string): Failure =>
  asException(upstreamFailure('broken-answer', diagnostics));

const EXCEPTIONS: ReadonlySet<Outcome['kind']> = new Set(['broken', 'other-reply', 'busy']);

const SIMPLE: Readonly<Record<Simple, readonly [UpstreamIssue, string, number?]>> = {
  broken: ['broken-answer', 'answered something that is no SOAP message.'],
  'other-reply': ['broken-answer', 'answered another question than the one it was asked.'],
  timeout: ['timed-out', 'did not answer in time.'],
  dropped: ['no-connection', 'dropped the connection.', RETRY_AFTER],
  'no-connection': ['no-connection', 'cannot be reached.', RETRY_AFTER],
  'too-late': ['timed-out', 'could not be asked: the time for the call had run out before.'],
};

const BUSY = {
  throttled: ['throttled', 'answered every try with 429, too many requests.'],
  busy: ['server-error', 'answered every try with a server error that is no SOAP fault.'],
} as const;

/**
 * The failure of a call whose last try came to this.
 *
 * @param service at the head of a sentence: `BRS`, `FMK`, `The STS`
 */
export const outcomeFailure = (
  service: string,
  outcome: Exclude<Outcome, { kind: 'reply' }>,
  holder: CardHolder,
): Failure => {
  const failure = failureOf(service, outcome, holder);
  return EXCEPTIONS.has(outcome.kind) ? asException(failure) : failure;
};

const failureOf = (
  service: string,
  outcome: Exclude<Outcome, { kind: 'reply' }>,
  holder: CardHolder,
): Failure => {
  switch (outcome.kind) {
    case 'fault':
      return faultFailure(service, outcome.fault, holder);
    case 'no-card':
      return outcome.failure;
    case 'throttled':
    case 'busy': {
      const [issue, text] = BUSY[outcome.kind];
      return upstreamFailure(issue, `${service} ${text}`, seconds(outcome.retryAfter));
    }
    case 'circuit-open': {
      const text = 'has not answered several times in a row; nothing was sent.';
      return upstreamFailure('circuit-open', `${service} ${text}`, outcome.retryAfter);
    }
    default: {
      const [issue, text, retryAfter] = SIMPLE[outcome.kind];
      return upstreamFailure(issue, `${service} ${text}`, retryAfter);
    }
  }
};

/** A call that the service may have carried out. Contract: 504, `transient`. */
export const fateUnknown = (service: string, retryAfter = 2): Failure =>
  upstreamFailure(
    'fate-unknown',
    `${service} may have carried out the request, but no answer says so. The server settles it by itself: repeat the call with the same X-Request-ID to learn what became of it.`,
    retryAfter,
  );
