import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmacOf, sha256 } from '../../../src/runtime/node/hashes.ts';
import { createKeyring } from '../../../src/security/keyring.ts';

const SECRET = 'a secret of the tests that is long enough';

const webSha256 = async (text: string): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).toString('base64url');

describe("Node's hashes are WebCrypto's", () => {
  it('SHA-256 of any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        expect(await sha256(text)).toBe(await webSha256(text));
      }),
    );
  });

  it('so that a database may move between the two: index keys and request keys stay the same', async () => {
    const [node, web] = await Promise.all([createKeyring([SECRET], hmacOf), createKeyring([SECRET])]);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('index', 'idempotency', 'id'), fc.string(), async (use, text) => {
        expect(await node.hashAll(use, text)).toEqual(await web.hashAll(use, text));
      }),
    );
  });
});
