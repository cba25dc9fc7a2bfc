import { describe, expect, it } from 'vitest';
import { CLAIM_MAPPINGS } from '../../src/security/claims.ts';
import { smartConfiguration } from '../../src/security/smart.ts';
import { parseTokenIssuers } from '../../src/security/token/configuration.ts';
import type { SamlIssuer } from '../../src/security/token/issuer.ts';

const MINIMAL = { issuer: 'https://issuer.example', audience: 'facade', jwks: { keys: [{ kty: 'EC' }] } };
const ofIssuers = (...issuers: readonly object[]) => {
  const parsed = parseTokenIssuers(JSON.stringify(issuers));
  if (!parsed.ok) throw new Error(parsed.failure);
  return smartConfiguration(parsed.value);
};

describe('the SMART configuration', () => {
  it('says nothing that is not known', () => {
    expect(Object.keys(ofIssuers(MINIMAL) ?? {})).toEqual(['issuer', 'scopes_supported', 'capabilities']);
  });

  it('names no scopes of an issuer whose tokens have none', () => {
    expect(ofIssuers({ ...MINIMAL, claims: 'nll' })).toEqual({ issuer: MINIMAL.issuer, capabilities: [] });
  });

  it('is of an issuer of JWTs: there is none for SAML assertions alone', () => {
    const saml: SamlIssuer = {
      issuer: 'https://idp.example',
      audience: ['facade'],
      certificates: [],
      algorithms: [],
      claims: CLAIM_MAPPINGS.sambi,
    };
    expect(smartConfiguration([saml])).toBeUndefined();
    expect(smartConfiguration([])).toBeUndefined();
  });

  it.each([
    [
      { tokenEndpoint: 'http://issuer.example/token' },
      /TOKEN_ISSUERS\[0\]\.tokenEndpoint must be an https address/,
    ],
    [{ tokenEndpoint: 1 }, /TOKEN_ISSUERS\[0\]\.tokenEndpoint must be a text/],
    [{ capabilities: [1] }, /TOKEN_ISSUERS\[0\]\.capabilities must be a text or a list of texts/],
    [{ tokenEndPoint: 'https://issuer.example' }, /tokenEndPoint is not known/],
  ])('refuses %j by name', (given, sentence) => {
    expect(() => ofIssuers({ ...MINIMAL, ...given })).toThrow(sentence);
  });
});
