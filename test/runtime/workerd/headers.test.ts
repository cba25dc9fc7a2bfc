import { exports } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { failure } from '../../../src/failure.ts';
import { requestOf } from '../../../src/interactions/bundle-entries.ts';
import { fail } from '../../../src/result.ts';
import { withByteStrings } from '../../../src/runtime/workerd/headers.ts';
import { headerCellSuite } from '../../headers/cells.ts';

headerCellSuite('each cell of the header table, on workerd', async () => ({
  fetch: (request) => exports.default.fetch(request),
}));

const FHIR = 'http://127.0.0.1:8787/fhir';

/** A header of this text, as workerd hands it over: its bytes read as UTF-8. */
const askedBy = (userAgent: string): Promise<Response> =>
  exports.default.fetch(
    new Request(`${FHIR}/Organization?_count=1`, {
      headers: { 'X-Request-ID': crypto.randomUUID(), 'X-User-Agent': userAgent },
    }),
  );

describe("workerd's headers read like Node's", () => {
  it.each([
    ['', 200],
    ['\u00e5', 200],
    ['\u0142\u{1f48a}', 200],
    ['\ufffd', 400],
  ])('raw JSON of a system by name x%s', async (name, status) => {
    const reply = await askedBy(JSON.stringify({ name: `x${name}`, version: '1' }));
    expect(reply.status).toBe(status);
    if (status === 400) expect(await reply.text()).toContain('its bytes are not UTF-8');
    else await reply.body?.cancel();
  });

  it('as byte strings; method, body and the other headers stay', async () => {
    const request = new Request(FHIR, {
      method: 'POST',
      body: 'what is sent',
      headers: { 'X-Test': '\u00e5', 'X-Other': 'b', 'Content-Type': 'text/x' },
    });
    const same = withByteStrings(request);
    expect([...same.headers]).toEqual([
      ['content-type', 'text/x'],
      ['x-other', 'b'],
      ['x-test', '\xc3\xa5'],
    ]);
    expect([same.method, same.url, await same.text()]).toEqual(['POST', FHIR, 'what is sent']);
    const plain = new Request(FHIR, { headers: { 'X-Other': 'b' } });
    expect(withByteStrings(plain)).toBe(plain);
  });
});

describe('the headers of a Bundle, for its entries', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const provenance = '{"agent":[{"who":{"display":"\u00c5sa"}}]}';
  const caller = fail(failure('unauthenticated', 'login', 'No token.'));

  const sent = (): Request =>
    withByteStrings(
      new Request(FHIR, {
        method: 'POST',
        body: '{}',
        headers: { 'X-Provenance': provenance, 'If-Match': 'W/"9"', 'Content-Type': 'application/fhir+xml' },
      }),
    );

  const entryOf = (request: Request, method: string): Request =>
    requestOf(
      { request, caller, report: () => undefined },
      {
        index: 0,
        method,
        url: 'Organization/1',
        conditions: { 'If-Match': 'W/"1"' },
        resource: { resourceType: 'Organization' },
      },
    );

  // What workerd's own Headers are given they print to the log when it is not ASCII: here, who acted.
  it('never go into the platform’s own, which would print them to the log', () => {
    const request = sent();
    const given: unknown[] = [];
    const watched = <T extends typeof Headers | typeof Request>(platforms: T): T =>
      new Proxy(platforms, {
        construct: (target, parameters) => {
          const made: Headers | Request = Reflect.construct(target, parameters);
          given.push([...('headers' in made ? made.headers : made)]);
          return made;
        },
      });
    vi.stubGlobal('Headers', watched(Headers));
    vi.stubGlobal('Request', watched(Request));
    const [put, get] = [entryOf(request, 'PUT'), entryOf(request, 'GET')];
    vi.unstubAllGlobals();
    expect(given).toEqual([[['content-type', 'application/fhir+json']], []]);
    const bytes = provenance.replace('\u00c5', '\xc3\x85');
    expect([put, get].map(({ headers }) => headers.get('X-Provenance'))).toEqual([bytes, bytes]);
  });

  it('are the call’s, but for what the entry says itself', async () => {
    const put = entryOf(sent(), 'PUT');
    expect([...put.headers].slice(1)).toEqual([
      ['accept', 'application/fhir+json'],
      ['if-match', 'W/"1"'],
      ['content-type', 'application/fhir+json'],
    ]);
    expect([put.method, new URL(put.url).pathname]).toEqual(['PUT', '/fhir/Organization/1']);
    expect(await put.json()).toEqual({ resourceType: 'Organization' });
    expect(entryOf(sent(), 'GET').headers.has('content-type')).toBe(false);
  });
});
