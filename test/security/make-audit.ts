import type { Database } from '../../src/ports.ts';
import { AUDIT_SCHEMA, type Audit, createAudit } from '../../src/security/audit.ts';
import type { AuditEntry } from '../../src/security/audit-entry.ts';
import { memoryDatabase } from '../helpers/memory-database.ts';

export const AT = Date.UTC(2026, 10, 21, 12);

/** A record with only what every record has. */
export const entry = (more: Partial<AuditEntry> = {}): AuditEntry => ({
  at: AT,
  interaction: 'read',
  action: 'R',
  outcome: '0',
  type: 'Consent',
  id: 'c1',
  callerKey: 'key-of-caller',
  role: 'nurse',
  clientId: 'journal',
  ...more,
});

/** An empty audit in memory, and the database beneath it. */
export const emptyAudit = async (): Promise<{ readonly database: Database; readonly audit: Audit }> => {
  const database = memoryDatabase();
  await database.batch(AUDIT_SCHEMA);
  return { database, audit: createAudit({ database }) };
};
