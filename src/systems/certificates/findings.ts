import { codeSystem } from '../../canonical.ts';
import type { Issue, IssueCode } from '../../failure.ts';
import type { DerivedCertificate } from './derive.ts';
import type { CertificateInputFault } from './input.ts';
import type { SubjectFault } from './subject.ts';

/** The system of the codes below, in `details` of each finding. */
export const CERTIFICATE_ISSUE = codeSystem('certificate-issue');

type CertificateIssue =
  | CertificateInputFault
  | SubjectFault
  | 'certificate-missing'
  | 'not-base64'
  | 'expired'
  | 'not-yet-valid'
  | 'unknown-policy';

interface Entry {
  readonly code: IssueCode;
  readonly text: string;
}

/** Every finding about a certificate: its code in CodeSystem certificate-issue, R4's issue type and the words. */
export const CERTIFICATE_ISSUES: Readonly<Record<CertificateIssue, Entry>> = {
  'private-key': {
    code: 'security',
    text: 'The data holds a private key. It was discarded; consider the key disclosed and send the certificate alone.',
  },
  pkcs12: {
    code: 'security',
    text: 'The data is a PKCS#12 container, which is made to hold a private key. It was discarded; send the certificate alone, as PEM or DER.',
  },
  'several-certificates': {
    code: 'multiple-matches',
    text: 'The data holds more than one certificate; send the one of the system, without its chain.',
  },
  'other-pem': {
    code: 'value',
    text: 'The data is PEM of something other than a certificate; only CERTIFICATE blocks are read.',
  },
  pkcs7: {
    code: 'value',
    text: 'The data is a PKCS#7 container; send the certificate alone, as PEM or DER.',
  },
  'too-large': { code: 'too-long', text: 'The data is larger than any certificate (64 KiB).' },
  'not-a-certificate': { code: 'value', text: 'The data is no X.509 certificate in PEM or DER.' },
  'certificate-missing': { code: 'required', text: 'No certificate is given.' },
  'not-base64': { code: 'value', text: 'The data is not base64.' },
  'cvr-malformed': {
    code: 'value',
    text: 'The CVR number in the certificate does not have eight digits; none are added.',
  },
  'cvr-contradiction': {
    code: 'business-rule',
    text: 'The certificate holds two CVR numbers that differ.',
  },
  'foces-id-malformed': {
    code: 'value',
    text: 'The serialNumber of the subject does not end in a UUID, as OCES3 has it (UI:DK-O:G:<uuid>).',
  },
  employee: {
    code: 'business-rule',
    text: 'This is the certificate of an employee, not of a system.',
  },
  'hsa-id-legacy': {
    code: 'value',
    text: 'The HSA-id in the certificate has a 12-digit organisation number (prefix 16), an old form.',
  },
  'hsa-id-unclean': {
    code: 'value',
    text: 'The serialNumber of the subject does not have the form of an HSA-id; it is told as it stands.',
  },
  expired: { code: 'expired', text: 'The certificate has expired.' },
  'not-yet-valid': { code: 'value', text: 'The certificate is not valid yet.' },
  'unknown-policy': {
    code: 'not-supported',
    text: 'The subject follows none of the policies that are read here (OCES2, OCES3, SITHS): only the hash can be told.',
  },
};

/** One finding about the certificate at `expression`. */
export const certificateFinding = (
  name: CertificateIssue,
  expression: string,
  severity: Issue['severity'] = 'error',
): Issue => {
  const { code, text } = CERTIFICATE_ISSUES[name];
  const details = { system: CERTIFICATE_ISSUE, code: name };
  return { severity, code, diagnostics: text, expression: [expression], details };
};

/** These hold the very values that a whitelisting needs; the others are worth a warning. */
const HARD: ReadonlySet<SubjectFault> = new Set<SubjectFault>(['cvr-malformed', 'cvr-contradiction']);

/** What is to be said about a certificate that could be read. */
export const certificateFindings = (derived: DerivedCertificate, expression: string): readonly Issue[] => [
  ...derived.faults.map((fault) =>
    certificateFinding(fault, expression, HARD.has(fault) ? 'error' : 'warning'),
  ),
  ...(derived.generation === 'unknown' ? [certificateFinding('unknown-policy', expression, 'warning')] : []),
  ...(derived.validity === 'valid' ? [] : [certificateFinding(derived.validity, expression, 'warning')]),
];
