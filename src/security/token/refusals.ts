import { codeSystem } from '../../canonical.ts';
import { type Failure, failure } from '../../failure.ts';

const details = (code: string) => ({ system: codeSystem('header-issue'), code });

const LOCATION = ['http.Authorization'];
const INVALID_TOKEN = 'Bearer error="invalid_token"';

/** The call carries no bearer token at all. */
export const ticketMissing = (): Failure =>
  failure('unauthenticated', 'login', 'Authorization must carry a bearer token: Bearer <token>.', {
    details: details('ticket-missing'),
    location: LOCATION,
    challenge: 'Bearer',
  });

/** @param reason one sentence; never a value of the token */
export const ticketInvalid = (reason: string): Failure =>
  failure('unauthenticated', 'login', reason, {
    details: details('ticket-invalid'),
    location: LOCATION,
    challenge: INVALID_TOKEN,
  });

/** The token was genuine and has run out. */
export const ticketExpired = (): Failure =>
  failure('unauthenticated', 'expired', 'The token has expired.', {
    details: details('ticket-expired'),
    location: LOCATION,
    challenge: INVALID_TOKEN,
  });

/** The issuer's keys cannot be had now: nothing is known about the token. */
export const keysUnavailable = (): Failure =>
  failure('unavailable', 'transient', 'The keys of the token issuer cannot be fetched at the moment.', {
    retryAfter: 5,
  });
