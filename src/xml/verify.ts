import type { CryptoKey } from 'jose';
import { fail, ok, type Result } from '../result.ts';
import {
  digest,
  hashOf,
  keyFor,
  MINIMUM_RSA_BITS,
  type SignatureAlgorithm,
  signParameters,
} from './algorithms.ts';
import { canonicalize } from './canonical.ts';
import { type Certificate, parseCertificate, sameKey } from './certificate.ts';
import { parseXml } from './parse.ts';
import { isSignature, readSignature, type SignatureClaim, type SignatureFault } from './signature.ts';
import { descendants, type XmlElement } from './tree.ts';

/** A key that is trusted by configuration: in its certificate, or alone (made for this one algorithm). */
export type TrustedKey = Certificate | CryptoKey;

export interface VerifyOptions {
  /** What a message brings along (KeyInfo) is never trusted; it only chooses among these. */
  readonly trusted: readonly TrustedKey[];
  /** A SHA-1 digest is accepted only where `rsa-sha1` is. */
  readonly algorithms: readonly SignatureAlgorithm[];
  /** Names of the attribute that holds the id of the signed element: `ID` in SAML, `id` in DGWS. */
  readonly idAttributes: readonly string[];
  /** The element that must be signed, if it is not the document itself. */
  readonly element?: XmlElement;
  /** Whether an InclusiveNamespaces PrefixList is understood, as some SAML libraries write it; `refuse` unless said. */
  readonly inclusiveNamespaces?: 'accept' | 'refuse';
  /** Milliseconds since the epoch: a trusted certificate counts only within its validity. */
  readonly now: number;
}

/** What is known to be signed, and nothing else. */
export interface Signed {
  /** The element, read anew from the very octets that were hashed; without its signature. */
  readonly element: XmlElement;
  /** These octets, as text. */
  readonly canonical: string;
  readonly algorithm: SignatureAlgorithm;
  /** Which of the trusted keys made it. */
  readonly by: TrustedKey;
}

const isCertificate = (key: TrustedKey): key is Certificate => 'spki' in key;

const sameBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((octet, at) => octet === right[at]);

const hashName = (algorithm: object): string | undefined => {
  if (!('hash' in algorithm) || typeof algorithm.hash !== 'object' || algorithm.hash === null)
    return undefined;
  return 'name' in algorithm.hash && typeof algorithm.hash.name === 'string'
    ? algorithm.hash.name
    : undefined;
};

const isLongEnough = (algorithm: object): boolean =>
  !('modulusLength' in algorithm) || Number(algorithm.modulusLength) >= MINIMUM_RSA_BITS;

/** A bare key, if it was made for that algorithm. */
const bareKey = (key: CryptoKey, algorithm: SignatureAlgorithm): CryptoKey | undefined => {
  const { name } = signParameters(algorithm);
  const fits = key.algorithm.name === name && key.usages.includes('verify');
  // An EC key may be used with any hash; an RSA key is imported for one.
  const sameHash = name === 'ECDSA' || hashName(key.algorithm) === hashOf(algorithm);
  return fits && sameHash && isLongEnough(key.algorithm) ? key : undefined;
};

/** Those of the trusted keys that may have signed: valid now, and named by KeyInfo where it names any. */
const candidates = (claim: SignatureClaim, { trusted, now }: VerifyOptions): readonly TrustedKey[] => {
  const shown = claim.certificates.map(parseCertificate).filter((one) => one !== undefined);
  return trusted.filter((key) => {
    if (!isCertificate(key)) return true;
    if (now < key.notBefore || now > key.notAfter) return false;
    return claim.certificates.length === 0 || shown.some((one) => sameKey(one, key));
  });
};

const checkSignature = async (
  claim: SignatureClaim,
  options: VerifyOptions,
): Promise<Result<TrustedKey, SignatureFault>> => {
  const { algorithm, signedInfo, signedInfoPrefixes, value } = claim;
  const octets = new TextEncoder().encode(
    canonicalize(signedInfo, { inclusivePrefixes: signedInfoPrefixes }),
  );
  let fault: SignatureFault = 'untrusted';
  for (const trusted of candidates(claim, options)) {
    const key = isCertificate(trusted) ? await keyFor(trusted, algorithm) : bareKey(trusted, algorithm);
    if (key === undefined) continue;
    if (await crypto.subtle.verify(signParameters(algorithm), key, value, octets)) return ok(trusted);
    fault = 'signature';
  }
  return fail(fault);
};

const isId = (name: string): boolean => name.toLowerCase() === 'id';

/** Whether an attribute gives this id to an element, however it is spelt: `ID`, `Id`, `id`, `wsu:Id`, `xml:id`. */
const hasId = (id: string, idAttributes: readonly string[]) => (element: XmlElement) =>
  element.attributes.some(
    ({ local, value }) => value === id && (isId(local) || idAttributes.includes(local)),
  );

/** That the signature is the only one, stands directly in the element, and refers to it and nothing else. */
const locate = (
  document: XmlElement,
  element: XmlElement,
  options: VerifyOptions,
): Result<SignatureClaim, SignatureFault> => {
  const [signature, ...more] = descendants(element, isSignature);
  if (signature === undefined) return fail('missing');
  if (more.length > 0 || !element.children.includes(signature)) return fail('several');
  const claim = readSignature(signature);
  if (!claim.ok) return claim;
  const { reference } = claim.value;
  const isOwn = element.attributes.some(
    ({ local, namespace, value }) =>
      namespace === '' && options.idAttributes.includes(local) && value === reference,
  );
  if (!isOwn) return fail('other-reference');
  const named = descendants(document, hasId(reference, options.idAttributes));
  return named.length === 1 ? claim : fail('duplicate-id');
};

const checkAllowed = (claim: SignatureClaim, options: VerifyOptions): SignatureFault | undefined => {
  const { algorithms, inclusiveNamespaces = 'refuse' } = options;
  if (!algorithms.includes(claim.algorithm)) return 'algorithm';
  if (claim.digest === 'sha1' && !algorithms.includes('rsa-sha1')) return 'algorithm';
  const prefixes = [...claim.referencePrefixes, ...claim.signedInfoPrefixes];
  return inclusiveNamespaces === 'refuse' && prefixes.length > 0 ? 'transform' : undefined;
};

/**
 * Verifies the enveloped signature of an element: its form, its place, who signed (SignedInfo) and what (the
 * digest). The caller goes on with what is returned, never with what it passed in.
 *
 * @param document the whole document, in which the id must be unique
 */
export const verifySignature = async (
  document: XmlElement,
  options: VerifyOptions,
): Promise<Result<Signed, SignatureFault>> => {
  const element = options.element ?? document;
  const located = locate(document, element, options);
  if (!located.ok) return located;
  const claim = located.value;
  const refused = checkAllowed(claim, options);
  if (refused !== undefined) return fail(refused);
  const by = await checkSignature(claim, options);
  if (!by.ok) return by;
  const canonical = canonicalize(element, {
    inclusivePrefixes: claim.referencePrefixes,
    omit: claim.element,
  });
  if (!sameBytes(await digest(claim.digest, canonical), claim.digestValue)) return fail('digest');
  const read = parseXml(canonical, { length: canonical.length });
  if (!read.ok) throw new Error('A canonical form is always well-formed');
  return ok({ element: read.value, canonical, algorithm: claim.algorithm, by: by.value });
};
