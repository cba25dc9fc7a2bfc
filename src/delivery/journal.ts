import type { Failure } from '../failure.ts';
import { type Row, sql } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Context } from './deps.ts';
import { type Entry, parseEntry } from './entry.ts';
import { outcomeForgotten, storeUnavailable, unsettled } from './failures.ts';
import { failureAgain, parseOutcome, warningsAgain } from './outcome.ts';
import type { Delivered } from './types.ts';

/** An intent in the hands of this worker: as long as nobody has raised the fence, it alone may settle it. */
export interface Claimed {
  readonly id: string;
  readonly fence: number;
  /** Tries, this one included. */
  readonly attempts: number;
  readonly parts: number;
  readonly entry: Entry;
}

/** Work on the store; a store that fails is an answer (`unavailable`), not an exception. */
export const attempt = async <T>(context: Context, work: () => Promise<T>): Promise<Result<T, Failure>> => {
  try {
    return ok(await work());
  } catch (error) {
    context.log('error', 'the store failed during a write', {
      reason: error instanceof Error ? error.message : 'unknown',
    });
    return fail(storeUnavailable());
  }
};

const entryText = async (context: Context, row: Row): Promise<string> => {
  const text = String(row['entry']);
  if (Number(row['parts']) === 0) return text;
  const rest = await context.database.query(
    sql('select text from intent_part where intent_id = ? order by part', String(row['id'])),
  );
  return text + rest.map((part) => String(part['text'])).join('');
};

/**
 * Takes over intents that are due, each under a higher fence and a new lease, so that what their former holder
 * still does comes to nothing.
 * @param only an intent's id; without it the `limit` that have waited longest
 */
export const takeOver = async (
  context: Context,
  limit: number,
  only?: string,
): Promise<readonly Claimed[]> => {
  const { now, settleTimeout, leaseGrace } = context.options;
  const due = `state = 'claimed' and due_at <= ${now}`;
  const [result] = await context.database.batch([
    sql(
      `update intent set fence = fence + 1, attempts = attempts + 1, due_at = ${now} + ?
       where ${due} and id in (${only === undefined ? `select id from intent where ${due} order by due_at limit ?` : '?'})
       returning id, fence, attempts, entry, parts`,
      settleTimeout + leaseGrace,
      only ?? limit,
    ),
  ]);
  return Promise.all(
    (result?.rows ?? []).map(async (row) => ({
      id: String(row['id']),
      fence: Number(row['fence']),
      attempts: Number(row['attempts']),
      parts: Number(row['parts']),
      entry: parseEntry(await entryText(context, row)),
    })),
  );
};

/** Where an intent stands. */
export type Standing =
  | { readonly state: 'unknown' }
  /** `wait`: milliseconds until somebody may take it over. */
  | { readonly state: 'claimed'; readonly wait: number }
  | { readonly state: 'settled'; readonly row: Row };

export const standing = async (context: Context, intentId: string): Promise<Standing> => {
  const [row] = await context.database.query(
    sql(
      `select state, type, resource_id, outcome, due_at - ${context.options.now} as wait from intent where id = ?`,
      intentId,
    ),
  );
  if (row === undefined) return { state: 'unknown' };
  return row['state'] === 'claimed'
    ? { state: 'claimed', wait: Number(row['wait']) }
    : { state: 'settled', row };
};

/** The settled outcome, rebuilt from journal and history. */
export const retold = async (
  context: Context,
  row: Row,
  repeated: boolean,
): Promise<Result<Delivered, Failure>> => {
  const type = String(row['type']);
  const id = String(row['resource_id']);
  const outcome = parseOutcome(String(row['outcome']));
  if (!outcome.done) return fail(failureAgain(outcome));
  const version = await context.repository.vread(type, id, outcome.version);
  if (version === undefined) return fail(outcomeForgotten(type, id));
  const companions = [];
  for (const made of outcome.companions ?? []) {
    const found = await context.repository.vread(made.type, made.id, made.version);
    if (found === undefined) return fail(outcomeForgotten(made.type, made.id));
    const place = made.position === undefined ? {} : { position: made.position };
    companions.push({ effect: made.effect, version: found, ...place });
  }
  return ok({
    effect: outcome.effect,
    version,
    issues: warningsAgain(outcome),
    repeated,
    ...(outcome.position === undefined ? {} : { position: outcome.position }),
    ...(companions.length === 0 ? {} : { companions }),
  });
};

/** Seconds for Retry-After: when a repeat may find more, neither hammering nor waiting for long pauses. */
const retryAfter = (wait: number): number => Math.min(30, Math.max(1, Math.ceil(wait / 1000)));

export const notYet = (wait: number): Failure => unsettled(retryAfter(wait));

/** What is to be told of an intent that another worker has taken over. */
export const tell = async (
  context: Context,
  intentId: string,
  repeated: boolean,
): Promise<Result<Delivered, Failure>> => {
  const found = await standing(context, intentId);
  if (found.state === 'unknown') return fail(storeUnavailable());
  if (found.state === 'claimed') return fail(notYet(found.wait));
  return retold(context, found.row, repeated);
};
