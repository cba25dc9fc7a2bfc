import type { Failure } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Claims } from './claim-reader.ts';
import type { CheckProof, ProofFault, ProofTarget } from './dpop.ts';
import { boundTicketInvalid, proofInvalid, proofsExhausted, ticketBound, ticketInvalid } from './refusals.ts';

/** The call that a token came with: what its holder must have a key for. */
export interface Presentation {
  /** As sent: a HEAD is not a GET. */
  readonly method: string;
  /** From outside, as the client wrote it; query and fragment do not matter. Read for DPoP alone. */
  readonly url: string;
  /** The header DPoP; null when there is none. */
  readonly proof: string | null;
  /**
   * Base64url of the SHA-256 of the DER of the certificate that the client showed in TLS. Read only for a token that
   * is bound to one.
   */
  readonly clientCertificate?: string | undefined;
}

/** The keys that a token's holder must prove (RFC 7800 `cnf`): each one that is there. */
export interface TokenBinding {
  /** Thumbprint of a DPoP key. */
  readonly jkt?: string;
  /** SHA-256 of a TLS certificate. */
  readonly certificate?: string;
}

export type Scheme = 'bearer' | 'dpop';

/** Base64url of 32 bytes. */
const SHA256 = /^[A-Za-z0-9_-]{43}$/;

const MEMBERS = ['jkt', 'x5t#S256'];

const isObject = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What `cnf` asks; undefined for a token that has none, failure for one that asks what is not understood. */
export const bindingOf = (claims: Claims): Result<TokenBinding | undefined, Failure> => {
  const { cnf } = claims;
  if (cnf === undefined) return ok(undefined);
  const members = isObject(cnf) ? Object.entries(cnf) : [];
  const understood = members.every(
    ([name, value]) => MEMBERS.includes(name) && typeof value === 'string' && SHA256.test(value),
  );
  if (members.length === 0 || !understood) {
    return fail(ticketInvalid('The token is bound to a key (cnf) in a way that this server cannot check.'));
  }
  const { jkt, 'x5t#S256': certificate } = Object.fromEntries(members);
  return ok({
    ...(typeof jkt === 'string' ? { jkt } : {}),
    ...(typeof certificate === 'string' ? { certificate } : {}),
  });
};

const PROOF_REASONS: Readonly<Record<Exclude<ProofFault, 'full'>, string>> = {
  missing: 'A token shown as DPoP needs one proof in the header DPoP.',
  malformed: 'The DPoP proof is not a signed JWT with the claims jti, htm, htu, iat and ath.',
  typ: 'The DPoP proof must have the type dpop+jwt.',
  algorithm: 'The DPoP proof must be signed with an asymmetric algorithm that this server takes.',
  key: 'The DPoP proof must bring its public key (jwk), and no private one.',
  'other-key': 'The DPoP proof was made with another key than the one that the token is bound to.',
  signature: 'The signature of the DPoP proof is wrong.',
  method: 'The DPoP proof is for another method (htm).',
  url: 'The DPoP proof is for another address (htu).',
  token: 'The DPoP proof is for another token (ath).',
  time: 'The DPoP proof is too old, or from the future (iat).',
  repeated: 'The DPoP proof has been used already (jti).',
};

const refusedProof = (fault: ProofFault): Failure =>
  fault === 'full' ? proofsExhausted() : proofInvalid(PROOF_REASONS[fault]);

/** A token, and how it was shown. */
export interface Shown {
  readonly scheme: Scheme;
  readonly binding: TokenBinding | undefined;
  /** Base64url of the SHA-256 of the token. */
  readonly tokenHash: string;
  readonly presentation: Presentation | undefined;
}

/**
 * That whoever shows the token has the keys that it is bound to (RFC 9449, 7.1 and RFC 8705, 3). Asked at every
 * call, also of a token that is remembered.
 */
export const createBindingCheck =
  (checkProof: CheckProof) =>
  async ({ scheme, binding, tokenHash, presentation }: Shown): Promise<Failure | undefined> => {
    if (binding?.certificate !== undefined && presentation?.clientCertificate !== binding.certificate) {
      return ticketInvalid('The token is bound to a TLS certificate (cnf) that this call was not made with.');
    }
    if (scheme === 'bearer') return binding?.jkt === undefined ? undefined : ticketBound();
    if (binding?.jkt === undefined || presentation === undefined) {
      return boundTicketInvalid('The token is not bound to a key (cnf jkt) and cannot be shown as DPoP.');
    }
    const target: ProofTarget = {
      method: presentation.method,
      url: presentation.url,
      tokenHash,
      jkt: binding.jkt,
    };
    const fault = await checkProof(presentation.proof, target);
    return fault === undefined ? undefined : refusedProof(fault);
  };
