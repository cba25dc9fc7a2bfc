import { type Certificate, parseCertificateText } from '../../xml/certificate.ts';
import { subjectSerial } from './mapping/certificate.ts';
import { certificatesIn } from './pem.ts';

/** What `/.well-known/client-certificate` says about the certificate that the server presents. */
export interface ClientCertificateInfo {
  /** RFC 4514, the most specific attribute first. */
  readonly subject: string;
  /** The certificate's own number, hexadecimal. */
  readonly serialNumber: string;
  /** RFC 3339. */
  readonly notAfter: string;
  /** `SERIALNUMBER` of the subject: what the mail to eFrikort asks for. Absent when there is none. */
  readonly subjectSerialNumber?: string;
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.5', 'SERIALNUMBER'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.97', 'organizationIdentifier'],
]);

const escaped = (value: string): string => value.replace(/[\\,+"<>;=]/g, '\\$&').replace(/^[ #]| $/g, '\\$&');

const nameOf = ({ subject }: Pick<Certificate, 'subject'>): string =>
  subject
    .toReversed()
    .map(({ type, value }) => `${TYPES.get(type) ?? type}=${escaped(value)}`)
    .join(',');

/** Of the first certificate of a PEM text, or of the base64 of a DER; undefined when the text is neither. */
export const clientCertificateInfo = (pem: string): ClientCertificateInfo | undefined => {
  const certificate = parseCertificateText(certificatesIn(pem)[0] ?? pem);
  if (certificate === undefined) return undefined;
  const serial = subjectSerial(certificate);
  return {
    subject: nameOf(certificate),
    serialNumber: certificate.serialNumber.toString(16).toUpperCase(),
    notAfter: new Date(certificate.notAfter).toISOString(),
    ...(serial === undefined ? {} : { subjectSerialNumber: serial }),
  };
};
