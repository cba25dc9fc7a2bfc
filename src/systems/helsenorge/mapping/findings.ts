import { codeSystem } from '../../../canonical.ts';
import type { IssueCode } from '../../../failure.ts';
import { findingsOf } from '../../findings.ts';

/** The system of the codes below, in `details` of each finding. */
export const MAPPING_ISSUE = codeSystem('mapping-issue');

/**
 * Every finding the mapping can make: its code in CodeSystem mapping-issue and R4's issue type. The severity
 * is `error` unless a finding says otherwise.
 */
export const MAPPING_ISSUES = {
  'status-not-mappable': 'business-rule',
  'scope-not-supported': 'not-supported',
  'type-missing': 'required',
  'type-ambiguous': 'multiple-matches',
  'type-unknown': 'code-invalid',
  'type-contradicts-definition': 'business-rule',
  'definition-missing': 'required',
  'definition-ambiguous': 'multiple-matches',
  'definition-malformed': 'value',
  'definition-unknown': 'code-invalid',
  'definition-contradiction': 'business-rule',
  'definition-name-differs': 'value',
  'definition-changed': 'business-rule',
  'policy-not-supported': 'not-supported',
  'part-missing': 'required',
  'part-ambiguous': 'multiple-matches',
  'part-contradicts-definition': 'business-rule',
  'organization-not-sent': 'informational',
  'patient-missing': 'required',
  'patient-number-malformed': 'value',
  'patient-number-not-supported': 'not-supported',
  'patient-check-digits': 'value',
  'patient-contradiction': 'business-rule',
  'patient-changed': 'business-rule',
  'performer-not-supported': 'not-supported',
  'performer-not-caller': 'business-rule',
  'date-without-instant': 'value',
  'date-malformed': 'value',
  'date-in-future': 'business-rule',
  'provision-type-contradicts': 'business-rule',
  'actor-not-supported': 'not-supported',
  'actor-forbidden': 'business-rule',
  'actor-required': 'required',
  'actor-number-invalid': 'value',
  'actor-contradiction': 'business-rule',
  'actor-role-not-supported': 'not-supported',
  'actor-name-missing': 'required',
  'actor-duplicate': 'duplicate',
  'period-not-supported': 'not-supported',
  'period-incomplete': 'required',
  'period-order': 'value',
  'proof-media-type': 'value',
  'proof-media-type-missing': 'required',
  'proof-data-missing': 'required',
  'proof-url-not-supported': 'not-supported',
  'proof-base64': 'value',
  'proof-too-long': 'too-long',
  'proof-forbidden': 'business-rule',
  'withdrawal-with-content': 'business-rule',
  'element-not-supported': 'not-supported',
  'modifier-extension': 'extension',
  'server-written': 'informational',
  'delete-refused': 'conflict',
  'personnel-not-told': 'incomplete',
  'type-not-told': 'incomplete',
} as const satisfies Readonly<Record<string, IssueCode>>;

export const finding = findingsOf(MAPPING_ISSUE, MAPPING_ISSUES);
