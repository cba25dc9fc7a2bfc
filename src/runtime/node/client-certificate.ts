/** HTTPS with a client certificate: Node's own `fetch` has no place for one. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { createSecureContext } from 'node:tls';
import { fail, ok, type Result } from '../../result.ts';
import type { ClientIdentity, IdentityFault } from '../../systems/efrikort/client-fetch.ts';
import type { UpstreamFetch } from '../../systems/upstream/fetch.ts';

const read = <T>(reader: () => T): T | undefined => {
  try {
    return reader();
  } catch {
    // Its message may quote the text, which may be a key.
    return undefined;
  }
};

const faultOf = ({ certificate, key, ca }: ClientIdentity): IdentityFault | undefined => {
  const shown = read(() => new X509Certificate(certificate));
  if (shown === undefined) return 'certificate';
  const secret = read(() => createPrivateKey(key));
  if (secret === undefined) return 'key';
  if (!shown.checkPrivateKey(secret)) return 'pair';
  if (read(() => createSecureContext({ cert: certificate, key })) === undefined) return 'certificate';
  if (ca !== undefined && read(() => new X509Certificate(ca)) === undefined) return 'ca';
  return undefined;
};

/** Statuses whose answer has no body (Fetch, 2.2.3). */
const BODILESS = new Set([204, 205, 304]);

const responseOf = (incoming: IncomingMessage): Response => {
  const { statusCode: status = 0, rawHeaders } = incoming;
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  }
  if (BODILESS.has(status)) {
    incoming.resume();
    return new Response(null, { status, headers });
  }
  // One class with two descriptions, Node's own and that of the web platform.
  const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array<ArrayBuffer>>;
  return new Response(body, { status, headers });
};

/** Rejects as `fetch` does: a TypeError whose `cause` has Node's error code. */
const exchange = (request: Request, body: Buffer | undefined, agent: Agent): Promise<Response> =>
  new Promise((resolve, reject) => {
    const failed = (cause: unknown): void => reject(new TypeError('fetch failed', { cause }));
    const { url, method, signal } = request;
    const headers = Object.fromEntries(request.headers);
    const outgoing = httpsRequest(url, { method, headers, agent, signal }, (incoming) => {
      try {
        resolve(responseOf(incoming));
      } catch (error) {
        // No status or header that a Response could have.
        incoming.destroy();
        failed(error);
      }
    });
    outgoing.on('error', failed);
    outgoing.end(body);
  });

/**
 * A `fetch` that presents this certificate and follows no redirect. Each call makes its own connection: such calls
 * are rare, and a connection test has to see the handshake. Fails when certificate and key cannot be used.
 */
export const createFetchWithCertificate = (
  identity: ClientIdentity,
): Result<UpstreamFetch, IdentityFault> => {
  const fault = faultOf(identity);
  if (fault !== undefined) return fail(fault);
  const { certificate: cert, key, ca } = identity;
  const agent = new Agent({ cert, key, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) });
  return ok(async (request) => {
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
    return exchange(request, body, agent);
  });
};
