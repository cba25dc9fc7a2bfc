import type { Failure } from '../../failure.ts';
import type { Background, Clock, Fetch, Sha256 } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { type MappedCaller, mapClaims } from '../claims.ts';
import type { SamlVerifier } from '../saml/verify.ts';
import {
  bindingOf,
  createBindingCheck,
  type Presentation,
  type Scheme,
  type TokenBinding,
} from './binding.ts';
import type { Claims } from './claim-reader.ts';
import { createProofCheck } from './dpop.ts';
import { type AcceptedIssuer, isJwtIssuer, isSamlIssuer } from './issuer.ts';
import { createJwtVerifier } from './jwt.ts';
import type { ProofMemory } from './proof-memory.ts';
import { BOUND_TICKET_CHALLENGE, ticketExpired, ticketInvalid, ticketMissing } from './refusals.ts';
import { createTokenCache } from './token-cache.ts';

/** A token whose signature and claims have been checked. */
export interface VerifiedToken {
  readonly issuer: string;
  readonly claims: Claims;
  /** When it ends, milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The keys that whoever shows it must prove to have. */
  readonly binding?: TokenBinding;
  /** Whom the claims make; failure `forbidden` when they make nobody, to be told when a caller is needed. */
  readonly caller: Result<MappedCaller, Failure>;
}

export interface TokenVerifier {
  /**
   * @param authorization value of the Authorization header: `Bearer`, or `DPoP` where there is a presentation
   * @param presentation the call that it came with; without it a token that is bound to a key is refused
   * @returns failure `unauthenticated` (no token, or not a good one) or `unavailable` (the issuer's keys)
   */
  verify(authorization: string | null, presentation?: Presentation): Promise<Result<VerifiedToken, Failure>>;
  /** Forgets every verified token. */
  clear(): void;
}

export interface VerifierOptions {
  readonly issuers: readonly AcceptedIssuer[];
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly sha256: Sha256;
  readonly background?: Background;
  /** Of DPoP proofs that were used; this process's own unless given. */
  readonly proofs?: ProofMemory;
}

/** Characters of any token: what a header of 32 KB holds. */
const MAX_LENGTH = 32_768;

interface Ticket {
  readonly scheme: Scheme;
  readonly token: string;
}

/** Scheme and what follows it; undefined when the header is absent or of a scheme that is not taken. */
const ticketOf = (authorization: string | null, hasPresentation: boolean): Ticket | undefined => {
  const [, said = '', token] = /^(\w+) +(\S.*)$/.exec(authorization?.trim() ?? '') ?? [];
  const scheme = said.toLowerCase();
  if (token === undefined) return undefined;
  if (scheme === 'bearer') return { scheme, token };
  return scheme === 'dpop' && hasPresentation ? { scheme, token } : undefined;
};

interface Genuine {
  readonly issuer: AcceptedIssuer;
  readonly claims: Claims;
  readonly expiresAt: number;
}

const verifiedFrom = ({ issuer, claims, expiresAt }: Genuine): Result<VerifiedToken, Failure> => {
  const binding = bindingOf(claims);
  if (!binding.ok) return binding;
  return ok({
    issuer: issuer.issuer,
    claims,
    expiresAt,
    ...(binding.value === undefined ? {} : { binding: binding.value }),
    caller: mapClaims(issuer.claims, issuer.issuer, claims, expiresAt),
  });
};

/** The whole verification of a token that is not remembered. A JWT has dots, base64 has none. */
const createTokenCheck = ({ issuers, fetch, clock, background = () => undefined }: VerifierOptions) => {
  const jwtIssuers = issuers.filter(isJwtIssuer);
  const samlIssuers = issuers.filter(isSamlIssuer);
  const jwt = createJwtVerifier(jwtIssuers, { fetch, clock, background });
  // A module of its own, with the XML signatures: only where such issuers are configured is it loaded.
  let loading: Promise<SamlVerifier> | undefined;
  const saml = async (): Promise<SamlVerifier> => {
    loading ??= import('../saml/verify.ts').then((module) => module.createSamlVerifier(samlIssuers));
    return loading;
  };

  return async (token: string, now: number): Promise<Result<VerifiedToken, Failure>> => {
    const isJwt = samlIssuers.length === 0 || token.includes('.');
    const genuine = await (isJwt ? jwt : await saml()).verify(token, now);
    return genuine.ok ? verifiedFrom(genuine.value) : genuine;
  };
};

/** A refusal of the token itself, in the words of the scheme that it was shown with. */
const inScheme = (refusal: Failure, scheme: Scheme): Failure =>
  scheme === 'dpop' && refusal.challenge !== undefined
    ? { ...refusal, challenge: BOUND_TICKET_CHALLENGE }
    : refusal;

/**
 * Verifies bearer tokens against the configured issuers: JWTs (RFC 7519, 9068, 6750) and SAML 2.0 assertions, either
 * perhaps bound to a key (RFC 9449, 8705). There is no unverified mode. Verified tokens are remembered by hash for at
 * most five minutes, so that a key withdrawn is noticed; their end and their binding are checked at every call.
 */
export const createTokenVerifier = (options: VerifierOptions): TokenVerifier => {
  const { clock, sha256, proofs } = options;
  const check = createTokenCheck(options);
  const checkBinding = createBindingCheck(
    createProofCheck({ clock, ...(proofs === undefined ? {} : { memory: proofs }) }),
  );
  const cache = createTokenCache<VerifiedToken>();

  const remembered = async (token: string, hash: string): Promise<Result<VerifiedToken, Failure>> => {
    const now = clock();
    const known = cache.get(hash, now);
    if (known !== undefined) return now < known.expiresAt ? ok(known) : fail(ticketExpired());
    const verified = await check(token, now);
    if (verified.ok) cache.set(hash, verified.value, now);
    return verified;
  };

  const verify: TokenVerifier['verify'] = async (authorization, presentation) => {
    const ticket = ticketOf(authorization, presentation !== undefined);
    if (ticket === undefined) return fail(ticketMissing());
    const { scheme, token } = ticket;
    if (token.length > MAX_LENGTH)
      return fail(inScheme(ticketInvalid('The token is longer than any token is.'), scheme));
    const digest = sha256(token);
    const tokenHash = typeof digest === 'string' ? digest : await digest;
    const verified = await remembered(token, tokenHash);
    if (!verified.ok) return fail(inScheme(verified.failure, scheme));
    const { binding } = verified.value;
    if (scheme === 'bearer' && binding === undefined) return verified;
    const unproven = await checkBinding({ scheme, binding, tokenHash, presentation });
    return unproven === undefined ? verified : fail(unproven);
  };

  return { verify, clear: cache.clear };
};
