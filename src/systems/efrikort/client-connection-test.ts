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
  /** This server does not trust the other side's certificate. */
  | 'server-not-trusted'
  /** The connection was closed before an answer; so do some servers that refuse a client certificate. */
  | 'closed'
  /** No connection: name, route, or the TLS handshake. */
  | 'no-connection'
  | 'timed-out'
  /** An answer, and not the description of the service. */
  | 'unexpected-answer';

export interface ConnectionTestResult {
  readonly outcome: ConnectionTestOutcome;
  readonly url: string;
  readonly durationMs: number;
}

/** What an outcome means for the operator, in a sentence or two. */
export const CONNECTION_TEST_TEXTS: Readonly<Record<ConnectionTestOutcome, string>> = {
  reachable: 'eFrikort answered over two-way TLS; certificate, network and address are right.',
  'certificate-refused':
    'The other side refused the client certificate, or got none. Check EFRIKORT_CLIENT_CERTIFICATE, its end, and that its serial number has been granted access.',
  'server-not-trusted':
    "The certificate of the other side is not trusted here. Check the host of EFRIKORT_URL, and give the root of the other side's certificate in EFRIKORT_CA.",
  closed:
    'The connection was closed before an answer, as by servers that refuse a client certificate without a word. Check EFRIKORT_CLIENT_CERTIFICATE and whether it has been granted access.',
  'no-connection': 'No connection was made. Check EFRIKORT_URL, name resolution, route and firewall.',
  'timed-out': 'No complete answer came in time. Check route and firewall, and try again.',
  'unexpected-answer':
    'There was an answer, and it does not describe GetCardForPerson. Check the path of EFRIKORT_URL.',
};

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

/** Alerts by which the other side refuses a client certificate, as Node names them (RFC 8446, 6.2). */
const ALERT =
  /ALERT_(?:NO_CERTIFICATE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/;

/** Why this side does not go on with the other side's certificate, as Node names it. */
const UNTRUSTED =
  /^(?:CERT_\w+|\w*SELF_SIGNED_CERT\w*|UNABLE_TO_(?:VERIFY|GET)_\w+|ERR_TLS_CERT_ALTNAME_INVALID|INVALID_CA|INVALID_PURPOSE)$/;

const CLOSED = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

const interpretFailure = (code: string): ConnectionTestOutcome => {
  if (ALERT.test(code)) return 'certificate-refused';
  if (UNTRUSTED.test(code)) return 'server-not-trusted';
  return CLOSED.has(code) ? 'closed' : 'no-connection';
};

/** `code`: of the error by which the connection failed, where the platform gives one. */
export const interpretConnectionTest = (exchange: Exchange, code = ''): ConnectionTestOutcome => {
  switch (exchange.kind) {
    case 'timeout':
      return 'timed-out';
    case 'no-connection':
    case 'dropped':
      return interpretFailure(code);
    case 'broken':
      return 'unexpected-answer';
    case 'answer': {
      if (REFUSED.has(exchange.status)) return 'certificate-refused';
      const described = /<(?:[\w-]+:)?definitions\b/.test(exchange.text) && exchange.text.includes(NAMESPACE);
      return exchange.status === 200 && described ? 'reachable' : 'unexpected-answer';
    }
  }
};

const codeOf = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : '';
};

export interface ConnectionTestOptions {
  readonly settings: Pick<EfrikortSettings, 'serviceUrl'>;
  /** Presents the client certificate: an mTLS binding on Workers, a TLS client with key on Node. */
  readonly fetch: UpstreamFetch;
  readonly clock: Clock;
}

/** Fetches the description of GetCardForPerson over two-way TLS; reads no card. Never throws. */
export const createConnectionTest =
  ({ settings, fetch, clock }: ConnectionTestOptions) =>
  async (requestId: string, deadline: number): Promise<ConnectionTestResult> => {
    let code = '';
    const watched: UpstreamFetch = (request, about) =>
      fetch(request, about).catch((error: unknown) => {
        code = codeOf(error);
        throw error;
      });
    const send = createSender({ fetch: watched, maxBytes: 1024 * 1024 });
    const request = connectionTestRequest(settings);
    const start = clock();
    const exchange = await send(request, { requestId, limit: deadline - start });
    return {
      outcome: interpretConnectionTest(exchange, code),
      url: request.url,
      durationMs: clock() - start,
    };
  };
