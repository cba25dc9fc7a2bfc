import type { Provenance } from '@medplum/fhirtypes';
import { type Statement, sql } from '../ports.ts';
import type { AuditEntry } from '../security/audit-entry.ts';
import type { Guard, IndexRows, NewVersion } from '../store/types.ts';
import type { Context } from './deps.ts';
import { contentOf, contentText, type Entry, versionMade } from './entry.ts';
import type { Delivered } from './types.ts';

const NO_INDEX: IndexRows = { token: [], reference: [], date: [], string: [], uri: [] };

/** Is there a version to start from that is not a deletion? */
export const isLive = (base: Entry['base']): base is NonNullable<Entry['base']> =>
  base !== undefined && !base.deleted;

const METHODS = { create: 'POST', update: 'PUT', delete: 'DELETE' } as const;

const newVersion = (entry: Entry, now: number): NewVersion => {
  const lastUpdated = Math.max(now, (entry.base?.lastUpdated ?? Number.NEGATIVE_INFINITY) + 1);
  const deleted = entry.content === undefined;
  return {
    type: entry.type,
    id: entry.id,
    version: versionMade(entry),
    lastUpdated,
    deleted,
    method: entry.interaction === 'create' && entry.base !== undefined ? 'PUT' : METHODS[entry.interaction],
    content: entry.content === undefined ? '' : contentText(entry.content, lastUpdated),
    patient: entry.patient ?? null,
    owner: entry.callerKey,
    checkedAt: entry.upstream === undefined ? null : now,
    uniqueKey: deleted ? null : (entry.uniqueKey ?? null),
    index: deleted ? NO_INDEX : (entry.index ?? NO_INDEX),
  };
};

/** The Provenance of X-Provenance, completed by what only the server knows: the version and the time. */
const provenanceVersion = (context: Context, entry: Entry, now: number): readonly NewVersion[] => {
  if (entry.provenance === undefined) return [];
  const id = context.options.uuid();
  const at = new Date(now).toISOString();
  const resource: Provenance = {
    ...entry.provenance,
    id,
    meta: { ...entry.provenance.meta, versionId: '1', lastUpdated: at },
    target: [{ reference: `${entry.type}/${entry.id}/_history/${versionMade(entry)}` }],
    recorded: at,
  };
  return [
    {
      type: 'Provenance',
      id,
      version: 1,
      lastUpdated: now,
      deleted: false,
      method: 'POST',
      content: contentText(contentOf(resource, id, 1), now),
      patient: entry.patient ?? null,
      owner: entry.callerKey,
      checkedAt: null,
      uniqueKey: null,
      index: context.indexOf(resource),
    },
  ];
};

/** A version that no national system was asked about is as fresh as the one before it. */
export const carryCheckedAt = (entry: Entry, intentId: string, guard: Guard): readonly Statement[] =>
  entry.upstream !== undefined || !isLive(entry.base)
    ? []
    : [
        sql(
          `update resource set checked_at = (select checked_at from intent where id = ?)
           where type = ? and id = ? and ${guard.sql} returning checked_at`,
          intentId,
          entry.type,
          entry.id,
          ...guard.params,
        ),
      ];

const effectOf = (entry: Entry): Delivered['effect'] => {
  if (entry.interaction === 'delete') return 'deleted';
  return isLive(entry.base) ? 'updated' : 'created';
};

/** The audit row of a write with its end. */
export const audited = (
  entry: Entry,
  at: number,
  outcome: AuditEntry['outcome'],
  version?: number,
): AuditEntry => ({
  ...entry.audit,
  at,
  outcome,
  ...(version === undefined ? {} : { version }),
});

/** For a companion, whose freshness the intent does not hold: as fresh as its version before. */
export const inheritCheckedAt = (entry: Entry, guard: Guard): readonly Statement[] =>
  isLive(entry.base)
    ? [
        sql(
          `update resource set checked_at = (
             select checked_at from history where type = ? and id = ? and version = ?)
           where type = ? and id = ? and ${guard.sql}`,
          entry.type,
          entry.id,
          entry.base.version,
          entry.type,
          entry.id,
          ...guard.params,
        ),
      ]
    : [];

/** Its place in the caller's list, where it has one. */
export const positionOf = ({ position }: Entry) => (position === undefined ? {} : { position });

type Carry = (entry: Entry, guard: Guard) => readonly Statement[];

/** One entry's version, with its Provenance and its audit. */
export const versionOf = (context: Context, entry: Entry, now: number, carry: Carry) => {
  const made = newVersion(entry, now);
  const versions = [made, ...provenanceVersion(context, entry, made.lastUpdated)];
  return {
    effect: effectOf(entry),
    version: made,
    ...positionOf(entry),
    statements: (guard: Guard): readonly Statement[] => [
      ...versions.flatMap((version) => context.repository.versionStatements(version, guard)),
      ...carry(entry, guard),
      context.auditStatement(audited(entry, now, '0', made.version), guard),
    ],
  };
};
