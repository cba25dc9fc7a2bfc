import type { Failure, Issue } from '../failure.ts';
import type { Result } from '../result.ts';
import type { Caller } from '../security/caller.ts';

/** What an entry of a Bundle takes over from the Bundle's own call. */
export interface Part {
  /** Number of the entry. */
  readonly index: number;
  /**
   * Who calls, verified once for them all: a DPoP proof is made for the Bundle's own method and URL, and good for
   * one use.
   */
  readonly caller: Result<Caller, Failure>;
  /** Takes what the entry's own answer would say in `X-Header-Findings`. */
  readonly report: (issues: readonly Issue[]) => void;
}

/**
 * Calls that the server makes to itself for the entries of a Bundle. They carry the headers of the call, and
 * what is in their URLs has never been in one that could be logged.
 */
const parts = new WeakMap<Request, Part>();

export const asPart = (request: Request, part: Part): Request => {
  parts.set(request, part);
  return request;
};

export const partOf = (request: Request): Part | undefined => parts.get(request);
