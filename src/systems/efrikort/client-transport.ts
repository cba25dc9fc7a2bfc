import { createHttpTransport, type MailExchange } from '../../mail/http-transport.ts';
import type { MailTransport } from '../../mail/transport.ts';
import type { Clock } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { createSender } from '../upstream/exchange.ts';
import type { UpstreamFetch } from '../upstream/fetch.ts';
import type { EfrikortSettings } from './settings.ts';

export interface HttpTransportOptions {
  readonly url: string;
  readonly token?: string;
  readonly fetch: UpstreamFetch;
  readonly clock: Clock;
}

/** Mail over HTTP through the sender that every system uses; also the way into the sandbox's mailbox. */
export const createMailOverHttp = ({ fetch, ...options }: HttpTransportOptions): MailTransport => {
  const send = createSender({ fetch, maxBytes: 64 * 1024 });
  return createHttpTransport({
    ...options,
    exchange: async (request, requestId, limit): Promise<MailExchange> => {
      const exchange = await send(request, { requestId, limit });
      if (exchange.kind === 'no-connection') return { kind: 'no-connection' };
      if (exchange.kind !== 'answer') return { kind: 'uncertain' };
      return { kind: 'answer', status: exchange.status };
    },
  });
};

export interface TransportPorts {
  readonly fetch: UpstreamFetch;
  readonly clock: Clock;
  /** The platform's own SMTP, where it has one. */
  readonly smtp?: MailTransport;
}

/**
 * The transport that the settings name; undefined: mails are sent by hand. The failure is one sentence that names
 * the setting.
 */
export const transportOf = (
  settings: Pick<EfrikortSettings, 'transport' | 'mailUrl' | 'mailToken'>,
  { fetch, clock, smtp }: TransportPorts,
): Result<MailTransport | undefined, string> => {
  const { transport, mailUrl, mailToken } = settings;
  if (transport === 'render-only') return ok(undefined);
  if (transport === 'smtp') {
    return smtp === undefined
      ? fail('EFRIKORT_MAIL=smtp is not possible on this platform: use http or render-only.')
      : ok(smtp);
  }
  if (mailUrl === undefined) return fail('EFRIKORT_MAIL_URL is missing: EFRIKORT_MAIL=http needs it.');
  const token = mailToken === undefined ? {} : { token: mailToken };
  return ok(createMailOverHttp({ url: mailUrl, ...token, fetch, clock }));
};
