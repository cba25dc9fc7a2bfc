import { base64url } from 'jose';
import { decodeBase64 } from '../../xml/base64.ts';
import type { Claims } from '../token/claim-reader.ts';
import type { Assertion } from './assertion.ts';
import type { Acceptance } from './conditions.ts';
import { EMPLOYEE_ATTRIBUTE, LOA_ATTRIBUTE } from './sambi.ts';

const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

/** Only a level as such: `…/uncertified-loa3` is something else, and for configuration to decide. */
const LEVEL = /\/loa([1-4])$/i;

/** The lowest level that the attribute says, else that the authentication context is. */
const levelOf = ({ attributes, authnContexts }: Assertion): number | undefined => {
  const levels = [attributes.get(LOA_ATTRIBUTE) ?? [], authnContexts]
    .map((uris) => uris.map((uri) => LEVEL.exec(uri)?.[1]).filter((level) => level !== undefined))
    .find((found) => found.length > 0);
  return levels === undefined ? undefined : Math.min(...levels.map(Number));
};

/** A name that is made up for each assertion says nothing about the next one. */
const subjectOf = ({ nameId, attributes }: Assertion): string | undefined =>
  nameId?.format === TRANSIENT ? (attributes.get(EMPLOYEE_ATTRIBUTE)?.[0] ?? nameId.value) : nameId?.value;

/** SHA-256 of a certificate's DER as RFC 8705 writes it; undefined when it is not base64. */
const thumbprint = async (certificate: string): Promise<string | undefined> => {
  const der = decodeBase64(certificate);
  if (der === undefined) return undefined;
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', der)));
};

const attributeClaims = ({ attributes }: Assertion): readonly (readonly [string, unknown])[] =>
  [...attributes].map(([name, values]) => [name, values.length === 1 ? values[0] : values]);

/**
 * An accepted assertion as claims: its attributes under their names (one value as a text, several as a list), and
 * what a JWT would say as `iss`, `sub`, `client_id` (the issuer: SAML names no client), `aud`, `iat`, `exp`, `loa`
 * and `cnf` (`x5t#S256`, for a holder of key). An attribute of such a name is left out.
 */
export const claimsOf = async (
  assertion: Assertion,
  { expiresAt, holderOfKey }: Acceptance,
): Promise<Claims> => {
  const sub = subjectOf(assertion);
  const loa = levelOf(assertion);
  const registered = {
    iss: assertion.issuer,
    sub,
    client_id: assertion.issuer,
    aud: assertion.conditions.audiences.flat(),
    iat: assertion.issueInstant / 1000,
    exp: expiresAt / 1000,
    loa,
    cnf: holderOfKey === undefined ? undefined : { 'x5t#S256': (await thumbprint(holderOfKey)) ?? '' },
  };
  return Object.fromEntries(
    [...attributeClaims(assertion), ...Object.entries(registered)].filter(([, value]) => value !== undefined),
  );
};
