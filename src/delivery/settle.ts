import type { Resource } from '@medplum/fhirtypes';
import type { Failure } from '../failure.ts';
import { parseJsonText } from '../json.ts';
import { type StatementResult, sql } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Guard, NewVersion, StoredVersion } from '../store/types.ts';
import type { Accepted } from '../systems/system.ts';
import { acceptedEnding, answerAudit, type Ending, refusedEnding, settleStatements } from './commit.ts';
import type { Context } from './deps.ts';
import { contentOf, contentText, type Entry, versionMade } from './entry.ts';
import { isAboutUs, storeUnavailable } from './failures.ts';
import { attempt, type Claimed, notYet, takeOver, tell } from './journal.ts';
import type { Delivered } from './types.ts';

/** One try at the national system. */
export interface Try {
  /** Milliseconds since the epoch by the server's clock. */
  readonly deadline: number;
  /** True when an earlier try may have reached the system. */
  readonly repeat: boolean;
}

/** What a try came to; `settled` is false as long as the fate upstream is open. */
export interface Settlement {
  readonly settled: boolean;
  readonly result: Result<Delivered, Failure>;
}

type Reply =
  | { readonly fate: 'accepted'; readonly accepted: Accepted }
  | { readonly fate: 'refused'; readonly failure: Failure }
  | { readonly fate: 'unknown' };

const UNKNOWN: Reply = { fate: 'unknown' };

/** An entry of a batch has the call's id and its own number, `<uuid>/<n>`; the exchange is the call's. */
const callOf = (requestId: string | undefined): string | undefined => requestId?.replace(/\/\d+$/, '');

const send = async (context: Context, intent: Claimed, { deadline, repeat }: Try): Promise<Reply> => {
  const upstream = intent.entry.upstream;
  if (upstream === undefined) throw new Error('a claimed intent has nothing to send');
  const system = context.systems(upstream.system);
  // After the deadline the lease may have passed to another worker, and the claim to another write.
  if (system === undefined || context.clock() >= deadline) return UNKNOWN;
  try {
    const answer = await system.send(upstream.request, {
      requestId: callOf(intent.entry.requestId) ?? intent.id,
      deadline,
      repeat,
    });
    if (answer.ok) return { fate: 'accepted', accepted: answer.value };
    const { fate, failure } = answer.failure;
    // "You may not come in" says nothing about the try before it, which may have been let in.
    return fate === 'unknown' || (repeat && isAboutUs(failure)) ? UNKNOWN : { fate: 'refused', failure };
  } catch (error) {
    context.log('error', 'a system threw while sending', {
      system: upstream.system,
      reason: error instanceof Error ? error.name : 'unknown',
    });
    return UNKNOWN;
  }
};

const storedOf = ({ uniqueKey: _, index: _index, ...stored }: NewVersion): StoredVersion => stored;

const carried = (results: readonly StatementResult[], version: StoredVersion): StoredVersion => {
  const row = results.flatMap((result) => result.rows).find((candidate) => 'checked_at' in candidate);
  const checkedAt = row?.['checked_at'];
  return typeof checkedAt === 'number' ? { ...version, checkedAt } : version;
};

/** The answer of a write that this worker has just ended. */
export const answerOf = async (
  context: Context,
  { type, id }: { readonly type: string; readonly id: string },
  { result, companions: made, position }: Ending,
  results: readonly StatementResult[],
): Promise<Result<Delivered, Failure>> => {
  if (result.name === 'refused') return fail(result.failure);
  const { issues } = result;
  const companions = {
    ...(position === undefined ? {} : { position }),
    ...(made.length === 0
      ? {}
      : { companions: made.map((one) => ({ ...one, version: storedOf(one.version) })) }),
  };
  if (result.name === 'made') {
    const version = carried(results, storedOf(result.version));
    return ok({ effect: result.effect, version, issues, repeated: false, ...companions });
  }
  const kept = await attempt(context, () => context.repository.vread(type, id, result.version));
  if (!kept.ok) return kept;
  if (kept.value === undefined) return fail(storeUnavailable());
  const version = { ...kept.value, checkedAt: result.checkedAt };
  return ok({ effect: 'unchanged', version, issues, repeated: false, ...companions });
};

/** Tries of a commit. A second one is safe: if the first did come through, the fence makes it do nothing. */
const COMMIT_TRIES = 2;
const COMMIT_PAUSE = 50;

const end = async (context: Context, intent: Claimed, ending: Ending): Promise<Settlement> => {
  const statements = settleStatements(context, intent, ending);
  for (let tries = 1; ; tries += 1) {
    const done = await attempt(context, () => context.database.batch(statements));
    if (done.ok && done.value[0]?.changes === 1) {
      return { settled: true, result: await answerOf(context, intent.entry, ending, done.value) };
    }
    if (done.ok) {
      const told = await attempt(context, () => tell(context, intent.id, false));
      return { settled: false, result: told.ok ? told.value : told };
    }
    if (tries === COMMIT_TRIES) return { settled: false, result: done };
    await context.options.sleep(COMMIT_PAUSE);
  }
};

const pauseAfter = ({ options }: Context, attempts: number): number =>
  Math.min(options.longestPause, options.firstPause * 2 ** Math.min(attempts - 1, 30));

/** Tries after which an open write is worth an operator's look. */
const WORRYING = 8;

/** The fate is open: the claim stays, and after a pause the next worker tries again. Nothing is ever given up. */
const postpone = async (context: Context, intent: Claimed, { repeat }: Try): Promise<Settlement> => {
  const pause = pauseAfter(context, intent.attempts);
  const held: Guard = {
    sql: `exists (select 1 from intent where id = ? and fence = ? and state = 'claimed')`,
    params: [intent.id, intent.fence],
  };
  context.log(intent.attempts >= WORRYING ? 'warn' : 'info', 'the fate of a write upstream is not known', {
    intent: intent.id,
    system: intent.entry.upstream?.system ?? '',
    attempts: intent.attempts,
  });
  const done = await attempt(context, () =>
    context.database.batch([
      // The caller of the first try hears of it; a settlement is heard of when it ends.
      ...(repeat ? [] : [answerAudit(context, intent.entry, '8', { guard: held })]),
      sql(
        `update intent set due_at = ${context.options.now} + ? where id = ? and fence = ? and state = 'claimed'`,
        pause,
        intent.id,
        intent.fence,
      ),
    ]),
  );
  if (!done.ok) return { settled: false, result: done };
  if (done.value.at(-1)?.changes === 1) return { settled: false, result: fail(notYet(pause)) };
  const told = await attempt(context, () => tell(context, intent.id, false));
  return { settled: false, result: told.ok ? told.value : told };
};

/** The entry with the system's answer in it, where the system puts one into what is stored. */
const completed = (
  context: Context,
  entry: Entry,
  accepted: Accepted,
): { readonly entry: Entry; readonly accepted: Accepted } => {
  const { upstream, content } = entry;
  const system = upstream === undefined ? undefined : context.systems(upstream.system);
  if (upstream === undefined || content === undefined || system?.complete === undefined) {
    return { entry, accepted };
  }
  const now = context.clock();
  const planned = parseJsonText(contentText(content, now)) as Resource;
  const { resource, issues } = system.complete(planned, upstream.request, accepted, now);
  return {
    entry: {
      ...entry,
      content: contentOf(resource, entry.id, versionMade(entry)),
      index: context.indexOf(resource),
    },
    accepted: { ...accepted, issues: [...accepted.issues, ...issues] },
  };
};

/** Sends what a claimed intent asks for and ends it by the answer. */
export const sendAndSettle = async (context: Context, intent: Claimed, one: Try): Promise<Settlement> => {
  const reply = await send(context, intent, one);
  switch (reply.fate) {
    case 'accepted': {
      const { entry, accepted } = completed(context, intent.entry, reply.accepted);
      return end(context, intent, acceptedEnding(context, intent.id, entry, accepted));
    }
    case 'refused':
      return end(context, intent, refusedEnding(context, intent.entry, reply.failure));
    case 'unknown':
      return postpone(context, intent, one);
  }
};

/**
 * The deadline of a settlement. To be taken before the intent is: so the lease, which starts later, outlasts it,
 * and no try is under way once the lease has run out.
 */
export const settleDeadline = ({ clock, options }: Context): number => clock() + options.settleTimeout;

/** Settles an intent that was taken over. */
export const resume = (context: Context, intent: Claimed, deadline: number): Promise<Settlement> =>
  sendAndSettle(context, intent, { deadline, repeat: true });

/** Settles what is due, a few at a time, each at most once in a round; the number settled. */
export const settleDue = async (context: Context): Promise<number> => {
  const seen = new Set<string>();
  let settled = 0;
  for (;;) {
    const deadline = settleDeadline(context);
    const taken = await takeOver(context, context.options.settleTogether);
    const outcomes = await Promise.allSettled(taken.map((intent) => resume(context, intent, deadline)));
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') settled += outcome.value.settled ? 1 : 0;
      else context.log('error', 'a write could not be settled', { reason: String(outcome.reason) });
    }
    if (taken.length === 0 || taken.some((intent) => seen.has(intent.id))) return settled;
    for (const intent of taken) seen.add(intent.id);
  }
};
