import { canonicalize } from '../../xml/canonical.ts';
import { anything, message, optionalAttribute, sequence, simple } from '../../xml/codec.ts';
import { inside } from '../../xml/codec-fields.ts';
import { anyText } from '../../xml/codec-text.ts';
import { parseXml } from '../../xml/parse.ts';
import { descendants, elementsIn, isNamed, type XmlElement } from '../../xml/tree.ts';
import { writeEnvelope } from './message-envelope.ts';
import { SAML, WSA, WST } from './message-names.ts';

/** With a colon at its end: that is how the STS spells it. */
export const TOKEN_TYPE = 'urn:oasis:names:tc:SAML:2.0:assertion:';
export const REQUEST_TYPE = 'http://schemas.xmlsoap.org/ws/2005/02/trust/Issue';
/** As another client writes it. */
export const OTHER_REQUEST_TYPE = 'http://schemas.xmlsoap.org/ws/2005/02/security/trust/Issue';
export const STATUS_VALID = 'http://schemas.xmlsoap.org/ws/2005/02/trust/status/valid';
const CONTEXT = 'www.sosi.dk';

const wst = inside(WST);
const wsa = inside(WSA);
const saml = inside(SAML);
const text = simple(anyText);

const ISSUER = sequence({ address: wsa.one('Address', text) });

/** The body of a question to the STS: a self-signed card, to be exchanged for an issued one. */
export const TOKEN_REQUEST = message(
  WST,
  'RequestSecurityToken',
  sequence({
    context: optionalAttribute('Context', anyText),
    tokenType: wst.one('TokenType', text),
    requestType: wst.one('RequestType', text),
    claims: wst.one('Claims', sequence({ card: saml.one('Assertion', anything) })),
    issuer: wst.optional('Issuer', ISSUER),
  }),
);

/** The body of its answer. */
export const TOKEN_RESPONSE = message(
  WST,
  'RequestSecurityTokenResponse',
  sequence({
    context: optionalAttribute('Context', anyText),
    tokenType: wst.optional('TokenType', text),
    token: wst.one('RequestedSecurityToken', sequence({ card: saml.one('Assertion', anything) })),
    status: wst.optional('Status', sequence({ code: wst.one('Code', text) })),
    issuer: wst.optional('Issuer', ISSUER),
  }),
);

const slot = (): XmlElement => elementsIn(SAML.uri, SAML.prefix)('Assertion');

const cardIn = (body: XmlElement): XmlElement | undefined =>
  descendants(body, (one) => isNamed(one, SAML.uri, 'Assertion'))[0];

const withCard = (body: XmlElement, card: string, created: number): string => {
  const place = cardIn(body);
  return writeEnvelope({
    created,
    body,
    declare: [WST, WSA],
    verbatim: place === undefined ? new Map() : new Map([[place, card]]),
  });
};

/** The envelope of a question; the card goes in character by character. */
export const writeTokenRequest = (card: string, issuer: string, created: number): string =>
  withCard(
    TOKEN_REQUEST.write({
      context: CONTEXT,
      tokenType: TOKEN_TYPE,
      requestType: REQUEST_TYPE,
      claims: { card: slot() },
      issuer: { address: issuer },
    }),
    card,
    created,
  );

/** The envelope of an answer. */
export const writeTokenResponse = (card: string, issuer: string, created: number): string =>
  withCard(
    TOKEN_RESPONSE.write({
      context: CONTEXT,
      tokenType: TOKEN_TYPE,
      token: { card: slot() },
      status: { code: STATUS_VALID },
      issuer: { address: issuer },
    }),
    card,
    created,
  );

/**
 * The text of a signed assertion as it stands in a message. When it leans on namespaces declared around it, its
 * canonical form, which declares them and has the same digest.
 */
export const signedText = (message: string, assertion: XmlElement): string => {
  const canonical = canonicalize(assertion);
  const name = assertion.prefix === '' ? assertion.local : `${assertion.prefix}:${assertion.local}`;
  const start = message.search(new RegExp(`<${name.replaceAll('.', '\\.')}[\\s>]`));
  const end = message.lastIndexOf(`</${name}`);
  const stop = end === -1 ? -1 : message.indexOf('>', end);
  if (start === -1 || stop === -1) return canonical;
  const cut = message.slice(start, stop + 1);
  const alone = parseXml(cut);
  return alone.ok && canonicalize(alone.value) === canonical ? cut : canonical;
};
