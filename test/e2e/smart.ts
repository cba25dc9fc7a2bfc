import { describe, expect, it } from 'vitest';
import { resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const PATHS = ['/.well-known/smart-configuration', '/fhir/.well-known/smart-configuration'];
const OAUTH_URIS = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';

const ISSUER = {
  issuer: 'https://issuer.example',
  audience: 'facade',
  jwksUrl: 'https://issuer.example/jwks',
  authorizationEndpoint: 'https://issuer.example/authorize',
  tokenEndpoint: 'https://issuer.example/token',
  grantTypesSupported: ['authorization_code', 'client_credentials'],
  codeChallengeMethodsSupported: 'S256',
  capabilities: ['launch-standalone', 'client-confidential-asymmetric'],
};

export const smart: Theme = (open) => {
  describe('the SMART configuration of the sandbox', () => {
    const server = useServer(open);

    it.each(PATHS)(
      'at %s names the issuer, and no endpoint: its tokens are not got by OAuth',
      async (path) => {
        const reply = await server.get(path, { as: null });
        expect([reply.status, reply.headers.get('Content-Type')]).toEqual([
          200,
          expect.stringContaining('application/json'),
        ]);
        expect(reply.json).toMatchObject({
          issuer: 'https://nordic-fhir-facade.dev/sandbox',
          scopes_supported: expect.arrayContaining(['user/Consent.cruds', 'system/*.cruds']),
          capabilities: expect.arrayContaining(['permission-v2']),
        });
        expect(Object.keys(reply.json ?? {}).filter((name) => /endpoint|grant/.test(name))).toEqual([]);
        expect((await server.call('HEAD', path, { as: null })).status).toBe(200);
        expect((await server.post(path, {}, { as: null })).status).toBe(405);
      },
    );

    it('is not linked from the CapabilityStatement', async () => {
      const { rest } = resourceIn(await server.get('/fhir/metadata', { as: null }), 'CapabilityStatement');
      expect(rest?.[0]?.security?.extension).toBeUndefined();
    });
  });

  describe('the SMART configuration of a configured issuer', () => {
    const server = useServer(open, {
      SANDBOX: 'on',
      TOKEN_ISSUERS: JSON.stringify([
        {
          ...ISSUER,
          issuer: 'https://first.example',
          tokenEndpoint: undefined,
          authorizationEndpoint: undefined,
        },
        ISSUER,
      ]),
    });

    it('says what is configured, of the issuer that says where tokens are had', async () => {
      const { json } = await server.get(PATHS[1] ?? '', { as: null });
      expect(json).toMatchObject({
        issuer: ISSUER.issuer,
        jwks_uri: ISSUER.jwksUrl,
        authorization_endpoint: ISSUER.authorizationEndpoint,
        token_endpoint: ISSUER.tokenEndpoint,
        grant_types_supported: ISSUER.grantTypesSupported,
        code_challenge_methods_supported: ['S256'],
        capabilities: expect.arrayContaining(['launch-standalone', 'permission-v2']),
      });
      expect(json).not.toHaveProperty('registration_endpoint');
    });

    it('is linked from the CapabilityStatement', async () => {
      const { rest } = resourceIn(await server.get('/fhir/metadata', { as: null }), 'CapabilityStatement');
      expect(rest?.[0]?.security?.extension).toEqual([
        {
          url: OAUTH_URIS,
          extension: [
            { url: 'authorize', valueUri: ISSUER.authorizationEndpoint },
            { url: 'token', valueUri: ISSUER.tokenEndpoint },
          ],
        },
      ]);
    });
  });
};
