import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
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
