import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { ORIGIN } from '../e2e/client.ts';
import { headersFor, type Role } from '../e2e/headers.ts';
import { issuesOf, type Reply, replyOf, resourceIn } from '../e2e/reply.ts';
import { type OpenedHere, openHere } from '../headers/open.ts';
import { makeKeys, type TestKeys } from '../xml/make-certificate.ts';
import { assertionToken, BEARER, SAML_ISSUER } from './saml/make-assertion.ts';
import { AUDIENCE, ISSUER, makeSigner, NOW } from './token/signer.ts';

const HEADER = 'X-Client-Cert';

let issuer: TestKeys;
let mine: TestKeys;
let other: TestKeys;
let mineHash: string;
let trusting: OpenedHere;
let without: OpenedHere;
const tokens: Record<'JWT' | 'SAML' | 'system' | 'free', string> = {
  JWT: '',
  SAML: '',
  system: '',
  free: '',
};

const thumbprint = async ({ certificate }: TestKeys): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', certificate.der)).toString('base64url');

const base64 = ({ certificate }: TestKeys): string => Buffer.from(certificate.der).toString('base64');

const holderOfKey = (keys: TestKeys): string =>
  BEARER.replace('cm:bearer', 'cm:holder-of-key').replace(
    '/></saml',
    `><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${base64(keys)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></saml:SubjectConfirmationData></saml`,
  );

beforeAll(async () => {
  const [signer, ...keys] = await Promise.all([makeSigner(), makeKeys(), makeKeys(), makeKeys()]);
  [issuer, mine, other] = keys;
  const settings = {
    SANDBOX: 'on',
    TOKEN_ISSUERS: JSON.stringify([
      {
        issuer: ISSUER,
        audience: [AUDIENCE],
        jwks: { keys: [signer.jwk] },
        algorithms: ['ES256'],
        claims: { loa: 'loa' },
      },
      { issuer: SAML_ISSUER, audience: [AUDIENCE], certificates: issuer.certificatePem },
    ]),
  };
  trusting = await openHere({ ...settings, TOKEN_CLIENT_CERTIFICATE_HEADER: HEADER });
  without = await openHere(settings);
  for (const { fetch } of [trusting, without]) {
    const body = JSON.stringify({ now: new Date(NOW).toISOString() });
    await fetch(new Request(`${ORIGIN}/sandbox/clock`, { method: 'POST', body }));
  }
  mineHash = await thumbprint(mine);
  const cnf = { 'x5t#S256': mineHash };
  tokens.JWT = await signer.sign({ cnf, loa: 3 });
  tokens.free = await signer.sign({ loa: 3 });
  tokens.system = await signer.sign({
    cnf,
    facade_role: 'system',
    scope: 'system/Organization.cruds',
  });
  tokens.SAML = await assertionToken(issuer, { confirmation: holderOfKey(mine) });
});
afterAll(() => Promise.all([trusting.close?.(), without.close?.()]));

interface Sent {
  readonly token: string;
  readonly certificate?: string | undefined;
  readonly role?: Role;
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
}

const send = async ({ fetch }: OpenedHere, sent: Sent): Promise<Reply> => {
  const { token, certificate, role = 'nurse', method = 'GET', path = '/fhir/$ping', body } = sent;
  const request = new Request(`${ORIGIN}${path}`, {
    method,
    headers: {
      // With a token, $ping is of the pattern of Provenance.
      ...headersFor({ method, path: path.replace(/\$ping$/, 'Provenance'), role }),
      Authorization: `Bearer ${token}`,
      ...(certificate === undefined ? {} : { [HEADER]: certificate }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/fhir+json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return replyOf(await fetch(request));
};

const expectRefused = (reply: Reply): void => {
  expect(reply.status).toBe(401);
  expect(reply.headers.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"');
  expect(issuesOf(reply)).toMatchObject([{ detail: 'ticket-invalid', location: ['http.Authorization'] }]);
  expect(reply.text).toContain('bound to a TLS certificate');
};

describe.each(['JWT', 'SAML'] as const)('a %s that is bound to a TLS certificate', (kind) => {
  it.each<[string, () => string]>([
    ['url-encoded PEM', () => encodeURIComponent(mine.certificatePem)],
    ['RFC 9440', () => `:${base64(mine)}:`],
    ['base64', () => base64(mine)],
  ])('is accepted with that certificate (%s)', async (_, certificate) => {
    const reply = await send(trusting, { token: tokens[kind], certificate: certificate() });
    expect(reply.status).toBe(200);
    expect(reply.text).toContain('role nurse');
  });

  it.each<[string, () => string | undefined]>([
    ['another certificate', () => base64(other)],
    ['none', () => undefined],
    ['an empty header', () => ''],
    ['a value that is none', () => 'SUCCESS'],
    ['the thumbprint of its certificate', () => mineHash],
    ['two certificates', () => `${base64(mine)}, ${base64(other)}`],
  ])('is 401 with %s, also after it has been accepted', async (_, certificate) => {
    await send(trusting, { token: tokens[kind], certificate: base64(mine) });
    expectRefused(await send(trusting, { token: tokens[kind], certificate: certificate() }));
  });

  it('is 401 without TOKEN_CLIENT_CERTIFICATE_HEADER, whatever header a client sends', async () => {
    expectRefused(await send(without, { token: tokens[kind], certificate: base64(mine) }));
  });
});

describe('the header with the certificate', () => {
  it.each(['X Client Cert', 'x:y', 'X-Client-Cert, X-Other', 'å'])('cannot be named %s', (name) => {
    expect(parseConfig({ TOKEN_CLIENT_CERTIFICATE_HEADER: name })).toMatchObject({
      ok: false,
      failure: expect.stringMatching(/^TOKEN_CLIENT_CERTIFICATE_HEADER must be /),
    });
  });

  it('matters to no token that is not bound', async () => {
    for (const certificate of [undefined, 'nonsense', base64(other)]) {
      expect((await send(trusting, { token: tokens.free, certificate })).status).toBe(200);
    }
  });

  it('is logged by nobody, repeated in no answer, and no finding of $header-check', async () => {
    const [value, path] = [base64(mine), '/fhir/$header-check?pattern=2.2.2'];
    const replies = [
      await send(trusting, { token: tokens.JWT, certificate: value, path }),
      await send(trusting, { token: tokens.JWT, certificate: `${value}!` }),
      await send(trusting, { token: tokens.JWT, certificate: value.repeat(20) }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 401, 431]);
    const told = JSON.stringify([trusting.logged, ...replies.map(({ text }) => text)]);
    expect(told).not.toContain(value.slice(0, 40));
    expect(replies[0]?.text.toLowerCase()).not.toContain(HEADER.toLowerCase());
  });

  // The terminator adds it: a client within its limits must not be refused for it.
  it('does not count against the size of the client’s own headers', async () => {
    const certificate = `${encodeURIComponent(mine.certificatePem)}${'%0A'.repeat(3000)}`;
    const reply = await send(trusting, { token: tokens.JWT, certificate });
    expect(reply.status).toBe(200);
    expect((await send(without, { token: tokens.free, certificate })).status).toBe(431);
  });

  it.each(['batch', 'transaction'])('is asked once for a %s: its entries have the caller', async (type) => {
    const entry = ['A', 'B'].map((name) => ({
      resource: { resourceType: 'Organization', name },
      request: { method: 'POST', url: 'Organization' },
    }));
    const bundle = { resourceType: 'Bundle', type, entry };
    const call = {
      role: 'system',
      method: 'POST',
      path: '/fhir',
      body: bundle,
      token: tokens.system,
    } as const;
    const reply = await send(trusting, { ...call, certificate: base64(mine) });
    const statuses = resourceIn(reply, 'Bundle').entry?.map(({ response }) => response?.status);
    expect(statuses).toEqual(['201 Created', '201 Created']);
    expectRefused(await send(trusting, { ...call, certificate: base64(other) }));
  });
});
