import type { Failure, Issue } from '../failure.ts';
import { type Statement, sql } from '../ports.ts';
import type { AuditEntry } from '../security/audit-entry.ts';
import type { Guard, NewVersion } from '../store/types.ts';
import type { Accepted } from '../systems/system.ts';
import type { Context } from './deps.ts';
import { claimKeys, type Entry } from './entry.ts';
import { auditOutcome, passes } from './failures.ts';
import { doneOutcome, type Outcome, refusedOutcome } from './outcome.ts';
import type { Delivered } from './types.ts';

import { audited, carryCheckedAt, inheritCheckedAt, isLive, positionOf, versionOf } from './versions.ts';

interface Companion {
  readonly effect: Delivered['effect'];
  readonly version: NewVersion;
  readonly position?: number;
}

/** How a write ends: what the journal keeps for a repeat, what is stored with it, and what is answered now. */
export interface Ending {
  readonly outcome: Outcome;
  /** Version, Provenance and audit; each statement only where the guard holds. */
  readonly statements: (guard: Guard) => readonly Statement[];
  /** What the companions made; they are written whenever the write is not refused. */
  readonly companions: readonly Companion[];
  readonly position?: number;
  readonly result:
    | {
        readonly name: 'made';
        readonly effect: Delivered['effect'];
        readonly version: NewVersion;
        readonly issues: readonly Issue[];
      }
    | {
        readonly name: 'kept';
        readonly version: number;
        readonly checkedAt: number;
        readonly issues: readonly Issue[];
      }
    | { readonly name: 'refused'; readonly failure: Failure };
}

const companionsOf = (context: Context, entry: Entry, now: number) =>
  (entry.companions ?? []).map((companion) => versionOf(context, companion, now, inheritCheckedAt));

/** What a repeat is to tell of the rest of a transaction: what it made, and what it left as it was. */
const keptOf = ({ kept = [] }: Entry, made: readonly Companion[]) => [
  ...made.map(({ effect, version: { type, id, version }, position }) => ({
    type,
    id,
    effect,
    version,
    ...(position === undefined ? {} : { position }),
  })),
  ...kept.map((one) => ({ ...one, effect: 'unchanged' as const })),
];

const committed = (context: Context, intentId: string, entry: Entry, issues: readonly Issue[]): Ending => {
  const now = context.clock();
  const { effect, version, statements } = versionOf(context, entry, now, (one, guard) =>
    carryCheckedAt(one, intentId, guard),
  );
  const companions = companionsOf(context, entry, now);
  return {
    outcome: {
      ...doneOutcome(effect, version.version, issues, keptOf(entry, companions)),
      ...positionOf(entry),
    },
    ...positionOf(entry),
    statements: (guard) => [
      ...statements(guard),
      ...companions.flatMap((companion) => companion.statements(guard)),
    ],
    companions,
    result: { name: 'made', effect, version, issues },
  };
};

/** The national system says that it already was so, and the store has it so too: no version, no event. */
const kept = (context: Context, entry: Entry, version: number, issues: readonly Issue[]): Ending => {
  const now = context.clock();
  const companions = companionsOf(context, entry, now);
  return {
    outcome: {
      ...doneOutcome('unchanged', version, issues, keptOf(entry, companions)),
      ...positionOf(entry),
    },
    ...positionOf(entry),
    statements: (guard) => [
      sql(
        `update resource set checked_at = ? where type = ? and id = ? and ${guard.sql}`,
        now,
        entry.type,
        entry.id,
        ...guard.params,
      ),
      context.auditStatement(audited(entry, now, '0', version), guard),
      ...companions.flatMap((companion) => companion.statements(guard)),
    ],
    companions,
    result: { name: 'kept', version, checkedAt: now, issues },
  };
};

/**
 * The ending of an accepted write. Only a plain `unchanged` keeps the stored version: after a lost answer
 * (`unknown`) the first try may have been the change, and a change without a version would be lost.
 */
export const acceptedEnding = (
  context: Context,
  intentId: string,
  entry: Entry,
  accepted: Accepted,
): Ending =>
  accepted.effect === 'unchanged' &&
  entry.upstream?.onUnchanged === 'keep' &&
  entry.content !== undefined &&
  isLive(entry.base)
    ? kept(context, entry, entry.base.version, accepted.issues)
    : committed(context, intentId, entry, accepted.issues);

/** The ending of a write that no national system needs to hear of. */
export const localEnding = (context: Context, intentId: string, entry: Entry): Ending =>
  committed(context, intentId, entry, []);

/** The ending of a write that the national system refused: nothing is stored but the refusal. */
export const refusedEnding = (context: Context, entry: Entry, refusal: Failure): Ending => ({
  outcome: refusedOutcome(refusal),
  statements: (guard) => [
    context.auditStatement(audited(entry, context.clock(), auditOutcome(refusal)), guard),
  ],
  companions: [],
  result: { name: 'refused', failure: refusal },
});

/** The audit row of an answer that settles nothing; `found` names what an earlier call had made. */
export const answerAudit = (
  context: Context,
  entry: Entry,
  outcome: AuditEntry['outcome'],
  more: { readonly guard?: Guard; readonly found?: { readonly id: string; readonly version: number } } = {},
): Statement => {
  const row = { ...audited(entry, context.clock(), outcome), ...more.found };
  return more.guard === undefined ? context.auditStatement(row) : context.auditStatement(row, more.guard);
};

/** Nothing was done and the reason passes: the call may be tried again under its X-Request-ID. */
const forgetsRequest = ({ result }: Ending): boolean => result.name === 'refused' && passes(result.failure);

/** Holds as long as the intent was settled by this very writer. */
export const writerGuard = (intentId: string, writeId: string): Guard => ({
  sql: 'exists (select 1 from intent where id = ? and write_id = ?)',
  params: [intentId, writeId],
});

/**
 * The batch that settles a claimed intent. The first statement is fenced: zero changes mean that another worker
 * has taken the intent over, and then none of the others does anything.
 */
export const settleStatements = (
  context: Context,
  intent: { readonly id: string; readonly fence: number; readonly parts: number; readonly entry: Entry },
  ending: Ending,
): readonly Statement[] => {
  const writeId = context.options.uuid();
  const guard = writerGuard(intent.id, writeId);
  const keys = JSON.stringify(claimKeys(intent.entry));
  return [
    sql(
      `update intent set state = 'settled', write_id = ?, outcome = ?, settled_at = ?, entry = null, parts = 0
       ${forgetsRequest(ending) ? ', request_key = null' : ''}
       where id = ? and fence = ? and state = 'claimed'`,
      writeId,
      JSON.stringify(ending.outcome),
      context.clock(),
      intent.id,
      intent.fence,
    ),
    ...ending.statements(guard),
    ...(intent.parts === 0
      ? []
      : [sql(`delete from intent_part where intent_id = ? and ${guard.sql}`, intent.id, ...guard.params)]),
    sql(
      `delete from claim where key in (select value from json_each(?)) and intent_id = ? and ${guard.sql}`,
      keys,
      intent.id,
      ...guard.params,
    ),
  ];
};
