import { codeSystem } from '../../canonical.ts';
import { type Failure, failure } from '../../failure.ts';
import { upstreamFailure } from '../upstream/issues.ts';
import type { TokenOutcome } from './client-token.ts';

/**
 * What HelseID may say, with what to do about it; all of it answers 502 with issue code `security`. The last
 * two are read off its answer rather than said.
 */
const HELSEID_ERRORS: Readonly<Record<string, string>> = {
  invalid_request: 'HelseID finds the token request malformed; check HELSEID_TENANCY and the organisation.',
  invalid_client:
    'HelseID does not accept the client assertion; check HELSEID_CLIENT_ID, HELSEID_PRIVATE_KEY and the clock of the server.',
  invalid_grant: 'HelseID does not accept the grant.',
  unauthorized_client: 'HelseID does not let this client use client credentials.',
  unsupported_grant_type: 'HelseID does not offer client credentials to this client.',
  unsupported_response_type: 'HelseID does not offer the response type.',
  invalid_scope: 'HelseID does not grant the scope to this client; it has to be requested for it.',
  invalid_dpop_proof: 'HelseID does not accept the DPoP proof; check the clock of the server.',
  use_dpop_nonce: 'HelseID asks for a new DPoP nonce again and again.',
  rejected_scope:
    'HelseID left out the scope that is needed: the organisation lacks the terms of use for it (rejected_scope).',
  token_type: 'HelseID issued a token that is not bound to the DPoP key; HELSEID_AUTHORIZATION may be wrong.',
};

const TENANCY =
  'HelseID has this client set up for multi-tenancy, but the request names its organisation as a single tenant: set HELSEID_TENANCY=multi-tenant and HELSEID_ORGANIZATION_PARENT.';

/** The failure of an error code of HelseID's (or `rejected_scope`, `token_type`, found in its answer). */
export const helseIdFailure = (error: string, diagnostics?: string): Failure => {
  // What is not in the table is not repeated: it is foreign text.
  const known = Object.hasOwn(HELSEID_ERRORS, error) ? HELSEID_ERRORS[error] : undefined;
  if (known === undefined) {
    return upstreamFailure(
      'credentials-refused',
      'HelseID refused the token request for a reason not documented.',
    );
  }
  return failure('upstream-refused', 'security', diagnostics ?? known, {
    details: { system: codeSystem('helseid-error'), code: error },
  });
};

/** Seconds. */
const RETRY_AFTER = 5;

type Trouble = Exclude<TokenOutcome['kind'], 'token' | 'oauth-error'>;

const TROUBLES: Readonly<Record<Trouble, () => Failure>> = {
  refused: () =>
    upstreamFailure('credentials-refused', 'HelseID refused the token request without a reason.'),
  busy: () => upstreamFailure('server-error', 'HelseID answered every try with a server error.'),
  broken: () => upstreamFailure('broken-answer', 'HelseID answered something that is not a token answer.'),
  timeout: () => upstreamFailure('timed-out', 'HelseID did not answer in time; nothing was sent on.'),
  dropped: () =>
    upstreamFailure('no-connection', 'The connection to HelseID failed; nothing was sent on.', RETRY_AFTER),
  'no-connection': () =>
    upstreamFailure('no-connection', 'There is no connection to HelseID; nothing was sent on.', RETRY_AFTER),
};

/** The failure of a token request that brought no token. */
export const tokenFailure = (outcome: Exclude<TokenOutcome, { kind: 'token' }>): Failure => {
  if (outcome.kind !== 'oauth-error') return TROUBLES[outcome.kind]();
  return outcome.tenancyMismatch ? helseIdFailure(outcome.error, TENANCY) : helseIdFailure(outcome.error);
};
