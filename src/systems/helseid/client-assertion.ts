import { type JWTPayload, SignJWT } from 'jose';
import { ASSERTION_LIFETIME, type HelseIdSettings, type SigningKey } from './client-settings.ts';

/** The draft that revises RFC 7523 types client assertions so; configurable. */
const ASSERTION_TYPE = 'client-authentication+jwt';
const MULTI_TENANT_SYSTEM = 'urn:oid:1.0.6523';
const SINGLE_TENANT_SYSTEM = 'urn:oid:2.16.578.1.12.4.1.4.101';

const organizationIdentifier = (settings: HelseIdSettings) => {
  const { tenancy, parentOrg, childOrg } = settings;
  if (tenancy === 'multi-tenant' && parentOrg !== undefined) {
    return { system: MULTI_TENANT_SYSTEM, type: 'ENH', value: `NO:ORGNR:${parentOrg}:${childOrg ?? ''}` };
  }
  if (tenancy === 'single-tenant' && childOrg !== undefined) {
    return { system: settings.singleTenantSystem ?? SINGLE_TENANT_SYSTEM, type: 'ENH', value: childOrg };
  }
  return undefined;
};

/** Which organisation the server acts for, as HelseID wants it in the assertion; empty when it names none. */
const organizationClaim = (settings: HelseIdSettings): JWTPayload => {
  const identifier = organizationIdentifier(settings);
  if (identifier === undefined) return {};
  const details = { type: 'helseid_authorization', practitioner_role: { organization: { identifier } } };
  return { [settings.organizationClaim ?? 'assertion_details']: details };
};

/** Claims of a client assertion (RFC 7523, HelseID's profile). `now` in seconds by HelseID's clock. */
export const assertionClaims = (settings: HelseIdSettings, now: number, jti: string): JWTPayload => ({
  iss: settings.clientId,
  sub: settings.clientId,
  aud: settings.issuer,
  iat: now,
  nbf: now,
  exp: now + (settings.assertionLifetime ?? ASSERTION_LIFETIME),
  jti,
  ...organizationClaim(settings),
});

/** A new client assertion; HelseID takes each only once, so every try has its own. */
export const signAssertion = (settings: HelseIdSettings, signing: SigningKey, now: number): Promise<string> =>
  new SignJWT(assertionClaims(settings, now, crypto.randomUUID()))
    .setProtectedHeader({
      alg: signing.alg,
      typ: settings.assertionType ?? ASSERTION_TYPE,
      ...(signing.kid === undefined ? {} : { kid: signing.kid }),
    })
    .sign(signing.key);
