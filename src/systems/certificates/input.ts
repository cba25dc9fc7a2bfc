import { fail, ok, type Result } from '../../result.ts';
import { decodeBase64 } from '../../xml/base64.ts';
import { type Certificate, parseCertificate } from '../../xml/certificate.ts';
import { type Der, membersOf, objectIdentifier, readDer } from '../../xml/der.ts';

/** Why an input is not taken as a certificate. The input itself is never repeated. */
export type CertificateInputFault =
  /** It holds a private key, or is a container made to hold one: the input is forgotten at once. */
  | 'private-key'
  | 'pkcs12'
  /** More than one certificate: which of them is meant? */
  | 'several-certificates'
  /** PEM of something that is not a certificate: a request, a public key, a revocation list. */
  | 'other-pem'
  | 'pkcs7'
  | 'too-large'
  | 'not-a-certificate';

type Bytes = Uint8Array<ArrayBuffer>;
type Read = Result<Certificate, CertificateInputFault>;

/** Bytes. The largest certificates met have a few kilobytes. */
export const MAX_CERTIFICATE_INPUT = 64 * 1024;

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;

const CERTIFICATE = 'CERTIFICATE';
/** RSA, EC, encrypted and OpenSSH keys all say so in their label; PuTTY has a form of its own. */
const PRIVATE_KEY_TEXT = /-----\s*BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File/i;
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;
const BEGIN = /-----BEGIN /g;
const PKCS7_DATA = /^1\.2\.840\.113549\.1\.7\./;

const integerIs = (value: Der | undefined, wanted: number): boolean =>
  value?.tag === INTEGER && value.content.length === 1 && value.content[0] === wanted;

/** PKCS#8, PKCS#1, SEC 1 and encrypted PKCS#8 keys; PKCS#12 and PKCS#7 containers, by the form of their DER. */
const otherDer = (members: readonly Der[]): CertificateInputFault | undefined => {
  const [first, second, third] = members;
  if (integerIs(first, 3) && PKCS7_DATA.test(objectIdentifier(membersOf(second, SEQUENCE)?.[0]) ?? '')) {
    return 'pkcs12';
  }
  if (first?.tag === OBJECT_IDENTIFIER && PKCS7_DATA.test(objectIdentifier(first) ?? '')) return 'pkcs7';
  if (integerIs(first, 0) || integerIs(first, 1)) {
    const pkcs8 = second?.tag === SEQUENCE && third?.tag === OCTET_STRING;
    const pkcs1 = members.length >= 9 && members.every(({ tag }) => tag === INTEGER || tag === SEQUENCE);
    if (pkcs8 || pkcs1 || second?.tag === OCTET_STRING) return 'private-key';
  }
  const encrypted = members.length === 2 && first?.tag === SEQUENCE && second?.tag === OCTET_STRING;
  return encrypted ? 'private-key' : undefined;
};

const fromDer = (bytes: Bytes): Read => {
  const values = readDer(bytes);
  if (values === undefined || values.length === 0) return fail('not-a-certificate');
  const faults = values.flatMap((value) => otherDer(membersOf(value, SEQUENCE) ?? []) ?? []);
  const [fault] = faults;
  if (fault !== undefined) return fail(faults.includes('private-key') ? 'private-key' : fault);
  if (values.length > 1) return fail('several-certificates');
  const certificate = parseCertificate(bytes);
  return certificate === undefined ? fail('not-a-certificate') : ok(certificate);
};

/** A header such as `Proc-Type: 4,ENCRYPTED` may stand before the base64. */
const withoutHeaders = (block: string): string => block.replace(/^[\w-]+:.*$/gm, '');

const fromPem = (text: string): Read => {
  const blocks = [...text.matchAll(BLOCK)];
  const begun = text.match(BEGIN)?.length ?? 0;
  if (blocks.some(([, label]) => label !== CERTIFICATE)) return fail('other-pem');
  if (begun > 1) return fail('several-certificates');
  const der = decodeBase64(withoutHeaders(blocks[0]?.[2] ?? ''));
  return der === undefined || der.length === 0 ? fail('not-a-certificate') : fromDer(der);
};

/** Text in the encodings that certificate tools write; the byte order mark decides. */
const textOf = (bytes: Bytes): string => {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder().decode(bytes);
};

/**
 * Reads the one certificate of an input: DER, PEM (text around the block and CRLF are fine) or the base64 of its
 * DER alone. Public material only: whatever holds a private key is refused, and so is a chain.
 */
export const readCertificate = (bytes: Bytes): Read => {
  if (bytes.length > MAX_CERTIFICATE_INPUT) return fail('too-large');
  const text = textOf(bytes);
  if (PRIVATE_KEY_TEXT.test(text)) return fail('private-key');
  if (text.includes('-----BEGIN ')) return fromPem(text);
  const bare = decodeBase64(text);
  return fromDer(bare === undefined || bare.length === 0 ? bytes : bare);
};
