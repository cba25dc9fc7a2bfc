import { failure } from '../failure.ts';
import type { Interaction } from '../resources/entry.ts';
import { fail, ok } from '../result.ts';
import { askedFormat, askedSo } from './asked-format.ts';
import type { Handler } from './call.ts';
import { planCreate } from './create.ts';
import { planDelete } from './delete.ts';
import { planPatch, readPatch } from './patch.ts';
import { searchPatient } from './patient-index.ts';
import { read, vread } from './read.ts';
import { search } from './search.ts';
import type { Server } from './server.ts';
import { planUpdate } from './update.ts';
import { isWriteCall, type Planner, type ReadWrite, readNothing, readResource, writing } from './write.ts';

/** Pattern 2.3 always has a token; without one no write is reached. */
const write =
  (planner: Planner, read: ReadWrite) =>
  (server: Server): Handler =>
  async (call, trace) =>
    isWriteCall(call)
      ? writing(planner, read)(server)(call, trace)
      : fail(failure('unauthenticated', 'login', 'A write needs a token.', { challenge: 'Bearer' }));

/** How each kind of write is planned. */
export const PLANNERS: Readonly<Partial<Record<Interaction, Planner>>> = {
  create: planCreate,
  update: planUpdate,
  patch: planPatch,
  delete: planDelete,
};

/** What few calls ask for is a module of its own: a Worker starts without it. */
const atNeed =
  (load: () => Promise<(server: Server) => Handler>) =>
  (server: Server): Handler =>
  async (call, trace) =>
    (await load())(server)(call, trace);

/** One handler for each of R4's interactions that the server has. */
const HANDLERS: Readonly<Record<Interaction, (server: Server) => Handler>> = {
  read,
  vread,
  'history-instance': atNeed(async () => (await import('./rare.ts')).history),
  'history-type': atNeed(async () => (await import('./rare.ts')).historyOfType),
  'history-system': atNeed(async () => (await import('./rare.ts')).historyOfServer),
  'search-type': search,
  create: write(planCreate, readResource),
  update: write(planUpdate, readResource),
  patch: write(planPatch, readPatch),
  delete: write(planDelete, readNothing),
};

/** Types that are not kept like the others. */
const SPECIAL: Readonly<Record<string, (server: Server) => Handler>> = {
  'AuditEvent read': atNeed(async () => (await import('./rare.ts')).readAuditEvent),
  'AuditEvent search-type': atNeed(async () => (await import('./rare.ts')).searchAuditEvents),
  'Patient search-type': searchPatient,
};

const asItsBodyAsks =
  (server: Server, search: Handler): Handler =>
  async (call, trace) => {
    const asked = askedFormat(server, call.request, call.parameters);
    if (!asked.ok) return asked;
    const answer = await search(call, trace);
    return answer.ok ? ok(askedSo(answer.value, asked.value)) : answer;
  };

export const handlerOf = (server: Server, type: string, interaction: Interaction): Handler => {
  const handler = (SPECIAL[`${type} ${interaction}`] ?? HANDLERS[interaction])(server);
  return interaction === 'search-type' ? asItsBodyAsks(server, handler) : handler;
};
