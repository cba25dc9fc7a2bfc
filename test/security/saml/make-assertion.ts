import { SAMBI_CLAIMS } from '../../../src/security/saml/sambi.ts';
import type { SamlIssuer } from '../../../src/security/token/issuer.ts';
import { parseXml } from '../../../src/xml/parse.ts';
import { sign } from '../../../src/xml/sign.ts';
import type { TestKeys } from '../../xml/make-certificate.ts';
import { AUDIENCE, NOW } from '../token/signer.ts';

export const SAML_ISSUER = 'https://idp.example/saml';

/** The well-known test number. */
export const PERSONNUMMER = '191212121212';

const SAMBI = 'http://sambi.se/attributes/1/';

export const at = (offset: number): string => new Date(NOW + offset).toISOString();

const MINUTE = 60_000;

/** A part of an assertion: its XML; `''` leaves it out. */
export interface Parts {
  readonly issuer?: string;
  readonly subject?: string;
  readonly nameId?: string;
  readonly confirmation?: string;
  readonly conditions?: string;
  readonly audience?: string;
  readonly statement?: string;
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
  /** Attributes of the root, beside its namespaces. */
  readonly root?: string;
}

export const NURSE = {
  [`${SAMBI}healthcareProviderId`]: '0123456789',
  [`${SAMBI}healthcareProfessionalLicense`]: ['SJ'],
  [`${SAMBI}employeeHsaId`]: 'SE2321000016-1234',
  'urn:sambi:names:attribute:levelOfAssurance': 'http://id.sambi.se/loa/loa3',
};

export const PRIVATE_PERSON = { [`${SAMBI}personalIdentityNumber`]: PERSONNUMMER };

export const BEARER = `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${at(10 * MINUTE)}" Recipient="https://client.example/acs"/></saml:SubjectConfirmation>`;

const values = (value: string | readonly string[]): string =>
  (typeof value === 'string' ? [value] : value)
    .map((one) => `<saml:AttributeValue xsi:type="xs:string">${one}</saml:AttributeValue>`)
    .join('');

const attributesOf = (attributes: NonNullable<Parts['attributes']>): string => {
  const list = Object.entries(attributes).map(
    ([name, value]) =>
      `<saml:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">${values(value)}</saml:Attribute>`,
  );
  return list.length === 0 ? '' : `<saml:AttributeStatement>${list.join('')}</saml:AttributeStatement>`;
};

/** An assertion that is good, when signed, but for the parts that are given. */
export const assertionText = (parts: Parts = {}): string => {
  const {
    issuer = `<saml:Issuer>${SAML_ISSUER}</saml:Issuer>`,
    nameId = '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">anna</saml:NameID>',
    confirmation = BEARER,
    subject = `<saml:Subject>${nameId}${confirmation}</saml:Subject>`,
    audience = `<saml:AudienceRestriction><saml:Audience>${AUDIENCE}</saml:Audience></saml:AudienceRestriction>`,
    conditions = `<saml:Conditions NotBefore="${at(-MINUTE)}" NotOnOrAfter="${at(20 * MINUTE)}">${audience}</saml:Conditions>`,
    statement = `<saml:AuthnStatement AuthnInstant="${at(-MINUTE)}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:X509</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`,
    attributes = NURSE,
    root = `ID="_a1" IssueInstant="${at(-MINUTE)}" Version="2.0"`,
  } = parts;
  const namespaces =
    'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
  return `<saml:Assertion ${namespaces} ${root}>${issuer}${subject}${conditions}${statement}${attributesOf(attributes)}</saml:Assertion>`;
};

export const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** Signs the text of an assertion. */
export const signText = async (
  text: string,
  { privateKey, certificate }: TestKeys,
  algorithm: 'rsa-sha256' | 'rsa-sha1' = 'rsa-sha256',
): Promise<string> => {
  const parsed = parseXml(text);
  if (!parsed.ok) throw new Error(parsed.failure.kind);
  const options = { key: privateKey, algorithm, idAttribute: 'ID', position: 1, certificate } as const;
  return (await sign(parsed.value, options)).xml;
};

/** The token of an assertion with these parts. */
export const assertionToken = async (keys: TestKeys, parts: Parts = {}): Promise<string> =>
  base64(await signText(assertionText(parts), keys));

export const samlIssuer = (keys: TestKeys, more: Partial<SamlIssuer> = {}): SamlIssuer => ({
  issuer: SAML_ISSUER,
  audience: [AUDIENCE],
  certificates: [keys.certificate],
  algorithms: ['rsa-sha256'],
  claims: SAMBI_CLAIMS,
  ...more,
});
