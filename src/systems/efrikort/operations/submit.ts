import type { Basic, Parameters } from '@medplum/fhirtypes';
import type { Failure, Issue } from '../../../failure.ts';
import { type Mail, writeMail } from '../../../mail/message.ts';
import { ok, type Result } from '../../../result.ts';
import { hasErrors } from '../../findings.ts';
import type { JsonValue } from '../../system.ts';
import { finding, refusal } from '../findings.ts';
import { mailRequest } from '../mail-request.ts';
import { readConnection } from '../mapping/read.ts';
import { withProgress } from '../mapping/write.ts';
import { composeMail } from '../message.ts';
import type { Connection, ConnectionEvent } from '../model.ts';
import type { EfrikortSettings } from '../settings.ts';
import { judgeSubmit, NO_CONTACT } from './guards.ts';
import { readInput } from './parameters.ts';
import { connectionOf } from './transition.ts';

export interface SubmitCall {
  /** As stored. */
  readonly basic: Basic;
  readonly parameters: Parameters | undefined;
  /** Every other connection of the store (at least those of this system). */
  readonly others: readonly Basic[];
  /** Addresses of the region. */
  readonly recipients: readonly string[];
}

/** What a `$submit` does, one step after the other; each resource is a version of its own. */
export type Submission =
  | {
      readonly kind: 'by-hand';
      readonly resource: Basic;
      /** The mail, RFC 5322. */
      readonly mail: string;
      readonly issues: readonly Issue[];
    }
  | {
      readonly kind: 'send';
      /** Stored first, before anything is sent: the Message-ID is durable then. */
      readonly attempt: Basic;
      /** For `send`. */
      readonly request: JsonValue;
      /** Stored when the mail was accepted. */
      readonly sent: Basic;
      /** Stored when it was refused: nothing has left, and the next `$submit` needs no `resend`. */
      readonly refused: Basic;
      /** Stored when its fate stays unknown. */
      readonly unknown: Basic;
      readonly mail: string;
      readonly issues: readonly Issue[];
    };

export interface SubmitContext {
  readonly settings: EfrikortSettings;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The mail as it would go out now. Failure: `unprocessable`, when there is nobody to write to. */
export const renderMail = (
  connection: Connection,
  recipients: readonly string[],
  context: SubmitContext,
): Result<{ readonly mail: Mail; readonly message: string }, Failure> => {
  const mail = composeMail(connection, recipients, context.settings, context.now);
  const message = writeMail(mail);
  if (message.ok) return ok({ mail, message: message.value });
  return refusal(
    message.failure.map(({ field, why }) =>
      why === 'recipients'
        ? finding('region-contact-missing', 'Basic.subject', NO_CONTACT)
        : finding('mail-unwritable', 'Basic', `The field ${field} of the mail cannot be written (${why}).`),
    ),
  );
};

/** The connection as it was before the $submit that ended with it. */
const beforeSubmit = (connection: Connection): Connection => {
  const { events } = connection;
  const own = events.at(-2)?.kind === 'mail-attempt' ? 2 : 1;
  return { ...connection, events: events.slice(0, -own) };
};

/**
 * The mail of the $submit that ended with this version, written again: for its answer, which a repeat of the call
 * gets too. `context.now`: when the version was stored; the mail of an attempt has the attempt's time.
 */
export const renderSubmitted = (
  connection: Connection,
  recipients: readonly string[],
  context: SubmitContext,
): ReturnType<typeof renderMail> => {
  const attempt = connection.events.at(-2);
  const now = attempt?.kind === 'mail-attempt' ? Date.parse(attempt.time) : context.now;
  return renderMail(beforeSubmit(connection), recipients, { ...context, now });
};

const progress = (basic: Basic, connection: Connection, ...events: readonly ConnectionEvent[]): Basic =>
  withProgress(basic, {
    state: events.at(-1)?.state ?? connection.state,
    events: [...connection.events, ...events],
  });

/** The mail's own event when it has gone: the transition, or a further mail in the same state. */
const sentEvent = (connection: Connection, base: Omit<ConnectionEvent, 'state'>): ConnectionEvent =>
  connection.state === 'requested'
    ? { ...base, state: 'requested', kind: 'resent' }
    : { ...base, state: 'requested' };

/**
 * Plans a `$submit`; pure but for `context.now`. Nothing is sent twice by itself: a mail without a known fate
 * waits for `resend`. Failure: `unprocessable` with every reason at once.
 */
export const planSubmit = (call: SubmitCall, context: SubmitContext): Result<Submission, Failure> => {
  const { settings, now } = context;
  const connection = connectionOf(call.basic, context);
  const { input, issues: read } = readInput(call.parameters, 'submit', now);
  const others = call.others
    .filter(({ id }) => id === undefined || id !== call.basic.id)
    .flatMap((other) => readConnection(other, context).connection ?? []);
  const judged = judgeSubmit(connection, input, { settings, others, recipients: call.recipients });
  const issues = [...read, ...judged];
  if (hasErrors(issues)) return refusal(issues);
  const rendered = renderMail(connection, call.recipients, context);
  if (!rendered.ok) return rendered;
  const { mail, message } = rendered.value;
  const time = new Date(now).toISOString();
  const { messageId } = mail;
  const note = input.note === undefined ? {} : { note: input.note };
  if (input.sentByHand) {
    // That of $mail. A mail program that makes its own leaves answers to be matched by the reference line.
    const at = new Date(input.at ?? now).toISOString();
    const event = sentEvent(connection, { time: at, messageId, ...note });
    return ok({ kind: 'by-hand', resource: progress(call.basic, connection, event), mail: message, issues });
  }
  const { state } = connection;
  const attempt: ConnectionEvent = { state, time, kind: 'mail-attempt', messageId };
  const after = (kind: 'mail-refused' | 'delivery-unknown'): Basic =>
    progress(call.basic, connection, attempt, { state, time, kind, messageId });
  return ok({
    kind: 'send',
    attempt: progress(call.basic, connection, attempt),
    request: mailRequest(mail, message, settings),
    sent: progress(call.basic, connection, attempt, sentEvent(connection, { time, messageId, ...note })),
    refused: after('mail-refused'),
    unknown: after('delivery-unknown'),
    mail: message,
    issues,
  });
};
