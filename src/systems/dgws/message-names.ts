import type { Vocabulary } from '../../xml/codec.ts';

/** The namespaces of DGWS 1.0 and 1.0.1, of its STS and of SOAP 1.1, with the prefixes that clients write. */
export const SOAP: Vocabulary = { prefix: 'soapenv', uri: 'http://schemas.xmlsoap.org/soap/envelope/' };
export const MEDCOM: Vocabulary = {
  prefix: 'medcom',
  uri: 'http://www.medcom.dk/dgws/2006/04/dgws-1.0.xsd',
};
/** SAML's namespace with DGWS's own content: `id` instead of `ID`. */
export const SAML: Vocabulary = { prefix: 'saml', uri: 'urn:oasis:names:tc:SAML:2.0:assertion' };
export const DS: Vocabulary = { prefix: 'ds', uri: 'http://www.w3.org/2000/09/xmldsig#' };
export const WSSE: Vocabulary = {
  prefix: 'wsse',
  uri: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd',
};
export const WSU: Vocabulary = {
  prefix: 'wsu',
  uri: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd',
};
export const WST: Vocabulary = { prefix: 'wst', uri: 'http://schemas.xmlsoap.org/ws/2005/02/trust' };
export const WSA: Vocabulary = { prefix: 'wsa', uri: 'http://schemas.xmlsoap.org/ws/2004/08/addressing' };
