import { fail, ok, type Result } from '../result.ts';
import { isAddress, type Mailbox, mailboxWords } from './address.ts';
import { headerWords } from './encoded-word.ts';
import { encodeQuotedPrintable } from './quoted-printable.ts';

/** A plain text mail, before it is written by RFC 5322. */
export interface Mail {
  readonly from: Mailbox;
  readonly replyTo?: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc?: readonly Mailbox[];
  readonly subject: string;
  readonly date: MailDate;
  /** With its angle brackets. */
  readonly messageId: string;
  /** The mail that this one answers, with its angle brackets. */
  readonly inReplyTo?: string;
  /** The thread so far, oldest first. */
  readonly references?: readonly string[];
  /** Line ends of any kind. */
  readonly text: string;
}

export interface MailDate {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Minutes east of Greenwich. */
  readonly offset: number;
}

/** Which part of a mail cannot be written, and why; never its value. */
export interface MailFault {
  readonly field: string;
  readonly why: 'line-break' | 'address' | 'message-id' | 'recipients';
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number): string => String(value).padStart(2, '0');

/** `Tue, 03 Mar 2026 08:00:00 +0100` (RFC 5322, 3.3). */
export const mailDate = ({ at, offset }: MailDate): string => {
  const local = new Date(at + offset * 60_000);
  const day = `${DAYS[local.getUTCDay()]}, ${two(local.getUTCDate())} ${MONTHS[local.getUTCMonth()]}`;
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two).join(':');
  const east = Math.abs(offset);
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(east / 60))}${two(east % 60)}`;
  return `${day} ${String(local.getUTCFullYear()).padStart(4, '0')} ${time} ${zone}`;
};

/** The offset of a time zone at an instant, minutes; the mail's Date says the sender's local time. */
export const offsetIn = (timeZone: string, at: number): number => {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return Math.round((local - at) / 60_000);
};

/** RFC 5322, 2.1.1: 78 columns where it can be; RFC 2047, 2: 76 with an encoded word among them. */
const columnsOf = (line: string): number => (line.includes('=?') ? 76 : 78);

const folded = (name: string, words: readonly string[]): string => {
  const lines: string[] = [];
  let line = `${name}:`;
  for (const word of words) {
    const longer = `${line} ${word}`;
    if (longer.length > columnsOf(longer) && line !== `${name}:`) {
      lines.push(line);
      line = '';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\r\n');
};

const listWords = (mailboxes: readonly Mailbox[]): readonly string[] =>
  mailboxes.flatMap((mailbox, at) => {
    const words = mailboxWords(mailbox);
    if (at === mailboxes.length - 1) return words;
    return [...words.slice(0, -1), `${words.at(-1) ?? ''},`];
  });

const breaks = (text: string): boolean => [...'\r\n\0'].some((mark) => text.includes(mark));
const MESSAGE_ID = /^<[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.]+@[A-Za-z0-9.-]+>$/;

const mailboxFaults = (field: string, mailboxes: readonly Mailbox[]): readonly MailFault[] =>
  mailboxes.flatMap(({ address, name }) => [
    ...(breaks(name ?? '') ? [{ field, why: 'line-break' } as const] : []),
    ...(isAddress(address) ? [] : [{ field, why: 'address' } as const]),
  ]);

/** Every reason why a mail may not be written: a line break would start a header field of its own. */
export const mailFaults = (mail: Mail): readonly MailFault[] => [
  ...mailboxFaults('From', [mail.from]),
  ...mailboxFaults('Reply-To', mail.replyTo === undefined ? [] : [mail.replyTo]),
  ...mailboxFaults('To', mail.to),
  ...mailboxFaults('Cc', mail.cc ?? []),
  ...(mail.to.length === 0 ? [{ field: 'To', why: 'recipients' } as const] : []),
  ...(breaks(mail.subject) ? [{ field: 'Subject', why: 'line-break' } as const] : []),
  ...[mail.messageId, mail.inReplyTo, ...(mail.references ?? [])]
    .filter((id) => id !== undefined && !MESSAGE_ID.test(id))
    .map(() => ({ field: 'Message-ID', why: 'message-id' }) as const),
];

/** The mail as it is sent: ASCII alone, CRLF line ends, no line beyond 998 octets. */
export const writeMail = (mail: Mail): Result<string, readonly MailFault[]> => {
  const faults = mailFaults(mail);
  if (faults.length > 0) return fail(faults);
  const fields = [
    folded('From', mailboxWords(mail.from)),
    ...(mail.replyTo === undefined ? [] : [folded('Reply-To', mailboxWords(mail.replyTo))]),
    folded('To', listWords(mail.to)),
    ...(mail.cc === undefined || mail.cc.length === 0 ? [] : [folded('Cc', listWords(mail.cc))]),
    folded('Subject', headerWords(mail.subject)),
    `Date: ${mailDate(mail.date)}`,
    folded('Message-ID', [mail.messageId]),
    ...(mail.inReplyTo === undefined ? [] : [folded('In-Reply-To', [mail.inReplyTo])]),
    ...(mail.references === undefined || mail.references.length === 0
      ? []
      : [folded('References', mail.references)]),
    'Content-Type: text/plain; charset="utf-8"',
    'Content-Transfer-Encoding: quoted-printable',
    'MIME-Version: 1.0',
  ];
  return ok(`${fields.join('\r\n')}\r\n\r\n${encodeQuotedPrintable(mail.text)}\r\n`);
};
