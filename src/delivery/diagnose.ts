import type { Failure } from '../failure.ts';
import { sql } from '../ports.ts';
import type { RequestKeys } from './claim.ts';
import type { Context } from './deps.ts';
import { claimKeys, type Entry, together } from './entry.ts';
import { duplicate, locked, versionConflict } from './failures.ts';

/** A call that the journal has seen before. */
export interface KnownRequest {
  readonly intentId: string;
  /** False: the same X-Request-ID came with another method, target or body. */
  readonly same: boolean;
}

/** Looks an X-Request-ID up in the journal. */
export const findRequest = async (
  { database }: Context,
  keys: RequestKeys,
): Promise<KnownRequest | undefined> => {
  const [row] = await database.query(
    sql(
      `select id, fingerprint from intent where request_key in (${keys.request.map(() => '?').join(', ')}) limit 1`,
      ...keys.request,
    ),
  );
  if (row === undefined) return undefined;
  return {
    intentId: String(row['id']),
    same: typeof row['fingerprint'] === 'string' && keys.fingerprint.includes(row['fingerprint']),
  };
};

const claimedByAnother = async ({ database }: Context, entry: Entry): Promise<Failure | undefined> => {
  const rows = await database.query(
    sql(
      'select key from claim where key in (select value from json_each(?))',
      JSON.stringify(claimKeys(entry)),
    ),
  );
  return rows.length > 0 ? locked(entry.type) : undefined;
};

const keyHeldByAnother = async (
  { database }: Context,
  { type, id, uniqueKey }: Entry,
): Promise<Failure | undefined> => {
  if (uniqueKey === undefined) return undefined;
  const [row] = await database.query(
    sql(
      'select type, id from resource where unique_key = ? and deleted = 0 and not (type = ? and id = ?)',
      uniqueKey,
      type,
      id,
    ),
  );
  return row === undefined ? undefined : duplicate(String(row['type']), String(row['id']));
};

const notAtBase = async ({ database }: Context, { type, id, base }: Entry): Promise<Failure | undefined> => {
  const [row] = await database.query(
    sql('select version, deleted from resource where type = ? and id = ?', type, id),
  );
  const version = row === undefined ? 0 : Number(row['version']);
  const deleted = row !== undefined && Number(row['deleted']) === 1;
  return version === (base?.version ?? 0) && deleted === (base?.deleted ?? false)
    ? undefined
    : versionConflict(type, id);
};

const madeMeanwhile = async (
  { database }: Context,
  { type, id, seen }: Entry,
): Promise<Failure | undefined> => {
  if (seen === undefined) return undefined;
  const [row] = await database.query(
    sql('select 1 from history where rowid > ? and type = ? limit 1', seen, type),
  );
  return row === undefined ? undefined : versionConflict(type, id);
};

/** In the order in which the reasons are told. */
const REASONS = [claimedByAnother, keyHeldByAnother, notAtBase, madeMeanwhile];

/** Why a claim was not had; undefined when the reason is gone by now, so that it may be tried again. */
export const whyNotClaimed = async (context: Context, entry: Entry): Promise<Failure | undefined> => {
  for (const one of together(entry)) {
    for (const reason of REASONS) {
      const refusal = await reason(context, one);
      if (refusal !== undefined) return refusal;
    }
  }
  return undefined;
};
