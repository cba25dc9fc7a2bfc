import type { Basic } from '@medplum/fhirtypes';
import { type Failure, failureOf } from '../../../failure.ts';
import type { Clock } from '../../../ports.ts';
import { fail, ok, type Result } from '../../../result.ts';
import type { Plan, SystemWrite } from '../../system.ts';
import { questionToJson } from '../question.ts';
import type { BrsSettings } from '../settings.ts';
import { toQuestion } from './basic-to-question.ts';
import { EXTERNAL_REFERENCE, TREATMENT_RELATION_PROFILE } from './codes.ts';
import { finding } from './findings.ts';
import { followupStateOf } from './followup.ts';
import type { Directory } from './organisation.ts';

type Planned = Result<Plan<Basic>, Failure>;

const refused = (issues: Parameters<typeof failureOf>[0]): Planned =>
  fail(failureOf(issues) ?? { kind: 'unprocessable', issues });

/** The stored form before the answer: with the profile, and with the reference that BRS is given. */
const stored = (basic: Basic, reference: string): Basic => {
  const profiles = new Set([...(basic.meta?.profile ?? []), TREATMENT_RELATION_PROFILE]);
  const { created: _written, ...rest } = basic;
  const others = (basic.identifier ?? []).filter(({ system }) => system !== EXTERNAL_REFERENCE);
  return {
    ...rest,
    meta: { ...basic.meta, profile: [...profiles] },
    identifier: [{ system: EXTERNAL_REFERENCE, value: reference }, ...others],
  };
};

/** Only the facade itself holds these: they may change without a new question. */
const HELD: ReadonlySet<string> = new Set(['id', 'meta', 'text', 'language']);

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
};

const asked = (basic: Basic): string =>
  JSON.stringify(sorted(Object.fromEntries(Object.entries(basic).filter(([name]) => !HELD.has(name)))));

/** Whether two Basics hold the same question and answer, but for what only the facade holds. */
export const sameQuestionAndAnswer = (left: Basic, right: Basic): boolean => asked(left) === asked(right);

/** Whether two Basics say the same, but for what the server itself writes. */
export const sameContent = (left: Basic, right: Basic): boolean => {
  const bare = ({ id: _id, meta, ...rest }: Basic) => ({
    ...rest,
    profile: meta?.profile ?? [],
    tag: meta?.tag ?? [],
    security: meta?.security ?? [],
  });
  return JSON.stringify(sorted(bare(left))) === JSON.stringify(sorted(bare(right)));
};

export interface PlanDeps {
  readonly settings: BrsSettings;
  readonly now: Clock;
  readonly newReference: () => string;
}

/**
 * `NationalSystem.plan` for Basic treatment-relation. Pure but for the clock and the reference it is handed.
 * Failures: `unprocessable` with every mapping fault at once.
 */
export const createPlan =
  (deps: PlanDeps) =>
  (write: SystemWrite<Basic>, directory?: Directory): Planned => {
    switch (write.interaction) {
      case 'create': {
        const mapped = toQuestion(write.resource, {
          ...deps,
          now: deps.now(),
          ...(directory === undefined ? {} : { directory }),
        });
        if (!mapped.ok) return refused(mapped.failure);
        const { question, issues } = mapped.value;
        return ok({
          request: questionToJson(question),
          resource: stored(write.resource, question.externalReferenceId),
          onUnchanged: 'commit',
          issues,
        });
      }
      case 'update': {
        if (sameQuestionAndAnswer(write.resource, write.current)) {
          return ok({ resource: write.resource, onUnchanged: 'commit', issues: [] });
        }
        const why =
          'An answer of BRS is a dated fact and cannot be edited; ask again by a create. Only meta, text and language may change.';
        return refused([finding('update-not-supported', 'Basic', why)]);
      }
      case 'delete': {
        const ordered = followupStateOf(write.current) === 'ordered';
        const why = 'The follow-up that was ordered goes on at BRS: it has no operation to cancel one.';
        const issues = ordered ? [finding('followup-not-cancelled', 'Basic', why, 'warning')] : [];
        return ok({ onUnchanged: 'commit', issues });
      }
    }
  };
