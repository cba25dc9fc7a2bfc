import type { AuditEvent } from '@medplum/fhirtypes';
import type { Failure } from '../failure.ts';
import { type Database, type Statement, sql } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Guard } from '../store/types.ts';
import type { AuditEntry } from './audit-entry.ts';
import { toAuditEvent } from './audit-event.ts';
import { type AuditSearch, auditCount, auditPage } from './audit-search.ts';

/**
 * Append-only, ordered by `seq`. Few indexes: an insert stands in the way of every answer. The id grows with time
 * (see `auditId`), so its index grows at one end too.
 */
export const AUDIT_SCHEMA: readonly Statement[] = [
  sql(`create table if not exists audit (
    seq integer primary key,
    id text not null,
    at integer not null,
    interaction text not null,
    action text not null,
    outcome text not null,
    type text not null,
    resource_id text,
    version integer,
    patient text,
    caller_key text not null,
    role text not null,
    client_id text not null,
    organization text,
    purpose text,
    access text,
    request_id text,
    context_id text,
    user_agent text,
    unit text
  )`),
  sql('create unique index if not exists audit_id on audit (id)'),
  sql('create index if not exists audit_at on audit (at)'),
  sql('create index if not exists audit_patient on audit (patient) where patient is not null'),
];

const INSERT = `insert into audit (id, at, interaction, action, outcome, type, resource_id, version, patient,
  caller_key, role, client_id, organization, purpose, access, request_id, context_id, user_agent, unit)`;
const VALUES = Array.from({ length: 19 }, () => '?').join(', ');

/**
 * A UUID of version 7 (RFC 9562): 48 bits of time, then random.
 *
 * @param at milliseconds since the epoch
 */
const auditId = (at: number): string => {
  const time = Math.max(0, Math.trunc(at)).toString(16).padStart(12, '0').slice(-12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
};

/**
 * The insert of one audit record, for a batch of its own or, guarded, for the batch of a write: it then does
 * nothing unless the guard holds.
 */
export const auditStatement = (entry: AuditEntry, guard?: Guard): Statement => {
  const values = [
    auditId(entry.at),
    entry.at,
    entry.interaction,
    entry.action,
    entry.outcome,
    entry.type,
    entry.id ?? null,
    entry.version ?? null,
    entry.patient ?? null,
    entry.callerKey,
    entry.role,
    entry.clientId,
    entry.organization ?? null,
    entry.purpose ?? null,
    entry.access ?? null,
    entry.requestId ?? null,
    entry.contextId ?? null,
    entry.userAgent ?? null,
    entry.unit ?? null,
  ];
  return guard === undefined
    ? { sql: `${INSERT} values (${VALUES})`, params: values }
    : { sql: `${INSERT} select ${VALUES} where ${guard.sql}`, params: [...values, ...guard.params] };
};

/** One page of a search, newest first. */
export interface AuditPage {
  readonly events: readonly AuditEvent[];
  /** `before` of the next page; absent on the last one. */
  readonly next?: number;
}

export interface Audit {
  /**
   * Resolves when the record is durable; rejects when the store cannot keep it, and then the answer it was for
   * must not leave (503).
   */
  record(entry: AuditEntry): Promise<void>;
  /** By logical id; undefined when there is none. */
  read(id: string): Promise<AuditEvent | undefined>;
  /** Failure `malformed` when there are more values than one statement takes. */
  search(search: AuditSearch): Promise<Result<AuditPage, Failure>>;
  /** How many match, whatever the page. */
  count(search: AuditSearch): Promise<Result<number, Failure>>;
}

/** The audit over one database. Group commit is the driver's: concurrent records share a transaction there. */
export const createAudit = ({ database }: { readonly database: Database }): Audit => {
  const search: Audit['search'] = async (criteria) => {
    const statement = auditPage(criteria);
    if (!statement.ok) return statement;
    const rows = await database.query(statement.value);
    const page = rows.slice(0, criteria.count);
    const last = page.at(-1)?.['seq'];
    const events = page.map(toAuditEvent);
    return ok(rows.length > page.length && typeof last === 'number' ? { events, next: last } : { events });
  };
  return {
    record: async (entry) => {
      await database.batch([auditStatement(entry)]);
    },
    read: async (id) => {
      const [row] = await database.query(sql('select * from audit where id = ?', id));
      return row === undefined ? undefined : toAuditEvent(row);
    },
    search,
    count: async (criteria) => {
      const statement = auditCount(criteria);
      if (!statement.ok) return fail(statement.failure);
      const [row] = await database.query(statement.value);
      const count = row?.['count'];
      return ok(typeof count === 'number' ? count : 0);
    },
  };
};
