import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHere } from '../headers/open.ts';
import { assertionToken, SAML_ISSUER } from '../security/saml/make-assertion.ts';
import { makeProver } from '../security/token/prover.ts';
import { AUDIENCE, ISSUER, makeSigner, NOW } from '../security/token/signer.ts';
import { makeKeys, type TestKeys } from '../xml/make-certificate.ts';
import { ORIGIN } from './client.ts';
import { headersFor, type Role } from './headers.ts';
import { issuesOf, type Reply, replyOf } from './reply.ts';
import type { Opened } from './server.ts';

const CERTIFICATE = 'X-Client-Cert';

/** Calls with rules of their own, and what a caller who is let in is told: never 401. */
const CALLS: readonly (readonly [method: string, path: string, status: number])[] = [
  ['GET', '/fhir/$ping', 200],
  ['GET', '/fhir?_type=Organization,Provenance', 403],
  ['POST', '/fhir/Basic/$poll-notifications', 200],
  ['POST', '/fhir/Basic/$test-connection', 200],
  ['POST', '/fhir/Basic/x/$submit', 404],
  ['GET', '/fhir/Basic/x/$mail', 404],
  ['GET', '/fhir/Basic?code=efrikort-connection', 200],
];

let server: Opened;
let saml: TestKeys;
let mine: TestKeys;
let bound: { readonly dpop: string; readonly tls: string };
let prover: Awaited<ReturnType<typeof makeProver>>;

beforeAll(async () => {
  const [signer, ...keys] = await Promise.all([makeSigner(), makeKeys(), makeKeys()]);
  [saml, mine] = keys;
  prover = await makeProver();
  server = await openHere({
    SANDBOX: 'on',
    TOKEN_CLIENT_CERTIFICATE_HEADER: CERTIFICATE,
    TOKEN_ISSUERS: JSON.stringify([
      {
        issuer: ISSUER,
        audience: [AUDIENCE],
        jwks: { keys: [signer.jwk] },
        algorithms: ['ES256'],
        claims: 'own',
      },
      { issuer: SAML_ISSUER, audience: [AUDIENCE], certificates: saml.certificatePem },
    ]),
  });
  const body = JSON.stringify({ now: new Date(NOW).toISOString() });
  await server.fetch(new Request(`${ORIGIN}/sandbox/clock`, { method: 'POST', body }));
  const hash = await crypto.subtle.digest('SHA-256', mine.certificate.der);
  const system = { facade_role: 'system', scope: 'system/*.cruds' };
  bound = {
    dpop: await signer.sign({ ...system, cnf: { jkt: prover.jkt } }),
    tls: await signer.sign({ ...system, cnf: { 'x5t#S256': Buffer.from(hash).toString('base64url') } }),
  };
});
afterAll(() => server.close?.());

const call = async (
  [method, path]: readonly [string, string, number],
  headers: Readonly<Record<string, string>>,
  role: Role = 'system',
): Promise<Reply> => {
  const patternOf = path.startsWith('/fhir/$ping') || path.includes('_type') ? ('2.2.1' as const) : undefined;
  const given = headersFor({ method, path, role, pattern: patternOf });
  return replyOf(
    await server.fetch(new Request(ORIGIN + path, { method, headers: { ...given, ...headers } })),
  );
};

const expectRefused = (reply: Reply): void => {
  expect(reply.status).toBe(401);
  expect(issuesOf(reply)).toHaveLength(1);
  expect(reply.headers.get('WWW-Authenticate')).not.toBeNull();
};

describe('a bound token on the calls with rules of their own', () => {
  it.each(CALLS)('DPoP: %s %s takes one proof, made for it, and no plain Bearer', async (...one) => {
    const [method, path, status] = one;
    const proved = { htm: method, htu: `${ORIGIN}${path.replace(/\?.*/, '')}`, iat: Math.floor(NOW / 1000) };
    const headers = {
      Authorization: `DPoP ${bound.dpop}`,
      DPoP: await prover.prove(bound.dpop, proved),
    };
    const first = await call(one, headers);
    expect(first.status).toBe(status);
    expectRefused(await call(one, headers));
    expectRefused(await call(one, { Authorization: `Bearer ${bound.dpop}` }));
    const elsewhere = await prover.prove(bound.dpop, { ...proved, htu: `${ORIGIN}/fhir/Consent` });
    expectRefused(await call(one, { ...headers, DPoP: elsewhere }));
  });

  it.each(CALLS)('TLS certificate: %s %s takes it with that certificate alone', async (...one) => {
    const Authorization = `Bearer ${bound.tls}`;
    const shown = (keys: TestKeys) => encodeURIComponent(keys.certificatePem);
    expect((await call(one, { Authorization, [CERTIFICATE]: shown(mine) })).status).toBe(one[2]);
    expectRefused(await call(one, { Authorization, [CERTIFICATE]: shown(saml) }));
    expectRefused(await call(one, { Authorization }));
  });

  it.each(CALLS)('SAML: %s %s knows the caller by an assertion, and no altered one', async (...one) => {
    const token = await assertionToken(saml);
    const told = await call(one, { Authorization: `Bearer ${token}` }, 'nurse');
    // A nurse may do what is for nurses: the ticket itself is good.
    expect([200, 403]).toContain(told.status);
    expectRefused(await call(one, { Authorization: `Bearer ${token.slice(0, -80)}` }, 'nurse'));
  });
});
