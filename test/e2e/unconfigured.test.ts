import { createHash } from 'node:crypto';
import type { CapabilityStatement } from '@medplum/fhirtypes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config.ts';
import { openSqlite } from '../../src/runtime/node/sqlite.ts';
import { AUDIENCE, ISSUER, makeSigner } from '../security/token/signer.ts';
import { CERTIFICATE } from '../systems/efrikort/fixture-certificate.ts';
import { connection } from './efrikort-fixtures.ts';
import { BASIC_KIND } from './fixtures.ts';
import { headersFor } from './headers.ts';
import { issuesOf, type Reply, replyOf, resourceIn } from './reply.ts';

const BASE = 'https://facade.example';
const SIGNER = await makeSigner();

/** A server without a sandbox, as production starts it. */
const openLive = async (settings: Readonly<Record<string, string>> = {}) => {
  const config = parseConfig({
    SANDBOX: 'off',
    BASE_URL: BASE,
    FACADE_SECRET: 'a-secret-for-tests-that-is-long-enough',
    TOKEN_ISSUERS: JSON.stringify([
      {
        issuer: ISSUER,
        audience: [AUDIENCE],
        jwks: { keys: [SIGNER.jwk] },
        algorithms: ['ES256'],
        claims: 'own',
      },
    ]),
    ...settings,
  });
  if (!config.ok) throw new Error(config.failure);
  const database = openSqlite('sqlite::memory:');
  const app = await createApp(config.value, {
    database,
    clock: Date.now,
    fetch: () => Promise.reject(new Error('nothing is there')),
    background: (work) => {
      work.catch(() => undefined);
    },
    sha256: (text) => createHash('sha256').update(text).digest('base64url'),
    log: () => undefined,
    shared: false,
  });
  const now = Math.floor(Date.now() / 1000);
  const token = await SIGNER.sign({
    facade_role: 'system',
    scope: 'system/*.cruds',
    iat: now,
    exp: now + 600,
  });
  const call = async (
    method: string,
    path: string,
    { accept = 'application/fhir+json', body }: { readonly accept?: string; readonly body?: unknown } = {},
  ): Promise<Reply> =>
    replyOf(
      await app.fetch(
        new Request(`${BASE}${path}`, {
          method,
          headers: {
            ...headersFor({ method, path, role: 'system' }),
            Authorization: `Bearer ${token}`,
            'Content-Type': 'application/fhir+json',
            Accept: accept,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      ),
    );
  return { call, close: () => database.close() };
};

const basic = (code: string) => ({
  resourceType: 'Basic',
  code: { coding: [{ system: BASIC_KIND, code }] },
});

describe('a server without national systems', () => {
  let server: Awaited<ReturnType<typeof openLive>>;
  beforeAll(async () => {
    server = await openLive();
  });
  afterAll(() => server.close());

  it.each(['treatment-relation', 'foces-whitelisting', 'efrikort-connection'])(
    'says by name that %s is not offered: 501',
    async (kind) => {
      const refused = await server.call('POST', '/fhir/Basic', { body: basic(kind) });
      expect(refused.status).toBe(501);
      expect(issuesOf(refused)).toMatchObject([{ code: 'not-supported', expression: ['Basic.code'] }]);
      expect(issuesOf(refused)[0]?.diagnostics).toContain(kind);
    },
  );

  it.each([
    ['application/fhir+json', 'application/fhir+json; charset=utf-8'],
    ['application/fhir+xml', 'application/fhir+xml; charset=utf-8'],
    [
      'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'application/fhir+json; charset=utf-8',
    ],
  ])('says so to %s in its media type', async (accept, type) => {
    const refused = await server.call('POST', '/fhir/Basic', { accept, body: basic('efrikort-connection') });
    expect([refused.status, refused.headers.get('Content-Type')]).toEqual([501, type]);
  });

  it('tells nothing of them in its CapabilityStatement, and presents no certificate', async () => {
    const statement: CapabilityStatement = resourceIn(
      await server.call('GET', '/fhir/metadata'),
      'CapabilityStatement',
    );
    expect(statement.rest?.[0]?.resource?.map(({ type }) => type)).not.toContain('Basic');
    expect((await server.call('GET', '/.well-known/client-certificate')).status).toBe(404);
    expect((await server.call('POST', '/fhir/Basic/x/$submit')).status).toBeGreaterThanOrEqual(404);
  });
});

describe('a server with eFrikort, whose mails are sent by hand', () => {
  const FROM = { EFRIKORT_MAIL_FROM: 'integration@exempelsystem.example' };

  it('has its kind of Basic alone, the regions, and no certificate to show', async () => {
    const server = await openLive(FROM);
    expect((await server.call('POST', '/fhir/Basic', { body: connection('test') })).status).toBe(201);
    expect((await server.call('POST', '/fhir/Basic', { body: basic('treatment-relation') })).status).toBe(
      501,
    );
    const regions = await server.call('GET', '/fhir/Organization?_count=50');
    expect(resourceIn(regions, 'Bundle').entry).toHaveLength(14);
    expect((await server.call('GET', '/.well-known/client-certificate')).status).toBe(404);
    expect((await server.call('POST', '/fhir/Basic/$test-connection')).status).toBe(501);
    server.close();
  });

  it.each<[Readonly<Record<string, string>>, RegExp]>([
    [{ EFRIKORT_MAIL_FORM: 'x' }, /^EFRIKORT_MAIL_FORM is not a setting/],
    [{ EFRIKORT_SUPPORT: 'support@x.example' }, /^EFRIKORT_MAIL_FROM is missing/],
    [{ ...FROM, SMTP_URL: 'smtp://mail.example' }, /^EFRIKORT_MAIL=smtp is not possible on this platform/],
    [
      { ...FROM, EFRIKORT_CLIENT_CERTIFICATE: CERTIFICATE },
      /^EFRIKORT_CLIENT_CERTIFICATE cannot be presented/,
    ],
    [{ ...FROM, EFRIKORT_INBOX_INTERVAL: 'PT1M' }, /^EFRIKORT_INBOX_URL is missing/],
  ])('does not start with a setting that has no effect: %j', async (settings, sentence) => {
    await expect(openLive(settings)).rejects.toThrow(sentence);
  });
});

describe('a sandbox', () => {
  it.each(['SMTP_URL', 'EFRIKORT_MAIL_URL', 'EFRIKORT_INBOX_URL', 'EFRIKORT_URL', 'EFRIKORT_CLIENT_KEY'])(
    'does not start with the real %s',
    (name) => {
      const parsed = parseConfig({ SANDBOX: 'on', [name]: 'x' });
      expect(parsed.ok ? '' : parsed.failure).toContain(`SANDBOX=on contradicts ${name}`);
    },
  );
});
