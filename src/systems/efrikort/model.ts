import type { Attachment, Reference } from '@medplum/fhirtypes';
import type { ConnectionKind, Environment } from './codes.ts';
import type { State } from './states.ts';

/** A request to be connected to eFrikort: what the mail says, and what has become of it. */
export interface Connection {
  /** The reference line of the mail, e.g. `EFK-7Q2M4KX9TB`; the server gives it. */
  readonly reference?: string;
  readonly kind: ConnectionKind;
  readonly environment: Environment;
  /** Namn på integrerande system. */
  readonly system: string;
  /** Absent only where it was removed after the mail had gone. */
  readonly contact?: Contact;
  readonly region: RegionName;
  /** The HSA-id on the certificate; not always a clean one. */
  readonly serial: string;
  readonly careProviders: readonly CareProvider[];
  readonly state: State;
  /** Oldest first. */
  readonly events: readonly ConnectionEvent[];
}

export interface Contact {
  readonly name: string;
  readonly email: string;
  /** As given: `+46 (0)70 123 12 31` is how people write it. */
  readonly phone: string;
}

export interface RegionName {
  /** As given. Compared without regard to letter case. */
  readonly hsaId: string;
  /** As the list of regions names it, else as the resource does. */
  readonly name: string;
}

export interface CareProvider {
  readonly name: string;
  /** Absent when only the name was given. */
  readonly reference?: Reference;
}

/** What may happen besides a transition. */
export const EVENT_KINDS = [
  /** A mail with this Message-ID is about to be sent; without a later word on it, its fate is unknown. */
  'mail-attempt',
  'mail-refused',
  'delivery-unknown',
  'bounce',
  /** An answer that moves nothing by itself. */
  'reply',
  'contact-changed',
  'contact-removed',
  'resent',
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

export interface ConnectionEvent {
  /** The state after it. */
  readonly state: State;
  /** RFC 3339. */
  readonly time: string;
  /** Absent: the transition into `state`. */
  readonly kind?: EventKind;
  /** Who approved, rejected, granted …, as told. */
  readonly actor?: string;
  readonly note?: string;
  readonly written?: boolean;
  readonly messageId?: string;
  readonly evidence?: Evidence;
}

export type Evidence = { readonly attachment: Attachment } | { readonly reference: Reference };

/** What became of the last mail of a connection. */
export type Delivery =
  | 'none'
  /** Announced, and nothing known since. */
  | 'open'
  | 'unknown'
  | 'refused'
  | 'bounced'
  | 'sent';

const AFTER: Readonly<Partial<Record<EventKind, Delivery>>> = {
  'mail-attempt': 'open',
  'delivery-unknown': 'unknown',
  'mail-refused': 'refused',
  bounce: 'bounced',
  resent: 'sent',
};

const deliveryAfter = (event: ConnectionEvent): Delivery | undefined =>
  event.kind === undefined ? (event.state === 'requested' ? 'sent' : undefined) : AFTER[event.kind];

/** The fate of the newest mail, as the events tell it. */
export const deliveryOf = ({ events }: Pick<Connection, 'events'>): Delivery =>
  events.reduce<Delivery>((fate, event) => deliveryAfter(event) ?? fate, 'none');

/** True while a mail may be on its way that nobody has accounted for. */
export const deliveryIsOpen = (connection: Pick<Connection, 'events'>): boolean =>
  ['open', 'unknown'].includes(deliveryOf(connection));

/** The Message-IDs of the connection's own mails, oldest first. */
export const messageIdsOf = ({ events }: Pick<Connection, 'events'>): readonly string[] => [
  ...new Set(
    events
      .filter(
        ({ kind, state }) =>
          kind === 'mail-attempt' || kind === 'resent' || (kind === undefined && state === 'requested'),
      )
      .flatMap(({ messageId }) => messageId ?? []),
  ),
];

const folded = (text: string): string => text.trim().normalize('NFC').toLowerCase();

/** HSA-ids are compared without regard to letter case. */
export const sameHsaId = (a: string, b: string): boolean => folded(a) === folded(b);

/** Whether two connections are of one system: by its name, or by name and certificate. */
export const sameSystem = (
  a: Pick<Connection, 'system' | 'serial'>,
  b: Pick<Connection, 'system' | 'serial'>,
  by: 'name' | 'name-and-serial',
): boolean =>
  folded(a.system) === folded(b.system) && (by === 'name' || folded(a.serial) === folded(b.serial));

/**
 * The key that at most one live request holds: system and certificate, environment, region. Undefined for one
 * that has ended, so that a new one may follow.
 */
export const uniqueKeyOf = (connection: Connection): string | undefined =>
  connection.state === 'revoked' || connection.state === 'cancelled'
    ? undefined
    : JSON.stringify([
        folded(connection.system),
        folded(connection.serial),
        connection.environment,
        folded(connection.region.hsaId),
      ]);
