import type { Issue } from '../../../failure.ts';
import type { Environment } from '../codes.ts';
import { finding } from '../findings.ts';
import { type Connection, deliveryOf, sameHsaId, sameSystem } from '../model.ts';
import type { EfrikortSettings } from '../settings.ts';
import { transitionOf } from '../states.ts';
import type { OperationInput } from './parameters.ts';
import { judgeTransition } from './transition.ts';

export interface GuardContext {
  readonly settings: Pick<EfrikortSettings, 'testGate' | 'sameSystem' | 'transport'>;
  /** The other connections; those of other systems are passed over. */
  readonly others: readonly Connection[];
  /** Addresses of the region. */
  readonly recipients: readonly string[];
}

const CONNECTED: ReadonlySet<string> = new Set(['granted', 'test-passed']);

const siblings = (connection: Connection, { others, settings }: GuardContext): readonly Connection[] =>
  others.filter((other) => sameSystem(other, connection, settings.sameSystem));

const otherRegionIn = (environment: Environment, connection: Connection, context: GuardContext): boolean =>
  siblings(connection, context).some(
    (other) =>
      other.environment === environment &&
      CONNECTED.has(other.state) &&
      !sameHsaId(other.region.hsaId, connection.region.hsaId),
  );

/** "Connection to and tests against TEST must always happen before access to production is given." */
const judgeTestFirst = (connection: Connection, context: GuardContext): readonly Issue[] => {
  if (connection.environment === 'TEST') return [];
  const perRegion = context.settings.testGate === 'per-system-and-region';
  const passed = siblings(connection, context).some(
    (other) =>
      other.environment === 'TEST' &&
      other.state === 'test-passed' &&
      (!perRegion || sameHsaId(other.region.hsaId, connection.region.hsaId)),
  );
  if (passed) return [];
  const whose = perRegion ? 'this system with this region' : 'this system';
  const why = `TEST comes first, always: PRODUKTION needs a TEST connection of ${whose} in state test-passed.`;
  return [finding('test-first', 'Basic.extension', why)];
};

const judgeKind = (connection: Connection, context: GuardContext): readonly Issue[] => {
  const elsewhere = otherRegionIn(connection.environment, connection, context);
  if (connection.kind === 'additional-region' && !elsewhere) {
    const why = `No connection of this system to ${connection.environment} is granted with another region: send a first request (connection-kind first).`;
    return [finding('no-connection-yet', 'Basic.extension', why)];
  }
  if (connection.kind === 'first' && elsewhere) {
    const why =
      "This system is connected with another region already: connection-kind additional-region needs this region's OK alone.";
    return [finding('further-region-possible', 'Basic.extension', why, 'information')];
  }
  return [];
};

/** What the operator can do about it. */
export const NO_CONTACT =
  'There is no contact address for this region: the operator must load one (npm run regions -- import FILE, a row with its HSA-id).';

/** Of a connection whose contact person was taken out. */
export const NO_PERSON = finding('contact-missing', 'Basic.author', 'The mail names a contact person.');

const judgeContact = (connection: Connection, { recipients }: GuardContext): readonly Issue[] => [
  ...(recipients.length > 0 ? [] : [finding('region-contact-missing', 'Basic.subject', NO_CONTACT)]),
  ...(connection.contact === undefined ? [NO_PERSON] : []),
];

/** May a mail go out, seen from what became of the mails before it? */
const judgeDelivery = (connection: Connection, input: OperationInput): readonly Issue[] => {
  const fate = deliveryOf(connection);
  if (!transitionOf('submit').from.includes(connection.state) && connection.state !== 'requested') return [];
  if ((fate === 'open' || fate === 'unknown') && !input.resend && !input.sentByHand) {
    const why =
      'A mail of this connection was about to be sent, and whether it was is not known. Ask the recipients; then $submit with resend=true sends a new one, sentByHand=true records that it went.';
    return [finding('delivery-unknown', 'Basic.extension', why)];
  }
  // After a rejection the next mail is a new request, whatever became of the one before it.
  if (connection.state === 'region-rejected') return [];
  if (fate === 'bounced' && !input.resend && !input.sentByHand) {
    const why = 'The mail came back. $submit with resend=true sends it again.';
    return [finding('already-sent', 'Basic.extension', why)];
  }
  if (connection.state === 'requested' && fate === 'sent') {
    const why =
      'The mail has been sent, and nothing has come back: resend is for a bounce or an unknown fate.';
    return [finding('already-sent', 'Basic.extension', why)];
  }
  return [];
};

/** A further mail of the same request; one that was refused has not left, so that repeating it needs no word. */
const mayRepeat = (connection: Connection, { resend, sentByHand }: OperationInput): boolean => {
  const fate = deliveryOf(connection);
  if (connection.state !== 'requested' || fate === 'sent') return false;
  return resend || sentByHand || fate === 'refused';
};

/** Every reason why the request may not be sent now; warnings among them. */
export const judgeSubmit = (
  connection: Connection,
  input: OperationInput,
  context: GuardContext,
): readonly Issue[] => {
  const delivery = judgeDelivery(connection, input);
  const repeated = mayRepeat(connection, input) || delivery.length > 0;
  const notAllowed = repeated ? undefined : judgeTransition('submit', connection);
  if (notAllowed !== undefined) return [notAllowed];
  const byHand = context.settings.transport === 'render-only' && !input.sentByHand;
  return [
    ...delivery,
    ...judgeTestFirst(connection, context),
    ...judgeKind(connection, context),
    ...judgeContact(connection, context),
    ...(byHand
      ? [
          finding(
            'no-transport',
            undefined,
            'This server sends no mail itself: send what $mail answers, then $submit with sentByHand=true.',
          ),
        ]
      : []),
  ];
};
