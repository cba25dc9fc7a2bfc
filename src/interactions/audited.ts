import { type Failure, failure } from '../failure.ts';
import { auditOf, type Call, type Trace } from './call.ts';
import type { Server } from './server.ts';

const unauditedFailure = (): Failure =>
  failure('unavailable', 'transient', 'The access could not be recorded, so it was not given; try again.', {
    retryAfter: 1,
  });

/**
 * Makes a call to a confidential type durable in the audit, before its answer leaves. Failure: it could not be, and
 * is then the answer.
 */
export const audit = async (
  server: Pick<Server, 'recordAudit' | 'clock' | 'log'>,
  call: Call,
  trace: Trace,
  outcome: { readonly ok: boolean },
): Promise<Failure | undefined> => {
  if (!call.entry.confidential || call.authority === undefined) return undefined;
  try {
    await server.recordAudit({
      ...auditOf(call, call.authority, server.clock(), trace),
      outcome: outcome.ok ? '0' : '4',
    });
    return undefined;
  } catch {
    server.log('error', 'an audit record could not be written', { type: call.entry.type });
    return unauditedFailure();
  }
};
