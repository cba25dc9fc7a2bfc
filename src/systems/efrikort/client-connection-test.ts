import type { Clock } from '../../ports.ts';
import { createSender, type Exchange, type UpstreamRequest } from '../upstream/exchange.ts';
import type { UpstreamFetch } from '../upstream/fetch.ts';
import type { EfrikortSettings } from './settings.ts';

/** What a connection test found. */
export type ConnectionTestOutcome =
  /** The service described itself: certificate, network and address are right. */
  | 'reachable'
  /** The other side did not take the client certificate, or got none. */
  | 'certificate-refused'
  /** No connection: name, route, or the TLS handshake. A refused certificate may show so, too. */
  | 'no-connection'
  | 'timed-out'
  /** An answer, and not the description of the service. */
  | 'unexpected-answer';

export interface ConnectionTestResult {
  readonly outcome: ConnectionTestOutcome;
  readonly url: string;
  readonly durationMs: number;
}

const NAMESPACE = 'GetCardForPersonResponder:1';

export const connectionTestRequest = ({
  serviceUrl,
}: Pick<EfrikortSettings, 'serviceUrl'>): UpstreamRequest => ({
  method: 'GET',
  url: `${serviceUrl}/GetCardForPerson/1/rivtabp21?wsdl`,
  headers: { accept: 'text/xml, application/wsdl+xml' },
});

/** Statuses by which servers refuse a client certificate; the last three are nginx's own. */
const REFUSED: ReadonlySet<number> = new Set([401, 403, 400, 495, 496]);

export const interpretConnectionTest = (exchange: Exchange): ConnectionTestOutcome => {
  switch (exchange.kind) {
    case 'timeout':
      return 'timed-out';
    case 'no-connection':
    case 'dropped':
      return 'no-connection';
    case 'broken':
      return 'unexpected-answer';
    case 'answer': {
      if (REFUSED.has(exchange.status)) return 'certificate-refused';
      const described = /<(?:[\w-]+:)?definitions\b/.test(exchange.text) && exchange.text.includes(NAMESPACE);
      return exchange.status === 200 && described ? 'reachable' : 'unexpected-answer';
    }
  }
};

export interface ConnectionTestOptions {
  readonly settings: Pick<EfrikortSettings, 'serviceUrl'>;
  /** Presents the client certificate: an mTLS binding on Workers, a TLS client with key on Node. */
  readonly fetch: UpstreamFetch;
  readonly clock: Clock;
}

/** Fetches the description of GetCardForPerson over two-way TLS; reads no card. Never throws. */
export const createConnectionTest = ({ settings, fetch, clock }: ConnectionTestOptions) => {
  const send = createSender({ fetch, maxBytes: 1024 * 1024 });
  return async (requestId: string, deadline: number): Promise<ConnectionTestResult> => {
    const request = connectionTestRequest(settings);
    const start = clock();
    const exchange = await send(request, { requestId, limit: deadline - start });
    return {
      outcome: interpretConnectionTest(exchange),
      url: request.url,
      durationMs: clock() - start,
    };
  };
};
