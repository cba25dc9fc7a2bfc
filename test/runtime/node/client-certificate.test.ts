import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, get, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createFetchWithCertificate } from '../../../src/runtime/node/client-certificate.ts';
import { clientCertificateInfo } from '../../../src/systems/efrikort/client-certificate.ts';
import { createConnectionTest } from '../../../src/systems/efrikort/client-connection-test.ts';
import { type ClientIdentity, clientFetchOf } from '../../../src/systems/efrikort/client-fetch.ts';
import { parseEfrikortSettings } from '../../../src/systems/efrikort/settings.ts';
import type { UpstreamFetch } from '../../../src/systems/upstream/fetch.ts';
import { made, openCardServer } from './card-server.ts';

// RSA keys take their time: made once for the file.
const SERVER = await made(['2.5.4.3', 'localhost']);
const CLIENT = await made(['2.5.4.5', 'SE5599990016-EX01'], ['2.5.4.3', 'integration.exempel.example']);
const OTHER = await made(['2.5.4.5', 'SE5599990016-EX02'], ['2.5.4.3', 'annan.exempel.example']);

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const cardServer = async (how: ServerOptions = {}) => {
  const { url, close } = await openCardServer(SERVER, CLIENT, how);
  closing.push(close);
  return url;
};

const FROM = { EFRIKORT_MAIL_FROM: 'integration@exempelsystem.example' };

const testConnection = async (serviceUrl: string, identity: ClientIdentity) => {
  const made = createFetchWithCertificate(identity);
  if (!made.ok) throw new Error(made.failure);
  const test = createConnectionTest({ settings: { serviceUrl }, fetch: made.value, clock: Date.now });
  return (await test('r', Date.now() + 5_000)).outcome;
};

describe('the connection test over two-way TLS, on a wire', () => {
  it('reaches the service with certificate and key from the settings', async () => {
    const read = parseEfrikortSettings({
      ...FROM,
      EFRIKORT_URL: await cardServer({ rejectUnauthorized: true }),
      EFRIKORT_CLIENT_CERTIFICATE: CLIENT.certificate,
      // As a file of settings holds it, on one line.
      EFRIKORT_CLIENT_KEY: CLIENT.key.replaceAll('\n', '\\n'),
      EFRIKORT_CA: SERVER.certificate,
    });
    if (!read.ok || read.value === undefined) throw new Error('no settings');
    const fetch = clientFetchOf(read.value, { presenting: createFetchWithCertificate });
    if (!fetch.ok || fetch.value === undefined) throw new Error('no fetch');
    const test = createConnectionTest({ settings: read.value, fetch: fetch.value, clock: Date.now });
    const { outcome, url } = await test('r', Date.now() + 5_000);
    expect(outcome).toBe('reachable');
    expect(url).toMatch(/\/GetCardForPerson\/1\/rivtabp21\?wsdl$/);
    expect(clientCertificateInfo(read.value.clientCertificate ?? '')).toMatchObject({
      subject: 'CN=integration.exempel.example,SERIALNUMBER=SE5599990016-EX01',
      subjectSerialNumber: 'SE5599990016-EX01',
    });
  });
  it('says that the certificate is refused, by an answer', async () => {
    const url = await cardServer();
    expect(await testConnection(url, { ...OTHER, ca: SERVER.certificate })).toBe('certificate-refused');
  });
  it('says that the certificate is refused, by a server that breaks the handshake off', async () => {
    const url = await cardServer({ rejectUnauthorized: true });
    expect(await testConnection(url, { ...OTHER, ca: SERVER.certificate })).toBe('closed');
    const older = await cardServer({ rejectUnauthorized: true, maxVersion: 'TLSv1.2' });
    expect(await testConnection(older, { ...OTHER, ca: SERVER.certificate })).toBe('closed');
  });
  it('says that it is the other side that is not trusted', async () => {
    const url = await cardServer();
    expect(await testConnection(url, CLIENT)).toBe('server-not-trusted');
    expect(await testConnection(url, { ...CLIENT, ca: OTHER.certificate })).toBe('server-not-trusted');
    const elsewhere = url.replace('localhost', '127.0.0.1');
    expect(await testConnection(elsewhere, { ...CLIENT, ca: SERVER.certificate })).toBe('server-not-trusted');
  });
  it('says that nobody listens, and that another path is not the service', async () => {
    const url = await cardServer();
    const ca = SERVER.certificate;
    expect(await testConnection(`${url}/elsewhere/x/..?`, { ...CLIENT, ca })).toBe('unexpected-answer');
    for (const close of closing.splice(0)) close();
    expect(await testConnection(url, { ...CLIENT, ca })).toBe('no-connection');
  });
});

describe('a client without a certificate', () => {
  /** HTTPS as it is without this module. */
  const bare: UpstreamFetch = ({ url }) =>
    new Promise((resolve, reject) => {
      const failed = (cause: unknown) => reject(new TypeError('fetch failed', { cause }));
      get(url, { ca: SERVER.certificate }, ({ statusCode }) =>
        resolve(new Response(null, { status: statusCode ?? 0 })),
      ).on('error', failed);
    });
  it.each([
    ['by an answer', false, ['certificate-refused']],
    // The alert may be lost on its way with the connection that it ends.
    ['by an alert', true, ['certificate-refused', 'closed']],
  ])('is refused %s, and the test says so', async (_what, rejectUnauthorized, outcomes) => {
    const serviceUrl = await cardServer({ rejectUnauthorized });
    const test = createConnectionTest({ settings: { serviceUrl }, fetch: bare, clock: Date.now });
    expect(outcomes).toContain((await test('r', Date.now() + 5_000)).outcome);
  });
});

describe('a fetch with a client certificate', () => {
  const serve = async (listener: RequestListener) => {
    const server = createServer({ key: SERVER.key, cert: SERVER.certificate }, listener);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    const made = createFetchWithCertificate({ ...CLIENT, ca: SERVER.certificate });
    if (!made.ok) throw new Error(made.failure);
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
    return (init: RequestInit = {}) => made.value(new Request(url, init), { requestId: 'r' });
  };
  it('carries method, headers and body there, and status, headers and body back', async () => {
    const call = await serve(async (incoming, outgoing) => {
      const body = (await incoming.toArray()).join('');
      const { 'x-given': given } = incoming.headers;
      outgoing.writeHead(422, [
        ...['set-cookie', 'a=1', 'set-cookie', 'b=2'],
        ...['x-seen', `${incoming.method} ${given} ${incoming.headers['content-length']}`],
      ]);
      outgoing.end(`<${body}>`);
    });
    const answer = await call({ method: 'POST', headers: { 'x-given': 'g' }, body: 'hälsa' });
    expect([answer.status, await answer.text()]).toEqual([422, '<hälsa>']);
    expect(answer.headers.get('x-seen')).toBe('POST g 6');
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });
  it('takes an answer without a body, and follows no redirect', async () => {
    const call = await serve((incoming, outgoing) => {
      outgoing
        .writeHead(incoming.method === 'POST' ? 204 : 302, { location: 'https://elsewhere.example/' })
        .end();
    });
    expect((await call({ method: 'POST' })).status).toBe(204);
    expect((await call()).status).toBe(302);
  });
  it('fails, and does not end the process, at an answer that no Response can have', async () => {
    const call = await serve((incoming) => {
      incoming.socket.end('HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n');
    });
    await expect(call()).rejects.toThrow('fetch failed');
  });
  it('ends with the signal of the request, before and within the answer', async () => {
    const call = await serve((incoming, outgoing) => {
      if (incoming.method === 'POST') outgoing.writeHead(200).write('begun');
    });
    await expect(call({ signal: AbortSignal.timeout(50) })).rejects.toThrow('fetch failed');
    const answer = await call({ method: 'POST', signal: AbortSignal.timeout(50) });
    await expect(answer.text()).rejects.toThrow();
  });
  it('is not made of what does not fit together', () => {
    const fault = (identity: Partial<ClientIdentity>) => {
      const made = createFetchWithCertificate({ ...CLIENT, ...identity });
      return made.ok ? undefined : made.failure;
    };
    expect(fault({})).toBeUndefined();
    expect(fault({ key: OTHER.key })).toBe('pair');
    expect(fault({ key: 'x' })).toBe('key');
    expect(fault({ certificate: 'x' })).toBe('certificate');
    expect(fault({ ca: 'x' })).toBe('ca');
    expect(fault({ certificate: CLIENT.certificate + SERVER.certificate })).toBeUndefined();
  });
});
