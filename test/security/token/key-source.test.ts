import type { JWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Fetch } from '../../../src/ports.ts';
import { createKeySource } from '../../../src/security/token/key-source.ts';
import { createTokenVerifier } from '../../../src/security/token/verify.ts';
import { issuerOf, makeSigner, NOW, type Signer, sha256 } from './signer.ts';

const URL = 'https://issuer.example/jwks';
const TIMES = { timeout: 40, maxAge: 600_000, maxStale: 3_600_000, cooldown: 30_000, retry: 5_000 };

let first: Signer;
let second: Signer;
beforeAll(async () => {
  [first, second] = await Promise.all([makeSigner('ES256', 'key-1'), makeSigner('ES256', 'key-2')]);
});

/** An issuer's key endpoint that can be changed, broken and counted, with a clock beside it. */
const endpoint = (keys: readonly JWK[]) => {
  const state: { keys: readonly JWK[]; answer: Fetch | undefined; calls: Request[]; now: number } = {
    keys,
    answer: undefined,
    calls: [],
    now: NOW,
  };
  const fetch: Fetch = async (request) => {
    state.calls.push(request);
    return state.answer === undefined ? Response.json({ keys: state.keys }) : state.answer(request);
  };
  const ports = { fetch, clock: () => state.now, background: () => undefined };
  return { state, ports };
};

const found = async (source: ReturnType<typeof createKeySource>, kid: string): Promise<string> => {
  const result = await source.find({ alg: 'ES256', kid });
  return result.ok ? 'found' : result.failure;
};

describe('the keys of an issuer', () => {
  it('are fetched once and then kept, however many ask at the same time', async () => {
    const { state, ports } = endpoint([first.jwk]);
    const source = createKeySource({ url: URL }, ports, TIMES);
    const results = await Promise.all(Array.from({ length: 20 }, () => found(source, 'key-1')));
    expect(new Set(results)).toEqual(new Set(['found']));
    expect(state.calls.map((request) => request.url)).toEqual([URL]);
    state.now += TIMES.maxAge - 1;
    expect(await found(source, 'key-1')).toBe('found');
    expect(state.calls.length).toBe(1);
  });

  it('are fetched again when they are old, so that a withdrawn key stops working', async () => {
    const { state, ports } = endpoint([first.jwk, second.jwk]);
    const source = createKeySource({ url: URL }, ports, TIMES);
    expect(await found(source, 'key-1')).toBe('found');
    state.keys = [second.jwk];
    state.now += TIMES.maxAge;
    expect(await found(source, 'key-1')).toBe('unknown');
    expect(await found(source, 'key-2')).toBe('found');
  });

  it('are fetched at once when a token names a new key, but only once in a while', async () => {
    const { state, ports } = endpoint([first.jwk]);
    const source = createKeySource({ url: URL }, ports, TIMES);
    await found(source, 'key-1');
    state.keys = [first.jwk, second.jwk];
    expect(await found(source, 'key-2')).toBe('found');
    expect(state.calls.length).toBe(2);
    for (let attempt = 0; attempt < 10; attempt++)
      expect(await found(source, `made-up-${attempt}`)).toBe('unknown');
    expect(state.calls.length).toBe(2);
    state.now += TIMES.cooldown;
    expect(await found(source, 'made-up')).toBe('unknown');
    expect(state.calls.length).toBe(3);
  });

  it('serve on while fetching fails, but not for ever', async () => {
    const { state, ports } = endpoint([first.jwk]);
    const source = createKeySource({ url: URL }, ports, TIMES);
    await found(source, 'key-1');
    state.answer = async () => new Response('down', { status: 503 });
    state.now += TIMES.maxAge;
    expect(await found(source, 'key-1')).toBe('found');
    expect(await found(source, 'key-1')).toBe('found');
    expect(state.calls.length).toBe(2);
    state.now = NOW + TIMES.maxStale;
    expect(await found(source, 'key-1')).toBe('unavailable');
    state.answer = undefined;
    state.now += TIMES.retry;
    expect(await found(source, 'key-1')).toBe('found');
  });

  it.each<[string, Fetch]>([
    ['refuses the connection', () => Promise.reject(new TypeError('fetch failed'))],
    ['never answers', () => new Promise<Response>(() => undefined)],
    ['answers with an error', async () => new Response('', { status: 500 })],
    [
      'redirects',
      async () => new Response('', { status: 302, headers: { location: 'https://attacker.example' } }),
    ],
    ['answers HTML', async () => new Response('<html>')],
    ['answers JSON of another kind', async () => Response.json({ issuer: 'x' })],
  ])('are unavailable when the issuer %s', async (_, answer) => {
    const { state, ports } = endpoint([]);
    state.answer = answer;
    const source = createKeySource({ url: URL }, ports, TIMES);
    expect(await found(source, 'key-1')).toBe('unavailable');
    // No storm: the next try waits.
    expect(await found(source, 'key-1')).toBe('unavailable');
    expect(state.calls.length).toBe(1);
  });

  it('missing make the call a 503 that may be repeated, not a 401', async () => {
    const { state, ports } = endpoint([]);
    state.answer = () => Promise.reject(new TypeError('fetch failed'));
    const verifier = createTokenVerifier({ ...ports, issuers: [issuerOf({ url: URL })], sha256 });
    expect(await verifier.verify(`Bearer ${await first.sign()}`)).toMatchObject({
      ok: false,
      failure: { kind: 'unavailable', retryAfter: 5, issues: [{ code: 'transient' }] },
    });
  });

  it('withdrawn stop the tokens that are remembered too', async () => {
    const { state, ports } = endpoint([first.jwk]);
    const verifier = createTokenVerifier({ ...ports, issuers: [issuerOf({ url: URL })], sha256 });
    const authorization = `Bearer ${await first.sign()}`;
    expect(await verifier.verify(authorization)).toMatchObject({ ok: true });
    state.keys = [second.jwk];
    state.now += 5 * 60_000;
    expect(await verifier.verify(authorization)).toMatchObject({ ok: false });
  });

  it('survive a clock that is set back', async () => {
    const { state, ports } = endpoint([first.jwk]);
    const source = createKeySource({ url: URL }, ports, TIMES);
    await found(source, 'key-1');
    state.now = NOW - 86_400_000;
    expect(await found(source, 'key-1')).toBe('found');
  });
});
