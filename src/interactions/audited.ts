import { type Failure, failure } from '../failure.ts';
import { auditOf, type Call, type Trace } from './call.ts';
import type { Server } from './server.ts';

const unauditedFailure = (): Failure =>
  failure('unavailable', 'transient', 'The access could not be recorded, so it was not given; try again.', {
    retryAfter: 1,
  });

/** Recorded instead of an id that has the shape of a national identity number: no resource here has such a one. */
const WITHHELD = 'withheld';

const traced = ({ persons }: Pick<Server, 'persons'>, { id }: Call, trace: Trace): Trace =>
  trace.id === undefined && id !== undefined && persons.holdsNumber(id) ? { ...trace, id: WITHHELD } : trace;

/**
 * Makes a call to a confidential type durable in the audit, before its answer leaves. Failure: it could not be, and
 * is then the answer.
 */
export const audit = async (
  server: Pick<Server, 'recordAudit' | 'clock' | 'log' | 'persons'>,
  call: Call,
  trace: Trace,
  outcome: { readonly ok: boolean },
): Promise<Failure | undefined> => {
  if (!call.entry.confidential || call.authority === undefined) return undefined;
  try {
    await server.recordAudit({
      ...auditOf(call, call.authority, server.clock(), traced(server, call, trace)),
      outcome: outcome.ok ? '0' : '4',
    });
    return undefined;
  } catch {
    server.log('error', 'an audit record could not be written', { type: call.entry.type });
    return unauditedFailure();
  }
};
