import { createHmac, createSecretKey, hash } from 'node:crypto';
import type { HmacOf, Sha256 } from '../../ports.ts';

/**
 * Node's own hashes. They answer at once, where WebCrypto's go through a queue of threads that costs many times
 * what the hash of a short text does.
 */

export const sha256: Sha256 = (text) => hash('sha256', text, 'base64url');

export const hmacOf: HmacOf = (bytes) => {
  const key = createSecretKey(bytes);
  return (text) => createHmac('sha256', key).update(text).digest('base64url');
};
