import { type Failure, failure } from '../../failure.ts';
import type { MailFate, MailRefusal, MailTransport } from '../../mail/transport.ts';
import type { Clock } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Accepted, JsonValue, NotAccepted, Preview, SendContext } from '../system.ts';
import { type UpstreamIssue, upstreamFailure } from '../upstream/issues.ts';
import { EFRIKORT_ISSUE, EFRIKORT_ISSUES } from './findings.ts';
import { outgoingMail } from './mail-request.ts';
import type { Outbox, OutboxState } from './outbox.ts';

type Sent = Result<Accepted, NotAccepted>;

const ACCEPTED: Sent = ok({ effect: 'changed', issues: [] });

const REFUSALS: Readonly<Record<MailRefusal, readonly [UpstreamIssue, string]>> = {
  'no-connection': [
    'no-connection',
    'The mail server was not reached; nothing was sent. Submit again later.',
  ],
  'try-later': ['throttled', 'The mail server asks to try later; nothing was sent.'],
  credentials: ['credentials-refused', 'The mail server refused this server; nothing was sent.'],
  recipient: [
    'request-refused',
    'The mail server refused a recipient; nothing was sent. Check the contacts of the region.',
  ],
  message: ['request-refused', 'The mail server refused the mail; nothing was sent.'],
};

const refused = (why: MailRefusal): Sent =>
  fail({ fate: 'refused', failure: upstreamFailure(...REFUSALS[why]) });

const settled = (name: 'delivery-unknown' | 'mail-refused', diagnostics: string): Sent => {
  const { code, display } = EFRIKORT_ISSUES[name];
  const why: Failure = failure('conflict', code, diagnostics, {
    details: { system: EFRIKORT_ISSUE, code: name, display },
  });
  return fail({ fate: 'refused', failure: why });
};

/** The end of a write whose mail nobody can account for: nothing further is sent for it. */
const givenUp = (): Sent =>
  settled(
    'delivery-unknown',
    'Whether the mail was sent is not known, and it is not sent again by itself. Ask the recipients; $submit with resend=true sends a new one.',
  );

export interface EfrikortClientOptions {
  /** Undefined: mails are sent by hand, and nothing reaches `send`. */
  readonly transport: MailTransport | undefined;
  readonly outbox: Outbox;
  readonly clock: Clock;
}

export interface EfrikortClient {
  send(request: JsonValue, context: SendContext): Promise<Sent>;
  preview(request: JsonValue): Preview;
}

/** The header fields of a message, unfolded, for people to read. */
const headersOf = (message: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (message.split('\r\n\r\n')[0] ?? '')
      .replace(/\r\n(?=[ \t])/g, '')
      .split('\r\n')
      .flatMap((line) => {
        const [, name, value] = /^([^:]+): (.*)$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value] as const];
      }),
  );

/**
 * Gives mails away, each at most once. A repeat sends nothing that may have been sent: it answers what the outbox
 * knows, and where that is nothing, the write ends with `delivery-unknown` and waits for a person.
 */
export const createEfrikortClient = ({ transport, outbox, clock }: EfrikortClientOptions): EfrikortClient => {
  const afterwards = async (messageId: string, known: OutboxState | undefined): Promise<Sent> => {
    if (known?.state === 'sent') return ACCEPTED;
    if (known?.state === 'refused') {
      return settled('mail-refused', `${REFUSALS[known.why][1]} $submit starts a new attempt.`);
    }
    await outbox.end(messageId, { state: 'unknown', at: clock() });
    return givenUp();
  };

  const record = async (messageId: string, fate: MailFate): Promise<Sent> => {
    const at = clock();
    if (fate.fate === 'accepted') {
      await outbox.end(messageId, { state: 'sent', at });
      return ACCEPTED;
    }
    if (fate.fate === 'refused') {
      await outbox.end(messageId, { state: 'refused', at, why: fate.why });
      return refused(fate.why);
    }
    return fail({
      fate: 'unknown',
      failure: upstreamFailure('fate-unknown', 'The mail may have been sent; no answer says so.'),
    });
  };

  return {
    async send(request, { requestId, deadline }) {
      const mail = outgoingMail(request);
      const { messageId } = mail;
      if (transport === undefined) return refused('no-connection');
      // Whether this is a repeat is the outbox's to say: one that never began may still be sent.
      if (!(await outbox.begin(messageId, clock())))
        return afterwards(messageId, await outbox.find(messageId));
      return record(messageId, await transport.send(mail, { requestId, deadline }));
    },
    preview(request) {
      const { message, recipients } = outgoingMail(request);
      return {
        method: 'MAIL',
        url: `mailto:${recipients.join(',')}`,
        headers: headersOf(message),
        body: message,
      };
    },
  };
};
