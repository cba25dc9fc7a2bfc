import type { Failure } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import { decodeBase64 } from '../../xml/base64.ts';
import { parseXml } from '../../xml/parse.ts';
import type { SignatureFault } from '../../xml/signature.ts';
import { isNamed, type XmlElement } from '../../xml/tree.ts';
import { verifySignature } from '../../xml/verify.ts';
import { type Claims, textAt } from '../token/claim-reader.ts';
import type { SamlIssuer } from '../token/issuer.ts';
import { ticketExpired, ticketInvalid } from '../token/refusals.ts';
import { claimedIssuer, readAssertion, SAML } from './assertion.ts';
import { claimsOf } from './claims.ts';
import { type ConditionFault, checkConditions } from './conditions.ts';

/** An assertion that is signed, timely and meant for us. */
export interface VerifiedAssertion {
  readonly issuer: SamlIssuer;
  readonly claims: Claims;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface SamlVerifier {
  /**
   * @param token base64 or base64url of the assertion's XML
   * @param now milliseconds since the epoch
   * @returns failure `unauthenticated`; nothing of the assertion is in it
   */
  verify(token: string, now: number): Promise<Result<VerifiedAssertion, Failure>>;
}

/** Characters of base64: what a header of 32 KB holds. */
const MAX_LENGTH = 32_768;

const NOT_AN_ASSERTION = 'The bearer token is not base64 of a SAML 2.0 assertion.';

const SIGNATURE_REASONS: Readonly<Record<SignatureFault, string>> = {
  missing: 'The assertion itself is not signed.',
  several: 'The assertion holds more than its own signature.',
  malformed: 'The signature of the assertion is not of the form that this server reads.',
  'other-reference': 'The signature of the assertion does not refer to the assertion by its ID.',
  'duplicate-id': 'The ID of the assertion is not unique in it.',
  transform:
    'The signature of the assertion uses a transform other than enveloped signature and exclusive C14N.',
  algorithm: 'The assertion is signed with an algorithm that its issuer is not known to use.',
  untrusted: 'The assertion is signed with a key that is not among the certificates of its issuer.',
  signature: 'The signature of the assertion is wrong.',
  digest: 'The assertion was changed after it was signed.',
};

const CONDITION_REASONS: Readonly<Record<Exclude<ConditionFault, 'expired'>, string>> = {
  'not-yet-valid': 'The assertion is not valid yet (NotBefore, IssueInstant).',
  'end-missing': 'The assertion does not say when it ends (Conditions NotOnOrAfter).',
  lifetime: 'The assertion is valid for more than 60 minutes, or for none.',
  audience: 'The assertion is meant for another audience.',
  'condition-unknown': 'The assertion holds a condition that this server cannot keep.',
  confirmation: 'The assertion holds no subject confirmation (bearer or holder-of-key) that is valid now.',
};

const refused = (reason: string): Result<never, Failure> => fail(ticketInvalid(reason));

const conditionRefused = (fault: ConditionFault): Result<never, Failure> =>
  fault === 'expired' ? fail(ticketExpired()) : refused(CONDITION_REASONS[fault]);

/** Without the white space that base64 elsewhere may hold: a header has none. */
const TOKEN = /^[A-Za-z0-9+/_-]+={0,2}$/;

const textOf = (token: string): string | undefined => {
  if (token.length > MAX_LENGTH || !TOKEN.test(token)) return undefined;
  const bytes = decodeBase64(token.replaceAll('-', '+').replaceAll('_', '/'));
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    // Not UTF-8.
    return undefined;
  }
};

const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';

/** What people send instead, and what to do about it. */
const MISTAKEN: readonly (readonly [string, string, string])[] = [
  [PROTOCOL, 'Response', 'A SAML Response was sent; what is needed is the Assertion in it, itself signed.'],
  [SAML, 'EncryptedAssertion', 'The assertion is encrypted; it must be sent decrypted.'],
];

const decode = (token: string): Result<XmlElement, Failure> => {
  const text = textOf(token);
  // An honest issuer writes no comments; a forger does, to split values.
  const parsed = text === undefined ? undefined : parseXml(text, { comments: 'refuse' });
  if (parsed === undefined || !parsed.ok) return refused(NOT_AN_ASSERTION);
  const root = parsed.value;
  if (isNamed(root, SAML, 'Assertion')) return ok(root);
  const mistaken = MISTAKEN.find(([namespace, local]) => isNamed(root, namespace, local));
  return refused(mistaken?.[2] ?? NOT_AN_ASSERTION);
};

/**
 * Verifies SAML 2.0 assertions that are shown as bearer tokens. Everything but the issuer's name, which only says
 * whose certificates to try, is read from what the signature covers.
 */
export const createSamlVerifier = (issuers: readonly SamlIssuer[]): SamlVerifier => {
  const byName = new Map(issuers.map((issuer) => [issuer.issuer, issuer]));

  const verify: SamlVerifier['verify'] = async (token, now) => {
    const decoded = decode(token);
    if (!decoded.ok) return decoded;
    const issuer = byName.get(claimedIssuer(decoded.value) ?? '');
    if (issuer === undefined) {
      return refused('The token comes from an issuer that this server does not accept.');
    }
    const signed = await verifySignature(decoded.value, {
      trusted: issuer.certificates,
      algorithms: issuer.algorithms,
      idAttributes: ['ID'],
      inclusiveNamespaces: 'accept',
      now,
    });
    if (!signed.ok) return refused(SIGNATURE_REASONS[signed.failure]);
    const assertion = readAssertion(signed.value.element);
    if (!assertion.ok || assertion.value.issuer !== issuer.issuer) return refused(NOT_AN_ASSERTION);
    const accepted = checkConditions(assertion.value, issuer.audience, now);
    if (!accepted.ok) return conditionRefused(accepted.failure);
    const claims = await claimsOf(assertion.value, accepted.value);
    if (textAt(claims, issuer.claims.subject) === undefined) {
      return refused('The assertion names no subject (NameID, or the attribute configured instead).');
    }
    return ok({ issuer, claims, expiresAt: accepted.value.expiresAt });
  };

  return { verify };
};
