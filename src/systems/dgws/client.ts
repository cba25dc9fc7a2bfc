import type { Failure } from '../../failure.ts';
import type { Clock } from '../../ports.ts';
import type { Result } from '../../result.ts';
import type { Vocabulary } from '../../xml/codec.ts';
import type { XmlElement } from '../../xml/tree.ts';
import type { Preview } from '../system.ts';
import { type BreakerOptions, createBreaker } from '../upstream/breaker.ts';
import { createSender, type UpstreamRequest } from '../upstream/exchange.ts';
import type { UpstreamFetch } from '../upstream/fetch.ts';
import { type RepeatTable, repeatWithin, type Turn, type Verdict } from '../upstream/retry.ts';
import { platformTimer, type Timer } from '../upstream/timer.ts';
import { interpretReply, isReplyTo, JUDGEMENTS, type Outcome, type Reason } from './client-outcome.ts';
import { type CardHolder, isExpiredCard } from './faults.ts';
import { writeEnvelope } from './message-envelope.ts';
import type { DgwsHeader } from './message-header.ts';

/** A card ready to be sent. */
export interface ReadyCard {
  /** Signed, byte for byte as it was issued. */
  readonly xml: string;
  readonly level: 1 | 2 | 3 | 4 | 5;
}

/** What the call that needs a card is about. */
export interface CallContext {
  /** X-Request-ID of the call that needs this one; known to the exchange log, not sent. */
  readonly requestId: string;
  /** Milliseconds since the epoch by the port clock. */
  readonly deadline: number;
}

/** Where the card of a call comes from. */
export interface CardSource {
  readonly holder: CardHolder;
  card(context: CallContext): Promise<Result<ReadyCard, Failure>>;
  /** A fresh one in the place of one that was refused as expired; absent: there is none to be had. */
  renew?(stale: ReadyCard, context: CallContext): Promise<Result<ReadyCard, Failure>>;
}

/** The card that a caller brought. */
export const callersCard = (card: ReadyCard): CardSource => ({
  holder: 'caller',
  card: () => Promise.resolve({ ok: true, value: card }),
});

export interface DgwsSettings {
  readonly url: string;
  readonly priority: 'AKUT' | 'HASTER' | 'RUTINE';
  readonly nonRepudiationReceipt: 'yes' | 'no';
  readonly timeOut?: '5' | '30' | '480' | '1440' | 'unbound';
}

export interface DgwsCall {
  readonly url?: string;
  /** Without quotes. */
  readonly soapAction: string;
  readonly body: XmlElement;
  /** Further header blocks. */
  readonly blocks?: readonly XmlElement[];
  readonly declare?: readonly Vocabulary[];
  readonly cards: CardSource;
  /** `medcom:FlowID`; left out when there is none. */
  readonly flowId?: string;
  /** Whether the service may be asked the same again when nobody knows if it has acted. */
  readonly mayRepeat: boolean;
}

/** What came of a call, its tries taken together. */
export interface Called {
  readonly outcome: Outcome;
  /** The card's, for the judgement of a fault. */
  readonly holder: CardHolder;
  /** Some try was left without an answer that says whether the service acted. */
  readonly open: boolean;
}

export interface DgwsClient {
  call(call: DgwsCall, context: CallContext): Promise<Called>;
  /** The request as it would go out; the place of the card's signature is marked. Nothing is sent. */
  preview(call: Omit<DgwsCall, 'cards'>, card: ReadyCard): Preview;
  /** Forgets what the circuit breaker has counted. */
  reset(): void;
}

export interface DgwsClientOptions {
  readonly settings: DgwsSettings;
  readonly fetch: UpstreamFetch;
  readonly clock: Clock;
  readonly timer?: Timer;
  readonly random?: () => number;
  readonly breaker?: Omit<BreakerOptions, 'clock'>;
  /** A new MessageID; a UUID unless given. */
  readonly newId?: () => string;
}

/** Three tries against trouble; a fresh card once. */
const REPEATS: RepeatTable<Reason> = {
  transient: { most: 2, wait: true },
  card: { most: 1, wait: false },
};

type Envelope = Pick<DgwsCall, 'soapAction' | 'body' | 'blocks' | 'declare' | 'flowId' | 'url'>;

const requestOf = (
  settings: DgwsSettings,
  call: Envelope,
  card: ReadyCard,
  made: { readonly messageId: string; readonly created: number },
): UpstreamRequest => {
  const { flowId } = call;
  const header: DgwsHeader = {
    securityLevel: card.level,
    ...(settings.timeOut === undefined ? {} : { timeOut: settings.timeOut }),
    linking: { ...(flowId === undefined ? {} : { flowId }), messageId: made.messageId },
    priority: settings.priority,
    nonRepudiationReceipt: settings.nonRepudiationReceipt,
  };
  return {
    method: 'POST',
    url: call.url ?? settings.url,
    headers: { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: `"${call.soapAction}"` },
    body: writeEnvelope({
      created: made.created,
      card: card.xml,
      header,
      ...(call.blocks === undefined ? {} : { blocks: call.blocks }),
      body: call.body,
      ...(call.declare === undefined ? {} : { declare: call.declare }),
    }),
  };
};

/** A service behind DGWS: card, envelope, tries and circuit breaker of every call. */
export const createDgwsClient = (options: DgwsClientOptions): DgwsClient => {
  const { settings, clock, timer = platformTimer, newId = () => crypto.randomUUID() } = options;
  const send = createSender({ fetch: options.fetch, timer });
  const breaker = createBreaker({ clock, ...options.breaker });

  const tryOnce = async (
    call: DgwsCall,
    context: CallContext,
    card: ReadyCard,
    turn: Turn,
  ): Promise<Outcome> => {
    // A new question always has a new MessageID: some servers replay the old answer to an old one.
    const messageId = newId();
    const request = requestOf(settings, call, card, { messageId, created: clock() });
    const exchange = await send(request, { requestId: context.requestId, limit: turn.limit() });
    const outcome = interpretReply(exchange, clock());
    return outcome.kind === 'reply' && !isReplyTo(outcome.envelope, messageId)
      ? { kind: 'other-reply' }
      : outcome;
  };

  const callWithin = async (call: DgwsCall, context: CallContext): Promise<Called> => {
    const { cards, mayRepeat } = call;
    let stale: ReadyCard | undefined;
    let open = false;

    const attempt = async (turn: Turn): Promise<Verdict<Outcome, Reason>> => {
      const got = await (stale === undefined || cards.renew === undefined
        ? cards.card(context)
        : cards.renew(stale, context));
      stale = undefined;
      if (!got.ok) return { value: { kind: 'no-card', failure: got.failure } };
      const outcome = await tryOnce(call, context, got.value, turn);
      if (outcome.kind === 'fault' && isExpiredCard(outcome.fault) && cards.renew !== undefined) {
        stale = got.value;
        return { value: outcome, again: 'card' };
      }
      const { again, open: unsure, untouched } = JUDGEMENTS[outcome.kind];
      open ||= unsure === true;
      const retryAfter = 'retryAfter' in outcome ? outcome.retryAfter : undefined;
      return { value: outcome, again: mayRepeat || untouched === true ? again : undefined, retryAfter };
    };

    const outcome = await repeatWithin<Outcome, Reason>(
      REPEATS,
      { ...options, timer, deadline: context.deadline },
      attempt,
    );
    return { outcome: outcome ?? { kind: 'too-late' }, holder: cards.holder, open };
  };

  return {
    async call(call, context) {
      const called = await breaker.run(
        () => callWithin(call, context),
        ({ outcome }) => JUDGEMENTS[outcome.kind].healthy,
      );
      if (called.ok) return called.value;
      const outcome: Outcome = { kind: 'circuit-open', ...called.failure };
      return { outcome, holder: call.cards.holder, open: false };
    },
    preview(call, card) {
      const made = { messageId: '<MessageID>', created: clock() };
      const { method, url, headers, body = '' } = requestOf(settings, call, card, made);
      return { method, url, headers, body };
    },
    reset: () => breaker.reset(),
  };
};
