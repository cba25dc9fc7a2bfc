import type { Failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { HistoryPosition } from '../store/repository.ts';
import type { StoredVersion } from '../store/types.ts';
import { historyBundle, type Link } from './bundle.ts';
import type { Call, Handler } from './call.ts';
import { openCursor, sealCursor } from './cursor.ts';
import { askedQuery, type HistoryAsked, historyAsked } from './history-page.ts';
import type { Server } from './server.ts';
import { missing, refuseUnlessVisible, storedOf } from './visible.ts';

const positionOf = async (
  server: Server,
  call: Call,
  { cursor }: HistoryAsked,
): Promise<Result<HistoryPosition | undefined, Failure>> => {
  if (cursor === undefined) return ok(undefined);
  const opened = await openCursor(server, call, cursor);
  if (!opened.ok) return opened;
  const [lastUpdated = 0, type = '', version = 0] = opened.value.after.keys;
  return ok({
    lastUpdated: Number(lastUpdated),
    type: String(type),
    id: opened.value.after.id,
    version: Number(version),
  });
};

const linksOf = async (
  server: Server,
  call: Call,
  path: string,
  shown: readonly StoredVersion[],
  more: boolean,
): Promise<readonly Link[]> => {
  const url = `${call.base}/${path}_history`;
  const self: Link = { relation: 'self', url: `${url}${askedQuery(call)}` };
  const last = shown.at(-1);
  if (!more || last === undefined) return [self];
  const after = { keys: [last.lastUpdated, last.type, last.version], id: last.id };
  const cursor = await sealCursor(server, call, { after, parameters: [] });
  return [self, { relation: 'next', url: `${url}${askedQuery(call, cursor)}` }];
};

/** One page of versions, newest first, of one resource or of types. */
const page = async (
  server: Server,
  call: Call,
  asked: HistoryAsked,
  of: {
    readonly types: readonly string[];
    readonly id?: string;
    readonly path: string;
    readonly total?: number;
  },
) => {
  const after = await positionOf(server, call, asked);
  if (!after.ok) return after;
  const { count, since, at } = asked;
  const versions = await server.repository.historyOf(
    { types: of.types, ...(of.id === undefined ? {} : { id: of.id }) },
    {
      count: count + 1,
      ...(after.value === undefined ? {} : { after: after.value }),
      ...(since === undefined ? {} : { since }),
      ...(at === undefined ? {} : { at }),
    },
  );
  const shown = versions.slice(0, count);
  const links = await linksOf(server, call, of.path, shown, versions.length > count);
  const json = historyBundle(call.base, shown, links, of.total);
  return ok({ kind: 'ok' as const, json, confidential: call.entry.confidential });
};

/** Instance history. https://hl7.org/fhir/R4/http.html#history */
export const history =
  (server: Server): Handler =>
  async (call, trace) => {
    const { type } = call.entry;
    const id = call.id ?? '';
    const asked = historyAsked(call);
    if (!asked.ok) return asked;
    const latest = await storedOf(server, call);
    if (latest === undefined) return fail(missing(call));
    if (latest.patient !== null) trace.patient = latest.patient;
    const hidden = await refuseUnlessVisible(server, call, latest);
    if (hidden !== undefined) return fail(hidden);
    const whole = asked.value.since === undefined && asked.value.at === undefined;
    return page(server, call, asked.value, {
      types: [type],
      id,
      path: `${type}/${id}/`,
      // Every version counts once and none is ever taken away, so the newest one's number is how many there are.
      ...(whole ? { total: latest.version } : {}),
    });
  };

/** History of a type: what the registers' own systems follow changes by. */
export const historyOfType =
  (server: Server): Handler =>
  async (call) => {
    const asked = historyAsked(call);
    if (!asked.ok) return asked;
    return page(server, call, asked.value, { types: [call.entry.type], path: `${call.entry.type}/` });
  };

/** History of all types that keep one. */
export const historyOfServer =
  (server: Server): Handler =>
  async (call) => {
    const asked = historyAsked(call);
    if (!asked.ok) return asked;
    const types = [...server.resources.values()]
      .filter(({ interactions }) => interactions.includes('history-type'))
      .map(({ type }) => type);
    return page(server, call, asked.value, { types, path: '' });
  };
