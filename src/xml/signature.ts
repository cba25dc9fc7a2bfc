import { fail, ok, type Result } from '../result.ts';
import {
  byUri,
  DIGESTS,
  type DigestAlgorithm,
  SIGNATURE_ALGORITHMS,
  SIGNATURES,
  type SignatureAlgorithm,
  XMLDSIG,
} from './algorithms.ts';
import { decodeBase64 } from './base64.ts';
import { EXCLUSIVE_C14N } from './canonical.ts';
import {
  attributeOf,
  descendants,
  elementsOf,
  hasOnlyElements,
  isNamed,
  textOf,
  type XmlElement,
} from './tree.ts';

export const ENVELOPED_SIGNATURE = `${XMLDSIG}enveloped-signature`;

/** Why a signature is not accepted. */
export type SignatureFault =
  /** There is none directly in the element. */
  | 'missing'
  /** There is more than one in the element, or one in a place where it signs nothing of it. */
  | 'several'
  /** Not of the one form that is read: an element more or less, a value that is not base64. */
  | 'malformed'
  /** It refers to another element than the one it stands in, or to more than one. */
  | 'other-reference'
  /** The id that it refers to is not unique in the document. */
  | 'duplicate-id'
  /** A canonicalization or transform beside enveloped signature and exclusive C14N. */
  | 'transform'
  /** An algorithm that is not known or not allowed here. */
  | 'algorithm'
  /** None of the trusted keys is of its kind, valid, or the one that KeyInfo names. */
  | 'untrusted'
  /** SignedInfo was changed, or signed with another key. */
  | 'signature'
  /** The element was changed. */
  | 'digest';

/** A signature as it says itself; nothing of it has been checked but its form. */
export interface SignatureClaim {
  readonly element: XmlElement;
  readonly signedInfo: XmlElement;
  /** Prefix lists of the two canonicalizations, `''` for `#default`. */
  readonly signedInfoPrefixes: readonly string[];
  readonly referencePrefixes: readonly string[];
  readonly algorithm: SignatureAlgorithm;
  readonly digest: DigestAlgorithm;
  /** Id of the element that it refers to. */
  readonly reference: string;
  readonly digestValue: Uint8Array<ArrayBuffer>;
  readonly value: Uint8Array<ArrayBuffer>;
  /** DER of the certificates that KeyInfo shows. */
  readonly certificates: readonly Uint8Array<ArrayBuffer>[];
}

const DIGEST_NAMES: readonly DigestAlgorithm[] = ['sha1', 'sha256', 'sha384', 'sha512'];

export const isSignature = (element: XmlElement): boolean => isNamed(element, XMLDSIG, 'Signature');

/** The child elements if they are these, of XML signature's namespace, and nothing else. */
const sequence = (
  element: XmlElement | undefined,
  ...names: readonly string[]
): readonly XmlElement[] | undefined => {
  if (element === undefined || !hasOnlyElements(element)) return undefined;
  const children = elementsOf(element);
  const fits = children.length === names.length;
  return fits && children.every((child, at) => isNamed(child, XMLDSIG, names[at] ?? ''))
    ? children
    : undefined;
};

const bytesIn = (element: XmlElement | undefined): Uint8Array<ArrayBuffer> | undefined => {
  const text = element === undefined ? undefined : textOf(element);
  const bytes = text === undefined ? undefined : decodeBase64(text);
  return bytes?.length === 0 ? undefined : bytes;
};

const algorithmOf = (element: XmlElement | undefined): string | undefined =>
  element === undefined ? undefined : attributeOf(element, 'Algorithm');

const isEmpty = (element: XmlElement): boolean =>
  hasOnlyElements(element) && elementsOf(element).length === 0;

/** The prefix list of a canonicalization, undefined when it is another one or has other parameters. */
const prefixesOf = (element: XmlElement | undefined): readonly string[] | undefined => {
  if (element === undefined || algorithmOf(element) !== EXCLUSIVE_C14N) return undefined;
  if (isEmpty(element)) return [];
  const [parameter, ...more] = elementsOf(element);
  if (parameter === undefined || more.length > 0 || !hasOnlyElements(element)) return undefined;
  if (!isNamed(parameter, EXCLUSIVE_C14N, 'InclusiveNamespaces') || !isEmpty(parameter)) return undefined;
  const list = attributeOf(parameter, 'PrefixList') ?? '';
  return list
    .split(/[ \t\r\n]+/)
    .filter((prefix) => prefix !== '')
    .map((prefix) => (prefix === '#default' ? '' : prefix));
};

/** Exactly the two transforms, in their order. */
const transformPrefixes = (transforms: XmlElement | undefined): readonly string[] | undefined => {
  const [enveloped, canonical] = sequence(transforms, 'Transform', 'Transform') ?? [];
  const isEnveloped = algorithmOf(enveloped) === ENVELOPED_SIGNATURE;
  return enveloped !== undefined && isEnveloped && isEmpty(enveloped) ? prefixesOf(canonical) : undefined;
};

/** The certificates of KeyInfo; undefined when one of them is not base64. */
const certificatesIn = (keyInfo: XmlElement | undefined): readonly Uint8Array<ArrayBuffer>[] | undefined => {
  const shown =
    keyInfo === undefined ? [] : descendants(keyInfo, (one) => isNamed(one, XMLDSIG, 'X509Certificate'));
  const read = shown.map(bytesIn).filter((one) => one !== undefined);
  return read.length === shown.length ? read : undefined;
};

/** `#id` of a same-document reference; anything else would have to be fetched or searched for. */
const idOf = (reference: XmlElement): string | undefined =>
  /^#([^#()\s]+)$/.exec(attributeOf(reference, 'URI') ?? '')?.[1];

const partsOf = (signature: XmlElement) => {
  const withKeyInfo = elementsOf(signature).length === 3;
  const names = ['SignedInfo', 'SignatureValue', ...(withKeyInfo ? ['KeyInfo'] : [])];
  const [signedInfo, valueElement, keyInfo] = sequence(signature, ...names) ?? [];
  const [method, signatureMethod, reference] =
    sequence(signedInfo, 'CanonicalizationMethod', 'SignatureMethod', 'Reference') ?? [];
  const value = bytesIn(valueElement);
  const certificates = certificatesIn(keyInfo);
  if (signedInfo === undefined || method === undefined || value === undefined) return undefined;
  if (signatureMethod === undefined || reference === undefined || certificates === undefined)
    return undefined;
  return { signedInfo, method, signatureMethod, reference, value, certificates };
};

/** Reads a ds:Signature of the one form that this server takes and makes; nothing is verified. */
export const readSignature = (signature: XmlElement): Result<SignatureClaim, SignatureFault> => {
  const parts = partsOf(signature);
  if (parts === undefined) return fail('malformed');
  const { signedInfo, method, signatureMethod, reference, value, certificates } = parts;
  const members = sequence(reference, 'Transforms', 'DigestMethod', 'DigestValue');
  if (members === undefined) {
    // Without transforms the signature itself would be signed: well-formed, but nothing that can be true.
    return fail(sequence(reference, 'DigestMethod', 'DigestValue') === undefined ? 'malformed' : 'transform');
  }
  const [transforms, digestMethod, digestElement] = members;
  const id = idOf(reference);
  if (id === undefined) return fail('other-reference');
  const signedInfoPrefixes = prefixesOf(method);
  const referencePrefixes = transformPrefixes(transforms);
  if (signedInfoPrefixes === undefined || referencePrefixes === undefined) return fail('transform');
  const algorithm = byUri(SIGNATURES, SIGNATURE_ALGORITHMS, algorithmOf(signatureMethod));
  const digest = byUri(DIGESTS, DIGEST_NAMES, algorithmOf(digestMethod));
  if (algorithm === undefined || digest === undefined || !isEmpty(signatureMethod)) return fail('algorithm');
  const digestValue = bytesIn(digestElement);
  if (digestValue === undefined) return fail('malformed');
  return ok({
    element: signature,
    signedInfo,
    signedInfoPrefixes,
    referencePrefixes,
    algorithm,
    digest,
    reference: id,
    digestValue,
    value,
    certificates,
  });
};
