import { codeSystem } from '../../../canonical.ts';
import type { Issue, IssueCode } from '../../../failure.ts';

/** The system of the codes below, in `details` of each finding. */
export const FMK_MAPPING_ISSUE = codeSystem('fmk-mapping-issue');

/** Every finding the mapping can make: its code in CodeSystem fmk-mapping-issue and R4's issue type. */
export const FMK_MAPPING_ISSUES = {
  'kind-missing': 'code-invalid',
  'element-not-supported': 'not-supported',
  'extension-not-supported': 'not-supported',
  'extension-repeated': 'multiple-matches',
  'extension-value': 'value',
  'modifier-extension': 'extension',
  'contained-not-supported': 'not-supported',
  'reference-not-supported': 'not-supported',
  'reference-unknown': 'not-found',
  'cvr-missing': 'required',
  'cvr-only': 'business-rule',
  'cvr-malformed': 'value',
  'cvr-check-digit': 'value',
  'cvr-contradiction': 'business-rule',
  'organization-inactive': 'business-rule',
  'foces-id-missing': 'required',
  'foces-id-malformed': 'value',
  'foces-id-too-long': 'too-long',
  'foces-id-employee': 'business-rule',
  'foces-id-contradiction': 'business-rule',
  'cert-hash-missing': 'incomplete',
  'cert-hash-malformed': 'value',
  'cert-hash-sha256': 'value',
  'cert-hash-contradiction': 'business-rule',
  'certificate-media-type': 'value',
  'certificate-url': 'not-supported',
  'certificate-not-kept': 'informational',
  'creator-missing': 'required',
  'creator-not-a-person': 'business-rule',
  'creator-not-supported': 'not-supported',
  'creator-contradiction': 'business-rule',
  'creator-identifier-missing': 'required',
  'creator-identifier-malformed': 'value',
  'creator-identifier-form': 'value',
  'creator-identifier-not-supported': 'not-supported',
  'creator-name-missing': 'required',
  'creator-name-too-long': 'too-long',
  'creator-specialities': 'too-long',
  'role-missing': 'required',
  'role-ambiguous': 'multiple-matches',
  'role-unknown': 'code-invalid',
  'role-too-long': 'too-long',
  'organization-missing': 'required',
  'organization-identifier-missing': 'required',
  'organization-identifier-malformed': 'value',
  'organization-identifier-check-digit': 'value',
  'organization-identifier-contradiction': 'business-rule',
  'organization-type-missing': 'required',
  'organization-type-cvr': 'business-rule',
  'organization-type-invalid': 'value',
  'organization-type-unknown': 'code-invalid',
  'organization-type-identifier': 'business-rule',
  'organization-name-missing': 'required',
  'organization-name-too-long': 'too-long',
  'address-lines': 'too-long',
  'address-line-too-long': 'too-long',
  'phone-malformed': 'value',
  'email-malformed': 'value',
  'email-too-long': 'too-long',
  'created-ignored': 'informational',
  'whitelisting-changed': 'not-supported',
  'preflight-not-supported': 'not-supported',
  'answer-differs': 'informational',
  'answer-incomplete': 'incomplete',
  'answer-other-organisation': 'informational',
} as const satisfies Readonly<Record<string, IssueCode>>;

export type FmkMappingIssue = keyof typeof FMK_MAPPING_ISSUES;

/** One finding; `expression` is the FHIRPath of the element, `diagnostics` never holds a person's number. */
export const finding = (
  name: FmkMappingIssue,
  expression: string,
  diagnostics: string,
  severity: Issue['severity'] = 'error',
): Issue => ({
  severity,
  code: FMK_MAPPING_ISSUES[name],
  diagnostics,
  expression: [expression],
  details: { system: FMK_MAPPING_ISSUE, code: name },
});

export const hasErrors = (issues: readonly Issue[]): boolean =>
  issues.some((issue) => issue.severity === 'error');
