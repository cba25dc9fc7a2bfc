import type { Attachment } from '@medplum/fhirtypes';
import { decodeBase64 } from '../../../xml/base64.ts';
import type { Certificate } from '../../../xml/certificate.ts';
import { type CertificateInputFault, readCertificate } from '../../certificates/input.ts';
import { HSA_ID_SYSTEM, organizationSystem } from '../../organizations.ts';
import { type Findings, judgeLine, type MappingContext } from './context.ts';

const SERIAL_NUMBER = '2.5.4.5';
/** The serial number on a certificate may be unclean; longer than this it is none. */
const LONGEST_SERIAL = 64;
const LONGEST_HSA_ID = 31;

const hsa = organizationSystem(HSA_ID_SYSTEM);

const PRIVATE: ReadonlySet<CertificateInputFault> = new Set<CertificateInputFault>(['private-key', 'pkcs12']);

/** `SERIALNUMBER` of the subject, which eFrikort asks for; not the certificate's own number. */
export const subjectSerial = ({ subject }: Pick<Certificate, 'subject'>): string | undefined =>
  subject.find(({ type }) => type === SERIAL_NUMBER)?.value.trim();

const judgeIssuer = (
  certificate: Certificate,
  path: string,
  context: MappingContext,
  { add }: Findings,
): void => {
  const issuer = certificate.issuer.map(({ value }) => value.toLowerCase()).join('\n');
  if (!context.settings.certificateIssuers.some((text) => issuer.includes(text.toLowerCase()))) {
    add(
      'certificate-not-siths',
      path,
      'eFrikort takes certificates issued by SITHS; the issuer here is another.',
      'warning',
    );
  }
  if (context.now < certificate.notBefore || context.now > certificate.notAfter) {
    add('certificate-not-valid', path, 'The certificate has expired, or is not valid yet.', 'warning');
  }
};

/** The serial number that the certificate says; the certificate itself is not kept and not sent. */
export const readCertificateSerial = (
  attachment: Attachment | undefined,
  path: string,
  context: MappingContext,
  findings: Findings,
): string | undefined => {
  const data = attachment?.data;
  const bytes = data === undefined ? undefined : decodeBase64(data);
  const read = bytes === undefined ? undefined : readCertificate(bytes);
  if (read?.ok !== true) {
    if (read !== undefined && PRIVATE.has(read.failure)) {
      findings.add(
        'certificate-private-key',
        path,
        'The data holds a private key, or is made to. It was discarded; consider the key disclosed.',
      );
    } else
      findings.add(
        'certificate-unreadable',
        path,
        'One X.509 certificate is expected, PEM or DER, in Attachment.data.',
      );
    return undefined;
  }
  judgeIssuer(read.value, path, context, findings);
  const serial = subjectSerial(read.value);
  if (serial === undefined || serial === '') {
    findings.add('serial-missing', path, 'The subject of the certificate has no SERIALNUMBER.');
    return undefined;
  }
  return serial;
};

/** Certificates in use are not clean: a form that is no HSA-id is worth a warning and goes out as it stands. */
export const judgeSerial = (serial: string, path: string, findings: Findings): boolean => {
  if (!judgeLine(serial, path, findings, { longest: LONGEST_SERIAL })) return false;
  const clean =
    hsa?.wellFormed(serial) === true && hsa.legacy?.(serial) !== true && serial.length <= LONGEST_HSA_ID;
  if (!clean) {
    const why =
      'The serial number is not of the form SE, ten digits, hyphen, letters or digits; it goes out as it stands.';
    findings.add('serial-not-hsa-id', path, why, 'warning');
  }
  return true;
};
