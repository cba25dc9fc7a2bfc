import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { makeKey, type SubjectAttribute } from '../../../src/systems/dgws/simulator-certificate.ts';
import { createCardService } from '../../../src/systems/efrikort/simulator-cards.ts';
import { parseCertificate } from '../../../src/xml/certificate.ts';

const pem = (label: string, base64: string) =>
  `-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`;

/** A self-signed certificate and its key, PEM. RSA keys take their time: make them once for a file. */
export const made = async (...subject: readonly SubjectAttribute[]) => {
  const { certificate, privateKey } = await makeKey(subject);
  return { certificate: pem('CERTIFICATE', certificate), key: pem('PRIVATE KEY', privateKey) };
};

type Pair = Awaited<ReturnType<typeof made>>;

/** eFrikort's GetCardForPerson on a real port; access is granted to SE5599990016-EX01 alone. */
export const openCardServer = async (own: Pair, client: Pair, how: ServerOptions = {}) => {
  const service = createCardService({
    now: Date.now,
    granted: async (serial) => serial === 'SE5599990016-EX01',
  });
  const options = { key: own.key, cert: own.certificate, ca: client.certificate, requestCert: true };
  const server = createServer(
    { ...options, rejectUnauthorized: false, ...how },
    async (incoming, outgoing) => {
      const raw = (incoming.socket as TLSSocket).getPeerCertificate().raw;
      const peer = raw === undefined ? undefined : parseCertificate(Uint8Array.from(raw));
      const answer = await service(new Request(`https://localhost${incoming.url}`), peer);
      outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/efrikortService`,
    close: () => {
      server.close();
    },
  };
};
