import { type Failure, failure } from '../../failure.ts';
import type { Clock } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { decodeBase64 } from '../../xml/base64.ts';
import type { Certificate } from '../../xml/certificate.ts';
import { parseXml } from '../../xml/parse.ts';
import { isNamed } from '../../xml/tree.ts';
import { type DgwsAlgorithm, verifyCard } from '../dgws/card-signature.ts';
import { type CardSource, callersCard, type ReadyCard } from '../dgws/client.ts';
import { SAML } from '../dgws/message-names.ts';
import { normalisePersonNumber } from '../identifiers.ts';

/** What a card is needed for. */
export interface CardAsk {
  /** CPR of the acting person; undefined where it is not told. Never logged. */
  readonly cpr?: string;
  /** X-Request-ID of the call that the card may have come with. */
  readonly requestId: string;
  /** The card that came with the call, in whatever form it was put into the planned request. */
  readonly card?: string;
  /** Reading whitelistings needs no person of its own. */
  readonly purpose: 'write' | 'read';
}

/** Where the ID cards of FMK's calls come from. Failures: `forbidden` with code `security`; `unauthenticated`. */
export type FmkCards = (ask: CardAsk) => Promise<Result<CardSource, Failure>>;

/** A card that came with a call, verified. */
export interface CallersCard {
  readonly ready: ReadyCard;
  /** The person of the card: the acting person. */
  readonly cpr: string;
  /** Milliseconds since the epoch, exclusive. */
  readonly notOnOrAfter: number;
}

export interface FmkCardOptions {
  readonly level: 3 | 4;
  /** Opens the card that came with the call, as long as it lasts; undefined: none came, or it has ended. */
  readonly fromCall?: (card: string | undefined) => Promise<CallersCard | undefined>;
  /** Cards of the persons of FMK_USER_CARDS, by CPR. */
  readonly users: ReadonlyMap<string, CardSource>;
  /** The facade's own card, level 3. */
  readonly system?: CardSource;
  /**
   * Whose card reads whitelistings where whoever asks has none: nobody's, or any of the configured persons'. FMK
   * then notes that person as the reader.
   */
  readonly readAs: 'acting' | 'any';
}

const noCard = (why: string): Failure =>
  failure('forbidden', 'security', why, { location: ['http.X-Dgws-IdCard'] });

const NONE =
  'FMK takes whitelistings from a person with an ID card of level 4. None came with the call (X-Dgws-IdCard), and none is configured for the acting person (FMK_USER_CARDS). Nothing was sent.';
const ANOTHERS =
  'The ID card that came with the call is of another person than the one who acts. Nothing was sent.';

/** The card of the acting person: the one that came with the call, else a configured one, else a refusal. */
export const createFmkCards =
  (options: FmkCardOptions): FmkCards =>
  async ({ cpr, card, purpose }) => {
    const brought = await options.fromCall?.(card);
    if (brought !== undefined) {
      const same = cpr === undefined || cpr === brought.cpr;
      return same ? ok(callersCard(brought.ready)) : fail(noCard(ANOTHERS));
    }
    const configured = cpr === undefined ? undefined : options.users.get(cpr);
    if (configured !== undefined) return ok(configured);
    if (options.level === 3 && options.system !== undefined) return ok(options.system);
    const [any] = purpose === 'read' && options.readAs === 'any' ? options.users.values() : [];
    return any === undefined ? fail(noCard(NONE)) : ok(any);
  };

export interface CallersCardTrust {
  /** Certificates of the STS. */
  readonly trusted: readonly Certificate[];
  readonly algorithms: readonly DgwsAlgorithm[];
  readonly clock: Clock;
  readonly level: 3 | 4;
  /** Milliseconds. */
  readonly skew?: number;
}

const refusedCard = (code: 'security' | 'expired', why: string): Result<never, Failure> =>
  fail(
    failure('unauthenticated', code, `X-Dgws-IdCard: ${why}`, {
      location: ['http.X-Dgws-IdCard'],
      challenge: 'Bearer error="invalid_token"',
    }),
  );

const FAULTS = {
  signature: ['security', 'the signature of the card does not hold, or is not of the STS.'],
  structure: ['security', 'this is no ID card of DGWS.'],
  expired: ['expired', 'the card has expired.'],
  'not-yet-valid': ['security', 'the card is not valid yet.'],
} as const;

/**
 * Verifies a card that came with a call: base64 of the assertion as the STS issued it. Its text is kept to the
 * letter, because it is signed. Failure: `unauthenticated`; nothing of the card is repeated.
 */
export const readCallersCard = async (
  header: string,
  trust: CallersCardTrust,
): Promise<Result<CallersCard, Failure>> => {
  const bytes = decodeBase64(header);
  if (bytes === undefined || bytes.length === 0) return refusedCard('security', 'the value is not base64.');
  const xml = new TextDecoder().decode(bytes);
  const parsed = parseXml(xml, { comments: 'refuse', length: 64 * 1024 });
  if (!parsed.ok || !isNamed(parsed.value, SAML.uri, 'Assertion')) {
    return refusedCard('security', 'this is no ID card of DGWS.');
  }
  const document = parsed.value;
  const { trusted, algorithms, clock, skew = 0 } = trust;
  const card = await verifyCard(document, document, { trusted, algorithms, now: clock(), skew });
  if (!card.ok) {
    const [code, why] = FAULTS[card.failure.kind];
    return refusedCard(code, why);
  }
  const { type, level, user, notOnOrAfter } = card.value;
  if (type !== 'user' || level < trust.level) {
    return refusedCard('security', `a user card of level ${trust.level} is needed.`);
  }
  const cpr = normalisePersonNumber('urn:oid:1.2.208.176.1.2', user?.cpr ?? '');
  if (!cpr.ok) return refusedCard('security', 'the card names no person by CPR number.');
  // An XML declaration may stand before an assertion alone, not inside an envelope.
  const text = xml.replace(/^\uFEFF?\s*(?:<\?xml[^>]*\?>\s*)?/, '').trimEnd();
  return ok({ ready: { xml: text, level }, cpr: cpr.value.value, notOnOrAfter });
};
