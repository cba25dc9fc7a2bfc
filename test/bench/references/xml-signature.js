// What two libraries need to sign a card: the text is parsed, signed in the enveloped form of DGWS, and written.
import { createPrivateKey, webcrypto } from 'node:crypto';
import { DOMImplementation, DOMParser, XMLSerializer } from '@xmldom/xmldom';
import { setNodeDependencies } from 'xml-core';
import { SignedXml as CryptoSignedXml } from 'xml-crypto';
import { Application, Parse, SignedXml } from 'xmldsigjs';
import * as xpath from 'xpath';

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

setNodeDependencies({ DOMParser, DOMImplementation, XMLSerializer, xpath });
Application.setEngine('webcrypto', webcrypto);

/** @param {CryptoKey} key for RSASSA-PKCS1-v1_5 with SHA-256 */
export const withXmldsigjs = (key) => async (xml) => {
  const signed = new SignedXml();
  signed.XmlSignature.SignedInfo.CanonicalizationMethod.Algorithm = EXCLUSIVE;
  await signed.Sign({ name: 'RSASSA-PKCS1-v1_5' }, key, Parse(xml), {
    id: 'OCESSignature',
    references: [{ uri: '#IDCard', hash: 'SHA-256', transforms: ['enveloped', 'exc-c14n'] }],
  });
  return signed.toString();
};

/** @param {string} pem PKCS#8; read once, which is the kinder form */
export const withXmlCrypto = (pem) => {
  const privateKey = createPrivateKey(pem);
  return (xml) => {
    const signed = new CryptoSignedXml({
      privateKey,
      idAttribute: 'id',
      canonicalizationAlgorithm: EXCLUSIVE,
      signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    });
    signed.addReference({
      xpath: '/*',
      digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
      transforms: [ENVELOPED, EXCLUSIVE],
    });
    signed.computeSignature(xml, { prefix: 'ds', attrs: { id: 'OCESSignature' } });
    return signed.getSignedXml();
  };
};
