import { describe, expect, it } from 'vitest';
import { compress, takesGzip } from '../../../src/runtime/node/compress.ts';

const TEXT = JSON.stringify({ resourceType: 'Bundle', id: 'x'.repeat(2000) });
const answer = (type = 'application/fhir+json; charset=utf-8'): Response =>
  new Response(TEXT, { status: 201, headers: { 'Content-Type': type, ETag: 'W/"1"' } });

describe('an answer on Node', () => {
  it('is gzipped, its other headers kept', async () => {
    const compressed = compress(answer());
    expect([compressed.status, compressed.headers.get('content-encoding')]).toEqual([201, 'gzip']);
    expect([compressed.headers.get('vary'), compressed.headers.get('etag')]).toEqual([
      'Accept-Encoding',
      'W/"1"',
    ]);
    const plain = new Response(compressed.body?.pipeThrough(new DecompressionStream('gzip')));
    expect(await plain.text()).toBe(TEXT);
  });

  it.each(['gzip', 'br, GZIP;q=0.5', '*'])('is for a client that takes it: %s', (accepted) => {
    expect(takesGzip(accepted)).toBe(true);
  });

  it.each([undefined, 'br', 'gzip;q=0', 'gzip;q=0.00', 'identity'])('is not for %s', (accepted) => {
    expect(takesGzip(accepted)).toBe(false);
  });

  it('is left as it is when it has no body, or is no text of FHIR', () => {
    const empty = new Response(null, { status: 204 });
    expect(compress(empty)).toBe(empty);
    const image = answer('image/png');
    expect(compress(image)).toBe(image);
  });
});
