import { base64url, type CryptoKey } from 'jose';
import type { Hmac, HmacOf } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';

/**
 * What keys are made for. One key per use, so that a value made for one of them never opens or matches
 * another: a cursor is no stored secret, an index hash is no request hash.
 */
export const KEY_USES = ['cursor', 'index', 'idempotency', 'id', 'at-rest'] as const;

export type KeyUse = (typeof KEY_USES)[number];

/**
 * Why a sealed text does not open: `malformed` is not of our form, `unknown-key` was sealed with a secret that is
 * no longer listed, `tampered` was changed or belongs to another use or context.
 */
export type OpenFailure = 'malformed' | 'unknown-key' | 'tampered';

/** The keys that FACADE_SECRET gives. Every text is UTF-8; every output is base64url. */
export interface Keyring {
  /** HMAC-SHA-256 with the newest secret's key: 43 characters. */
  hash(use: KeyUse, text: string): Promise<string>;
  /** One hash per secret, newest first: a look-up after a rotation still finds what an old key made. */
  hashAll(use: KeyUse, text: string): Promise<readonly string[]>;
  /**
   * AES-256-GCM with the newest secret's key, as `<key id>.<nonce and ciphertext>`. `context` is authenticated
   * with it and must be the same at `open`: a cursor sealed for one caller does not open for another.
   */
  seal(use: KeyUse, text: string, context?: string): Promise<string>;
  open(use: KeyUse, sealed: string, context?: string): Promise<Result<string, OpenFailure>>;
}

const MINIMUM_LENGTH = 32;
const NONCE_BYTES = 12;
const SEALED = /^([A-Za-z0-9_-]{8})\.([A-Za-z0-9_-]{38,})$/;

const encoder = new TextEncoder();
const utf8 = (text: string) => encoder.encode(text);
const SALT = utf8('nordic-fhir-facade');

/**
 * Reads FACADE_SECRET: one secret or several, newest first, apart by white space or commas.
 *
 * @returns the secrets without repetitions, or one sentence that names the setting and no secret
 */
export const parseSecrets = (text: string): Result<readonly string[], string> => {
  const secrets = [...new Set(text.split(/[\s,]+/).filter((part) => part !== ''))];
  if (secrets.length === 0) return fail('FACADE_SECRET is empty; it needs at least one secret.');
  const short = secrets.findIndex((secret) => secret.length < MINIMUM_LENGTH);
  if (short !== -1) {
    return fail(
      `FACADE_SECRET needs at least ${MINIMUM_LENGTH} characters in every secret; number ${short + 1} is shorter.`,
    );
  }
  return ok(secrets);
};

/** All keys of one secret. */
interface SecretKeys {
  /** Says which secret sealed a text without saying anything about the secret. */
  readonly keyId: string;
  readonly mac: ReadonlyMap<KeyUse, Hmac>;
  readonly cipher: ReadonlyMap<KeyUse, CryptoKey>;
}

const hkdf = (info: string) => ({ name: 'HKDF', hash: 'SHA-256', salt: SALT, info: utf8(info) });

const HMAC_BITS = 256;

const webHmacOf: HmacOf = async (bytes) => {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign']);
  return async (text) => base64url.encode(new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(text))));
};

const deriveSecretKeys = async (secret: string, hmacOf: HmacOf): Promise<SecretKeys> => {
  const base = await crypto.subtle.importKey('raw', utf8(secret), 'HKDF', false, ['deriveKey', 'deriveBits']);
  const macOf = async (use: KeyUse) =>
    hmacOf(new Uint8Array(await crypto.subtle.deriveBits(hkdf(`${use}/hmac-sha-256`), base, HMAC_BITS)));
  const cipherOf = (use: KeyUse) =>
    crypto.subtle.deriveKey(hkdf(`${use}/aes-256-gcm`), base, { name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]);
  const pairs = async <T>(make: (use: KeyUse) => Promise<T>) =>
    new Map(await Promise.all(KEY_USES.map(async (use): Promise<[KeyUse, T]> => [use, await make(use)])));
  const idBits = await crypto.subtle.deriveBits(hkdf('key-id'), base, 48);
  return {
    keyId: base64url.encode(new Uint8Array(idBits)),
    mac: await pairs(macOf),
    cipher: await pairs(cipherOf),
  };
};

/** Every use is derived when the keyring is made: a missing one is a bug. */
const keyFor = <T>(keys: ReadonlyMap<KeyUse, T>, use: KeyUse): T => {
  const key = keys.get(use);
  if (key === undefined) throw new Error(`No key for ${use}`);
  return key;
};

const authenticated = (keyId: string, use: KeyUse, context: string) =>
  utf8(JSON.stringify([keyId, use, context]));

const seal = async (keys: SecretKeys, use: KeyUse, text: string, context: string): Promise<string> => {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const algorithm = { name: 'AES-GCM', iv, additionalData: authenticated(keys.keyId, use, context) };
  const cipher = await crypto.subtle.encrypt(algorithm, keyFor(keys.cipher, use), utf8(text));
  const bytes = new Uint8Array(NONCE_BYTES + cipher.byteLength);
  bytes.set(iv);
  bytes.set(new Uint8Array(cipher), NONCE_BYTES);
  return `${keys.keyId}.${base64url.encode(bytes)}`;
};

const unseal = async (
  keys: SecretKeys,
  use: KeyUse,
  bytes: Uint8Array<ArrayBuffer>,
  context: string,
): Promise<Result<string, OpenFailure>> => {
  const algorithm = {
    name: 'AES-GCM',
    iv: bytes.subarray(0, NONCE_BYTES),
    additionalData: authenticated(keys.keyId, use, context),
  };
  try {
    const plain = await crypto.subtle.decrypt(
      algorithm,
      keyFor(keys.cipher, use),
      bytes.subarray(NONCE_BYTES),
    );
    return ok(new TextDecoder().decode(plain));
  } catch {
    // WebCrypto's only way to say that the tag does not fit.
    return fail('tampered');
  }
};

/**
 * Derives every key once.
 *
 * @param secrets of `parseSecrets`, newest first
 * @param hmacOf the platform's own where it has a faster one: a write needs half a dozen of them
 */
export const createKeyring = async (
  secrets: readonly string[],
  hmacOf: HmacOf = webHmacOf,
): Promise<Keyring> => {
  const all = await Promise.all(secrets.map((secret) => deriveSecretKeys(secret, hmacOf)));
  const newest = all[0];
  if (newest === undefined) throw new Error('A keyring needs at least one secret');
  const byId = new Map(all.map((keys) => [keys.keyId, keys]));
  return {
    hash: async (use, text) => keyFor(newest.mac, use)(text),
    hashAll: (use, text) => Promise.all(all.map((keys) => keyFor(keys.mac, use)(text))),
    seal: (use, text, context = '') => seal(newest, use, text, context),
    open: async (use, sealed, context = '') => {
      const [, keyId, body] = SEALED.exec(sealed) ?? [];
      if (keyId === undefined || body === undefined) return fail('malformed');
      const keys = byId.get(keyId);
      if (keys === undefined) return fail('unknown-key');
      return unseal(keys, use, Uint8Array.from(base64url.decode(body)), context);
    },
  };
};
