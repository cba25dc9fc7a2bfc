import { reset } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createWorker } from '../../../src/runtime/workerd/edge.ts';
import { certificateOfConnection } from '../../../src/runtime/workerd/shown-certificate.ts';
import { SANDBOX } from '../../../src/sandbox/plug.ts';
import { headersFor } from '../../e2e/headers.ts';

const HEX = '7469195f3d1c2b4a5968778695a4b3c2d1e0f00112233445566778899aabbccd';

const GOOD = { certPresented: '1', certVerified: 'SUCCESS', certRevoked: '0', certFingerprintSHA256: HEX };

const calledWith = (tlsClientAuth?: unknown): string | undefined =>
  certificateOfConnection(
    new Request('https://facade.example/fhir', { cf: { colo: 'OSL', tlsClientAuth } } as RequestInit),
  );

describe('the client certificate that the edge has verified', () => {
  it('is read as base64url of its SHA-256, as RFC 8705 writes it', () => {
    const octets = Array.from(HEX.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
    const expected = btoa(String.fromCharCode(...octets))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace('=', '');
    expect(expected).toHaveLength(43);
    expect(calledWith(GOOD)).toBe(expected);
    expect(calledWith({ ...GOOD, certFingerprintSHA256: HEX.toUpperCase() })).toBe(expected);
  });

  it.each<[string, unknown]>([
    ['nothing is told', undefined],
    ['none was presented', { ...GOOD, certPresented: '0' }],
    ['it was not verified', { ...GOOD, certVerified: 'NONE' }],
    ['it did not verify', { ...GOOD, certVerified: 'FAILED:self signed certificate' }],
    ['it has been revoked', { ...GOOD, certRevoked: '1' }],
    ['there is no fingerprint', { ...GOOD, certFingerprintSHA256: '' }],
    ['the fingerprint is no SHA-256', { ...GOOD, certFingerprintSHA256: HEX.slice(2) }],
    ['the fingerprint is no hex', { ...GOOD, certFingerprintSHA256: HEX.replace('7', 'g') }],
    ['it is not told in a form that is known', 'SUCCESS'],
  ])('is none where %s', (_, tlsClientAuth) => {
    expect(calledWith(tlsClientAuth)).toBeUndefined();
  });

  it('is none where there is no edge', () => {
    expect(certificateOfConnection(new Request('https://facade.example/fhir'))).toBeUndefined();
  });
});

describe('a Worker', () => {
  const call = async (settings: Readonly<Record<string, string>>, init: RequestInit = {}) => {
    await reset();
    const worker = createWorker(SANDBOX);
    const request = new Request('http://127.0.0.1:8787/fhir/$ping', init);
    return worker.fetch(request, { DB: env.DB, SANDBOX: 'on', ...settings });
  };

  it('takes a token that is bound to the certificate of the connection, and to no other', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const [issuer, audience] = ['https://issuer.example', 'https://facade.example/fhir'];
    const keys = [{ ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'ES256' }];
    const settings = { TOKEN_ISSUERS: JSON.stringify([{ issuer, audience, jwks: { keys } }]) };
    const token = await new SignJWT({ facade_role: 'system', cnf: { 'x5t#S256': calledWith(GOOD) } })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'key-1' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject('anna')
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(privateKey);
    const headers = {
      ...headersFor({ method: 'GET', path: '/fhir/Provenance', role: 'system' }),
      Authorization: `Bearer ${token}`,
    };
    const status = async (tlsClientAuth?: unknown) => {
      const reply = await call(settings, { headers, cf: { tlsClientAuth } } as RequestInit);
      await reply.body?.cancel();
      return reply.status;
    };
    expect(await status(GOOD)).toBe(200);
    expect(await status({ ...GOOD, certFingerprintSHA256: HEX.replace('7', '8') })).toBe(401);
    expect(await status()).toBe(401);
  });

  it('refuses the setting that names a header: the edge itself tells the certificate', async () => {
    const reply = await call({ TOKEN_CLIENT_CERTIFICATE_HEADER: 'X-Client-Cert' });
    expect([reply.status, await reply.text()]).toEqual([
      503,
      expect.stringMatching(/^TOKEN_CLIENT_CERTIFICATE_HEADER is for Node alone/),
    ]);
  });
});
