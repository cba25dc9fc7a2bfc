import type { Coding, OperationOutcomeIssue } from '@medplum/fhirtypes';

/** R4's issue-type codes, as far as this server speaks them. */
export type IssueCode = OperationOutcomeIssue['code'];

/**
 * One finding, on its way to an OperationOutcome.
 *
 * `diagnostics` is read by developers and by log files: it never holds a national identity number, a
 * secret, or the raw text of an upstream answer.
 */
export interface Issue {
  readonly severity: 'error' | 'warning' | 'information';
  readonly code: IssueCode;
  readonly diagnostics: string;
  /** FHIRPath of the element at fault, e.g. `Consent.provision.actor[0].role`. */
  readonly expression?: readonly string[];
  /** For HTTP headers and query parameters only: `http.X-Request-ID`. */
  readonly location?: readonly string[];
  /** A code of one of the project's own CodeSystems (`CANONICAL/CodeSystem/…`). */
  readonly details?: Coding;
  /**
   * True when the input is not R4 at all (structure, type, cardinality, required binding): such a fault
   * answers 400. Without it an error is a broken rule (invariant, profile, mapping) and answers 422.
   */
  readonly malformed?: true;
}

/**
 * Why a call is refused, without saying how HTTP spells it: `http/status.ts` maps each kind to its status.
 */
export type FailureKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'not-acceptable'
  | 'conflict'
  | 'locked'
  | 'gone'
  | 'precondition-failed'
  | 'too-large'
  | 'unsupported-media-type'
  | 'unprocessable'
  | 'precondition-required'
  | 'too-many-requests'
  | 'headers-too-large'
  | 'internal'
  | 'not-implemented'
  | 'upstream-refused'
  | 'unavailable'
  | 'upstream-timeout';

export interface Failure {
  readonly kind: FailureKind;
  readonly issues: readonly Issue[];
  /** Seconds, for `Retry-After`. */
  readonly retryAfter?: number;
  /** Methods, for `Allow` on `method-not-allowed`. */
  readonly allow?: readonly string[];
  /** The challenge of a 401, e.g. `Bearer error="invalid_token"`. */
  readonly challenge?: string;
  /** A reference such as `Consent/123` that the answer may point to (duplicate). */
  readonly subject?: string;
}

/** A failure with a single error issue. */
export const failure = (
  kind: FailureKind,
  code: IssueCode,
  diagnostics: string,
  more: Partial<Omit<Issue, 'severity' | 'code' | 'diagnostics'>> &
    Partial<Omit<Failure, 'kind' | 'issues'>> = {},
): Failure => {
  const { retryAfter, allow, challenge, subject, ...issue } = more;
  return {
    kind,
    issues: [{ severity: 'error', code, diagnostics, ...issue }],
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(allow === undefined ? {} : { allow }),
    ...(challenge === undefined ? {} : { challenge }),
    ...(subject === undefined ? {} : { subject }),
  };
};

/** The failure of a resource with these findings, or undefined when none of them is an error. */
export const failureOf = (issues: readonly Issue[]): Failure | undefined => {
  if (!issues.some((issue) => issue.severity === 'error')) return undefined;
  const malformed = issues.some((issue) => issue.malformed === true && issue.severity === 'error');
  return { kind: malformed ? 'malformed' : 'unprocessable', issues };
};
