import { reset } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { createWorker } from '../../../src/runtime/workerd/edge.ts';
import { createCardService, presenting } from '../../../src/systems/efrikort/simulator-cards.ts';
import { headersFor } from '../../e2e/headers.ts';
import { replyOf, resourceIn } from '../../e2e/reply.ts';
import { CERTIFICATE } from '../../systems/efrikort/fixture-certificate.ts';

const BASE = 'https://facade.example';
const ISSUER = 'https://issuer.example';
const AUDIENCE = `${BASE}/fhir`;

const tokenOf = async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const claims = { client_id: 'journal', facade_role: 'system', scope: 'system/*.cruds' };
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'key-1' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject('anna')
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(privateKey);
  return { token, jwk: { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'ES256' } };
};

/** An mTLS binding exists on Cloudflare's machines alone; this stands where it would. */
describe('a Worker with the binding EFRIKORT_MTLS', () => {
  beforeAll(() => reset());

  it('calls eFrikort through it, and says which certificate the settings tell', async () => {
    const { token, jwk } = await tokenOf();
    const asked: string[] = [];
    const service = presenting(CERTIFICATE, createCardService({ now: Date.now }));
    const bindings = {
      ...env,
      SANDBOX: 'off',
      BASE_URL: BASE,
      FACADE_SECRET: 'a-secret-for-tests-that-is-long-enough',
      TOKEN_ISSUERS: JSON.stringify([
        {
          issuer: ISSUER,
          audience: [AUDIENCE],
          jwks: { keys: [jwk] },
          algorithms: ['ES256'],
          claims: 'own',
        },
      ]),
      EFRIKORT_MAIL_FROM: 'integration@exempelsystem.example',
      EFRIKORT_CLIENT_CERTIFICATE: CERTIFICATE,
      EFRIKORT_MTLS: {
        fetch: (request: Request) => {
          asked.push(request.url);
          return service(request);
        },
      },
    };
    const worker = createWorker();
    const path = '/fhir/Basic/$test-connection';
    const headers = {
      ...headersFor({ method: 'POST', path, role: 'system' }),
      Authorization: `Bearer ${token}`,
    };
    const tested = await replyOf(
      await worker.fetch(new Request(`${BASE}${path}`, { method: 'POST', headers }), bindings),
    );
    expect(resourceIn(tested, 'Parameters').parameter?.[0]).toEqual({
      name: 'outcome',
      valueCode: 'reachable',
    });
    expect(asked).toEqual(['https://ws.efrikort.cgi.se/efrikortService/GetCardForPerson/1/rivtabp21?wsdl']);
    const told = await worker.fetch(new Request(`${BASE}/.well-known/client-certificate`), bindings);
    expect(await told.json()).toMatchObject({ subjectSerialNumber: 'SE5599990016-EX01' });
  });
});
