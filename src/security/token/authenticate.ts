import type { Failure } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Caller } from '../caller.ts';
import { completeCaller, type ResolvePatient } from '../claims.ts';
import type { Presentation } from './binding.ts';
import type { TokenVerifier, VerifiedToken } from './verify.ts';

/** From an Authorization header to the Caller. */
export interface Authenticator {
  /**
   * @param presentation the call that the token came with, for tokens that are bound to a key; without it these
   *   are refused
   * @returns the same Caller object for the same token while it is remembered; failure `unauthenticated`,
   *   `unavailable` (the issuer's keys), or `forbidden` (a genuine token that gives no role)
   */
  authenticate(authorization: string | null, presentation?: Presentation): Promise<Result<Caller, Failure>>;
  /** Forgets every verified token and whom it made. */
  clear(): void;
}

/**
 * Verifies, maps and completes. A private person who is not in the index yet is looked up again at the next call.
 */
export const createAuthenticator = (
  verifier: TokenVerifier,
  resolvePatient: ResolvePatient,
): Authenticator => {
  const callers = new WeakMap<VerifiedToken, Caller>();
  const authenticate: Authenticator['authenticate'] = async (authorization, presentation) => {
    const verified = await verifier.verify(authorization, presentation);
    if (!verified.ok) return verified;
    const known = callers.get(verified.value);
    if (known !== undefined) return ok(known);
    const mapped = verified.value.caller;
    if (!mapped.ok) return fail(mapped.failure);
    const { caller, complete } = await completeCaller(mapped.value, resolvePatient);
    if (complete) callers.set(verified.value, caller);
    return ok(caller);
  };
  return { authenticate, clear: verifier.clear };
};
