import { decodeBase64 } from './base64.ts';
import { type Der, membersOf, objectIdentifier, readDer } from './der.ts';

/** One attribute of a distinguished name, e.g. `{type: '2.5.4.97', value: 'NTRDK-12345674'}`. */
export interface NameAttribute {
  /** Object identifier. */
  readonly type: string;
  readonly value: string;
}

export type PublicKeyKind =
  | { readonly type: 'RSA'; readonly bits: number }
  | { readonly type: 'EC'; readonly curve: 'P-256' | 'P-384' | 'P-521' }
  | { readonly type: 'other' };

/** What is read of an X.509 certificate (RFC 5280). Its own signature is not looked at: trust is configured. */
export interface Certificate {
  readonly der: Uint8Array<ArrayBuffer>;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array<ArrayBuffer>;
  readonly key: PublicKeyKind;
  readonly serialNumber: bigint;
  /** In the order of the certificate. */
  readonly issuer: readonly NameAttribute[];
  readonly subject: readonly NameAttribute[];
  /** Milliseconds since the epoch, both inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const VERSION = 0xa0;

const CURVES: ReadonlyMap<string, 'P-256' | 'P-384' | 'P-521'> = new Map([
  ['1.2.840.10045.3.1.7', 'P-256'],
  ['1.3.132.0.34', 'P-384'],
  ['1.3.132.0.35', 'P-521'],
]);

const integer = (value: Der | undefined): bigint | undefined => {
  if (value?.tag !== INTEGER || value.content.length === 0) return undefined;
  const unsigned = value.content.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
  return BigInt.asIntN(value.content.length * 8, unsigned);
};

const DECODERS: ReadonlyMap<number, string> = new Map([
  [0x0c, 'utf-8'],
  [0x1e, 'utf-16be'],
]);

const nameText = ({ tag, content }: Der): string =>
  new TextDecoder(DECODERS.get(tag) ?? 'latin1').decode(content);

const nameOf = (value: Der | undefined): readonly NameAttribute[] | undefined => {
  const sets = membersOf(value, SEQUENCE);
  return sets?.flatMap((set) =>
    (membersOf(set, SET) ?? []).flatMap((pair) => {
      const [type, text] = membersOf(pair, SEQUENCE) ?? [];
      const identifier = objectIdentifier(type);
      return identifier === undefined || text === undefined
        ? []
        : [{ type: identifier, value: nameText(text) }];
    }),
  );
};

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** UTCTime's two digits are of 1950 to 2049 (RFC 5280, 4.1.2.5.1). */
const timeOf = (value: Der | undefined): number | undefined => {
  if (value === undefined) return undefined;
  const text = nameText(value);
  const parts = (value.tag === 0x17 ? UTC_TIME : GENERALIZED_TIME).exec(text)?.slice(1).map(Number);
  const [year, month, day, hour, minute, second] = parts ?? [];
  if (year === undefined || month === undefined) return undefined;
  const full = value.tag === 0x17 ? year + (year < 50 ? 2000 : 1900) : year;
  return Date.UTC(full, month - 1, day, hour, minute, second);
};

const bitLength = (value: bigint): number => value.toString(2).length;

const keyKind = (spki: Der): PublicKeyKind | undefined => {
  const [algorithm, bits] = membersOf(spki, SEQUENCE) ?? [];
  const [name, parameters] = membersOf(algorithm, SEQUENCE) ?? [];
  if (bits?.tag !== BIT_STRING) return undefined;
  const identifier = objectIdentifier(name);
  if (identifier === '1.2.840.113549.1.1.1') {
    const [key] = readDer(bits.content.subarray(1)) ?? [];
    const modulus = integer(membersOf(key, SEQUENCE)?.[0]);
    return modulus === undefined ? undefined : { type: 'RSA', bits: bitLength(modulus) };
  }
  const curve =
    identifier === '1.2.840.10045.2.1' ? CURVES.get(objectIdentifier(parameters) ?? '') : undefined;
  return curve === undefined ? { type: 'other' } : { type: 'EC', curve };
};

/** Reads a certificate's DER; undefined when the bytes are no certificate. */
export const parseCertificate = (der: Uint8Array<ArrayBuffer>): Certificate | undefined => {
  const [certificate, ...more] = readDer(der) ?? [];
  if (more.length > 0) return undefined;
  const [body] = membersOf(certificate, SEQUENCE) ?? [];
  const fields = membersOf(body, SEQUENCE)?.filter(({ tag }) => tag !== VERSION) ?? [];
  const [serial, , issuerName, validity, subjectName, spki] = fields;
  const serialNumber = integer(serial);
  const issuer = nameOf(issuerName);
  const subject = nameOf(subjectName);
  const [from, to] = membersOf(validity, SEQUENCE) ?? [];
  const [notBefore, notAfter] = [timeOf(from), timeOf(to)];
  const key = spki === undefined ? undefined : keyKind(spki);
  if (serialNumber === undefined || issuer === undefined || subject === undefined) return undefined;
  if (notBefore === undefined || notAfter === undefined) return undefined;
  if (spki === undefined || key === undefined) return undefined;
  return { der, spki: spki.bytes, key, serialNumber, issuer, subject, notBefore, notAfter };
};

const PEM = /^\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/;

/** Reads one certificate from PEM, or from the base64 of its DER alone; undefined when it is neither. */
export const parseCertificateText = (text: string): Certificate | undefined => {
  const der = decodeBase64(PEM.exec(text)?.[1] ?? text);
  return der === undefined ? undefined : parseCertificate(der);
};

/** Whether two certificates vouch for the same key. */
export const sameKey = (left: Certificate, right: Certificate): boolean =>
  left.spki.length === right.spki.length && left.spki.every((octet, at) => octet === right.spki[at]);
