import type { Basic, Resource } from '@medplum/fhirtypes';
import { codeSystem } from '../canonical.ts';
import { serverOrder } from '../delivery/server-write.ts';
import type { Server } from '../interactions/server.ts';
import type { Facade } from '../interactions/stages.ts';
import type { Database } from '../ports.ts';
import { asBasic } from '../resources/basic.ts';
import { createSearch } from '../store/search.ts';
import type { PlainCriterion } from '../store/search-request.ts';
import type { SystemState } from '../store/system-state.ts';
import type { StoredVersion } from '../store/types.ts';
import type { Inbox } from '../systems/efrikort/client-inbox.ts';
import { EFRIKORT_CONNECTION, EFRIKORT_STATE } from '../systems/efrikort/codes.ts';
import { LONGEST_SEND } from '../systems/efrikort/operations/conclude.ts';
import type { State } from '../systems/efrikort/states.ts';
import type { Efrikort } from '../systems/efrikort/system.ts';
import type { BackgroundParts } from './connections.ts';
import { allOf } from './refreshers.ts';

export interface EfrikortJobParts extends BackgroundParts {
  readonly system: Efrikort;
  readonly state: SystemState;
  readonly database: Database;
  /** Undefined: no answers are fetched. */
  readonly inbox: Inbox | undefined;
  /** Milliseconds. */
  readonly inboxInterval: number;
  readonly upstreamDeadline: number;
}

export interface EfrikortJobs {
  readonly whenDue: (facade: Facade) => Promise<void>;
  /** Fetches what has come into the inbox now. */
  readonly receive: (facade: Facade) => Promise<void>;
  readonly reset: () => void;
}

interface Held {
  readonly version: StoredVersion;
  readonly basic: Basic;
}

const token = (param: string, system: string, codes: readonly string[]): PlainCriterion => ({
  kind: 'token',
  param,
  anyOf: codes.map((code) => ({ system, code })),
  not: false,
});

const basicOf = ({ content }: StoredVersion): Basic => asBasic(JSON.parse(content) as Resource);

/** The live connections, or those in one of these states. */
export const connectionsIn = (database: Database) => {
  const all = allOf(createSearch(database));
  return async (states: readonly State[] = []): Promise<readonly Held[]> => {
    const criteria = [
      token('code', codeSystem('basic-kind'), [EFRIKORT_CONNECTION]),
      ...(states.length === 0 ? [] : [token('connection-state', EFRIKORT_STATE, states)]),
    ];
    const found = await all({ type: 'Basic', criteria, count: 200, sort: [], total: 'none' });
    return found.map((version) => ({ version, basic: basicOf(version) }));
  };
};

const OPEN = 'open/';

/** Before a mail is announced: where to look for one that a crash left behind. */
export const noteOpen = (state: SystemState, id: string, at: number): Promise<void> =>
  state.put(`${OPEN}${id}`, String(at));

/** Milliseconds between two looks at what may be open. */
const OPEN_INTERVAL = 5_000;

const INBOX = 'inbox';

/** What happens to connections without a call: an open mail is concluded, an answer recorded. */
export const createEfrikortJobs = (parts: EfrikortJobParts): EfrikortJobs => {
  const { system, state, inbox, inboxInterval, clock, log, upstreamDeadline } = parts;
  const connections = connectionsIn(parts.database);
  let restUntil = Number.NEGATIVE_INFINITY;
  let inboxUntil = Number.NEGATIVE_INFINITY;

  /** A version of the server's own; false when another write was faster. */
  const write = async ({ delivery, indexOf }: Server, base: StoredVersion, resource: Basic) => {
    const uniqueKey = system.uniqueKey(resource);
    const order = serverOrder(
      { clock, indexOf, upstreamDeadline },
      { resource, base, ...(uniqueKey === undefined ? {} : { uniqueKey }) },
    );
    return (await delivery.execute(order)).ok;
  };

  const concludeOne = async (server: Server, key: string): Promise<void> => {
    const version = await server.repository.read('Basic', key.slice(OPEN.length));
    const basic = version === undefined || version.deleted ? undefined : basicOf(version);
    const concluded = basic === undefined ? undefined : await system.conclude(basic);
    if (version !== undefined && concluded !== undefined) {
      await write(server, version, concluded);
      return;
    }
    const noted = Number(await state.get(key));
    const open = basic !== undefined && system.openSince(basic) !== undefined;
    // A mail noted just now may not be announced yet.
    if (!open && clock() - noted > LONGEST_SEND) await state.delete(key);
  };

  const receive = async ({ server }: Facade): Promise<void> => {
    if (inbox === undefined) return;
    inboxUntil = clock() + inboxInterval;
    const held = JSON.parse((await state.get(INBOX)) ?? '0') as number;
    const mails = await inbox.poll(held, crypto.randomUUID(), upstreamDeadline);
    if (mails === undefined) {
      log('warn', 'the inbox for answers about eFrikort could not be read; tried again later');
      return;
    }
    for (const { raw, position } of mails) {
      const known = await connections();
      const found = await system.incoming(
        raw,
        known.map(({ basic }) => basic),
      );
      const base = known.find(({ basic }) => basic === found?.basic)?.version;
      if (found === undefined || base === undefined) {
        log('info', 'a mail in the inbox answers no connection, or was recorded before', { position });
      } else if (!(await write(server, base, found.resource))) {
        // The next fetch starts with it again.
        return;
      }
      await state.put(INBOX, JSON.stringify(position));
    }
  };

  return {
    receive,
    async whenDue(facade) {
      if (clock() >= restUntil) {
        restUntil = clock() + OPEN_INTERVAL;
        for (const key of await state.keys(OPEN, 100)) await concludeOne(facade.server, key);
      }
      if (clock() >= inboxUntil) await receive(facade);
    },
    reset: () => {
      restUntil = Number.NEGATIVE_INFINITY;
      inboxUntil = Number.NEGATIVE_INFINITY;
    },
  };
};
