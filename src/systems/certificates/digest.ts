/**
 * SHA-1 and SHA-256 (FIPS 180-4) without a promise: a plan is made in one go, and a certificate is a few
 * kilobytes. WebCrypto does everything that is signed; here a digest only names a certificate.
 */

type Bytes = Uint8Array<ArrayBufferLike>;

const left = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
const right = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/** The message with its end mark and length, as 32-bit words; blocks of 16. */
const padded = (message: Bytes): Int32Array => {
  const words = new Int32Array(((message.length + 8) >>> 6) * 16 + 16);
  const view = new DataView(words.buffer);
  message.forEach((octet, at) => {
    view.setUint8(at, octet);
  });
  view.setUint8(message.length, 0x80);
  view.setUint32(words.byteLength - 8, Math.floor(message.length / 0x20000000));
  view.setUint32(words.byteLength - 4, message.length << 3);
  for (let at = 0; at < words.length; at += 1) words[at] = view.getInt32(at * 4);
  return words;
};

const hex = (words: Iterable<number>): string =>
  Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, '0'))
    .join('')
    .toUpperCase();

const SHA1_CONSTANTS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6] as const;

const sha1Mix = (round: number, b: number, c: number, d: number): number => {
  if (round < 20) return (b & c) | (~b & d);
  return round >= 40 && round < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
};

/** SHA-1, 40 upper-case hexadecimal digits: the thumbprint that Windows and OpenSSL show, without colons. */
export const sha1Hex = (message: Bytes): string => {
  const words = padded(message);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const w = new Int32Array(80);
  for (let block = 0; block < words.length; block += 16) {
    w.set(words.subarray(block, block + 16));
    for (let t = 16; t < 80; t += 1) {
      w[t] = left((w[t - 3] ?? 0) ^ (w[t - 8] ?? 0) ^ (w[t - 14] ?? 0) ^ (w[t - 16] ?? 0), 1);
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
    for (let t = 0; t < 80; t += 1) {
      const constant = SHA1_CONSTANTS[Math.floor(t / 20)] ?? 0;
      const next = (left(a, 5) + sha1Mix(t, b, c, d) + e + constant + (w[t] ?? 0)) | 0;
      [a, b, c, d, e] = [next, a, left(b, 30), c, d];
    }
    [a, b, c, d, e].forEach((word, at) => {
      state[at] = (state[at] ?? 0) + word;
    });
  }
  return hex(state);
};

/** The first 32 bits of the fractional part of a root of a prime. */
const fraction = (root: number): number => ((root - Math.floor(root)) * 0x100000000) | 0;

const firstPrimes = (count: number): readonly number[] => {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n += 1) {
    if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  }
  return primes;
};

const SHA256_CONSTANTS = Int32Array.from(firstPrimes(64), (prime) => fraction(Math.cbrt(prime)));
const SHA256_START = Int32Array.from(firstPrimes(8), (prime) => fraction(Math.sqrt(prime)));

const schedule = (w: Int32Array): void => {
  for (let t = 16; t < 64; t += 1) {
    const [far, near] = [w[t - 15] ?? 0, w[t - 2] ?? 0];
    const s0 = right(far, 7) ^ right(far, 18) ^ (far >>> 3);
    const s1 = right(near, 17) ^ right(near, 19) ^ (near >>> 10);
    w[t] = (w[t - 16] ?? 0) + s0 + (w[t - 7] ?? 0) + s1;
  }
};

/** SHA-256, 64 upper-case hexadecimal digits. */
export const sha256Hex = (message: Bytes): string => {
  const words = padded(message);
  const state = Int32Array.from(SHA256_START);
  const w = new Int32Array(64);
  for (let block = 0; block < words.length; block += 16) {
    w.set(words.subarray(block, block + 16));
    schedule(w);
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
    for (let t = 0; t < 64; t += 1) {
      const s1 = right(e, 6) ^ right(e, 11) ^ right(e, 25);
      const one = (h + s1 + ((e & f) ^ (~e & g)) + (SHA256_CONSTANTS[t] ?? 0) + (w[t] ?? 0)) | 0;
      const s0 = right(a, 2) ^ right(a, 13) ^ right(a, 22);
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => {
      state[at] = (state[at] ?? 0) + word;
    });
  }
  return hex(state);
};
