import type { Mailbox } from '../../mail/address.ts';
import { writeMail } from '../../mail/message.ts';
import { parseMail } from '../../mail/parse.ts';
import { readMailText, SUBJECT } from './message.ts';
import type { CaughtMail } from './simulator-mailbox.ts';

/** What the region or CGI writes; our own wording. */
export const WORDS = {
  approve: 'Hej!\n\nVi godkänner anslutningen.\n',
  reject: 'Hej!\n\nVi kan tyvärr inte godkänna anslutningen, den avslås.\n',
  unclear: 'Hej!\n\nKan ni ringa oss om det här?\n',
  grant: 'Hej!\n\nBehörigheten är tilldelad.\n',
  'no-approval': 'Hej!\n\nÄrendet saknar godkännande från regionen.\n',
  'test-first': 'Hej!\n\nAnslutning till TEST måste ske först.\n',
  duplicate: 'Hej!\n\nÄrendet är redan registrerat.\n',
  incomplete: 'Hej!\n\nMailet följer inte mallen.\n',
} as const;

export type Words = keyof typeof WORDS;

export interface AnswerOptions {
  readonly from: Mailbox;
  readonly words: Words;
  readonly at: number;
  readonly threading: 'headers' | 'without-headers';
}

const quoted = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');

/** The answer to a caught mail, to its sender. */
export const answerMail = (mail: CaughtMail, { from, words, at, threading }: AnswerOptions): string => {
  const original = parseMail(mail.raw);
  const written = writeMail({
    from,
    to: [{ address: mail.sender }],
    subject: `SV: ${SUBJECT}`,
    date: { at, offset: 0 },
    messageId: `<${crypto.randomUUID()}@${from.address.split('@')[1] ?? 'region.example'}>`,
    ...(threading === 'headers' ? { inReplyTo: mail.messageId, references: [mail.messageId] } : {}),
    text: `${WORDS[words]}\n${quoted(original?.text ?? '')}\n`,
  });
  if (!written.ok) throw new Error('the simulator wrote a mail that cannot be written');
  return written.value;
};

/** A delivery status notification (RFC 3464). */
export const bounceMail = (mail: CaughtMail, kind: 'hard' | 'soft'): string => {
  const [recipient = ''] = mail.recipients;
  const status = kind === 'hard' ? '5.1.1' : '4.2.2';
  return [
    'From: MAILER-DAEMON@region.example',
    `To: ${mail.sender}`,
    'Subject: Undelivered Mail Returned to Sender',
    `Message-ID: <${crypto.randomUUID()}@region.example>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="bounce"',
    '',
    '--bounce',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'The mail could not be delivered.',
    '--bounce',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; region.example',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    'Action: failed',
    `Status: ${status}`,
    '',
    '--bounce',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${mail.messageId}`,
    `Subject: ${parseMail(mail.raw)?.header('subject') === SUBJECT ? 'eFrikort' : 'mail'}`,
    '--bounce--',
    '',
  ].join('\r\n');
};

export const fieldsOf = (mail: Pick<CaughtMail, 'raw'>) => readMailText(parseMail(mail.raw)?.text ?? '');
