import type { Failure, FailureKind, Issue, IssueCode } from '../failure.ts';
import type { Delivered } from './types.ts';

/** A finding as the journal keeps it: no free text, because that could hold data. */
interface KeptIssue {
  readonly severity: Issue['severity'];
  readonly code: IssueCode;
  readonly expression?: readonly string[];
  readonly location?: readonly string[];
  readonly detail?: { readonly system?: string; readonly code?: string };
}

/** The version that a companion made. */
export interface MadeVersion {
  readonly type: string;
  readonly id: string;
  readonly effect: Delivered['effect'];
  readonly version: number;
  readonly position?: number;
}

/** What became of a write, as the journal keeps it for a repeat of the call. */
export type Outcome =
  | {
      readonly done: true;
      readonly effect: Delivered['effect'];
      readonly version: number;
      readonly issues: readonly KeptIssue[];
      readonly companions?: readonly MadeVersion[];
      readonly position?: number;
    }
  | {
      readonly done: false;
      readonly kind: FailureKind;
      readonly issues: readonly KeptIssue[];
      readonly retryAfter?: number;
      readonly subject?: string;
    };

const REPEATED_REFUSAL =
  'The answer to an earlier call with the same X-Request-ID, which refused the write; the text of that answer is not kept.';
const REPEATED_WARNING =
  'A warning of the answer to an earlier call with the same X-Request-ID; its text is not kept.';

const keep = ({ severity, code, expression, location, details }: Issue): KeptIssue => ({
  severity,
  code,
  ...(expression === undefined ? {} : { expression }),
  ...(location === undefined ? {} : { location }),
  ...(details === undefined
    ? {}
    : {
        detail: {
          ...(details.system === undefined ? {} : { system: details.system }),
          ...(details.code === undefined ? {} : { code: details.code }),
        },
      }),
});

const restore = ({ severity, code, expression, location, detail }: KeptIssue): Issue => ({
  severity,
  code,
  diagnostics: severity === 'error' ? REPEATED_REFUSAL : REPEATED_WARNING,
  ...(expression === undefined ? {} : { expression }),
  ...(location === undefined ? {} : { location }),
  ...(detail === undefined ? {} : { details: detail }),
});

export const doneOutcome = (
  effect: Delivered['effect'],
  version: number,
  issues: readonly Issue[],
  companions: readonly MadeVersion[] = [],
): Outcome => ({
  done: true,
  effect,
  version,
  issues: issues.map(keep),
  ...(companions.length === 0 ? {} : { companions }),
});

export const refusedOutcome = (refusal: Failure): Outcome => ({
  done: false,
  kind: refusal.kind,
  issues: refusal.issues.map(keep),
  ...(refusal.retryAfter === undefined ? {} : { retryAfter: refusal.retryAfter }),
  ...(refusal.subject === undefined ? {} : { subject: refusal.subject }),
});

/** The failure told again: same kind and codes, its free text replaced by a fixed sentence. */
export const failureAgain = (outcome: Outcome & { readonly done: false }): Failure => ({
  kind: outcome.kind,
  issues: outcome.issues.map(restore),
  ...(outcome.retryAfter === undefined ? {} : { retryAfter: outcome.retryAfter }),
  ...(outcome.subject === undefined ? {} : { subject: outcome.subject }),
});

export const warningsAgain = (outcome: Outcome & { readonly done: true }): readonly Issue[] =>
  outcome.issues.map(restore);

/** Reads what {@link doneOutcome} or {@link refusedOutcome} wrote; throws on anything else, which is a bug. */
export const parseOutcome = (text: string): Outcome => {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('done' in value)) {
    throw new Error('the journal holds an outcome of an unknown form');
  }
  return value as Outcome;
};
