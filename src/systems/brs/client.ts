import type { Failure, Issue } from '../../failure.ts';
import type { Log } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import {
  type CallContext,
  type Called,
  type CardSource,
  createDgwsClient,
  type DgwsCall,
  type DgwsClientOptions,
} from '../dgws/client.ts';
import { brokenAnswer, fateUnknown, outcomeFailure } from '../dgws/client-failures.ts';
import { isAboutRequest } from '../dgws/faults.ts';
import type { Accepted, JsonValue, NotAccepted, Preview, SendContext } from '../system.ts';
import { finding } from './mapping/findings.ts';
import { type BrsAnswer, readAnswer } from './message-answer.ts';
import { type BrsAlarm, NOTIFICATION_QUERY, readAlarms } from './message-notification.ts';
import { type BrsQuestion, questionFromJson, writeQuestion } from './question.ts';
import type { BrsSettings } from './settings.ts';

/** BRS answered: the store keeps its answer with the question. */
export interface BrsAccepted extends Accepted {
  readonly answer: BrsAnswer;
}

/** The Danish treatment relation service (BRS) behind DGWS. */
export interface BrsClient {
  /** Evaluates a planned question. Fits `NationalSystem.send`; what it accepts carries the answer. */
  send(request: JsonValue, context: SendContext): Promise<Result<BrsAccepted, NotAccepted>>;
  /** Evaluates a question that orders nothing: safe to repeat, its failure is final. */
  evaluate(question: BrsQuestion, context: CallContext): Promise<Result<BrsAccepted, Failure>>;
  /** The alarms after an offset, ascending; without one all that BRS still keeps. */
  notifications(
    offset: number | undefined,
    context: CallContext,
  ): Promise<Result<readonly BrsAlarm[], Failure>>;
  /** The request as it would go out; the card is a placeholder. Nothing is sent. */
  preview(request: JsonValue): Preview;
  reset(): void;
}

export interface BrsClientOptions extends Omit<DgwsClientOptions, 'settings'> {
  readonly settings: BrsSettings;
  /** A system card, level 3, of a CVR that BRS has whitelisted. */
  readonly cards: CardSource;
  readonly log?: Log;
}

const SERVICE = 'BRS';

/** A planned question comes from the mapping, by way of the journal: anything else is a bug. */
const questionOf = (request: JsonValue): BrsQuestion => {
  const question = questionFromJson(request);
  if (question === undefined) throw new Error('not a question to BRS');
  return question;
};

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

const odd = (left: readonly string[]): readonly Issue[] =>
  left.length === 0
    ? []
    : [
        finding(
          'answer-elements-unknown',
          'Basic',
          'BRS answered with elements that are not documented; they are left out.',
          'warning',
        ),
      ];

const UNREADABLE = 'BRS answered something that its documentation does not describe.';

const accept = (called: Called): Result<BrsAccepted, Failure> => {
  const { outcome, holder } = called;
  if (outcome.kind !== 'reply') return fail(outcomeFailure(SERVICE, outcome, holder));
  const read = readAnswer(outcome.envelope.body);
  if (!read.ok) return fail(brokenAnswer(UNREADABLE));
  return ok({ effect: 'changed', issues: odd(read.value.left), answer: read.value.value });
};

/**
 * Whether asking again would bring nothing new: BRS has judged this very question, or answered it in a form that
 * cannot be read. A fault about the card or the access to BRS says nothing about an earlier try.
 */
const isFinal = ({ outcome }: Called): boolean =>
  outcome.kind === 'reply' || (outcome.kind === 'fault' && isAboutRequest(outcome.fault));

const CARD_PLACEHOLDER =
  '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" id="IDCard"><!-- ID card issued by the STS; its ds:Signature id="OCESSignature" stands last in it --></saml:Assertion>';

export const createBrsClient = (options: BrsClientOptions): BrsClient => {
  const { settings, cards, log = () => {} } = options;
  const dgws = createDgwsClient({
    ...options,
    settings: { url: settings.url, priority: settings.priority, nonRepudiationReceipt: 'no' },
  });

  const callOf = (question: BrsQuestion): Omit<DgwsCall, 'cards' | 'flowId'> => ({
    soapAction: settings.soapAction,
    body: writeQuestion(question, settings),
    // A second evaluation orders a second follow-up.
    mayRepeat: !question.followup,
  });

  const flowOf = (requestId: string) => (isUuid(requestId) ? { flowId: requestId } : {});

  const evaluate = (question: BrsQuestion, context: CallContext): Promise<Called> =>
    dgws.call({ ...callOf(question), cards, ...flowOf(context.requestId) }, context);

  return {
    async send(request, context) {
      const question = questionOf(request);
      const called = await evaluate(question, context);
      const accepted = accept(called);
      if (accepted.ok) {
        const effect = context.repeat ? 'unknown' : 'changed';
        return ok({ ...accepted.value, effect });
      }
      // Settled by asking again with the same ExternalReferenceId; alarms are told apart by it.
      const open = (called.open || context.repeat) && !isFinal(called);
      if (open && question.followup) return fail({ fate: 'unknown', failure: fateUnknown(SERVICE) });
      return fail({ fate: 'refused', failure: accepted.failure });
    },
    async evaluate(question, context) {
      return accept(await evaluate(question, context));
    },
    async notifications(offset, context) {
      const called = await dgws.call(
        {
          url: settings.notificationUrl,
          soapAction: settings.notificationSoapAction,
          body: NOTIFICATION_QUERY.write(offset === undefined ? {} : { offset }),
          cards,
          mayRepeat: true,
          ...flowOf(context.requestId),
        },
        context,
      );
      const { outcome, holder } = called;
      if (outcome.kind !== 'reply') {
        if (outcome.kind === 'fault' && outcome.fault.code === 'not_authorized') {
          log('warn', 'BRS does not let this CVR number fetch notifications: alarms cannot arrive');
        }
        return fail(outcomeFailure(`${SERVICE} (notifications)`, outcome, holder));
      }
      const alarms = readAlarms(outcome.envelope.body);
      return alarms.ok ? alarms : fail(brokenAnswer(UNREADABLE));
    },
    preview(request) {
      const question = questionOf(request);
      return dgws.preview(callOf(question), { xml: CARD_PLACEHOLDER, level: 3 });
    },
    reset: () => dgws.reset(),
  };
};
