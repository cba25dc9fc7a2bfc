import type { Failure } from '../../failure.ts';
import type { Clock } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { encodeBase64 } from '../../xml/base64.ts';
import { type BreakerOptions, createBreaker } from '../upstream/breaker.ts';
import { createSender } from '../upstream/exchange.ts';
import type { UpstreamFetch } from '../upstream/fetch.ts';
import { upstreamFailure } from '../upstream/issues.ts';
import { type RepeatTable, repeatWithin } from '../upstream/retry.ts';
import { type SingleFlight, sharedFlight } from '../upstream/single-flight.ts';
import { platformTimer, type Timer, within } from '../upstream/timer.ts';
import { type CardSigner, certificateHash, signCard, verifyCard } from './card-signature.ts';
import type { CallContext, CardSource, ReadyCard } from './client.ts';
import { brokenAnswer, outcomeFailure } from './client-failures.ts';
import { interpretReply, JUDGEMENTS, type Outcome } from './client-outcome.ts';
import { stsFailure } from './faults.ts';
import type { CardUser, IdCard } from './message-card.ts';
import type { Envelope } from './message-envelope.ts';
import { signedText, TOKEN_RESPONSE, writeTokenRequest } from './message-sts.ts';
import { certificatesOf, openSigner, type StsSettings } from './settings.ts';

/** A card that the STS issued to us, verified. */
export interface IssuedCard extends ReadyCard {
  readonly card: IdCard;
}

/** The STS: exchanges a card we signed ourselves for one that services accept. */
export interface StsClient extends CardSource {
  /** From memory while it lasts; failures `upstream-refused`, `upstream-timeout`, `unavailable`, `internal`. */
  card(context: CallContext): Promise<Result<IssuedCard, Failure>>;
  /** A fresh one unless somebody else has fetched one since. */
  renew(stale: ReadyCard, context: CallContext): Promise<Result<IssuedCard, Failure>>;
  /** Forgets the card and what the circuit breaker has counted. */
  reset(): void;
}

export interface StsClientOptions {
  readonly settings: StsSettings;
  /** The person of a user card (level 4); absent: a system card (level 3). */
  readonly user?: CardUser;
  readonly fetch: UpstreamFetch;
  readonly clock: Clock;
  readonly timer?: Timer;
  readonly random?: () => number;
  readonly breaker?: Omit<BreakerOptions, 'clock'>;
  /** On Workers one that outlives the request that started it. */
  readonly singleFlight?: SingleFlight<Result<IssuedCard, Failure>>;
}

const REPEATS: RepeatTable<'transient'> = { transient: { most: 2, wait: true } };

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Clocks differ: as issuers do, a card starts a little in the past. */
const BACKDATED = 5 * 60_000;

const randomId = (): string => encodeBase64(crypto.getRandomValues(new Uint8Array(16)));

/** The card that we sign ourselves, to be exchanged. */
export const selfSignedCard = (
  settings: StsSettings,
  user: CardUser | undefined,
  made: { readonly now: number; readonly id: string; readonly certHash: string },
): IdCard => {
  const start = Math.floor((made.now - BACKDATED) / 1000) * 1000;
  const careProviderId = { format: 'medcom:cvrnumber', value: settings.cvr } as const;
  return {
    issuer: settings.systemName,
    issueInstant: start,
    nameId: user?.cpr === undefined ? careProviderId : { format: 'medcom:cprnumber', value: user.cpr },
    notBefore: start,
    notOnOrAfter: start + DAY,
    id: made.id,
    version: '1.0.1',
    type: user === undefined ? 'system' : 'user',
    level: user === undefined ? 3 : 4,
    certHash: made.certHash,
    ...(user === undefined ? {} : { user }),
    system: {
      name: settings.systemName,
      careProviderId,
      careProviderName: settings.careProviderName,
    },
  };
};

const refusedCard = (why: string): Result<never, Failure> =>
  fail(brokenAnswer(`The STS answered with a card that this server refuses: ${why}.`));

const FAULTS = {
  signature: 'its signature does not hold',
  structure: 'it is no ID card of DGWS',
  expired: 'it has ended already by our clock',
  'not-yet-valid': 'it is not valid yet by our clock',
} as const;

export const createStsClient = (options: StsClientOptions): StsClient => {
  const { settings, user, clock, timer = platformTimer } = options;
  const send = createSender({ fetch: options.fetch, timer });
  const breaker = createBreaker({ clock, ...options.breaker });
  const flight = options.singleFlight ?? sharedFlight<Result<IssuedCard, Failure>>({ clock });
  let held: IssuedCard | undefined;
  let signer: CardSigner | undefined;

  const signerOf = async (): Promise<Result<CardSigner, Failure>> => {
    if (signer !== undefined) return ok(signer);
    const opened = await openSigner(settings);
    if (!opened.ok) return fail(upstreamFailure('misconfigured', opened.failure));
    signer = opened.value;
    return opened;
  };

  const accept = async (envelope: Envelope): Promise<Result<IssuedCard, Failure>> => {
    const response = TOKEN_RESPONSE.read(envelope.body);
    if (!response.ok) return refusedCard('there is none where one should be');
    const assertion = response.value.value.token.card;
    const card = await verifyCard(envelope.document, assertion, {
      trusted: certificatesOf(settings.trusted) ?? [],
      algorithms: settings.accepted,
      now: clock(),
      skew: settings.skew,
    });
    if (!card.ok) return refusedCard(FAULTS[card.failure.kind]);
    const { type, level, system } = card.value;
    if (type !== (user === undefined ? 'system' : 'user')) return refusedCard('it is of the other type');
    if (system.careProviderId.value !== settings.cvr) return refusedCard('it is for another organisation');
    // Names and authorisation may differ from what we sent: the STS's word stands.
    return ok({ xml: signedText(envelope.text, assertion), level, card: card.value });
  };

  const ask = async (context: CallContext, own: CardSigner): Promise<Outcome> => {
    const now = clock();
    const hash = own.algorithm === 'rsa-sha1' ? 'SHA-1' : 'SHA-256';
    const certHash = await certificateHash(own.certificate, hash);
    const signed = await signCard(selfSignedCard(settings, user, { now, id: randomId(), certHash }), own);
    const request = {
      method: 'POST',
      url: settings.url,
      headers: { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: `"${settings.soapAction}"` },
      body: writeTokenRequest(signed, settings.systemName, now),
    } as const;
    const outcome = await repeatWithin<Outcome, 'transient'>(
      REPEATS,
      { ...options, timer, deadline: context.deadline },
      async (turn) => {
        const exchange = await send(request, { requestId: context.requestId, limit: turn.limit() });
        const value = interpretReply(exchange, clock());
        // To ask for a card twice does no harm.
        const again = JUDGEMENTS[value.kind].again === 'transient' ? 'transient' : undefined;
        return { value, again, retryAfter: 'retryAfter' in value ? value.retryAfter : undefined };
      },
    );
    return outcome ?? { kind: 'too-late' };
  };

  const fetchCard = async (context: CallContext): Promise<Result<IssuedCard, Failure>> => {
    const own = await signerOf();
    if (!own.ok) return own;
    const asked = await breaker.run(
      () => ask(context, own.value),
      ({ kind }) => JUDGEMENTS[kind].healthy,
    );
    const outcome: Outcome = asked.ok ? asked.value : { kind: 'circuit-open', ...asked.failure };
    if (outcome.kind === 'fault') return fail(stsFailure(outcome.fault, 'facade'));
    if (outcome.kind !== 'reply') return fail(outcomeFailure('The STS', outcome, 'facade'));
    const issued = await accept(outcome.envelope);
    if (issued.ok) held = issued.value;
    return issued;
  };

  /** Whoever waits for another's flight keeps its own deadline. */
  const shared = async (context: CallContext): Promise<Result<IssuedCard, Failure>> => {
    const found = await within(
      timer,
      context.deadline - clock(),
      flight('card', () => fetchCard(context)),
    );
    return found ?? fail(outcomeFailure('The STS', { kind: 'timeout' }, 'facade'));
  };

  const isFresh = ({ card }: IssuedCard): boolean => {
    const now = clock();
    // A card as short as its margin would never be used.
    const margin = Math.min(settings.margin, (card.notOnOrAfter - card.notBefore) / 4);
    return now >= card.notBefore - settings.skew && now < card.notOnOrAfter - margin;
  };

  return {
    holder: 'facade',
    card: async (context) => (held !== undefined && isFresh(held) ? ok(held) : shared(context)),
    renew: async (stale, context) => {
      if (held !== undefined && held.xml !== stale.xml && isFresh(held)) return ok(held);
      held = undefined;
      return shared(context);
    },
    reset() {
      held = undefined;
      breaker.reset();
    },
  };
};
