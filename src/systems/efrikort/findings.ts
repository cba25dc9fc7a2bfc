import { codeSystem } from '../../canonical.ts';
import type { Failure, FailureKind, Issue, IssueCode } from '../../failure.ts';
import { fail, type Result } from '../../result.ts';

/** The system of the codes below, in `details` of each finding. */
export const EFRIKORT_ISSUE = codeSystem('efrikort-issue');

interface Entry {
  readonly code: IssueCode;
  readonly display: string;
}

/** Every finding about a connection, its mail and its transitions: CodeSystem efrikort-issue. */
export const EFRIKORT_ISSUES = {
  'region-missing': { code: 'required', display: 'No region is named' },
  'region-hsa-id': { code: 'value', display: 'The region has no HSA-id, or a malformed one' },
  'region-unknown': { code: 'not-found', display: 'The region is not in the list of regions' },
  'region-contradicts': { code: 'business-rule', display: 'Reference and HSA-id name different regions' },
  'hsa-id-legacy': { code: 'informational', display: 'The HSA-id has an old form' },
  'kind-unknown': { code: 'code-invalid', display: 'Unknown kind of connection' },
  'environment-missing': { code: 'required', display: 'No environment is named' },
  'environment-unknown': { code: 'code-invalid', display: 'Unknown environment' },
  'system-missing': { code: 'required', display: 'The integrating system is not named' },
  'text-too-long': { code: 'too-long', display: 'The text is too long' },
  'control-character': { code: 'value', display: 'A text holds a line break or another control character' },
  mojibake: { code: 'value', display: 'The text looks like UTF-8 that was read in another encoding' },
  'contact-missing': { code: 'required', display: 'No contact person is named' },
  'contact-name-missing': { code: 'required', display: 'The contact person has no name' },
  'contact-email-missing': { code: 'required', display: 'The contact person has no mail address' },
  'contact-phone-missing': { code: 'required', display: 'The contact person has no telephone number' },
  'contact-email-malformed': { code: 'value', display: 'The mail address of the contact person is none' },
  'contact-not-a-person': { code: 'value', display: 'The contact looks like a function, not a named person' },
  'serial-missing': { code: 'required', display: 'The serial number of the certificate is missing' },
  'serial-not-hsa-id': { code: 'value', display: 'The serial number is not a clean HSA-id' },
  'certificate-contradicts': { code: 'business-rule', display: 'The certificate has another serial number' },
  'certificate-private-key': { code: 'security', display: 'The data holds a private key' },
  'certificate-unreadable': { code: 'value', display: 'The data is not one certificate' },
  'certificate-not-siths': { code: 'value', display: 'The issuer of the certificate is not SITHS' },
  'certificate-not-valid': { code: 'value', display: 'The certificate is not valid at this time' },
  'care-provider-unnamed': { code: 'required', display: 'A care provider has no name' },
  'label-forged': { code: 'value', display: 'A text looks like a field of the mail' },
  'field-repeated': { code: 'multiple-matches', display: 'A field is given more than once' },
  'field-malformed': { code: 'value', display: 'A field has no value of its type' },
  'element-not-supported': { code: 'not-supported', display: 'A connection has no place for the element' },
  'modifier-extension': { code: 'extension', display: 'Modifier extensions are not supported' },
  'server-written': { code: 'informational', display: 'The server writes this element itself' },
  'state-changed': { code: 'business-rule', display: 'Only the operations change the state' },
  'events-changed': { code: 'business-rule', display: 'Past events cannot be changed' },
  'fields-locked': {
    code: 'business-rule',
    display: 'What the mail said cannot be changed after it was sent',
  },
  'delete-refused': { code: 'conflict', display: 'Only a draft may be deleted' },
  'transition-not-allowed': { code: 'business-rule', display: 'The operation is not possible in this state' },
  'test-first': { code: 'business-rule', display: 'PRODUKTION needs a passed TEST first' },
  'no-connection-yet': { code: 'business-rule', display: 'A further region needs a connected system' },
  'further-region-possible': {
    code: 'informational',
    display: 'The system is connected with another region',
  },
  'region-contact-missing': { code: 'business-rule', display: 'No contact address for this region' },
  'not-in-writing': { code: 'business-rule', display: 'The approval is not in writing' },
  'approver-missing': { code: 'required', display: 'Who approved is not said' },
  'approval-other-region': { code: 'business-rule', display: 'The approval is of another region' },
  'approver-unknown': {
    code: 'incomplete',
    display: 'The address of the approver is not known of the region',
  },
  'evidence-missing': { code: 'incomplete', display: 'No evidence is attached' },
  'parameter-unknown': { code: 'not-supported', display: 'Unknown parameter' },
  'parameter-malformed': { code: 'value', display: 'A parameter has no value of its type' },
  'date-in-future': { code: 'value', display: 'The time lies in the future' },
  'no-transport': { code: 'business-rule', display: 'This server sends no mail itself' },
  'already-sent': { code: 'business-rule', display: 'The mail has been sent' },
  'delivery-unknown': { code: 'business-rule', display: 'Whether the mail was sent is not known' },
  'mail-refused': { code: 'processing', display: 'The mail was refused' },
  'mail-unwritable': { code: 'value', display: 'The mail cannot be written' },
} as const satisfies Readonly<Record<string, Entry>>;

export type EfrikortIssue = keyof typeof EFRIKORT_ISSUES;

/** One finding; `expression` is the FHIRPath of the element, `diagnostics` never holds its value. */
export const finding = (
  name: EfrikortIssue,
  expression: string | undefined,
  diagnostics: string,
  severity: Issue['severity'] = 'error',
): Issue => {
  const { code, display } = EFRIKORT_ISSUES[name];
  return {
    severity,
    code,
    diagnostics,
    ...(expression === undefined ? {} : { expression: [expression] }),
    details: { system: EFRIKORT_ISSUE, code: name, display },
  };
};

/** The failure of these findings; a broken rule is `unprocessable`. */
export const refusal = (
  issues: readonly Issue[],
  kind: FailureKind = 'unprocessable',
): Result<never, Failure> => fail({ kind, issues });
