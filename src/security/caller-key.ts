import type { Caller } from './caller.ts';
import type { Keyring } from './keyring.ts';

/** The keyed hash of issuer, client and subject that owns versions, outcomes and audit records. */
export interface CallerKeys {
  /** Made with the newest secret: what new records carry. */
  keyOf(caller: Caller): Promise<string>;
  /** One per secret, newest first: what a look-up among older records needs after a rotation. */
  keysOf(caller: Caller): Promise<readonly string[]>;
}

/**
 * Hashes each caller once: the verifier hands out the same Caller for the same token, and the hash lives as long
 * as that object does.
 */
export const createCallerKeys = (keyring: Pick<Keyring, 'hashAll'>): CallerKeys => {
  const known = new WeakMap<Caller, readonly string[]>();
  const keysOf = async (caller: Caller): Promise<readonly string[]> => {
    const found = known.get(caller);
    if (found !== undefined) return found;
    // JSON keeps the three apart whatever characters they hold.
    const name = JSON.stringify(['caller', caller.issuer, caller.clientId, caller.subject]);
    const keys = await keyring.hashAll('id', name);
    known.set(caller, keys);
    return keys;
  };
  const keyOf = async (caller: Caller): Promise<string> => {
    const [newest] = await keysOf(caller);
    if (newest === undefined) throw new Error('A keyring has at least one secret');
    return newest;
  };
  return { keyOf, keysOf };
};
