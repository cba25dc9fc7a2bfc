/**
 * The way a mail leaves. Filled in by the platform: SMTP on Node, a binding or an HTTP mail interface on
 * Workers, the sandbox's mailbox.
 */
export interface MailTransport {
  /** Gives the mail away once; never tries again by itself, never throws. */
  send(mail: OutgoingMail, context: MailContext): Promise<MailFate>;
}

export interface OutgoingMail {
  /** MAIL FROM: where a bounce goes. */
  readonly sender: string;
  /** RCPT TO. */
  readonly recipients: readonly string[];
  /** With its angle brackets; also the key by which an HTTP interface may tell a repeat. */
  readonly messageId: string;
  /** RFC 5322, ASCII, CRLF. */
  readonly message: string;
}

export interface MailContext {
  readonly requestId: string;
  /** Milliseconds since the epoch: nothing is tried after it. */
  readonly deadline: number;
}

/** What became of a mail, as far as the transport can know. */
export type MailFate =
  | { readonly fate: 'accepted' }
  /** It has certainly not been taken, not for any recipient. */
  | { readonly fate: 'refused'; readonly why: MailRefusal }
  /** It may have been taken. */
  | { readonly fate: 'unknown' };

export type MailRefusal =
  /** Nobody was reached. */
  | 'no-connection'
  /** Asked to come back later (SMTP 4yz, HTTP 429 or 503). */
  | 'try-later'
  /** A recipient is not taken (SMTP 550, 553). */
  | 'recipient'
  /** The sender's credentials or rights. */
  | 'credentials'
  /** Refused for another reason (SMTP 5yz). */
  | 'message';
