import { codeSystem } from '../../canonical.ts';
import { type Failure, type FailureKind, failure, type IssueCode } from '../../failure.ts';

/**
 * What may go wrong between this server and a national system, apart from the errors that the system itself
 * names. The codes of CodeSystem `upstream-issue`; `display` is its text there.
 */
export const UPSTREAM_ISSUES = {
  'fate-unknown': {
    kind: 'upstream-timeout',
    code: 'transient',
    display: 'The request may have been carried out; no answer says so',
  },
  'timed-out': { kind: 'upstream-timeout', code: 'timeout', display: 'No answer in time' },
  'no-connection': { kind: 'unavailable', code: 'transient', display: 'No connection' },
  'circuit-open': {
    kind: 'unavailable',
    code: 'transient',
    display: 'Not called, because it has not answered several times in a row',
  },
  'server-error': { kind: 'upstream-refused', code: 'transient', display: 'Server error on every try' },
  throttled: { kind: 'upstream-refused', code: 'transient', display: 'Too many requests on every try' },
  'broken-answer': {
    kind: 'upstream-refused',
    code: 'processing',
    display: 'An answer that does not follow the documentation',
  },
  'not-done': { kind: 'upstream-refused', code: 'processing', display: 'Answered that it was not done' },
  'request-refused': {
    kind: 'upstream-refused',
    code: 'processing',
    display: 'Refused the request without a known reason',
  },
  'access-denied': { kind: 'forbidden', code: 'forbidden', display: 'Access denied' },
  'credentials-refused': {
    kind: 'upstream-refused',
    code: 'security',
    display: 'Refused the credentials of this server',
  },
  misconfigured: {
    kind: 'internal',
    code: 'security',
    display: 'A setting of this server makes the call impossible',
  },
} as const satisfies Record<string, { kind: FailureKind; code: IssueCode; display: string }>;

export type UpstreamIssue = keyof typeof UPSTREAM_ISSUES;

/** A failure of this table. `diagnostics` never repeats what the other side wrote. */
export const upstreamFailure = (
  issue: UpstreamIssue,
  diagnostics: string,
  retryAfterSeconds?: number,
): Failure => {
  const { kind, code, display } = UPSTREAM_ISSUES[issue];
  return failure(kind, code, diagnostics, {
    details: { system: codeSystem('upstream-issue'), code: issue, display },
    ...(retryAfterSeconds === undefined ? {} : { retryAfter: retryAfterSeconds }),
  });
};
