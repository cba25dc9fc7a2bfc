import { fail, ok, type Result } from '../../result.ts';
import { XMLDSIG } from '../../xml/algorithms.ts';
import {
  attributeOf,
  childrenNamed,
  descendants,
  elementsOf,
  isNamed,
  textOf,
  type XmlElement,
} from '../../xml/tree.ts';

export const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';

/** One way in which the holder may prove to be the subject (SAML core 2.4.1.1). */
export interface SubjectConfirmation {
  readonly method: string;
  /** Milliseconds since the epoch. */
  readonly notBefore?: number;
  readonly notOnOrAfter?: number;
  /** Base64 of the certificates of its KeyInfo, as they stand. */
  readonly certificates: readonly string[];
}

export interface Conditions {
  /** Milliseconds since the epoch. */
  readonly notBefore?: number;
  readonly notOnOrAfter?: number;
  /** The audiences of each restriction: every restriction must be met, by any of its audiences. */
  readonly audiences: readonly (readonly string[])[];
  /** Whether there is a condition that this server cannot keep (OneTimeUse, an extension). */
  readonly unknown: boolean;
}

/** A SAML 2.0 assertion as it reads; times in milliseconds since the epoch. */
export interface Assertion {
  readonly issuer: string;
  readonly issueInstant: number;
  readonly nameId?: { readonly value: string; readonly format?: string };
  readonly confirmations: readonly SubjectConfirmation[];
  readonly conditions: Conditions;
  /** AuthnContextClassRef of each authentication statement. */
  readonly authnContexts: readonly string[];
  /** SessionNotOnOrAfter of each authentication statement. */
  readonly sessionEnds: readonly number[];
  /** Every value of an attribute under its name, from whichever statement. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

/** Carries "this is not what the schema says" out of the reading. */
class Malformed extends Error {}

// SAML core 1.3.3: UTC, without any other offset.
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

const instantAt = (element: XmlElement, name: string): number | undefined => {
  const text = attributeOf(element, name)?.trim();
  if (text === undefined) return undefined;
  const time = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new Malformed();
  return time;
};

/** The text of an element that holds nothing else, and something. */
const requiredText = (element: XmlElement | undefined): string => {
  const text = element === undefined ? '' : (textOf(element)?.trim() ?? '');
  if (text === '') throw new Malformed();
  return text;
};

const atMostOne = (element: XmlElement, local: string): XmlElement | undefined => {
  const [found, ...more] = childrenNamed(element, SAML, local);
  if (more.length > 0) throw new Malformed();
  return found;
};

const validity = (element: XmlElement) => {
  const notBefore = instantAt(element, 'NotBefore');
  const notOnOrAfter = instantAt(element, 'NotOnOrAfter');
  return {
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(notOnOrAfter === undefined ? {} : { notOnOrAfter }),
  };
};

/** Conditions that a server which only reads what it is shown keeps by itself. */
const KEPT: ReadonlySet<string> = new Set(['AudienceRestriction', 'ProxyRestriction']);

const readConditions = (assertion: XmlElement): Conditions => {
  const element = atMostOne(assertion, 'Conditions');
  if (element === undefined) return { audiences: [], unknown: false };
  return {
    ...validity(element),
    audiences: childrenNamed(element, SAML, 'AudienceRestriction').map((restriction) =>
      childrenNamed(restriction, SAML, 'Audience').map(requiredText),
    ),
    unknown: elementsOf(element).some(({ namespace, local }) => namespace !== SAML || !KEPT.has(local)),
  };
};

const readConfirmation = (element: XmlElement): SubjectConfirmation => {
  const data = atMostOne(element, 'SubjectConfirmationData');
  const shown =
    data === undefined ? [] : descendants(data, (one) => isNamed(one, XMLDSIG, 'X509Certificate'));
  return {
    method: attributeOf(element, 'Method') ?? '',
    ...(data === undefined ? {} : validity(data)),
    certificates: shown.map(requiredText),
  };
};

const readNameId = (subject: XmlElement | undefined): Assertion['nameId'] => {
  const element = subject === undefined ? undefined : atMostOne(subject, 'NameID');
  if (element === undefined) return undefined;
  const format = attributeOf(element, 'Format');
  return { value: requiredText(element), ...(format === undefined ? {} : { format }) };
};

/** A value with elements in it is none that a claim could hold; it is left out. */
const readAttributes = (assertion: XmlElement): ReadonlyMap<string, readonly string[]> => {
  const attributes = new Map<string, readonly string[]>();
  for (const statement of childrenNamed(assertion, SAML, 'AttributeStatement')) {
    for (const attribute of childrenNamed(statement, SAML, 'Attribute')) {
      const name = attributeOf(attribute, 'Name');
      if (name === undefined || name === '') throw new Malformed();
      const values = childrenNamed(attribute, SAML, 'AttributeValue')
        .map((value) => textOf(value)?.trim() ?? '')
        .filter((value) => value !== '');
      attributes.set(name, [...(attributes.get(name) ?? []), ...values]);
    }
  }
  return attributes;
};

const read = (element: XmlElement): Assertion => {
  const issueInstant = instantAt(element, 'IssueInstant');
  if (attributeOf(element, 'Version') !== '2.0' || issueInstant === undefined) throw new Malformed();
  const subject = atMostOne(element, 'Subject');
  const nameId = readNameId(subject);
  const statements = childrenNamed(element, SAML, 'AuthnStatement');
  return {
    issuer: requiredText(atMostOne(element, 'Issuer')),
    issueInstant,
    ...(nameId === undefined ? {} : { nameId }),
    confirmations:
      subject === undefined ? [] : childrenNamed(subject, SAML, 'SubjectConfirmation').map(readConfirmation),
    conditions: readConditions(element),
    authnContexts: statements
      .flatMap((statement) => childrenNamed(statement, SAML, 'AuthnContext'))
      .flatMap((context) => childrenNamed(context, SAML, 'AuthnContextClassRef'))
      .map(requiredText),
    sessionEnds: statements
      .map((statement) => instantAt(statement, 'SessionNotOnOrAfter'))
      .filter((end) => end !== undefined),
    attributes: readAttributes(element),
  };
};

/** Reads an assertion (https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf); checks none of it. */
export const readAssertion = (element: XmlElement): Result<Assertion, 'malformed'> => {
  try {
    return ok(read(element));
  } catch (error) {
    if (error instanceof Malformed) return fail('malformed');
    throw error;
  }
};

/** The issuer that an assertion names, before anything about it is known to be true. */
export const claimedIssuer = (element: XmlElement): string | undefined => {
  const [issuer] = childrenNamed(element, SAML, 'Issuer');
  return issuer === undefined ? undefined : textOf(issuer)?.trim();
};
