import { fail, ok, type Result } from '../../result.ts';
import type { Assertion, SubjectConfirmation } from './assertion.ts';

/** Why a genuine assertion does not open anything now. */
export type ConditionFault =
  | 'expired'
  | 'not-yet-valid'
  | 'end-missing'
  | 'lifetime'
  | 'audience'
  | 'condition-unknown'
  | 'confirmation';

/** How long an accepted assertion holds, and whether its holder must prove a key. */
export interface Acceptance {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Base64 of the certificate that the holder must show; undefined for a bearer. */
  readonly holderOfKey?: string;
}

/** Milliseconds that NotBefore and IssueInstant may lie ahead of our clock; the end has no such grace. */
const SKEW = 60_000;
/** Milliseconds; the authority's handbook, "Giltighetstid intyg". */
const MAX_LIFETIME = 60 * 60_000;

const METHOD = 'urn:oasis:names:tc:SAML:2.0:cm:';

const isOver = ({ notOnOrAfter }: SubjectConfirmation, now: number): boolean =>
  notOnOrAfter !== undefined && notOnOrAfter <= now;

const isTimely = (one: SubjectConfirmation, now: number): boolean =>
  (one.notBefore === undefined || one.notBefore <= now + SKEW) && !isOver(one, now);

const checkTimes = ({ conditions, issueInstant }: Assertion, now: number): Result<number, ConditionFault> => {
  const { notOnOrAfter, notBefore } = conditions;
  if (notOnOrAfter === undefined) return fail('end-missing');
  const from = notBefore ?? issueInstant;
  const lifetime = notOnOrAfter - from;
  if (lifetime <= 0 || lifetime > MAX_LIFETIME) return fail('lifetime');
  if (from > now + SKEW || issueInstant > now + SKEW) return fail('not-yet-valid');
  return now < notOnOrAfter ? ok(notOnOrAfter) : fail('expired');
};

const checkAudience = ({ conditions }: Assertion, audience: readonly string[]): boolean =>
  conditions.audiences.length > 0 &&
  conditions.audiences.every((restriction) => restriction.some((one) => audience.includes(one)));

const endOf = ({ notOnOrAfter }: SubjectConfirmation): number => notOnOrAfter ?? Number.POSITIVE_INFINITY;

/** Any one of the confirmations is enough; a bearer one asks least. */
const confirm = ({ confirmations }: Assertion, now: number): Result<Acceptance, ConditionFault> => {
  const bearers = confirmations.filter(({ method }) => method === `${METHOD}bearer`);
  const holders = confirmations.filter(
    ({ method, certificates }) => method === `${METHOD}holder-of-key` && certificates.length === 1,
  );
  const bearer = bearers.find((one) => isTimely(one, now));
  if (bearer !== undefined) return ok({ expiresAt: endOf(bearer) });
  const holder = holders.find((one) => isTimely(one, now));
  const [holderOfKey] = holder?.certificates ?? [];
  if (holder !== undefined && holderOfKey !== undefined) return ok({ expiresAt: endOf(holder), holderOfKey });
  return fail([...bearers, ...holders].some((one) => isOver(one, now)) ? 'expired' : 'confirmation');
};

/**
 * Judges a signed assertion: its end is mandatory and at most 60 minutes from its beginning (NotBefore, else
 * IssueInstant), it is meant for us, and it says how its holder may prove to be the subject. It may be shown many
 * times: it is a ticket, not a message.
 *
 * @param audience ours, any of them
 * @param now milliseconds since the epoch
 */
export const checkConditions = (
  assertion: Assertion,
  audience: readonly string[],
  now: number,
): Result<Acceptance, ConditionFault> => {
  const end = checkTimes(assertion, now);
  if (!end.ok) return end;
  if (!checkAudience(assertion, audience)) return fail('audience');
  if (assertion.conditions.unknown) return fail('condition-unknown');
  const sessionEnd = Math.min(...assertion.sessionEnds, Number.POSITIVE_INFINITY);
  if (sessionEnd <= now) return fail('expired');
  const confirmed = confirm(assertion, now);
  if (!confirmed.ok) return confirmed;
  const expiresAt = Math.min(end.value, sessionEnd, confirmed.value.expiresAt);
  return ok({ ...confirmed.value, expiresAt });
};
