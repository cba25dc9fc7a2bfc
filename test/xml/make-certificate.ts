import type { CryptoKey } from 'jose';
import { encodeBase64 } from '../../src/xml/base64.ts';
import { type Certificate, parseCertificate } from '../../src/xml/certificate.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Bytes => {
  const content = parts.flatMap((part) => [...part]);
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Uint8Array.from([tag, ...length, ...content]);
};

const text = (value: string): Bytes => new TextEncoder().encode(value);
const sequence = (...parts: readonly Uint8Array[]) => tlv(0x30, ...parts);

/** 1.2.840.113549.1.1.11, sha256WithRSAEncryption. */
const SHA256_RSA = sequence(
  tlv(0x06, Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11)),
  tlv(0x05),
);
/** 1.2.840.10045.4.3.2, ecdsa-with-SHA256. */
const SHA256_ECDSA = sequence(tlv(0x06, Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2)));

const nameOf = (commonName: string) =>
  sequence(tlv(0x31, sequence(tlv(0x06, Uint8Array.of(0x55, 4, 3)), tlv(0x0c, text(commonName)))));

const timeOf = (time: number) =>
  tlv(0x18, text(`${new Date(time).toISOString().replace(/[-:T]|\.\d+/g, '')}`));

const positive = (bytes: readonly number[]): Bytes => {
  const start = bytes.findIndex((octet, at) => octet !== 0 || at === bytes.length - 1);
  const bare = bytes.slice(start);
  return tlv(0x02, Uint8Array.from((bare[0] ?? 0) >= 0x80 ? [0, ...bare] : bare));
};

/** DER wants an ECDSA value as two numbers; WebCrypto gives them side by side. */
const ecdsaValue = (raw: Uint8Array) =>
  sequence(positive([...raw.slice(0, raw.length / 2)]), positive([...raw.slice(raw.length / 2)]));

export interface TestKeys {
  readonly privateKey: CryptoKey;
  readonly certificate: Certificate;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const pem = (label: string, bytes: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${(encodeBase64(bytes).match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`;

export interface TestKeyOptions {
  readonly kind?: 'RSA' | 'EC';
  readonly bits?: number;
  readonly hash?: 'SHA-1' | 'SHA-256';
  readonly commonName?: string;
  readonly notBefore?: number;
  readonly notAfter?: number;
}

/** A fresh key pair in a certificate that it signed itself. */
export const makeKeys = async (options: TestKeyOptions = {}): Promise<TestKeys> => {
  const { kind = 'RSA', bits = 2048, hash = 'SHA-256', commonName = 'Test issuer' } = options;
  const { notBefore = Date.UTC(2020, 0, 1), notAfter = Date.UTC(2049, 11, 31) } = options;
  const how =
    kind === 'EC'
      ? { name: 'ECDSA', namedCurve: 'P-256' }
      : { name: 'RSASSA-PKCS1-v1_5', modulusLength: bits, publicExponent: Uint8Array.of(1, 0, 1), hash };
  const pair = await crypto.subtle.generateKey(how, true, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new Error('A pair was asked for');
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey));
  const algorithm = kind === 'EC' ? SHA256_ECDSA : SHA256_RSA;
  const body = sequence(
    tlv(0xa0, tlv(0x02, Uint8Array.of(2))),
    tlv(0x02, Uint8Array.of(0x13, 0x89)),
    algorithm,
    nameOf(commonName),
    sequence(timeOf(notBefore), timeOf(notAfter)),
    nameOf(commonName),
    spki,
  );
  const signer = kind === 'EC' ? { name: 'ECDSA', hash: 'SHA-256' } : { name: how.name };
  const signature = new Uint8Array(await crypto.subtle.sign(signer, pair.privateKey, body));
  const value = kind === 'EC' ? ecdsaValue(signature) : signature;
  const der = sequence(body, algorithm, tlv(0x03, Uint8Array.of(0), value));
  const certificate = parseCertificate(der);
  if (certificate === undefined) throw new Error('The certificate cannot be read back');
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  return {
    privateKey: pair.privateKey,
    certificate,
    certificatePem: pem('CERTIFICATE', der),
    privateKeyPem: pem('PRIVATE KEY', pkcs8),
  };
};
