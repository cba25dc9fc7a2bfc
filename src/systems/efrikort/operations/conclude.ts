import type { Basic } from '@medplum/fhirtypes';
import type { MappingContext } from '../mapping/context.ts';
import { withProgress } from '../mapping/write.ts';
import { type ConnectionEvent, deliveryOf, messageIdsOf } from '../model.ts';
import type { OutboxState } from '../outbox.ts';
import { transitionOf } from '../states.ts';
import { connectionOf } from './transition.ts';

/** How long a mail may be under way before nobody can be sending it any more, milliseconds. */
export const LONGEST_SEND = 10 * 60_000;

/** The Message-ID of the mail that was announced and never accounted for; undefined when there is none. */
export const openMessageId = (basic: Basic, context: MappingContext): string | undefined => {
  const connection = connectionOf(basic, context);
  return deliveryOf(connection) === 'open' ? messageIdsOf(connection).at(-1) : undefined;
};

/** When that mail was announced, milliseconds since the epoch. */
export const openSince = (basic: Basic, context: MappingContext): number | undefined => {
  if (openMessageId(basic, context) === undefined) return undefined;
  const { events } = connectionOf(basic, context);
  return Date.parse(events.findLast(({ kind }) => kind === 'mail-attempt')?.time ?? '');
};

/**
 * The version that says what became of an announced mail, when a crash came between mail and commit; undefined
 * when there is nothing to say (yet). A mail whose fate is not known becomes the event `delivery-unknown`.
 */
export const concludeAttempt = (
  basic: Basic,
  known: OutboxState | undefined,
  context: MappingContext,
): Basic | undefined => {
  const messageId = openMessageId(basic, context);
  if (messageId === undefined) return undefined;
  const { state, events } = connectionOf(basic, context);
  const begun = events.findLast(({ kind }) => kind === 'mail-attempt')?.time ?? '';
  const settled = context.now - Date.parse(begun) > LONGEST_SEND;
  const time = new Date(known === undefined ? context.now : known.at).toISOString();
  const append = (event: ConnectionEvent): Basic =>
    withProgress(basic, { state: event.state, events: [...events, event] });
  switch (known?.state) {
    case 'sent':
      // Only a request that still waited for its mail is moved on by it.
      return append(
        transitionOf('submit').from.includes(state)
          ? { state: 'requested', time, messageId }
          : { state, time, kind: 'resent', messageId },
      );
    case 'refused':
      return append({ state, time, kind: 'mail-refused', messageId });
    case 'unknown':
      return append({ state, time, kind: 'delivery-unknown', messageId });
    case 'sending':
      return settled ? append({ state, time, kind: 'delivery-unknown', messageId }) : undefined;
    case undefined:
      // It never began: nothing has left.
      return settled ? append({ state, time, kind: 'mail-refused', messageId }) : undefined;
  }
};
