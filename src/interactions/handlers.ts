import type { Failure } from '../failure.ts';
import { failure } from '../failure.ts';
import type { Answer } from '../http/answer.ts';
import type { Interaction } from '../resources/entry.ts';
import { fail, type Result } from '../result.ts';
import { readAuditEvent, searchAuditEvents } from './audit-event.ts';
import type { Call, Handler, Trace } from './call.ts';
import { create } from './create.ts';
import { remove } from './delete.ts';
import { history } from './history.ts';
import { searchPatient } from './patient-index.ts';
import { read, vread } from './read.ts';
import { search } from './search.ts';
import type { Server } from './server.ts';
import { update } from './update.ts';
import type { WriteCall } from './write.ts';

const isWriteCall = (call: Call): call is WriteCall => call.authority !== undefined;

type WriteHandler = (server: Server) => (call: WriteCall, trace: Trace) => Promise<Result<Answer, Failure>>;

/** Pattern 2.3 always has a token; without one no write is reached. */
const writing =
  (handler: WriteHandler) =>
  (server: Server): Handler =>
  async (call, trace) =>
    isWriteCall(call)
      ? handler(server)(call, trace)
      : fail(failure('unauthenticated', 'login', 'A write needs a token.', { challenge: 'Bearer' }));

/** One handler for each of R4's interactions that the server has. */
const HANDLERS: Readonly<Record<Interaction, (server: Server) => Handler>> = {
  read,
  vread,
  'history-instance': history,
  'search-type': search,
  create: writing(create),
  update: writing(update),
  delete: writing(remove),
};

/** Types that are not kept like the others. */
const SPECIAL: Readonly<Record<string, (server: Server) => Handler>> = {
  'AuditEvent read': readAuditEvent,
  'AuditEvent search-type': searchAuditEvents,
  'Patient search-type': searchPatient,
};

export const handlerOf = (server: Server, type: string, interaction: Interaction): Handler =>
  (SPECIAL[`${type} ${interaction}`] ?? HANDLERS[interaction])(server);
