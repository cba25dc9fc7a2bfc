import type { Clock } from '../ports.ts';
import type { MailFate, MailRefusal, MailTransport } from './transport.ts';

/** What of an HTTP exchange decides the fate of a mail. */
export type MailExchange =
  | { readonly kind: 'answer'; readonly status: number }
  | { readonly kind: 'no-connection' }
  /** Timeout, broken connection, broken answer: the other side may have acted. */
  | { readonly kind: 'uncertain' };

export interface HttpMailRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpMailOptions {
  /** Takes `message/rfc822` by POST and answers 2xx when it has it. */
  readonly url: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: string;
  readonly clock: Clock;
  /** One exchange, within so many milliseconds; never throws. */
  readonly exchange: (request: HttpMailRequest, requestId: string, limit: number) => Promise<MailExchange>;
}

/** Statuses that say that nothing was taken. Any other one says nothing certain. */
const REFUSALS: ReadonlyMap<number, MailRefusal> = new Map([
  [400, 'message'],
  [401, 'credentials'],
  [403, 'credentials'],
  [404, 'message'],
  [405, 'message'],
  [413, 'message'],
  [415, 'message'],
  [422, 'recipient'],
  [429, 'try-later'],
  [503, 'try-later'],
]);

const fateOf = (exchange: MailExchange): MailFate => {
  if (exchange.kind === 'no-connection') return { fate: 'refused', why: 'no-connection' };
  if (exchange.kind === 'uncertain') return { fate: 'unknown' };
  if (exchange.status >= 200 && exchange.status < 300) return { fate: 'accepted' };
  const why = REFUSALS.get(exchange.status);
  return why === undefined ? { fate: 'unknown' } : { fate: 'refused', why };
};

/** Mail over an HTTP interface: envelope in headers, message as the body; the Message-ID is the repeat's key. */
export const createHttpTransport = (options: HttpMailOptions): MailTransport => ({
  async send(mail, { requestId, deadline }) {
    const request: HttpMailRequest = {
      method: 'POST',
      url: options.url,
      headers: {
        'content-type': 'message/rfc822',
        'idempotency-key': mail.messageId,
        'x-envelope-from': mail.sender,
        'x-envelope-to': mail.recipients.join(', '),
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      },
      body: mail.message,
    };
    const limit = deadline - options.clock();
    if (limit <= 0) return { fate: 'refused', why: 'try-later' };
    return fateOf(await options.exchange(request, requestId, limit));
  },
});
