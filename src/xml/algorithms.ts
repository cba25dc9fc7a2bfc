import type { CryptoKey } from 'jose';
import type { Certificate, PublicKeyKind } from './certificate.ts';

/** XML signatures and digests of https://www.w3.org/TR/xmldsig-core1/ and RFC 6931, by our short names. */
export const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';

export type DigestAlgorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512';

type Hash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

export const DIGESTS: Readonly<Record<DigestAlgorithm, { readonly uri: string; readonly hash: Hash }>> = {
  sha1: { uri: `${XMLDSIG}sha1`, hash: 'SHA-1' },
  sha256: { uri: 'http://www.w3.org/2001/04/xmlenc#sha256', hash: 'SHA-256' },
  sha384: { uri: 'http://www.w3.org/2001/04/xmldsig-more#sha384', hash: 'SHA-384' },
  sha512: { uri: 'http://www.w3.org/2001/04/xmlenc#sha512', hash: 'SHA-512' },
};

/** SHA-1 is broken for signatures: it is for national services that still use it, by configuration alone. */
export const SIGNATURE_ALGORITHMS = [
  'rsa-sha256',
  'rsa-sha384',
  'rsa-sha512',
  'ecdsa-sha256',
  'ecdsa-sha384',
  'rsa-sha1',
] as const;

export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

interface SignatureEntry {
  readonly uri: string;
  readonly key: 'RSA' | 'EC';
  readonly digest: DigestAlgorithm;
}

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';

export const SIGNATURES: Readonly<Record<SignatureAlgorithm, SignatureEntry>> = {
  'rsa-sha256': { uri: `${MORE}rsa-sha256`, key: 'RSA', digest: 'sha256' },
  'rsa-sha384': { uri: `${MORE}rsa-sha384`, key: 'RSA', digest: 'sha384' },
  'rsa-sha512': { uri: `${MORE}rsa-sha512`, key: 'RSA', digest: 'sha512' },
  'ecdsa-sha256': { uri: `${MORE}ecdsa-sha256`, key: 'EC', digest: 'sha256' },
  'ecdsa-sha384': { uri: `${MORE}ecdsa-sha384`, key: 'EC', digest: 'sha384' },
  'rsa-sha1': { uri: `${XMLDSIG}rsa-sha1`, key: 'RSA', digest: 'sha1' },
};

/** Bits; a shorter RSA key counts as none. */
export const MINIMUM_RSA_BITS = 2048;

/** Whether a signature may be made with such a key at all. */
export const isUsable = (key: PublicKeyKind): boolean =>
  key.type === 'EC' || (key.type === 'RSA' && key.bits >= MINIMUM_RSA_BITS);

/** WebCrypto's name of the hash. */
export const hashOf = (algorithm: SignatureAlgorithm): Hash => DIGESTS[SIGNATURES[algorithm].digest].hash;

/** What WebCrypto's `sign` and `verify` are told. XML's ECDSA value is r and s side by side, as WebCrypto's. */
export const signParameters = (algorithm: SignatureAlgorithm) =>
  SIGNATURES[algorithm].key === 'EC'
    ? { name: 'ECDSA', hash: hashOf(algorithm) }
    : { name: 'RSASSA-PKCS1-v1_5' };

const imported = new WeakMap<Certificate, Map<SignatureAlgorithm, CryptoKey>>();

/** The certificate's key for that algorithm; undefined when it is of another kind, or too short. */
export const keyFor = async (
  certificate: Certificate,
  algorithm: SignatureAlgorithm,
): Promise<CryptoKey | undefined> => {
  const { key, spki } = certificate;
  if (key.type !== SIGNATURES[algorithm].key || !isUsable(key)) return undefined;
  const known = imported.get(certificate) ?? new Map<SignatureAlgorithm, CryptoKey>();
  const found = known.get(algorithm);
  if (found !== undefined) return found;
  const how =
    key.type === 'EC'
      ? { name: 'ECDSA', namedCurve: key.curve }
      : { name: 'RSASSA-PKCS1-v1_5', hash: hashOf(algorithm) };
  try {
    const made = await crypto.subtle.importKey('spki', spki, how, false, ['verify']);
    known.set(algorithm, made);
    imported.set(certificate, known);
    return made;
  } catch {
    // Bytes that look like a key and are none (a point off the curve).
    return undefined;
  }
};

export const digest = async (algorithm: DigestAlgorithm, text: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await crypto.subtle.digest(DIGESTS[algorithm].hash, new TextEncoder().encode(text)));

/** The short name of an algorithm's URI. */
export const byUri = <Name extends string>(
  table: Readonly<Record<Name, { readonly uri: string }>>,
  names: readonly Name[],
  uri: string | undefined,
): Name | undefined => names.find((name) => table[name].uri === uri);
