import { describe, expect, it } from 'vitest';
import { clientCertificateInfo } from '../../../src/systems/efrikort/client-certificate.ts';
import {
  CONNECTION_TEST_TEXTS,
  createConnectionTest,
} from '../../../src/systems/efrikort/client-connection-test.ts';
import { createCardService, presenting } from '../../../src/systems/efrikort/simulator-cards.ts';
import type { UpstreamFetch } from '../../../src/systems/upstream/fetch.ts';
import { OCES3_PEM } from '../certificates/vectors.ts';
import { CERTIFICATE, NOW, SETTINGS } from './fixture.ts';

const run = async (fetch: UpstreamFetch, deadline = NOW + 5_000) =>
  (await createConnectionTest({ settings: SETTINGS, fetch, clock: () => NOW })('r', deadline)).outcome;

const service = createCardService({ now: () => NOW });

describe('the connection test over two-way TLS', () => {
  it('reaches the description of GetCardForPerson with the client certificate', async () => {
    const urls: string[] = [];
    const fetch = presenting(CERTIFICATE, (request, peer) => {
      urls.push(request.url);
      return service(request, peer);
    });
    expect(await run(fetch)).toBe('reachable');
    expect(urls).toEqual(['https://ws.efrikort.cgi.se/efrikortService/GetCardForPerson/1/rivtabp21?wsdl']);
  });
  it('says that the certificate is refused: none, out of date, or without access', async () => {
    expect(await run(presenting(undefined, service))).toBe('certificate-refused');
    const late = createCardService({ now: () => Date.parse('2046-01-01') });
    expect(await run(presenting(CERTIFICATE, late))).toBe('certificate-refused');
    const closed = createCardService({
      now: () => NOW,
      granted: async (serial) => serial !== 'SE5599990016-EX01',
    });
    expect(await run(presenting(CERTIFICATE, closed))).toBe('certificate-refused');
  });
  it('tells no connection, no time and another answer apart', async () => {
    expect(await run(() => Promise.reject(new TypeError('fetch failed')))).toBe('no-connection');
    expect(await run(async () => new Response(), NOW)).toBe('timed-out');
    expect(await run(async () => new Response('<html>Welcome</html>'))).toBe('unexpected-answer');
    expect(await run(async () => new Response(null, { status: 404 }))).toBe('unexpected-answer');
  });
  it.each([
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'certificate-refused'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'certificate-refused'],
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'certificate-refused'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'certificate-refused'],
    ['CERT_HAS_EXPIRED', 'server-not-trusted'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'server-not-trusted'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'server-not-trusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'server-not-trusted'],
    ['ECONNRESET', 'closed'],
    ['ECONNREFUSED', 'no-connection'],
    ['ENOTFOUND', 'no-connection'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'no-connection'],
  ])('reads %s, where the platform tells it, as %s', async (code, outcome) => {
    const failing = () => Promise.reject(new TypeError('fetch failed', { cause: { code } }));
    expect(await run(failing)).toBe(outcome);
    expect(CONNECTION_TEST_TEXTS[await run(failing)]).toMatch(/\.$/);
  });
});

describe('what the server says about its client certificate', () => {
  it('is subject, number and end of the certificate', () => {
    expect(clientCertificateInfo(CERTIFICATE)).toEqual({
      subject:
        'SERIALNUMBER=SE5599990016-EX01,CN=integration.exempel.example,O=Exempelsystem AB,L=Östersund,C=SE',
      serialNumber: '1003',
      notAfter: '2045-01-01T00:00:00.000Z',
      subjectSerialNumber: 'SE5599990016-EX01',
    });
  });
  it('is that of the first certificate, where those up to its root follow', () => {
    expect(clientCertificateInfo(`${CERTIFICATE}${OCES3_PEM}`)?.serialNumber).toBe('1003');
  });
  it('is nothing for a text that is no certificate', () =>
    expect(clientCertificateInfo('x')).toBeUndefined());
});
