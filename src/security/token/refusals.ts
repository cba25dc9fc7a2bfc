import { codeSystem } from '../../canonical.ts';
import { type Failure, failure } from '../../failure.ts';
import { SIGNATURE_ALGORITHMS } from './issuer.ts';

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

const DPOP_ALGORITHMS = `algs="${SIGNATURE_ALGORITHMS.join(' ')}"`;

/** The token is bound to a key, and was shown as if it were not: what is needed is said beside (RFC 9449, 7.1). */
export const ticketBound = (): Failure =>
  failure(
    'unauthenticated',
    'login',
    'The token is bound to a key (cnf) and cannot be used as a plain bearer token; show it as DPoP <token> with a proof.',
    {
      details: details('ticket-invalid'),
      location: LOCATION,
      challenge: `${INVALID_TOKEN}, DPoP ${DPOP_ALGORITHMS}`,
    },
  );

/** The challenge of a token that was shown with the scheme DPoP and is no good. */
export const BOUND_TICKET_CHALLENGE = `DPoP error="invalid_token", ${DPOP_ALGORITHMS}`;

/** The token was shown with the scheme DPoP, and is no good or not bound to a key. */
export const boundTicketInvalid = (reason: string): Failure =>
  failure('unauthenticated', 'login', reason, {
    details: details('ticket-invalid'),
    location: LOCATION,
    challenge: BOUND_TICKET_CHALLENGE,
  });

/** @param reason one sentence; never a value of the proof */
export const proofInvalid = (reason: string): Failure =>
  failure('unauthenticated', 'login', reason, {
    details: details('ticket-invalid'),
    location: ['http.DPoP'],
    challenge: `DPoP error="invalid_dpop_proof", ${DPOP_ALGORITHMS}`,
  });

/** So many proofs were shown of late that a repeated one could no longer be told: none is taken for a while. */
export const proofsExhausted = (): Failure =>
  failure('unavailable', 'transient', 'Too many DPoP proofs are being remembered at the moment; try again.', {
    retryAfter: 5,
  });

/** The issuer's keys cannot be had now: nothing is known about the token. */
export const keysUnavailable = (): Failure =>
  failure('unavailable', 'transient', 'The keys of the token issuer cannot be fetched at the moment.', {
    retryAfter: 5,
  });
