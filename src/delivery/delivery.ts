import type { Failure } from '../failure.ts';
import { type Statement, type StatementResult, sql } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';
import { claimStatements, type RequestKeys } from './claim.ts';
import { answerAudit, localEnding, writerGuard } from './commit.ts';
import { type Context, DEFAULT_OPTIONS, type DeliveryDeps, timedUuid } from './deps.ts';
import { findRequest, type KnownRequest, whyNotClaimed } from './diagnose.ts';
import { type Entry, entryOf } from './entry.ts';
import { auditOutcome, locked, notConfigured, requestIdReused, storeUnavailable } from './failures.ts';
import { attempt, notYet, retold, standing, takeOver } from './journal.ts';
import { release, reserve } from './reserve.ts';
import { answerOf, resume, sendAndSettle, settleDeadline, settleDue } from './settle.ts';
import type { Delivered, Delivery, WriteOrder } from './types.ts';

type Answer = Result<Delivered, Failure>;

const requestKeys = async (
  { keys }: Context,
  callerKey: string | null,
  requestId: string | undefined,
  fingerprint: string | undefined,
): Promise<RequestKeys | undefined> => {
  if (requestId === undefined) return undefined;
  const [request, print] = await Promise.all([
    // A UUID is the same in capitals.
    keys.hashAll('idempotency', JSON.stringify(['request', callerKey, requestId.toLowerCase()])),
    keys.hashAll('idempotency', JSON.stringify(['fingerprint', fingerprint ?? ''])),
  ]);
  return { request, fingerprint: print };
};

/** The pauses between two looks at a write that is still under way; milliseconds. */
const FIRST_LOOK = 20;
const LONGEST_LOOK = 250;

/**
 * The outcome of a call that the journal knows. While it is open the repeat waits a little, and settles the write
 * itself once nobody else holds it.
 */
const repeatKnown = async (context: Context, known: KnownRequest): Promise<Answer> => {
  if (!known.same) return fail(requestIdReused());
  const { repeatWait, sleep } = context.options;
  for (let waited = 0, pause = FIRST_LOOK; ; pause = Math.min(2 * pause, LONGEST_LOOK)) {
    const found = await standing(context, known.intentId);
    if (found.state === 'unknown') return fail(storeUnavailable());
    if (found.state === 'settled') return retold(context, found.row, true);
    const deadline = settleDeadline(context);
    const [taken] = found.wait <= 0 ? await takeOver(context, 1, known.intentId) : [];
    if (taken !== undefined) {
      const { result } = await resume(context, taken, deadline);
      return result.ok ? ok({ ...result.value, repeated: true }) : result;
    }
    if (waited >= repeatWait) return fail(notYet(found.wait));
    await sleep(pause);
    waited += pause;
  }
};

/** An answer that settles nothing is durable in the audit before it leaves. */
const auditedAnswer = async (context: Context, entry: Entry, answer: Answer): Promise<Answer> => {
  const statement = answer.ok
    ? answerAudit(context, entry, '0', {
        found: { id: answer.value.version.id, version: answer.value.version.version },
      })
    : answerAudit(context, entry, auditOutcome(answer.failure));
  const done = await attempt(context, () => context.database.batch([statement]));
  return done.ok ? answer : done;
};

/** How often a claim is tried when the reason of its refusal has gone before it could be named. */
const CLAIM_TRIES = 3;

/** A batch whose first statement says whether the preconditions held, and what follows when they did. */
interface Start {
  readonly statements: readonly Statement[];
  readonly answer: (results: readonly StatementResult[]) => Promise<Answer>;
}

/** The one batch of a write that nothing upstream has to hear of: claim and commit in one. */
const startLocal = (context: Context, entry: Entry, keys: RequestKeys | undefined): Start => {
  const id = context.options.uuid();
  const writeId = context.options.uuid();
  const ending = localEnding(context, id, entry);
  const outcome = JSON.stringify(ending.outcome);
  const { statements } = claimStatements(context, {
    id,
    entry,
    keys,
    state: { name: 'settled', writeId, outcome },
  });
  return {
    statements: [
      ...statements,
      ...ending.statements(writerGuard(id, writeId)),
      // Without an X-Request-ID nobody can ask for the outcome.
      ...(keys === undefined ? [sql('delete from intent where id = ? and write_id = ?', id, writeId)] : []),
    ],
    answer: (results) => answerOf(context, entry, ending, results),
  };
};

/** The batch that claims; what follows sends and commits. */
const startUpstream = (
  context: Context,
  entry: Entry,
  keys: RequestKeys | undefined,
  deadline: number,
): Start => {
  const id = context.options.uuid();
  const lease = deadline - context.clock() + context.options.leaseGrace;
  const { statements, parts } = claimStatements(context, {
    id,
    entry,
    keys,
    state: { name: 'claimed', lease },
  });
  const intent = { id, fence: 1, attempts: 1, parts, entry };
  return {
    statements,
    answer: async () => (await sendAndSettle(context, intent, { deadline, repeat: false })).result,
  };
};

/** Why the claim was not had; undefined when the reason has gone meanwhile. */
const whyNot = async (
  context: Context,
  entry: Entry,
  keys: RequestKeys | undefined,
): Promise<Answer | undefined> => {
  const known = keys === undefined ? undefined : await findRequest(context, keys);
  if (known !== undefined) return repeatKnown(context, known);
  const reason = await whyNotClaimed(context, entry);
  return reason === undefined ? undefined : fail(reason);
};

const perform = async (context: Context, order: WriteOrder): Promise<Answer> => {
  const entry = entryOf(order);
  if (order.upstream !== undefined && context.systems(order.upstream.system) === undefined) {
    return auditedAnswer(context, entry, fail(notConfigured(order.upstream.system)));
  }
  const keys = await requestKeys(context, order.callerKey, order.requestId, order.fingerprint);
  for (let tries = 1; tries <= CLAIM_TRIES; tries += 1) {
    const start =
      order.upstream === undefined
        ? startLocal(context, entry, keys)
        : startUpstream(context, entry, keys, order.deadline);
    const begun = await attempt(context, () => context.database.batch(start.statements));
    if (!begun.ok) return begun;
    if (begun.value[0]?.changes === 1) return start.answer(begun.value);
    const refused = await attempt(context, () => whyNot(context, entry, keys));
    if (!refused.ok) return refused;
    if (refused.value !== undefined) return auditedAnswer(context, entry, refused.value);
  }
  return auditedAnswer(context, entry, fail(locked(entry.type)));
};

const noop = (): void => {};

/**
 * The delivery over its ports. Cheap to make: on Workers one is made for each call, with that call's background.
 *
 * `execute` writes the audit row of everything it answers, in the batch that makes the answer true wherever there
 * is one; only when the store fails there is none, and the answer is `unavailable`. `repeat` writes none.
 */
export const createDelivery = (deps: DeliveryDeps): Delivery => {
  const context: Context = {
    ...deps,
    options: { ...DEFAULT_OPTIONS, uuid: () => timedUuid(deps.clock()), ...deps.options },
  };
  const toTheEnd = <T>(work: Promise<T>): Promise<T> => {
    context.background(work.then(noop, noop));
    return work;
  };
  return {
    execute: (order) => toTheEnd(perform(context, order)),
    repeat: (callerKey, requestId, fingerprint) =>
      toTheEnd(
        (async () => {
          const answer = await attempt(context, async () => {
            const keys = await requestKeys(context, callerKey, requestId, fingerprint);
            const known = keys === undefined ? undefined : await findRequest(context, keys);
            return known === undefined ? undefined : repeatKnown(context, known);
          });
          return answer.ok ? answer.value : answer;
        })(),
      ),
    reserve: async (callerKey, requestId, fingerprint) => {
      const held = await attempt(context, async () => {
        const keys = await requestKeys(context, callerKey, requestId, fingerprint);
        return keys === undefined ? ok({}) : reserve(context, keys);
      });
      return held.ok ? held.value : held;
    },
    release: async (id) => {
      await attempt(context, () => release(context, id));
    },
    settleDue: () => settleDue(context),
    sweep: async () => {
      await context.database.batch([
        sql(
          `delete from intent where state = 'settled' and settled_at < ?`,
          context.clock() - context.options.idempotencyTtl,
        ),
      ]);
    },
  };
};
