import { type SqlValue, type Statement, sql } from '../ports.ts';
import type { Context } from './deps.ts';
import { claimKeys, type Entry, journalled, together } from './entry.ts';

/** The hashes that recognise a repeat; absent for a call without X-Request-ID. */
export interface RequestKeys {
  /** One for each secret, newest first. */
  readonly request: readonly string[];
  readonly fingerprint: readonly string[];
}

/** An intent to be written: claimed and to be sent, or (nothing to send) settled in the same batch. */
export interface NewIntent {
  readonly id: string;
  readonly entry: Entry;
  readonly keys: RequestKeys | undefined;
  readonly state:
    | { readonly name: 'claimed'; readonly lease: number }
    | { readonly name: 'settled'; readonly writeId: string; readonly outcome: string };
}

interface Condition {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

const resourceIsAtBase = ({ type, id, base }: Entry): Condition =>
  base === undefined
    ? { sql: 'not exists (select 1 from resource where type = ? and id = ?)', params: [type, id] }
    : {
        sql: 'exists (select 1 from resource where type = ? and id = ? and version = ? and deleted = ?)',
        params: [type, id, base.version, base.deleted ? 1 : 0],
      };

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

/** The same for many: a statement takes a hundred parameters only, so they go in as one JSON text. */
const resourcesAreAtBase = (entries: readonly Entry[]): Condition => ({
  sql: `not exists (
    select 1 from json_each(?) e left join resource r
      on r.type = json_extract(e.value, '$[0]') and r.id = json_extract(e.value, '$[1]')
    where coalesce(r.version, 0) <> json_extract(e.value, '$[2]')
      or coalesce(r.deleted, 0) <> json_extract(e.value, '$[3]'))`,
  params: [
    JSON.stringify(
      entries.map(({ type, id, base }) => [type, id, base?.version ?? 0, base?.deleted === true ? 1 : 0]),
    ),
  ],
});

const keysAreUnclaimed = (keys: readonly string[]): Condition => ({
  sql: 'not exists (select 1 from claim where key in (select value from json_each(?)))',
  params: [JSON.stringify(keys)],
});

const keysAreFree = (entries: readonly Entry[]): readonly Condition[] => {
  const keyed = entries.filter(({ uniqueKey }) => uniqueKey !== undefined);
  if (keyed.length === 0) return [];
  const condition = `not exists (
    select 1 from json_each(?) e join resource r on r.unique_key = json_extract(e.value, '$[0]')
    where r.deleted = 0
      and not (r.type = json_extract(e.value, '$[1]') and r.id = json_extract(e.value, '$[2]')))`;
  return [
    {
      sql: condition,
      params: [JSON.stringify(keyed.map(({ uniqueKey, type, id }) => [uniqueKey, type, id]))],
    },
  ];
};

/** Nothing of the type was made since the condition of a conditional write was looked at. */
const nothingWasMade = (entries: readonly Entry[]): readonly Condition[] =>
  entries.flatMap(({ type, seen }) =>
    seen === undefined
      ? []
      : [{ sql: 'not exists (select 1 from history where rowid > ? and type = ?)', params: [seen, type] }],
  );

const preconditions = (entry: Entry, keys: RequestKeys | undefined): readonly Condition[] => {
  const all = together(entry);
  return all.length === 1
    ? [
        resourceIsAtBase(entry),
        nothingIsClaimed(entry),
        ...keyIsFree(entry),
        ...nothingWasMade(all),
        ...requestIsNew(keys),
      ]
    : [
        resourcesAreAtBase(all),
        keysAreUnclaimed(claimKeys(entry)),
        ...keysAreFree(all),
        ...nothingWasMade(all),
        ...requestIsNew(keys),
      ];
};

const nothingIsClaimed = (entry: Entry): Condition => {
  const keys = claimKeys(entry);
  return { sql: `not exists (select 1 from claim where key in (${marks(keys)}))`, params: keys };
};

const keyIsFree = ({ type, id, uniqueKey }: Entry): readonly Condition[] =>
  uniqueKey === undefined
    ? []
    : [
        {
          sql: 'not exists (select 1 from resource where unique_key = ? and deleted = 0 and not (type = ? and id = ?))',
          params: [uniqueKey, type, id],
        },
      ];

const requestIsNew = (keys: RequestKeys | undefined): readonly Condition[] =>
  keys === undefined
    ? []
    : [
        {
          sql: `not exists (select 1 from intent where request_key in (${marks(keys.request)}))`,
          params: keys.request,
        },
      ];

const insertIntent = (context: Context, intent: NewIntent, text: string | null, parts: number): Statement => {
  const { entry, keys, state } = intent;
  const conditions = preconditions(entry, keys);
  const now = context.clock();
  return sql(
    `insert into intent (id, write_id, state, fence, due_at, attempts, request_key, fingerprint, type, resource_id,
      system, checked_at, entry, parts, outcome, created_at, settled_at)
     select ?, ?, ?, 1, ${context.options.now} + ?, 1, ?, ?, ?, ?, ?,
      (select checked_at from resource where type = ? and id = ?), ?, ?, ?, ?, ?
     where ${conditions.map((condition) => condition.sql).join(' and ')}`,
    intent.id,
    state.name === 'settled' ? state.writeId : null,
    state.name,
    state.name === 'claimed' ? Math.max(0, Math.round(state.lease)) : 0,
    keys?.request[0] ?? null,
    keys?.fingerprint[0] ?? null,
    entry.type,
    entry.id,
    entry.upstream?.system ?? null,
    entry.type,
    entry.id,
    text,
    parts,
    state.name === 'settled' ? state.outcome : null,
    now,
    state.name === 'settled' ? now : null,
    ...conditions.flatMap((condition) => condition.params),
  );
};

/**
 * The batch that claims: the first statement checks every precondition and writes the intent, the others hang
 * on it. Zero changes of the first: a precondition does not hold, nothing is written.
 */
export const claimStatements = (
  context: Context,
  intent: NewIntent,
): { readonly statements: readonly Statement[]; readonly parts: number } => {
  if (intent.state.name === 'settled') {
    return { statements: [insertIntent(context, intent, null, 0)], parts: 0 };
  }
  const { text, parts, statements } = journalled(intent.id, intent.entry);
  const claims = claimKeys(intent.entry).map((key) =>
    sql(
      'insert into claim (key, intent_id) select ?, ? where exists (select 1 from intent where id = ?)',
      key,
      intent.id,
      intent.id,
    ),
  );
  return { statements: [insertIntent(context, intent, text, parts), ...claims, ...statements], parts };
};
