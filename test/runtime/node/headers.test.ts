import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withIncomingHeaders } from '../../../src/runtime/node/headers.ts';

const URL = 'http://127.0.0.1/fhir/Consent/1';

const headersOf = (rawHeaders: readonly string[], init: RequestInit = {}): Headers =>
  withIncomingHeaders(new Request(URL, init), { rawHeaders }).headers;

const name = fc.stringMatching(/^[A-Za-z][A-Za-z-]{0,12}$/).filter((one) => one.toLowerCase() !== 'cookie');
const value = fc.stringMatching(/^[!-~]{1,12}$/);

describe("Node's headers read like the fetch API's", () => {
  it('whatever was sent, in any letter case, once or more often', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 12 }), (pairs) => {
        const ours = headersOf(pairs.flat());
        const theirs = new Headers(pairs);
        expect(new Map(ours)).toEqual(new Map(theirs));
        for (const [one] of pairs) {
          expect(ours.get(one.toUpperCase())).toBe(theirs.get(one));
          expect(ours.has(one)).toBe(true);
        }
        expect(ours.get('X-Absent-Header')).toBeNull();
      }),
    );
  });

  it('a header sent twice stays visible, also one of which Node itself would keep the first', () => {
    expect(headersOf(['Authorization', 'Bearer a', 'authorization', 'Bearer b']).get('Authorization')).toBe(
      'Bearer a, Bearer b',
    );
  });

  it('and a Request made from that request has them too', () => {
    const request = withIncomingHeaders(new Request(URL), { rawHeaders: ['X-Request-ID', '1'] });
    expect(new Request(URL, { headers: request.headers }).headers.get('x-request-id')).toBe('1');
  });
});
