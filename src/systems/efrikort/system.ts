import type { Basic, Parameters } from '@medplum/fhirtypes';
import type { Failure, Issue } from '../../failure.ts';
import { mailtoOf } from '../../mail/mailto.ts';
import type { MailTransport } from '../../mail/transport.ts';
import type { Clock } from '../../ports.ts';
import { ok, type Result } from '../../result.ts';
import type { NationalSystem, Preview } from '../system.ts';
import { createEfrikortClient } from './client.ts';
import { EFRIKORT_CONNECTION } from './codes.ts';
import { createRegionContacts, type KeyValue, type RegionContact, type RegionContacts } from './contacts.ts';
import { finding, refusal } from './findings.ts';
import { mailRequest } from './mail-request.ts';
import type { MappingContext } from './mapping/context.ts';
import { createPlan } from './mapping/plan.ts';
import { withProgress } from './mapping/write.ts';
import { uniqueKeyOf } from './model.ts';
import { concludeAttempt, openMessageId, openSince } from './operations/conclude.ts';
import { NO_CONTACT, NO_PERSON } from './operations/guards.ts';
import {
  planSubmit,
  renderMail,
  renderSubmitted,
  type Submission,
  type SubmitContext,
} from './operations/submit.ts';
import {
  connectionOf,
  type RecordingOperation,
  type Transitioned,
  transition,
} from './operations/transition.ts';
import { createOutbox } from './outbox.ts';
import { interpretReply, type Reply, replyEvent } from './replies.ts';
import type { EfrikortSettings } from './settings.ts';

export interface EfrikortParts {
  readonly settings: EfrikortSettings;
  readonly clock: Clock;
  /** Outbox and contacts; keys `outbox/…` and `region-contact/…`. */
  readonly state: KeyValue;
  /** Undefined: mails are sent by hand (`render-only`). */
  readonly transport?: MailTransport;
  /** Contacts where the operator has loaded none; the sandbox has its own. */
  readonly defaultContacts?: readonly RegionContact[];
  /** For tests; random otherwise. */
  readonly newReference?: () => string;
}

/** What `$mail` answers. */
export interface RenderedMail {
  /** `message/rfc822`. */
  readonly message: string;
  /** `text/uri-list`. */
  readonly mailto: string;
}

/** eFrikort as the facade sees it: a national system, and the operations that move a connection. */
export interface Efrikort extends NationalSystem<Basic> {
  readonly name: 'efrikort';
  /** The code of `basic-kind` that it stands for. */
  readonly kind: typeof EFRIKORT_CONNECTION;
  readonly contacts: RegionContacts;
  /** The key that at most one live connection holds. */
  uniqueKey(basic: Basic): string | undefined;
  /** The mail as it would go out now; no state changes, nothing is sent. */
  mail(basic: Basic): Promise<Result<RenderedMail, Failure>>;
  /** The mail of the `$submit` that ended with this version. `at`: when it was stored, milliseconds. */
  submittedMail(basic: Basic, at: number): Promise<Result<RenderedMail, Failure>>;
  /** Why a mail to this connection's region could not go out for want of an address; undefined: it has one. */
  contactWarning(basic: Basic): Promise<Issue | undefined>;
  /** Since when a mail is announced and not accounted for, milliseconds; undefined: none is. */
  openSince(basic: Basic): number | undefined;
  /** The mail that creating and submitting this would send. Failure: every fault of the mapping, or no contact. */
  previewCreate(
    basic: Basic,
  ): Promise<Result<{ readonly preview: Preview; readonly issues: readonly Issue[] }, Failure>>;
  /** `others`: the other stored connections, at least those in state granted and test-passed. */
  submit(
    basic: Basic,
    parameters: Parameters | undefined,
    others: readonly Basic[],
  ): Promise<Result<Submission, Failure>>;
  transition(
    operation: RecordingOperation,
    basic: Basic,
    parameters: Parameters | undefined,
  ): Promise<Result<Transitioned, Failure>>;
  /** The version that accounts for a mail left open by a crash; undefined when there is none (yet). */
  conclude(basic: Basic): Promise<Basic | undefined>;
  /** What an incoming mail is about, and the version that records it; undefined when it concerns none of these. */
  incoming(
    raw: string,
    connections: readonly Basic[],
  ): Promise<{ readonly basic: Basic; readonly resource: Basic; readonly reply: Reply } | undefined>;
}

/** Without 0, 1, I, O: references are read out on the telephone. */
const LETTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

const randomReference = (): string =>
  `EFK-${[...crypto.getRandomValues(new Uint8Array(10))].map((octet) => LETTERS[octet % 32]).join('')}`;

/** eFrikort, connected to its ports. */
export const createEfrikort = (parts: EfrikortParts): Efrikort => {
  const { settings, clock, state, transport, newReference = randomReference } = parts;
  const contacts = createRegionContacts(state, parts.defaultContacts);
  const outbox = createOutbox(state);
  const client = createEfrikortClient({ transport, outbox, clock });
  const plan = createPlan({ settings, now: clock, newReference });
  const context = (): SubmitContext & MappingContext => ({ settings, now: clock() });

  const recipientsOf = (basic: Basic): Promise<readonly string[]> =>
    contacts.addressesOf(connectionOf(basic, context()).region.hsaId, clock());

  const rendered = async (basic: Basic) => {
    const now = context();
    const connection = connectionOf(basic, now);
    if (connection.contact === undefined) return refusal([NO_PERSON]);
    return renderMail(connection, await recipientsOf(basic), now);
  };

  const shown = (result: ReturnType<typeof renderMail>): Result<RenderedMail, Failure> => {
    if (!result.ok) return result;
    const { mail, message } = result.value;
    return ok({ message, mailto: mailtoOf(mail) });
  };

  return {
    name: 'efrikort',
    kind: EFRIKORT_CONNECTION,
    contacts,
    plan,
    send: (request, sendContext) => client.send(request, sendContext),
    preview: (request) => client.preview(request),
    uniqueKey: (basic) => uniqueKeyOf(connectionOf(basic, context())),
    mail: async (basic) => shown(await rendered(basic)),
    async submittedMail(basic, at) {
      const then = { settings, now: at };
      return shown(renderSubmitted(connectionOf(basic, then), await recipientsOf(basic), then));
    },
    async contactWarning(basic) {
      if ((await recipientsOf(basic)).length > 0) return undefined;
      return finding('region-contact-missing', 'Basic.subject', NO_CONTACT, 'warning');
    },
    openSince: (basic) => openSince(basic, context()),
    async previewCreate(basic) {
      const planned = plan({ interaction: 'create', resource: basic });
      if (!planned.ok) return planned;
      const { resource = basic, issues } = planned.value;
      const result = await rendered(resource);
      if (!result.ok) return result;
      const { mail, message } = result.value;
      return ok({ preview: client.preview(mailRequest(mail, message, settings)), issues });
    },
    async submit(basic, parameters, others) {
      const recipients = await recipientsOf(basic);
      return planSubmit({ basic, parameters, others, recipients }, context());
    },
    async transition(operation, basic, parameters) {
      const regionOf = await contacts.directory(clock());
      return transition({ operation, basic, parameters, regionOf }, context());
    },
    async conclude(basic) {
      const now = context();
      const messageId = openMessageId(basic, now);
      if (messageId === undefined) return undefined;
      return concludeAttempt(basic, await outbox.find(messageId), now);
    },
    async incoming(raw, connections) {
      const now = context();
      const known = connections.map((basic) => ({ basic, connection: connectionOf(basic, now) }));
      const reply = interpretReply(raw, {
        connections: known.map(({ connection }) => connection),
        regionOf: await contacts.directory(clock()),
        support: settings.support,
      });
      const found = known.find(({ connection }) => connection.reference === reply?.reference);
      if (reply === undefined || found === undefined) return undefined;
      const { basic, connection } = found;
      const repeated = connection.events.some(
        ({ kind, messageId }) =>
          (kind === 'reply' || kind === 'bounce') && messageId !== undefined && messageId === reply.messageId,
      );
      if (repeated) return undefined;
      const event = replyEvent(reply, connection, now.now);
      const resource = withProgress(basic, {
        state: connection.state,
        events: [...connection.events, event],
      });
      return { basic, resource, reply };
    },
  };
};
