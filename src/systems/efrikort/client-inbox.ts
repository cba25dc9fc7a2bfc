import { createSender } from '../upstream/exchange.ts';
import type { UpstreamFetch } from '../upstream/fetch.ts';

/** A mail that has come in, and where to go on from. */
export interface IncomingMail {
  readonly position: number;
  /** RFC 5322. */
  readonly raw: string;
}

/** Where answers are fetched from. */
export interface Inbox {
  /** The mails after `position` (0: from the start), oldest first; undefined when the mailbox does not answer. */
  poll(after: number, requestId: string, limit: number): Promise<readonly IncomingMail[] | undefined>;
}

const isIncoming = (value: unknown): value is IncomingMail =>
  typeof value === 'object' &&
  value !== null &&
  'position' in value &&
  typeof value.position === 'number' &&
  'raw' in value &&
  typeof value.raw === 'string';

const listOf = (text: string): readonly IncomingMail[] | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(isIncoming) ? value : undefined;
  } catch {
    return undefined;
  }
};

/**
 * A mailbox behind HTTP: `GET <url>?after=<position>` answers a JSON array of `{position, raw}`. A token goes out as
 * `Authorization: Bearer …`.
 */
export const createHttpInbox = (url: string, fetch: UpstreamFetch, token?: string): Inbox => {
  const send = createSender({ fetch });
  return {
    async poll(after, requestId, limit) {
      const request = {
        method: 'GET',
        url: `${url}?after=${after}`,
        headers: {
          accept: 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      } as const;
      const exchange = await send(request, { requestId, limit });
      return exchange.kind === 'answer' && exchange.status === 200 ? listOf(exchange.text) : undefined;
    },
  };
};
