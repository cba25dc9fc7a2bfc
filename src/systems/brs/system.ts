import type { Basic } from '@medplum/fhirtypes';
import type { Failure, Issue } from '../../failure.ts';
import type { Clock, Log } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { CallContext, CardSource, DgwsClientOptions } from '../dgws/client.ts';
import type {
  Accepted,
  JsonValue,
  NationalSystem,
  NotAccepted,
  Plan,
  SendContext,
  SystemWrite,
} from '../system.ts';
import { type BrsAccepted, type BrsClient, createBrsClient } from './client.ts';
import { createPlan, type Directory, finding, INPUT, toQuestion, withAnswer } from './mapping.ts';
import { type PollPorts, type PollReport, pollNotifications } from './notifications.ts';
import { questionFromJson } from './question.ts';
import type { BrsSettings } from './settings.ts';

/** An answered question, without storing anything. */
export interface Evaluated {
  /** Without `id` and `meta`. */
  readonly resource: Basic;
  readonly issues: readonly Issue[];
}

/** BRS as the facade sees every national system, and what it alone has. */
export interface BrsSystem extends NationalSystem<Basic> {
  readonly name: 'brs';
  /** `directory` looks up literal references to organisations. */
  plan(write: SystemWrite<Basic>, directory?: Directory): Result<Plan<Basic>, Failure>;
  send(request: JsonValue, context: SendContext): Promise<Result<BrsAccepted, NotAccepted>>;
  /**
   * The planned resource with BRS's answer in it: what is to be stored when `send` has accepted.
   *
   * @param now when the answer came, milliseconds since the epoch
   */
  complete(planned: Basic, request: JsonValue, accepted: Accepted, now: number): Evaluated;
  /** `Basic/$evaluate-treatment-relation`: asks and stores nothing; refuses what would order a follow-up. */
  evaluate(resource: Basic, context: CallContext, directory?: Directory): Promise<Result<Evaluated, Failure>>;
  /** `Basic/$poll-notifications`, and what a schedule runs. */
  poll(ports: PollPorts, context: CallContext): Promise<Result<PollReport, Failure>>;
  readonly client: BrsClient;
  reset(): void;
}

export interface BrsParts extends Omit<DgwsClientOptions, 'settings'> {
  readonly settings: BrsSettings;
  readonly clock: Clock;
  /** The STS client, or anything else that has a level 3 system card. */
  readonly cards: CardSource;
  readonly log?: Log;
  /** A new external reference; a UUID unless given. */
  readonly newReference?: () => string;
}

const answerOf = (accepted: Accepted): BrsAccepted => {
  if (!('answer' in accepted)) throw new Error('BRS was not asked, or its answer was lost on the way');
  // `send` alone makes these.
  return accepted as BrsAccepted;
};

const withoutIdentity = ({ id: _id, meta: _meta, ...resource }: Basic): Basic => resource;

const followupPath = (basic: Basic): string => {
  const at = basic.extension?.findIndex(({ url }) => url === INPUT.followup) ?? -1;
  return at === -1 ? 'Basic.extension' : `Basic.extension[${at}].value`;
};

/** BRS, ready to be plugged in. */
export const createBrs = (parts: BrsParts): BrsSystem => {
  const { settings, clock, newReference = () => crypto.randomUUID() } = parts;
  const client = createBrsClient(parts);
  const context = () => ({ settings, now: clock(), newReference });

  return {
    name: 'brs',
    plan: createPlan({ settings, now: clock, newReference }),
    send: (request, sendContext) => client.send(request, sendContext),
    preview: (request) => client.preview(request),
    complete(planned, request, accepted, now) {
      const question = questionFromJson(request);
      if (question === undefined) throw new Error('not a question to BRS');
      return withAnswer(planned, question, answerOf(accepted).answer, now);
    },
    async evaluate(resource, callContext, directory) {
      const mapped = toQuestion(resource, {
        ...context(),
        ...(directory === undefined ? {} : { directory }),
      });
      const issues = mapped.ok ? [] : [...mapped.failure];
      if (
        resource.extension?.some(({ url, valueBoolean }) => url === INPUT.followup && valueBoolean === true)
      ) {
        const why = 'A follow-up is a side effect: it is ordered by a create, never by a question alone.';
        issues.push(finding('followup-not-here', followupPath(resource), why));
      }
      if (!mapped.ok || issues.length > 0) return fail({ kind: 'unprocessable', issues });
      const { question, issues: warnings } = mapped.value;
      const answered = await client.evaluate(question, callContext);
      if (!answered.ok) return answered;
      const made = withAnswer(withoutIdentity(resource), question, answered.value.answer, clock());
      return ok({
        resource: made.resource,
        issues: [...warnings, ...answered.value.issues, ...made.issues],
      });
    },
    poll: (ports, callContext) => pollNotifications({ client, settings, clock, ports }, callContext),
    client,
    reset: () => client.reset(),
  };
};
