import { type Mail, offsetIn } from '../../mail/message.ts';
import type { Environment } from './codes.ts';
import { type Connection, messageIdsOf } from './model.ts';
import type { EfrikortSettings } from './settings.ts';

/** The exact subject of the source; the mail for a further region has the same. */
export const SUBJECT = 'Anslutningsförfrågan eFrikort';

type MessageSettings = Pick<
  EfrikortSettings,
  'from' | 'support' | 'referenceLine' | 'regionLabel' | 'timeZone'
>;

const REGION_LABELS = {
  template: 'Avser vårdhuvudman (region/landsting)',
  example: 'Avser vårdhuvudman',
} as const;

const FIRST =
  'Vi vill ha access till eFrikort för integration av följande system. Innan CGI tilldelar behörighet måste CGI få ett skriftligt godkännande av regionen att anslutningen är ok.';

const further = (environment: Environment): string =>
  `Vi har sedan tidigare åtkomst till eFrikort (${environment}) för systemet nedan och vill ha åtkomst även för er region.\nVi ber er bekräfta skriftligt att anslutningen är ok.`;

const CARE_PROVIDERS = 'Vårdgivare som använder integrationen:';

const contactLine = ({ contact }: Connection): string =>
  contact === undefined ? '' : `${contact.name}, ${contact.email}, ${contact.phone}`;

/** The text of the mail by eFrikort's template, fields in its order; lines end with LF. */
export const mailText = (connection: Connection, settings: MessageSettings): string =>
  [
    'Hej!',
    connection.kind === 'first' ? FIRST : further(connection.environment),
    [`Namn på integrerande system: ${connection.system}`, `Kontaktperson: ${contactLine(connection)}`].join(
      '\n',
    ),
    [
      `Avser miljö för: ${connection.environment}`,
      `${REGION_LABELS[settings.regionLabel]}: ${connection.region.name}`,
    ].join('\n'),
    `Serialnumber på certifikat: ${connection.serial}`,
    ...(connection.careProviders.length === 0
      ? []
      : [[CARE_PROVIDERS, ...connection.careProviders.map(({ name }) => name)].join('\n')]),
    ...(settings.referenceLine && connection.reference !== undefined
      ? [`Referens: ${connection.reference}`]
      : []),
  ].join('\n\n');

/** The fields of a mail by the template, as a reader finds them. */
export interface MailFields {
  readonly system?: string;
  readonly contact?: string;
  readonly environment?: string;
  readonly region?: string;
  readonly serial?: string;
  readonly careProviders: readonly string[];
  readonly reference?: string;
  readonly furtherRegion: boolean;
}

const LABELS = [
  ['system', /^Namn på integrerande system:[ \t]*(.*)$/m],
  ['contact', /^Kontaktperson:[ \t]*(.*)$/m],
  ['environment', /^Avser miljö för:[ \t]*(.*)$/m],
  ['region', /^Avser vårdhuvudman(?: \(region\/landsting\))?:[ \t]*(.*)$/m],
  ['serial', /^Serialnumber på certifikat:[ \t]*(.*)$/m],
] as const;

/** The reference line, quoted or not. */
export const referenceIn = (text: string): string | undefined =>
  /^[> \t]*Referens:[ \t]*(\S+)/m.exec(text)?.[1];

const FIELD_START =
  /^(?:Namn på integrerande system|Kontaktperson|Avser [^:]*|Serialnumber på certifikat|Referens)\s*:/i;

/** A line of its own in the mail, such as a care provider, must not pass for one of its fields. */
export const looksLikeField = (line: string): boolean =>
  FIELD_START.test(
    line
      .normalize('NFKC')
      .replace(/\p{Cf}/gu, '')
      .replace(/\s+/g, ' ')
      .trim(),
  );

/** Reads the text of a mail by the template. Line ends of any kind. */
export const readMailText = (text: string): MailFields => {
  const lines = text.replace(/\r\n?/g, '\n');
  const fields = Object.fromEntries(
    LABELS.flatMap(([name, label]) => {
      const value = label.exec(lines)?.[1]?.trim();
      return value === undefined || value === '' ? [] : [[name, value] as const];
    }),
  );
  const list = lines.split(`${CARE_PROVIDERS}\n`)[1]?.split('\n\n')[0] ?? '';
  const reference = referenceIn(lines);
  return {
    ...fields,
    careProviders: list.split('\n').filter((line) => line.trim() !== ''),
    ...(reference === undefined ? {} : { reference }),
    furtherRegion: lines.includes('har sedan tidigare åtkomst'),
  };
};

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** `<EFK-000001.2@exempelsystem.example>`: the connection, and which of its mails. */
export const messageIdOf = (
  { reference = 'EFK' }: Pick<Connection, 'reference'>,
  attempt: number,
  { from }: Pick<EfrikortSettings, 'from'>,
): string => `<${reference}.${attempt}@${domainOf(from.address)}>`;

/**
 * The next mail of a connection. `recipients` are the region's; CGI gets a copy unless only a further region is
 * asked. A second mail continues the thread of the first. `at` in milliseconds since the epoch.
 */
export const composeMail = (
  connection: Connection,
  recipients: readonly string[],
  settings: MessageSettings,
  at: number,
): Mail => {
  const { contact } = connection;
  const earlier = messageIdsOf(connection);
  const last = earlier.at(-1);
  return {
    from: settings.from,
    ...(contact === undefined || contact.email === settings.from.address
      ? {}
      : { replyTo: { address: contact.email, name: contact.name } }),
    to: recipients.map((address) => ({ address })),
    ...(connection.kind === 'first' ? { cc: [{ address: settings.support }] } : {}),
    subject: SUBJECT,
    date: { at, offset: offsetIn(settings.timeZone, at) },
    messageId: messageIdOf(connection, earlier.length + 1, settings),
    ...(last === undefined ? {} : { inReplyTo: last, references: earlier }),
    text: mailText(connection, settings),
  };
};
