import { codeSystem } from '../../../canonical.ts';
import type { IssueCode } from '../../../failure.ts';
import { findingsOf } from '../../findings.ts';

/** The system of the codes below, in `details` of each finding. */
export const BRS_MAPPING_ISSUE = codeSystem('brs-mapping-issue');

/** Every finding of the mapping to BRS: its code in CodeSystem brs-mapping-issue and R4's issue type. */
export const BRS_MAPPING_ISSUES = {
  'kind-missing': 'code-invalid',
  'patient-missing': 'required',
  'patient-number-malformed': 'value',
  'patient-number-not-supported': 'not-supported',
  'patient-contradiction': 'business-rule',
  'professional-missing': 'required',
  'professional-number-malformed': 'value',
  'professional-number-not-supported': 'not-supported',
  'professional-contradiction': 'business-rule',
  'organisation-missing': 'required',
  'organisation-not-mappable': 'not-supported',
  'organisation-reference': 'not-supported',
  'organisation-malformed': 'value',
  'organisation-inactive': 'business-rule',
  'organisation-check-digit': 'value',
  'interval-missing': 'required',
  'interval-incomplete': 'required',
  'interval-not-instants': 'value',
  'interval-reversed': 'value',
  'relation-missing': 'required',
  'relation-unknown': 'code-invalid',
  'relation-not-offered': 'not-supported',
  'relation-contradiction': 'business-rule',
  'relation-hole': 'not-supported',
  'time-limit-missing': 'required',
  'time-limit-not-instant': 'value',
  'time-limit-past': 'business-rule',
  'external-reference-ambiguous': 'multiple-matches',
  'external-reference-too-long': 'too-long',
  'queryable-cvr-malformed': 'value',
  'queryable-cvr-check-digit': 'value',
  'queryable-cvr-not-ours': 'business-rule',
  'followup-form-unknown': 'not-supported',
  'followup-not-here': 'business-rule',
  'sources-not-offered': 'not-supported',
  'authorisation-contradiction': 'business-rule',
  'extension-repeated': 'multiple-matches',
  'extension-value': 'value',
  'extension-unknown': 'extension',
  'modifier-extension': 'extension',
  'server-set': 'business-rule',
  'server-written': 'informational',
  'element-not-supported': 'not-supported',
  'update-not-supported': 'not-supported',
  'followup-not-cancelled': 'informational',
  'answer-relation-unknown': 'code-invalid',
  'answer-source-unknown': 'code-invalid',
  'answer-reference-differs': 'informational',
  'answer-elements-unknown': 'informational',
} as const satisfies Readonly<Record<string, IssueCode>>;

export type BrsMappingIssue = keyof typeof BRS_MAPPING_ISSUES;

export const finding = findingsOf(BRS_MAPPING_ISSUE, BRS_MAPPING_ISSUES);
