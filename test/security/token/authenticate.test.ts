import { describe, expect, it } from 'vitest';
import { createCallerKeys } from '../../../src/security/caller-key.ts';
import { createKeyring } from '../../../src/security/keyring.ts';
import { createAuthenticator } from '../../../src/security/token/authenticate.ts';
import { createTokenVerifier } from '../../../src/security/token/verify.ts';
import { makeCaller } from '../make-caller.ts';
import { issuerOf, makeSigner, NOW, sha256 } from './signer.ts';

const PERSON = { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '01817500168' };

const setUp = async (resolve: () => Promise<string | undefined>) => {
  const signer = await makeSigner();
  const verifier = createTokenVerifier({
    issuers: [issuerOf({ set: { keys: [signer.jwk] } })],
    fetch: () => Promise.reject(new Error('no fetch expected')),
    clock: () => NOW,
    sha256,
  });
  return { signer, ...createAuthenticator(verifier, resolve) };
};

describe('authentication', () => {
  it('gives the same caller for the same token and looks a person up once', async () => {
    let asked = 0;
    const { signer, authenticate } = await setUp(async () => `p${++asked}`);
    const authorization = `Bearer ${await signer.sign({ facade_role: 'citizen', person: PERSON })}`;
    const [first, second] = [await authenticate(authorization), await authenticate(authorization)];
    expect(first).toMatchObject({ ok: true, value: { patient: 'p1' } });
    expect(first.ok && second.ok && first.value === second.value).toBe(true);
  });

  it('looks a person up again who was not in the index', async () => {
    const answers = [undefined, 'p1'];
    const { signer, authenticate } = await setUp(async () => answers.shift());
    const authorization = `Bearer ${await signer.sign({ facade_role: 'citizen', person: PERSON })}`;
    await authenticate(authorization);
    expect(await authenticate(authorization)).toMatchObject({ ok: true, value: { patient: 'p1' } });
  });

  it('of a genuine token without a role is a 403, not a 401', async () => {
    const { signer, authenticate } = await setUp(async () => undefined);
    expect(await authenticate(`Bearer ${await signer.sign({ facade_role: undefined })}`)).toMatchObject({
      ok: false,
      failure: { kind: 'forbidden' },
    });
  });
});

describe('the key of a caller', () => {
  const OLD = 'an-old-secret-of-at-least-32-characters';
  const NEW = 'a-new-secret-of-at-least-32-characters!';

  it('depends on issuer, client and subject, and on nothing else', async () => {
    const { keyOf } = createCallerKeys(await createKeyring([NEW]));
    const key = await keyOf(makeCaller('nurse'));
    expect(await keyOf(makeCaller('prescriber', { expiresAt: 7, loa: 3 }))).toBe(key);
    for (const other of [{ issuer: 'x' }, { clientId: 'x' }, { subject: 'x' }]) {
      expect(await keyOf(makeCaller('nurse', other))).not.toBe(key);
    }
    const shifted = { clientId: 'clientsub', subject: 'ject' };
    expect(await keyOf(makeCaller('nurse', shifted))).not.toBe(key);
  });

  it('made before a rotation is among those of after it', async () => {
    const before = createCallerKeys(await createKeyring([OLD]));
    const after = createCallerKeys(await createKeyring([NEW, OLD]));
    const caller = makeCaller('nurse');
    expect(await after.keysOf(caller)).toEqual([await after.keyOf(caller), await before.keyOf(caller)]);
  });
});
