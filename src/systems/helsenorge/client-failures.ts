import { codeSystem } from '../../canonical.ts';
import { type Failure, type FailureKind, failure, type IssueCode } from '../../failure.ts';
import { type UpstreamIssue, upstreamFailure } from '../upstream/issues.ts';
import type { Outcome, Refusal } from './client-outcome.ts';

interface PvkError {
  readonly kind: FailureKind;
  readonly code: IssueCode;
  /** What a developer should look at. */
  readonly diagnostics: string;
  /** The element that the error is about, when the call was a write. */
  readonly expression?: readonly string[];
}

const SECURITY = {
  kind: 'upstream-refused',
  code: 'security',
  diagnostics:
    'Helsenorge refused the token of this server, a fresh one too. It says the same when the token lacks the organisation number: check HELSEID_TENANCY, HELSEID_ORGANIZATION_PARENT and HELSEID_ORGANIZATION_CHILD',
} as const;

/** The documented codes of PVK itself; of the full list nothing is public. */
const PVK_ERRORS: Readonly<Record<string, PvkError>> = {
  'EPVK-101518': {
    kind: 'unprocessable',
    code: 'not-found',
    diagnostics: 'Helsenorge knows no citizen with the number of the patient',
    expression: ['Consent.patient'],
  },
  'EPVK-101500': {
    kind: 'unprocessable',
    code: 'business-rule',
    diagnostics: 'Helsenorge does not know the definition, or it belongs to another part',
    expression: ['Consent.policyRule', 'Consent.organization'],
  },
};

const OTHER_PVK: PvkError = {
  kind: 'unprocessable',
  code: 'processing',
  diagnostics: 'Helsenorge refused the setting, with an error code that is not documented',
};

const errorOf = (code: string): PvkError | undefined => {
  if (Object.hasOwn(PVK_ERRORS, code)) return PVK_ERRORS[code];
  if (code.startsWith('EPVK-')) return OTHER_PVK;
  return /SEC-\d+$/.test(code) ? SECURITY : undefined;
};

/** ` (EPVK-101500, CorrelationId …).`: what Helsenorge's support asks for; never its message text. */
const tail = ({ code, correlationId }: Refusal): string => {
  const parts = [code, correlationId === undefined ? undefined : `CorrelationId ${correlationId}`];
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? '.' : ` (${known.join(', ')}).`;
};

type Use = 'read' | 'write';

const codedFailure = (refusal: Refusal, code: string, error: PvkError, use: Use): Failure =>
  failure(error.kind, error.code, error.diagnostics + tail(refusal), {
    details: { system: codeSystem('pvk-error'), code },
    ...(error.expression === undefined || use === 'read' ? {} : { expression: error.expression }),
  });

const UNCODED = {
  credentials: [
    'credentials-refused',
    'Helsenorge refused the token of this server, a fresh one too, without saying why',
  ],
  denied: ['access-denied', 'Helsenorge does not let this server use the definition or the service'],
  request: ['request-refused', 'Helsenorge refused the request without an error code'],
} as const satisfies Record<string, readonly [UpstreamIssue, string]>;

const refusalFailure = (kind: 'refused' | 'credentials', refusal: Refusal, use: Use): Failure => {
  const error = refusal.code === undefined ? undefined : errorOf(refusal.code);
  if (refusal.code !== undefined && error !== undefined) {
    return codedFailure(refusal, refusal.code, error, use);
  }
  const reason = kind === 'credentials' ? 'credentials' : refusal.status === 403 ? 'denied' : 'request';
  const [issue, text] = UNCODED[reason];
  const status = reason === 'request' ? `, with status ${refusal.status}` : '';
  return upstreamFailure(issue, `${text}${status}${tail(refusal)}`);
};

/** Seconds. */
const RETRY_AFTER = 5;

const seconds = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : Math.max(1, Math.ceil(milliseconds / 1000));

type Simple = 'nonce' | 'broken' | 'timeout' | 'dropped' | 'no-connection' | 'too-late';

const SIMPLE: Readonly<Record<Simple, readonly [UpstreamIssue, string, number?]>> = {
  nonce: ['credentials-refused', 'Helsenorge asks for a new DPoP nonce again and again.'],
  broken: ['broken-answer', 'Helsenorge answered something that its documentation does not describe.'],
  timeout: ['timed-out', 'Helsenorge did not answer in time.'],
  dropped: ['no-connection', 'The connection to Helsenorge failed.', RETRY_AFTER],
  'no-connection': ['no-connection', 'There is no connection to Helsenorge.', RETRY_AFTER],
  'too-late': ['timed-out', 'The time for the call had run out before Helsenorge could be asked.'],
};

const BUSY = {
  throttled: ['throttled', 'Helsenorge answered every try with 429, too many requests.'],
  busy: ['server-error', 'Helsenorge answered every try with a server error.'],
} as const;

const CIRCUIT_OPEN = 'Helsenorge has not answered several times in a row; nothing was sent.';

/** The failure of a call whose last try came to this. Holds no number and none of Helsenorge's own text. */
export const outcomeFailure = (outcome: Exclude<Outcome<unknown>, { kind: 'done' }>, use: Use): Failure => {
  switch (outcome.kind) {
    case 'no-token':
      return outcome.failure;
    case 'refused':
    case 'credentials':
      return refusalFailure(outcome.kind, outcome, use);
    case 'throttled':
    case 'busy':
      return upstreamFailure(BUSY[outcome.kind][0], BUSY[outcome.kind][1], seconds(outcome.retryAfter));
    case 'circuit-open':
      return upstreamFailure('circuit-open', CIRCUIT_OPEN, outcome.retryAfter);
    default:
      return upstreamFailure(...SIMPLE[outcome.kind]);
  }
};

/** A write that PVK may have carried out. Contract: 504, `transient`. */
export const fateUnknown = (retryAfter = 2): Failure =>
  upstreamFailure(
    'fate-unknown',
    'Helsenorge may have carried out the change, but no answer says so. The server settles it by itself: repeat the call with the same X-Request-ID to learn what became of it.',
    retryAfter,
  );
