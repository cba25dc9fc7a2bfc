import { addressesIn, sameAddress } from '../../mail/address.ts';
import { messageIdsIn, parseMail, type ReceivedMail } from '../../mail/parse.ts';
import { referenceIn } from './message.ts';
import { type Connection, type ConnectionEvent, messageIdsOf, sameHsaId } from './model.ts';
import { allowedFrom, type Operation } from './states.ts';

/** Whose answer it is, by the address it came from. */
export type Sender = 'region' | 'other-region' | 'support' | 'unknown' | 'mail-system';

/** What an answer seems to say; a person decides. */
export type Suggestion = 'approve' | 'reject' | 'grant' | 'unclear';

export interface Reply {
  /** Reference of the connection it answers. */
  readonly reference: string;
  readonly sender: Sender;
  readonly suggestion: Suggestion;
  /** For a bounce: true when trying again will not help. */
  readonly bounce?: { readonly permanent: boolean };
  /** The answer's own Message-ID. */
  readonly messageId?: string;
}

export interface ReplyContext {
  readonly connections: readonly Connection[];
  /** HSA-id of the region that an address is known of. */
  readonly regionOf: (address: string) => string | undefined;
  readonly support: string;
}

const headerIds = (mail: ReceivedMail): readonly string[] => [
  ...messageIdsIn(mail.header('in-reply-to')),
  ...messageIdsIn(mail.header('references')),
  // A bounce carries the head of the mail that came back.
  ...mail.parts.flatMap((part) => [
    ...messageIdsIn(part.header('message-id')),
    ...messageIdsIn(/^Message-ID:\s*(<[^<>\s]+>)/im.exec(part.text)?.[1]),
  ]),
];

/** By the thread, else by the reference line. */
const connectionAnswered = (mail: ReceivedMail, { connections }: ReplyContext): Connection | undefined => {
  const ids = new Set(headerIds(mail));
  const byThread = connections.find((one) => messageIdsOf(one).some((id) => ids.has(id)));
  if (byThread !== undefined) return byThread;
  const line = referenceIn(mail.text);
  return line === undefined ? undefined : connections.find(({ reference }) => reference === line);
};

/** Where a mail that is quoted without marks begins: a line of the mail program's, or the first of ours. */
const QUOTED =
  /^(?:-{3,}|_{5,}|(?:från|from|avsändare):|.{0,200}(?:skrev|wrote)\b.{0,200}:\s*$|vi vill ha access till efrikort|vi har sedan tidigare åtkomst till efrikort)/;

/** What the writer says, without what is quoted below: our own mail speaks of an approval too. */
const ownWords = (text: string): string => {
  const lines = text.split('\n').map((line) => line.trim().toLowerCase());
  const end = lines.findIndex((line) => QUOTED.test(line));
  return lines
    .slice(0, end < 0 ? lines.length : end)
    .filter((line) => !line.startsWith('>'))
    .join('\n');
};

/** Whole words, in Swedish: `\b` knows no å, ä, ö. */
const words = (...alternatives: readonly string[]): RegExp =>
  new RegExp(`(?<!\\p{L})(?:${alternatives.join('|')})(?!\\p{L})`, 'gu');

const NO = words(
  'avslås',
  'avslag',
  'avböjer',
  'nekas',
  '(?:inte|ej) ok',
  'inte är ok',
  '(?:godkänner|godkänns) (?:vi )?(?:inte|ej)',
  '(?:inte|ej) godkän\\p{L}*',
);
const YES = words('godkänner', 'godkänns', 'godkänd', 'godkänt', 'är ok', 'ok från oss', 'tillstyrk\\p{L}*');
const GRANTED = words(
  'behörighet\\p{L}* (?:är|har blivit) (?:tilldelad|upplagd)',
  'åtkomst\\p{L}* (?:är|har) (?:öppnad|beviljad|beviljats)',
);
const NOT_YET = words('saknar', 'saknas', 'avvaktar');
/** Beside an approval it makes a condition of it, or turns it round. */
const BUT = words('inte', 'ej', 'nej', 'ingen', 'inget', 'först');

const says = (text: string, what: RegExp): boolean => text.search(what) >= 0;

const suggestionOf = (text: string, sender: Sender): Suggestion => {
  const own = ownWords(text);
  if (sender === 'support') return says(own, GRANTED) && !says(own, NOT_YET) ? 'grant' : 'unclear';
  if (sender !== 'region') return 'unclear';
  const rest = own.replace(NO, '');
  const yes = says(rest, YES);
  if (says(own, NO)) return yes ? 'unclear' : 'reject';
  return yes && !says(rest, BUT) ? 'approve' : 'unclear';
};

const senderOf = (mail: ReceivedMail, connection: Connection, context: ReplyContext): Sender => {
  const [from = ''] = addressesIn(mail.header('from') ?? '');
  if (sameAddress(from, context.support)) return 'support';
  const region = context.regionOf(from);
  if (region === undefined) return 'unknown';
  return sameHsaId(region, connection.region.hsaId) ? 'region' : 'other-region';
};

const statusOf = (mail: ReceivedMail): string | undefined =>
  mail.deliveryStatus?.find(({ name }) => name === 'status')?.value;

/**
 * What an incoming mail is about; undefined when it is no mail, or answers no connection. Nothing in it moves a
 * state: a region's word and CGI's are confirmed by an operator, with `$region-approve` and its like.
 */
export const interpretReply = (raw: string, context: ReplyContext): Reply | undefined => {
  const mail = parseMail(raw);
  const connection = mail === undefined ? undefined : connectionAnswered(mail, context);
  if (mail === undefined || connection?.reference === undefined) return undefined;
  const [messageId] = messageIdsIn(mail.header('message-id'));
  const about = { reference: connection.reference, ...(messageId === undefined ? {} : { messageId }) };
  const status = statusOf(mail);
  if (status !== undefined) {
    const failed = mail.deliveryStatus?.some(
      ({ name, value }) => name === 'action' && /^failed/i.test(value),
    );
    return {
      ...about,
      sender: 'mail-system',
      suggestion: 'unclear',
      ...(failed === true ? { bounce: { permanent: status.startsWith('5') } } : {}),
    };
  }
  const sender = senderOf(mail, connection, context);
  return { ...about, sender, suggestion: suggestionOf(mail.text, sender) };
};

const SENDERS: Readonly<Record<Sender, string>> = {
  region: "An answer from the region's address",
  'other-region': 'An answer from the address of another region, which has no say here',
  support: 'An answer from CGI',
  unknown: 'An answer from an address that belongs to nobody known here',
  'mail-system': 'A report of the mail system',
};

const SUGGESTIONS: Readonly<Record<Exclude<Suggestion, 'unclear'>, readonly [string, Operation]>> = {
  approve: ['it seems to approve', 'region-approve'],
  reject: ['it seems to reject', 'region-reject'],
  grant: ['it seems to say that access is given', 'grant'],
};

/** What a person may make of it now: an answer may come before its time, or after. */
const told = (suggestion: Suggestion, { state, environment }: Answered): string => {
  if (suggestion === 'unclear') return 'what it says must be read by a person';
  const [seems, operation] = SUGGESTIONS[suggestion];
  return allowedFrom(state, environment).includes(operation)
    ? `${seems}; confirm with $${operation}`
    : `${seems}; $${operation} is not possible in state ${state}`;
};

type Answered = Pick<Connection, 'state' | 'environment'>;

/** The event that records an answer; it holds nothing of its text. `at` in milliseconds since the epoch. */
export const replyEvent = (reply: Reply, connection: Answered, at: number): ConnectionEvent => {
  const { state } = connection;
  const time = new Date(at).toISOString();
  const id = reply.messageId === undefined ? {} : { messageId: reply.messageId };
  if (reply.bounce === undefined) {
    const note = `${SENDERS[reply.sender]}: ${told(reply.suggestion, connection)}.`;
    return { state, time, kind: 'reply', note, ...id };
  }
  const note = reply.bounce.permanent
    ? 'The mail came back: a recipient cannot be reached. Check the contacts, then $submit with resend=true.'
    : 'The mail came back for now. $submit with resend=true sends it again.';
  return { state, time, kind: 'bounce', note, ...id };
};
