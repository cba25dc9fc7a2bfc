import { createHash, X509Certificate } from 'node:crypto';

/** One certificate and no chain. Line ends may have become blanks, because a header has none. */
const PEM = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/;

const unescaped = (value: string): string => {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
};

/** RFC 9440 (`:base64:`), PEM, url-encoded or not (nginx, Apache, AWS), or base64 alone (HAProxy, Traefik). */
const base64In = (value: string): string => {
  const [, item] = /^:([^:]*):$/.exec(value) ?? [];
  if (item !== undefined) return item;
  const text = value.includes('%') ? unescaped(value) : value;
  const [, body] = PEM.exec(text) ?? [];
  return body?.replace(/\s+/g, '') ?? text;
};

/** The DER of a text that is base64 of one certificate, and of nothing more. */
const certificateIn = (base64: string): Buffer | undefined => {
  const der = Buffer.from(base64, 'base64');
  if (der.length === 0 || der.toString('base64') !== base64) return undefined;
  try {
    return new X509Certificate(der).raw.equals(der) ? der : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Reads the certificate of the client where the TLS terminator in front hands it on. Nobody else may be able to set
 * this header: the terminator takes away what a client sends under its name, and nothing reaches this server past
 * the terminator. That the client has the certificate's key was proven to the terminator; here it is only read.
 *
 * @param name of the header
 * @returns base64url of the SHA-256 of the DER; undefined for a value that is not one certificate, as for none
 */
export const certificateInHeader =
  (name: string) =>
  (request: Request): string | undefined => {
    const value = request.headers.get(name)?.trim() ?? '';
    const der = value === '' ? undefined : certificateIn(base64In(value));
    return der && createHash('sha256').update(der).digest('base64url');
  };
