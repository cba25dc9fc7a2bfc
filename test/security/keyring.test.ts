import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyring, KEY_USES, parseSecrets } from '../../src/security/keyring.ts';

const OLD = 'an-old-secret-of-at-least-32-characters';
const NEW = 'a-new-secret-of-at-least-32-characters!';

describe('FACADE_SECRET', () => {
  it('is one secret or several, newest first, apart by white space or commas', () => {
    expect(parseSecrets(`${NEW}, ${OLD}\n`)).toEqual({ ok: true, value: [NEW, OLD] });
    expect(parseSecrets(`${NEW} ${NEW}`)).toEqual({ ok: true, value: [NEW] });
  });

  it('is refused in one sentence that names the setting and shows no secret', () => {
    const short = parseSecrets(`${NEW},too-short`);
    expect(short).toEqual({
      ok: false,
      failure: 'FACADE_SECRET needs at least 32 characters in every secret; number 2 is shorter.',
    });
    expect(parseSecrets(' ,\n')).toMatchObject({
      ok: false,
      failure: expect.stringContaining('FACADE_SECRET'),
    });
  });
});

describe('keyring', () => {
  it('hashes the same text alike for one use and differently for every other use and secret', async () => {
    const [mine, other] = await Promise.all([createKeyring([NEW]), createKeyring([OLD])]);
    const hashes = await Promise.all(KEY_USES.map((use) => mine.hash(use, 'text')));
    expect(new Set(hashes).size).toBe(KEY_USES.length);
    expect(await mine.hash('index', 'text')).toBe(hashes[KEY_USES.indexOf('index')]);
    expect(await other.hash('index', 'text')).not.toBe(await mine.hash('index', 'text'));
    expect(hashes[0]).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('makes the same keys from the same secret in every process', async () => {
    const again = await createKeyring([NEW]);
    expect(await again.hash('index', 'urn:x|1')).toBe(
      await (await createKeyring([NEW])).hash('index', 'urn:x|1'),
    );
    const sealed = await again.seal('at-rest', 'text');
    expect(await (await createKeyring([NEW])).open('at-rest', sealed)).toEqual({ ok: true, value: 'text' });
  });

  it('finds after a rotation what the old secret hashed, and opens what it sealed', async () => {
    const before = await createKeyring([OLD]);
    const after = await createKeyring([NEW, OLD]);
    const hashes = await after.hashAll('index', 'text');
    expect(hashes[0]).toBe(await after.hash('index', 'text'));
    expect(hashes[1]).toBe(await before.hash('index', 'text'));
    expect(await after.open('cursor', await before.seal('cursor', 'page 2'))).toEqual({
      ok: true,
      value: 'page 2',
    });
  });

  it('opens whatever text it sealed, and never seals a text alike twice', async () => {
    const keyring = await createKeyring([NEW]);
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        fc.constantFrom(...KEY_USES),
        fc.string(),
        async (text, use, context) => {
          const sealed = await keyring.seal(use, text, context);
          expect(await keyring.open(use, sealed, context)).toEqual({ ok: true, value: text });
          expect(await keyring.seal(use, text, context)).not.toBe(sealed);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('opens nothing that was changed, or sealed for another use, context or secret', async () => {
    const keyring = await createKeyring([NEW]);
    const sealed = await keyring.seal('cursor', 'text', 'caller A');
    const at = sealed.length - 5;
    const changed = `${sealed.slice(0, at)}${sealed[at] === 'x' ? 'y' : 'x'}${sealed.slice(at + 1)}`;
    const reasons = await Promise.all([
      keyring.open('cursor', changed, 'caller A'),
      keyring.open('cursor', sealed, 'caller B'),
      keyring.open('cursor', sealed),
      keyring.open('at-rest', sealed, 'caller A'),
      (await createKeyring([OLD])).open('cursor', sealed, 'caller A'),
      keyring.open('cursor', 'neither here nor there', 'caller A'),
      keyring.open('cursor', '', 'caller A'),
    ]);
    expect(reasons.map((result) => (result.ok ? 'opened' : result.failure))).toEqual([
      'tampered',
      'tampered',
      'tampered',
      'tampered',
      'unknown-key',
      'malformed',
      'malformed',
    ]);
  });
});
