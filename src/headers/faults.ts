import { codeSystem } from '../canonical.ts';
import type { Failure, FailureKind, Issue, IssueCode } from '../failure.ts';
import { failure } from '../failure.ts';
import type { Result } from '../result.ts';

interface HeaderIssue {
  readonly code: IssueCode;
  readonly display: string;
  /** What the call is refused as; absent: it is not refused for it. */
  readonly refused?: FailureKind;
}

/**
 * The project's own CodeSystem `header-issue`: every code that a header, ticket or matrix finding may carry,
 * with R4's issue code for it. NLL's own `2-25-*` codes for these faults are not public and never forged.
 */
export const HEADER_ISSUES = {
  'header-missing': { code: 'required', display: 'A mandatory header is missing', refused: 'malformed' },
  'header-duplicate': { code: 'invalid', display: 'A header was sent more than once', refused: 'malformed' },
  'header-malformed': {
    code: 'invalid',
    display: 'A header is not in the form it must have',
    refused: 'malformed',
  },
  'header-value': {
    code: 'value',
    display: 'A header value is outside what is allowed for it',
    refused: 'malformed',
  },
  'header-code-unknown': {
    code: 'code-invalid',
    display: 'Unknown purpose or access code',
    refused: 'malformed',
  },
  'call-type-not-allowed': {
    code: 'business-rule',
    display: 'X-Call-Type DELAYED does not apply here',
    refused: 'malformed',
  },
  'provenance-invalid': {
    code: 'value',
    display: 'The content of X-Provenance breaks a rule',
    refused: 'malformed',
  },
  'ticket-missing': { code: 'login', display: 'No security ticket', refused: 'unauthenticated' },
  'ticket-invalid': {
    code: 'login',
    display: 'The security ticket is not valid',
    refused: 'unauthenticated',
  },
  'ticket-expired': {
    code: 'expired',
    display: 'The security ticket has expired',
    refused: 'unauthenticated',
  },
  'combination-not-allowed': {
    code: 'forbidden',
    display: 'Role, purpose, access and resource do not go together',
    refused: 'forbidden',
  },
  'loa-too-low': { code: 'security', display: 'The level of assurance is too low', refused: 'forbidden' },
  'patient-mismatch': {
    code: 'business-rule',
    display: 'X-PatientRef names another patient',
    refused: 'forbidden',
  },
  'proxy-mismatch': {
    code: 'business-rule',
    display: 'X-ProxyRef names another person than the ticket',
    refused: 'forbidden',
  },
  'org-info-not-allowed': {
    code: 'business-rule',
    display: 'A pharmacy must not send X-Org-Info',
    refused: 'malformed',
  },
  'header-ignored': { code: 'informational', display: 'A header that this pattern ignores was sent' },
  'header-lenient': { code: 'informational', display: 'A header was accepted although not as NLL writes it' },
  'header-ok': { code: 'informational', display: 'The call keeps this rule' },
  'rule-not-applicable': { code: 'informational', display: 'This rule does not apply to the call' },
  'media-type': {
    code: 'not-supported',
    display: 'Accept or Content-Type is not supported',
    refused: 'not-acceptable',
  },
  'header-too-large': {
    code: 'too-long',
    display: 'A header, or the header block, is too large',
    refused: 'headers-too-large',
  },
  'version-required': { code: 'required', display: 'If-Match is required', refused: 'precondition-required' },
} as const satisfies Readonly<Record<string, HeaderIssue>>;

export type HeaderIssueCode = keyof typeof HEADER_ISSUES;

export const HEADER_ISSUE_SYSTEM = codeSystem('header-issue');

/** One finding in a header's value; it does not know the pattern, so that it can be kept with the value. */
export interface HeaderFault {
  readonly kind: HeaderIssueCode;
  /** A sentence without full stop that starts with the header's name; never holds the value itself. */
  readonly text: string;
  /** What exactly was wrong, printed after the rule. */
  readonly detail?: string;
  /** When it is another than the kind's own issue code. */
  readonly code?: IssueCode;
}

/** A header's value, read: with what was tolerated in it, or else everything that is wrong with it. */
export type Parsed<V> = Result<
  { readonly value: V; readonly warnings: readonly HeaderFault[] },
  readonly HeaderFault[]
>;

const NONE: readonly HeaderFault[] = Object.freeze([]);

/** A value that was read. */
export const parsed = <V>(value: V, warnings: readonly HeaderFault[] = NONE): Parsed<V> => ({
  ok: true,
  value: { value, warnings },
});

/** A value that could not be used. */
export const faulty = <V>(...faults: readonly HeaderFault[]): Parsed<V> => ({ ok: false, failure: faults });

/** The sentence, `(pattern 2.2.2, GK1)`, and what exactly was wrong. */
const diagnosticsOf = (fault: HeaderFault, pattern: string, rule: string | undefined): string => {
  const place = rule === undefined ? `pattern ${pattern}` : `pattern ${pattern}, ${rule}`;
  const sentence = `${fault.text} (${place})`;
  return fault.detail === undefined ? sentence : `${sentence}: ${fault.detail}`;
};

const WARNING_CODE: IssueCode = 'informational';

/** The finding as the outside sees it; an error in a header always answers 400. */
export const headerIssue = (
  severity: 'error' | 'warning',
  header: string,
  fault: HeaderFault,
  pattern: string,
  rule: string | undefined,
): Issue => ({
  severity,
  code: fault.code ?? (severity === 'warning' ? WARNING_CODE : HEADER_ISSUES[fault.kind].code),
  details: { system: HEADER_ISSUE_SYSTEM, code: fault.kind },
  diagnostics: diagnosticsOf(fault, pattern, rule),
  location: [`http.${header}`],
  ...(severity === 'error' ? { malformed: true as const } : {}),
});

/** A refusal for what a header says (403, 431), not for how it is written (400). */
export const headerFailure = (
  kind: FailureKind,
  code: HeaderIssueCode,
  diagnostics: string,
  header?: string,
): Failure =>
  failure(kind, HEADER_ISSUES[code].code, diagnostics, {
    details: { system: HEADER_ISSUE_SYSTEM, code },
    ...(header === undefined ? {} : { location: [`http.${header}`] }),
  });
