import { decodeBase64, encodeBase64 } from '../../xml/base64.ts';
import { type Certificate, parseCertificate } from '../../xml/certificate.ts';
import { LASTING_PREFIX, type SimulatorState } from '../simulation/state.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Bytes => {
  const content = parts.flatMap((part) => [...part]);
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Uint8Array.from([tag, ...length, ...content]);
};

const utf8 = (value: string): Bytes => Uint8Array.from(new TextEncoder().encode(value));

/** An exported key. The types of some runtimes name JSON Web Keys too, whatever the format asked for. */
const exported = async (format: 'spki' | 'pkcs8', key: CryptoKey): Promise<Bytes> => {
  const bytes = await crypto.subtle.exportKey(format, key);
  if (!(bytes instanceof ArrayBuffer)) throw new Error('A key was exported in another format');
  return new Uint8Array(bytes);
};
const sequence = (...parts: readonly Uint8Array[]) => tlv(0x30, ...parts);

const base128 = (arc: number): readonly number[] => {
  const digits = [arc & 0x7f];
  for (let rest = arc >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
};

const objectIdentifier = (dotted: string): Bytes => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tlv(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
};

/** sha256WithRSAEncryption. */
const SHA256_RSA = sequence(objectIdentifier('1.2.840.113549.1.1.11'), tlv(0x05));

/** Object identifier and value, e.g. `['2.5.4.97', 'NTRDK-12345674']`. */
export type SubjectAttribute = readonly [string, string];

const nameOf = (attributes: readonly SubjectAttribute[]) =>
  sequence(
    ...attributes.map(([type, value]) => tlv(0x31, sequence(objectIdentifier(type), tlv(0x0c, utf8(value))))),
  );

const timeOf = (time: number) => tlv(0x18, utf8(new Date(time).toISOString().replace(/[-:T]|\.\d+/g, '')));

/** A key and the certificate it signed for itself, as base64 of their DER. */
export interface MadeKey {
  readonly privateKey: string;
  readonly certificate: string;
}

/** What the simulators' certificates are valid for: they outlive every clock that a test sets. */
const NOT_BEFORE = Date.UTC(2010, 0, 1);
const NOT_AFTER = Date.UTC(2049, 11, 31);

const SERIAL = Uint8Array.of(0x13, 0x8a);

/** A fresh RSA key in a certificate that it signed itself. */
export const makeKey = async (subject: readonly SubjectAttribute[]): Promise<MadeKey> => {
  const how = {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
    hash: 'SHA-256',
  };
  const pair = await crypto.subtle.generateKey(how, true, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new Error('A pair was asked for');
  const spki = await exported('spki', pair.publicKey);
  const body = sequence(
    tlv(0xa0, tlv(0x02, Uint8Array.of(2))),
    tlv(0x02, SERIAL),
    SHA256_RSA,
    nameOf(subject),
    sequence(timeOf(NOT_BEFORE), timeOf(NOT_AFTER)),
    nameOf(subject),
    spki,
  );
  const signature = new Uint8Array(await crypto.subtle.sign(how.name, pair.privateKey, body));
  const der = sequence(body, SHA256_RSA, tlv(0x03, Uint8Array.of(0), signature));
  const pkcs8 = await exported('pkcs8', pair.privateKey);
  return { privateKey: encodeBase64(pkcs8), certificate: encodeBase64(der) };
};

/** The certificate of a made key. */
export const certificateOf = (made: MadeKey): Certificate => {
  const der = decodeBase64(made.certificate);
  const certificate = der === undefined ? undefined : parseCertificate(der);
  if (certificate === undefined) throw new Error('a key of the simulator cannot be read back');
  return certificate;
};

/** A key that outlives a reset: made by the first who asks; two who ask at once agree on one. */
export const lastingKey = async (
  state: SimulatorState,
  name: string,
  subject: readonly SubjectAttribute[],
): Promise<MadeKey> => {
  const key = LASTING_PREFIX + name;
  const found = await state.get(key);
  // Only this function writes these values.
  if (found !== undefined) return JSON.parse(found) as MadeKey;
  const made = await makeKey(subject);
  if (await state.compareAndSet(key, undefined, JSON.stringify(made))) return made;
  return JSON.parse((await state.get(key)) ?? '{}') as MadeKey;
};

/** The subject of an OCES3 system certificate (VOCES): CVR in organizationIdentifier, a UUID in serialNumber. */
export const systemSubject = (
  cvr: string,
  organization: string,
  name: string,
): readonly SubjectAttribute[] => [
  ['2.5.4.6', 'DK'],
  ['2.5.4.97', `NTRDK-${cvr}`],
  ['2.5.4.10', organization],
  ['2.5.4.5', 'UI:DK-O:G:2f6d1e90-5c3a-4b7e-8d21-6a9b0c4e7f35'],
  ['2.5.4.3', name],
];

const NTRDK = /^NTRDK-(\d{1,8})$/;
const OCES2 = /^CVR:(\d{8})-/;

/** The CVR of a certificate: OCES3 in organizationIdentifier, OCES2 in serialNumber. */
export const cvrOf = ({ subject }: Certificate): string | undefined => {
  for (const { type, value } of subject) {
    const found = type === '2.5.4.97' ? NTRDK.exec(value) : type === '2.5.4.5' ? OCES2.exec(value) : null;
    if (found?.[1] !== undefined) return found[1].padStart(8, '0');
  }
  return undefined;
};
