import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  APPROVAL,
  basicIn,
  connection,
  eventsOf,
  ofRegion,
  stateOf,
  textOf,
} from '../../e2e/efrikort-fixtures.ts';
import { headersFor } from '../../e2e/headers.ts';
import { idIn, type Reply, replyOf, resourceIn } from '../../e2e/reply.ts';
import { AUDIENCE, ISSUER, makeSigner } from '../../security/token/signer.ts';
import { made, openCardServer } from './card-server.ts';
import { mailServer } from './mail-server.ts';

const NODE = 'node_modules/.bin/node';
const [SERVER, CLIENT] = [
  await made(['2.5.4.3', 'localhost']),
  await made(['2.5.4.5', 'SE5599990016-EX01'], ['2.5.4.3', 'integration.exempel.example']),
];

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
};

/** The product as an operator starts it: no sandbox, a real mail server, real TLS, a database on disk. */
describe('eFrikort through the started server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'efrikort-'));
  const database = `sqlite:${join(folder, 'facade.db')}`;
  let mail: Awaited<ReturnType<typeof mailServer>>;
  let cards: Awaited<ReturnType<typeof openCardServer>>;
  let child: ChildProcess;
  let base = '';
  let token = '';

  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> =>
    replyOf(
      await fetch(`${base}${path}`, {
        method,
        headers: {
          ...headersFor({ method, path, role: 'system' }),
          Authorization: `Bearer ${token}`,
          'Content-Type': 'application/fhir+json',
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );

  const started = (environment: Readonly<Record<string, string>>): Promise<string> =>
    new Promise((resolve, reject) => {
      child = spawn(NODE, ['src/runtime/node/main.ts'], {
        env: { PATH: process.env['PATH'] ?? '', ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      child.stdout?.on('data', (chunk: Buffer) => {
        if (chunk.toString().startsWith('FHIR base:')) resolve(said);
      });
      child.on('exit', () => reject(new Error(said)));
    });

  beforeAll(async () => {
    mail = await mailServer();
    cards = await openCardServer(SERVER, CLIENT, { rejectUnauthorized: true });
    const signer = await makeSigner();
    const now = Math.floor(Date.now() / 1000);
    token = await signer.sign({ facade_role: 'system', scope: 'system/*.cruds', iat: now, exp: now + 600 });
    const contacts = join(folder, 'regions.csv');
    writeFileSync(
      contacts,
      'Region|Kontakt|HSA-id\nRegion Halland|ehalsa@halland.example|SE2321000115-O00001\n',
    );
    const imported = spawnSync(NODE, ['src/runtime/node/regions.ts', 'import', contacts], {
      env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: database },
      encoding: 'utf8',
    });
    expect([imported.status, imported.stdout, imported.stderr]).toEqual([
      0,
      '',
      '1 regions read, 1 of them with a contact.\n',
    ]);
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    await started({
      SANDBOX: 'off',
      PORT: String(port),
      BASE_URL: base,
      DATABASE_URL: database,
      FACADE_SECRET: 'a-secret-for-tests-that-is-long-enough',
      TOKEN_ISSUERS: JSON.stringify([
        {
          issuer: ISSUER,
          audience: [AUDIENCE],
          jwks: { keys: [signer.jwk] },
          algorithms: ['ES256'],
          claims: 'own',
        },
      ]),
      EFRIKORT_MAIL_FROM: 'Exempelsystem AB <integration@exempelsystem.example>',
      SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
      EFRIKORT_URL: cards.url,
      EFRIKORT_CLIENT_CERTIFICATE: CLIENT.certificate,
      EFRIKORT_CLIENT_KEY: CLIENT.key,
      EFRIKORT_CA: SERVER.certificate,
    });
  }, 30_000);

  afterAll(async () => {
    child.removeAllListeners('exit');
    child.kill('SIGTERM');
    cards.close();
    await mail.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('sends one mail by SMTP to the contact that was imported, and it reads back as it was shown', async () => {
    const halland = connection('test', ofRegion('SE2321000115-O00001', 'Region Halland'));
    const id = idIn(await call('POST', '/fhir/Basic', halland));
    const request = { 'X-Request-ID': crypto.randomUUID() };
    const submitted = await call('POST', `/fhir/Basic/${id}/$submit`, undefined, request);
    expect([submitted.status, stateOf(basicIn(submitted))]).toEqual([200, 'requested']);
    const repeated = await call('POST', `/fhir/Basic/${id}/$submit`, undefined, request);
    expect(repeated.json).toEqual(submitted.json);
    expect(mail.received).toHaveLength(1);
    const [received] = mail.received;
    expect([received?.from, received?.to]).toEqual([
      'integration@exempelsystem.example',
      ['ehalsa@halland.example', 'support.efrikort@cgi.com'],
    ]);
    const binary = resourceIn(submitted, 'Parameters').parameter?.find(
      ({ name }) => name === 'mail',
    )?.resource;
    expect(binary?.resourceType === 'Binary' && textOf(binary.data)).toBe(received?.raw);
    const parsed = await simpleParser(received?.raw ?? '');
    expect(parsed.subject).toBe('Anslutningsförfrågan eFrikort');
    expect(parsed.text).toContain('Avser vårdhuvudman (region/landsting): Region Halland');
    expect(parsed.replyTo?.value).toEqual([
      { address: 'alva.exempel@exempelsystem.example', name: 'Alva Exempel' },
    ]);
    for (const operation of ['region-approve', 'grant', 'test-passed']) {
      const moved = await call('POST', `/fhir/Basic/${id}/$${operation}`, APPROVAL);
      expect([operation, moved.status]).toEqual([operation, 200]);
    }
    const read = resourceIn(await call('GET', `/fhir/Basic/${id}`), 'Basic');
    expect(eventsOf(read)).toEqual([
      'draft mail-attempt',
      'requested',
      'region-approved',
      'granted',
      'test-passed',
    ]);
  });

  it('has the regions in its directory, without their contacts', async () => {
    const region = await call('GET', '/fhir/Organization?name=Region%20Halland');
    expect(resourceIn(region, 'Bundle').entry).toHaveLength(1);
    expect(region.text).not.toContain('ehalsa@');
  });

  it('reaches eFrikort over two-way TLS, and says with which certificate', async () => {
    const tested = await call('POST', '/fhir/Basic/$test-connection');
    const outcome = resourceIn(tested, 'Parameters').parameter?.[0]?.valueCode;
    expect(outcome).toBe('reachable');
    const told = await call('GET', '/.well-known/client-certificate');
    expect(told.json).toMatchObject({
      subject: 'CN=integration.exempel.example,SERIALNUMBER=SE5599990016-EX01',
      subjectSerialNumber: 'SE5599990016-EX01',
    });
  });

  it('a mail server that refuses is said, and nothing is sent', async () => {
    await mail.close();
    const basic = connection('production');
    const id = idIn(await call('POST', '/fhir/Basic', basic));
    const refused = await call('POST', `/fhir/Basic/${id}/$submit`);
    expect(refused.status).toBe(503);
    const draft = resourceIn(await call('GET', `/fhir/Basic/${id}`), 'Basic');
    expect([stateOf(draft), eventsOf(draft)]).toEqual([
      'draft',
      ['draft mail-attempt', 'draft mail-refused'],
    ]);
  });
});

describe('npm run regions', () => {
  const run = (...words: readonly string[]) =>
    spawnSync(NODE, ['src/runtime/node/regions.ts', ...words], {
      env: { PATH: process.env['PATH'] ?? '' },
      encoding: 'utf8',
    });

  it('prints statements that do the same to a D1, and its findings beside them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'regions-'));
    const file = join(folder, 'regions.csv');
    writeFileSync(
      file,
      "Region|Kontakt|HSA-id\nRegion Gotland|SE2321000016-4TM4|\nRegion Halland|o'x@h.example|SE2321000115-O00001\n",
    );
    const { status, stdout, stderr } = run('sql', file);
    rmSync(folder, { recursive: true, force: true });
    expect([status, stderr.split('\n')[0]]).toEqual([0, '2 regions read, 1 of them with a contact.']);
    expect(stderr).toContain('2: The HSA-id stood in another column');
    expect(stderr).not.toContain('@');
    const held = new DatabaseSync(':memory:');
    held.exec(stdout);
    const row = held
      .prepare('select value from system_state where key = ?')
      .get('region-contact/se2321000115-o00001');
    expect(JSON.parse(String(row?.['value']))).toMatchObject([{ addresses: ["o'x@h.example"] }]);
  });

  it('loads nothing into a database that ends with the command', () => {
    const { status, stderr } = spawnSync(NODE, ['src/runtime/node/regions.ts', 'import', 'package.json'], {
      env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: 'sqlite::memory:' },
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([
      1,
      'DATABASE_URL sqlite::memory: ends with this command: give that of the server, sqlite:<file>.\n',
    ]);
  });

  it('says how it is used, and what it cannot read', () => {
    expect(run().stderr).toMatch(/^Usage: npm run regions -- import FILE/);
    expect(run('import', '/nowhere/x.csv')).toMatchObject({
      status: 1,
      stderr: '/nowhere/x.csv cannot be read.\n',
    });
  });
});
