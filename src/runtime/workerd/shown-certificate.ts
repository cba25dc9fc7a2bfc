import { base64url } from 'jose';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/**
 * The client's certificate as Cloudflare's edge has verified it for this request (mTLS of the zone).
 * https://developers.cloudflare.com/workers/runtime-apis/request/#incomingrequestcfproperties
 *
 * @returns base64url of the SHA-256 of the DER; undefined unless one was shown, verified and not revoked
 */
export const certificateOfConnection = (request: Request): string | undefined => {
  const about: unknown = 'cf' in request ? request.cf : undefined;
  const tls = isObject(about) ? about['tlsClientAuth'] : undefined;
  if (!isObject(tls) || tls['certPresented'] !== '1' || tls['certVerified'] !== 'SUCCESS') return undefined;
  const fingerprint = tls['certFingerprintSHA256'];
  if (tls['certRevoked'] === '1' || typeof fingerprint !== 'string') return undefined;
  if (!/^[0-9a-f]{64}$/i.test(fingerprint)) return undefined;
  const octets = fingerprint.match(/../g) ?? [];
  return base64url.encode(Uint8Array.from(octets, (octet) => Number.parseInt(octet, 16)));
};
