import { parseCertificateText } from '../../xml/certificate.ts';

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const KEY = /^\s*-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----[A-Za-z0-9+/=\s]+-----END \1-----\s*$/;

/** The certificates of a PEM text one by one, in its order; what stands between them is passed over. */
export const certificatesIn = (text: string): readonly string[] => text.match(CERTIFICATES) ?? [];

/** Where a setting holds one line, its line ends are written `\n`. */
const withLines = (text: string): string => text.replaceAll('\\n', '\n');

/** One certificate or more in PEM and no key beside them; undefined when the text is anything else. */
export const pemCertificates = (text: string): string | undefined => {
  const lines = withLines(text);
  const blocks = certificatesIn(lines);
  const readable = blocks.length > 0 && blocks.every((block) => parseCertificateText(block) !== undefined);
  return readable && !lines.includes('PRIVATE KEY') ? lines : undefined;
};

/** An unencrypted private key in PEM (PKCS#8, PKCS#1 or SEC 1); undefined when the text is anything else. */
export const pemPrivateKey = (text: string): string | undefined => {
  const lines = withLines(text);
  return KEY.test(lines) ? lines : undefined;
};
