import type { Fetch } from '../../ports.ts';
import { type Certificate, parseCertificateText } from '../../xml/certificate.ts';
import { subjectSerial } from './mapping/certificate.ts';

/** What the service would describe; cut to what a connection test looks for. */
const WSDL = `<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:r="urn:com:logica:se:healthcare:efrikort:querying:GetCardForPersonResponder:1" targetNamespace="urn:com:logica:se:healthcare:efrikort:querying:GetCardForPerson:1:rivtabp21" name="GetCardForPersonInteraction"/>
`;

export interface CardServiceOptions {
  /** Serial numbers (SERIALNUMBER of the subject) that have been granted access; undefined: every one. */
  readonly granted?: (serial: string) => Promise<boolean>;
  readonly now: () => number;
}

const refused = (): Response => new Response('No required SSL certificate was sent', { status: 403 });

/** eFrikort's GetCardForPerson behind two-way TLS, as far as its description; `peer` is the client's certificate. */
export const createCardService =
  ({ granted, now }: CardServiceOptions) =>
  async (request: Request, peer: Certificate | undefined): Promise<Response> => {
    const serial = peer === undefined ? undefined : subjectSerial(peer);
    if (peer === undefined || serial === undefined || now() > peer.notAfter) return refused();
    if (granted !== undefined && !(await granted(serial))) return refused();
    const { pathname, search } = new URL(request.url);
    if (
      request.method !== 'GET' ||
      !pathname.endsWith('/GetCardForPerson/1/rivtabp21') ||
      search !== '?wsdl'
    ) {
      return new Response(null, { status: 404 });
    }
    return new Response(WSDL, { headers: { 'content-type': 'text/xml; charset=utf-8' } });
  };

/** A `fetch` that presents this certificate, as an mTLS binding does; undefined: it presents none. */
export const presenting = (
  pem: string | undefined,
  service: (request: Request, peer: Certificate | undefined) => Promise<Response>,
): Fetch => {
  const certificate = pem === undefined ? undefined : parseCertificateText(pem);
  return (request) => service(request, certificate);
};
