import type { CryptoKey } from 'jose';
import { fail, type Result } from '../../result.ts';
import type { SignatureAlgorithm } from '../../xml/algorithms.ts';
import { decodeBase64, encodeBase64 } from '../../xml/base64.ts';
import type { Certificate } from '../../xml/certificate.ts';
import { sign } from '../../xml/sign.ts';
import type { SignatureFault } from '../../xml/signature.ts';
import type { XmlElement } from '../../xml/tree.ts';
import { type TrustedKey, verifySignature } from '../../xml/verify.ts';
import { type IdCard, readCard, SIGNATURE_ID, writeCard } from './message-card.ts';

/** The algorithms that DGWS knows: its schema the second alone, newer clients towards the STS the first. */
export const DGWS_ALGORITHMS = ['rsa-sha256', 'rsa-sha1'] as const satisfies readonly SignatureAlgorithm[];
export type DgwsAlgorithm = (typeof DGWS_ALGORITHMS)[number];

/** Who signs cards. */
export interface CardSigner {
  /** Private, RSA, made for that algorithm. */
  readonly key: CryptoKey;
  readonly certificate: Certificate;
  readonly algorithm: DgwsAlgorithm;
}

/** The card, signed: what is to be sent, character by character. */
export const signCard = async (card: IdCard, signer: CardSigner): Promise<string> => {
  const { xml } = await sign(writeCard(card), {
    ...signer,
    idAttribute: 'id',
    attributes: [['id', SIGNATURE_ID]],
  });
  return xml;
};

/** Why a card is not accepted. */
export type CardFault =
  | { readonly kind: 'signature'; readonly fault: SignatureFault }
  /** Not what DGWS calls a card. */
  | { readonly kind: 'structure' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'not-yet-valid' };

export interface CardTrust {
  readonly trusted: readonly TrustedKey[];
  readonly algorithms: readonly DgwsAlgorithm[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds that the other side's clock may be ahead; counts for NotBefore alone. */
  readonly skew?: number;
}

/**
 * Verifies a card where it stands in a document, and reads it from the very octets that were signed. A card that
 * is shown exactly at NotOnOrAfter has expired, exactly at NotBefore it is valid.
 */
export const verifyCard = async (
  document: XmlElement,
  assertion: XmlElement,
  { trusted, algorithms, now, skew = 0 }: CardTrust,
): Promise<Result<IdCard, CardFault>> => {
  const signed = await verifySignature(document, {
    trusted,
    algorithms,
    idAttributes: ['id'],
    element: assertion,
    now,
  });
  if (!signed.ok) return fail({ kind: 'signature', fault: signed.failure });
  const card = readCard(signed.value.element);
  if (!card.ok) return fail({ kind: 'structure' });
  const { notBefore, notOnOrAfter } = card.value;
  if (now >= notOnOrAfter) return fail({ kind: 'expired' });
  return now + skew < notBefore ? fail({ kind: 'not-yet-valid' }) : card;
};

const hashed = async (hash: 'SHA-1' | 'SHA-256', { der }: Certificate): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest(hash, der));

/** `sosi:OCESCertHash`: base64 of SHA-1 as the STS writes it, of SHA-256 as newer clients do. */
export const certificateHash = async (certificate: Certificate, hash: 'SHA-1' | 'SHA-256'): Promise<string> =>
  encodeBase64(await hashed(hash, certificate));

const BY_LENGTH: ReadonlyMap<number, 'SHA-1' | 'SHA-256'> = new Map([
  [20, 'SHA-1'],
  [32, 'SHA-256'],
]);

/** Whether a card's OCESCertHash is that of the certificate; its length says which hash it is. */
export const isHashOf = async (certHash: string, certificate: Certificate): Promise<boolean> => {
  const hash = BY_LENGTH.get(decodeBase64(certHash)?.length ?? 0);
  return hash !== undefined && (await certificateHash(certificate, hash)) === certHash.trim();
};
