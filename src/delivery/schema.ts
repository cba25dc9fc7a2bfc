import { type Statement, sql } from '../ports.ts';

/**
 * The journal's tables.
 *
 * `intent`: one write on its way or done. `due_at` is the earliest moment (milliseconds, the database's own
 * clock) at which somebody else may take it over: the end of the sender's lease, or of a pause after an unknown
 * answer. `entry` holds what is needed to finish, cut into parts when it is long, and is emptied when the write
 * is settled; `outcome` what a repeat of the call is told. `checked_at` is the resource's at the time of the
 * claim. `created_at` and `settled_at` follow the server's clock.
 *
 * `claim`: what a write under way has reserved, `resource|Type/id` or `unique|key`.
 */
export const DELIVERY_SCHEMA: readonly Statement[] = [
  sql(`create table if not exists intent (
    id text primary key,
    write_id text,
    state text not null check (state in ('claimed', 'settled')),
    fence integer not null,
    due_at integer not null,
    attempts integer not null,
    request_key text unique,
    fingerprint text,
    type text not null,
    resource_id text not null,
    system text,
    checked_at integer,
    entry text,
    parts integer not null,
    outcome text,
    created_at integer not null,
    settled_at integer
  )`),
  sql(`create index if not exists intent_due on intent (due_at) where state = 'claimed'`),
  sql(`create index if not exists intent_settled on intent (settled_at) where state = 'settled'`),
  sql(`create table if not exists intent_part (
    intent_id text not null,
    part integer not null,
    text text not null,
    primary key (intent_id, part)
  ) without rowid`),
  sql(`create table if not exists claim (
    key text primary key,
    intent_id text not null
  ) without rowid`),
];
