import type { MailRefusal } from '../../mail/transport.ts';
import type { KeyValue } from './contacts.ts';

/** What is known of a mail by its Message-ID. */
export type OutboxState =
  | { readonly state: 'sending'; readonly at: number }
  | { readonly state: 'sent'; readonly at: number }
  | { readonly state: 'refused'; readonly at: number; readonly why: MailRefusal }
  | { readonly state: 'unknown'; readonly at: number };

/**
 * Which mails have left, by Message-ID. A mail cannot be asked about and must not be repeated, so that it is on
 * its way is durable before it is, and nothing goes out under a Message-ID that stands here.
 */
export interface Outbox {
  /** Durable before it resolves. False: this Message-ID was begun before. */
  begin(messageId: string, at: number): Promise<boolean>;
  end(messageId: string, state: OutboxState): Promise<void>;
  find(messageId: string): Promise<OutboxState | undefined>;
}

const keyOf = (messageId: string): string => `outbox/${messageId}`;

const STATES = ['sending', 'sent', 'refused', 'unknown'];

const isOutboxState = (value: unknown): value is OutboxState =>
  typeof value === 'object' &&
  value !== null &&
  'state' in value &&
  typeof value.state === 'string' &&
  STATES.includes(value.state);

export const createOutbox = (state: KeyValue): Outbox => ({
  begin: (messageId, at) =>
    state.compareAndSet(keyOf(messageId), undefined, JSON.stringify({ state: 'sending', at })),
  end: (messageId, ended) => state.put(keyOf(messageId), JSON.stringify(ended)),
  async find(messageId) {
    const text = await state.get(keyOf(messageId));
    const value: unknown = text === undefined ? undefined : JSON.parse(text);
    return isOutboxState(value) ? value : undefined;
  },
});
