import { describe, expect, it } from 'vitest';
import { compress } from '../../../src/runtime/node/compress.ts';

const TEXT = JSON.stringify({ resourceType: 'Bundle', id: 'x'.repeat(2000) });
const asked = (coding?: string): Request =>
  new Request('http://127.0.0.1/fhir/metadata', {
    headers: coding === undefined ? {} : { 'Accept-Encoding': coding },
  });
const answer = (type = 'application/fhir+json; charset=utf-8'): Response =>
  new Response(TEXT, { status: 201, headers: { 'Content-Type': type, ETag: 'W/"1"' } });

describe('an answer on Node', () => {
  it.each(['gzip', 'br, gzip;q=0.5', '*'])('is gzipped for Accept-Encoding %s', async (coding) => {
    const compressed = compress(asked(coding), answer());
    expect([compressed.status, compressed.headers.get('content-encoding')]).toEqual([201, 'gzip']);
    expect([compressed.headers.get('vary'), compressed.headers.get('etag')]).toEqual([
      'Accept-Encoding',
      'W/"1"',
    ]);
    const plain = new Response(compressed.body?.pipeThrough(new DecompressionStream('gzip')));
    expect(await plain.text()).toBe(TEXT);
  });

  it.each([undefined, 'br', 'gzip;q=0', 'identity'])('is left as it is for %s', async (coding) => {
    const untouched = answer();
    expect(compress(asked(coding), untouched)).toBe(untouched);
  });

  it('is left as it is when it has no body, or is no text of FHIR', () => {
    const empty = new Response(null, { status: 204 });
    expect(compress(asked('gzip'), empty)).toBe(empty);
    const image = answer('image/png');
    expect(compress(asked('gzip'), image)).toBe(image);
  });
});
