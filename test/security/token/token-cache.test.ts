import { describe, expect, it } from 'vitest';
import { createTokenCache } from '../../../src/security/token/token-cache.ts';

describe('the cache of verified tokens', () => {
  it('holds no more than its capacity; the oldest goes first', () => {
    const cache = createTokenCache<number>(3, 1000);
    for (const value of [1, 2, 3, 4]) cache.set(`hash-${value}`, value, 0);
    expect([1, 2, 3, 4].map((value) => cache.get(`hash-${value}`, 0))).toEqual([undefined, 2, 3, 4]);
  });

  it('gives nothing out after its lifetime, nor from a future that was taken back', () => {
    const cache = createTokenCache<number>(3, 1000);
    cache.set('hash', 1, 5000);
    expect(cache.get('hash', 5999)).toBe(1);
    expect(cache.get('hash', 6000)).toBeUndefined();
    cache.set('hash', 1, 5000);
    expect(cache.get('hash', 4999)).toBeUndefined();
  });
});
