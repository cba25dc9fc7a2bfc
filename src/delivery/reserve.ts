import type { Failure } from '../failure.ts';
import { sql } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';
import type { RequestKeys } from './claim.ts';
import type { Context } from './deps.ts';
import { findRequest } from './diagnose.ts';
import { requestIdReused } from './failures.ts';
import { refusedOutcome } from './outcome.ts';

/** Only ever told to a call with another body, and that is refused before. */
const NOTHING = JSON.stringify(refusedOutcome(requestIdReused()));

/**
 * Writes an intent that has nothing to do: it holds the X-Request-ID of a batch, whose entries are journalled under
 * names of their own.
 */
export const reserve = async (
  context: Context,
  keys: RequestKeys,
): Promise<Result<{ readonly fresh?: string }, Failure>> => {
  const id = context.options.uuid();
  const now = context.clock();
  const [inserted] = await context.database.batch([
    sql(
      `insert into intent (id, write_id, state, fence, due_at, attempts, request_key, fingerprint, type, resource_id,
        parts, outcome, created_at, settled_at)
       select ?, null, 'settled', 1, 0, 1, ?, ?, 'Bundle', '', 0, ?, ?, ?
       where not exists (select 1 from intent where request_key in (select value from json_each(?)))`,
      id,
      keys.request[0] ?? null,
      keys.fingerprint[0] ?? null,
      NOTHING,
      now,
      now,
      JSON.stringify(keys.request),
    ),
  ]);
  if (inserted?.changes === 1) return ok({ fresh: id });
  const known = await findRequest(context, keys);
  return known === undefined || known.same ? ok({}) : fail(requestIdReused());
};

export const release = async ({ database }: Context, id: string): Promise<void> => {
  await database.batch([sql(`delete from intent where id = ? and type = 'Bundle'`, id)]);
};
