import type { CryptoKey } from 'jose';
import {
  DIGESTS,
  digest,
  SIGNATURES,
  type SignatureAlgorithm,
  signParameters,
  XMLDSIG,
} from './algorithms.ts';
import { encodeBase64 } from './base64.ts';
import { canonicalize, EXCLUSIVE_C14N } from './canonical.ts';
import type { Certificate } from './certificate.ts';
import { ENVELOPED_SIGNATURE } from './signature.ts';
import { type AttributeInit, attributeOf, elementsIn, type XmlElement } from './tree.ts';

export interface SignOptions {
  /** Private, made for that algorithm. */
  readonly key: CryptoKey;
  readonly algorithm: SignatureAlgorithm;
  /** Name of the attribute that holds the element's id: `ID` in SAML, `id` in DGWS. */
  readonly idAttribute: string;
  /** Among the element's children, where the signature goes; at the end unless said (SAML: 1, after Issuer). */
  readonly position?: number;
  /** Attributes of ds:Signature, e.g. DGWS's `[['id', 'OCESSignature']]`. */
  readonly attributes?: readonly AttributeInit[];
  /** Shown in KeyInfo. */
  readonly certificate?: Certificate;
}

const ds = elementsIn(XMLDSIG, 'ds');

const algorithm = (name: string, uri: string): XmlElement => ds(name, [['Algorithm', uri]]);

const signedInfoOf = (name: SignatureAlgorithm, reference: string, digestValue: Uint8Array): XmlElement =>
  ds(
    'SignedInfo',
    [],
    [
      algorithm('CanonicalizationMethod', EXCLUSIVE_C14N),
      algorithm('SignatureMethod', SIGNATURES[name].uri),
      ds(
        'Reference',
        [['URI', `#${reference}`]],
        [
          ds(
            'Transforms',
            [],
            [algorithm('Transform', ENVELOPED_SIGNATURE), algorithm('Transform', EXCLUSIVE_C14N)],
          ),
          algorithm('DigestMethod', DIGESTS[SIGNATURES[name].digest].uri),
          ds('DigestValue', [], [encodeBase64(digestValue)]),
        ],
      ),
    ],
  );

const keyInfoOf = ({ der }: Certificate): XmlElement =>
  ds('KeyInfo', [], [ds('X509Data', [], [ds('X509Certificate', [], [encodeBase64(der)])])]);

/**
 * Signs an element that has an id: enveloped signature, exclusive C14N.
 *
 * @returns the element with its signature, and its canonical form: what is to be sent, character by character
 */
export const sign = async (
  element: XmlElement,
  options: SignOptions,
): Promise<{ readonly element: XmlElement; readonly xml: string }> => {
  const id = attributeOf(element, options.idAttribute);
  if (id === undefined) throw new Error(`Nothing to refer to: the element has no ${options.idAttribute}`);
  const digestValue = await digest(SIGNATURES[options.algorithm].digest, canonicalize(element));
  const signedInfo = signedInfoOf(options.algorithm, id, digestValue);
  const octets = new TextEncoder().encode(canonicalize(signedInfo));
  const value = await crypto.subtle.sign(signParameters(options.algorithm), options.key, octets);
  const signature = ds('Signature', options.attributes, [
    signedInfo,
    ds('SignatureValue', [], [encodeBase64(new Uint8Array(value))]),
    ...(options.certificate === undefined ? [] : [keyInfoOf(options.certificate)]),
  ]);
  const children = element.children.toSpliced(options.position ?? element.children.length, 0, signature);
  const signed = { ...element, children };
  return { element: signed, xml: canonicalize(signed) };
};
