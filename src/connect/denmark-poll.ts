import { type Failure, failure } from '../failure.ts';
import type { Server } from '../interactions/server.ts';
import type { Facade } from '../interactions/stages.ts';
import type { Database } from '../ports.ts';
import { followupPorts, readPollState } from '../resources/followups.ts';
import { fail, type Result } from '../result.ts';
import { createSearch } from '../store/search.ts';
import { createSystemState } from '../store/system-state.ts';
import type { PollReport } from '../systems/brs/notifications.ts';
import type { BrsSystem } from '../systems/brs/system.ts';
import type { BackgroundParts } from './connections.ts';
import { allOf } from './refreshers.ts';

export interface Poll {
  /** Fetches the alarms of BRS now. Failures: those of the call, and that BRS is not configured. */
  readonly now: (server: Server, requestId: string) => Promise<Result<PollReport, Failure>>;
  /** Fetches them when the last time is longer ago than the interval. */
  readonly whenDue: (facade: Facade) => Promise<void>;
  /** Forgets when that was. */
  readonly reset: () => void;
}

export interface PollParts extends BackgroundParts {
  readonly brs: BrsSystem | undefined;
  readonly database: Database;
  /** Milliseconds. */
  readonly interval: number;
  readonly upstreamDeadline: number;
}

/** Polling the alarms of ordered follow-ups, by hand and by the clock. */
export const createPoll = (parts: PollParts): Poll => {
  const { brs, database, clock, log, interval, upstreamDeadline } = parts;
  const state = createSystemState(database, 'brs');
  const all = allOf(createSearch(database));
  /** No look at the store is needed before this; another isolate may have polled meanwhile. */
  let restUntil = Number.NEGATIVE_INFINITY;

  const now: Poll['now'] = async (server, requestId) => {
    if (brs === undefined) {
      return fail(failure('not-implemented', 'not-supported', 'BRS is not configured on this server.'));
    }
    const { repository, delivery, indexOf } = server;
    const ports = followupPorts({
      ...{ state, repository, delivery, indexOf, all, clock, log, upstreamDeadline },
    });
    return brs.poll(ports, { requestId, deadline: clock() + upstreamDeadline });
  };

  return {
    now,
    reset: () => {
      restUntil = Number.NEGATIVE_INFINITY;
    },
    async whenDue({ server }) {
      if (brs === undefined || clock() < restUntil) return;
      const { polledAt = Number.NEGATIVE_INFINITY } = await readPollState(state);
      if (clock() < polledAt + interval) {
        restUntil = Math.min(polledAt + interval, clock() + interval);
        return;
      }
      // After a failure too: BRS is not asked every second because it is away.
      restUntil = clock() + Math.min(interval, RETRY);
      const polled = await now(server, crypto.randomUUID());
      if (!polled.ok) {
        const [issue] = polled.failure.issues;
        log('warn', 'the alarms of BRS could not be fetched; tried again later', {
          reason: issue?.diagnostics ?? polled.failure.kind,
        });
      }
    },
  };
};

/** Milliseconds after a failed poll. */
const RETRY = 60_000;
