import type { Basic, Resource } from '@medplum/fhirtypes';
import { codeSystem } from '../canonical.ts';
import { type ServerWrites, serverOrder } from '../delivery/server-write.ts';
import type { Delivery } from '../delivery/types.ts';
import type { Log } from '../ports.ts';
import type { Repository } from '../store/repository.ts';
import type { Criterion, SearchRequest } from '../store/search-request.ts';
import type { SystemState } from '../store/system-state.ts';
import type { StoredVersion } from '../store/types.ts';
import { EXTERNAL_REFERENCE, FOLLOWUP_STATE, INPUT } from '../systems/brs/mapping.ts';
import type { PollPorts, PollState } from '../systems/brs/notifications.ts';
import { asBasic } from './basic.ts';

/** What polling BRS needs of this server. */
export interface FollowupParts extends ServerWrites {
  readonly state: SystemState;
  readonly repository: Repository;
  readonly delivery: Delivery;
  /** Every stored version that meets the request, pages joined. */
  readonly all: (request: SearchRequest) => Promise<readonly StoredVersion[]>;
  readonly log: Log;
}

const POLL = 'poll';

const token = (param: string, system: string, code: string): Criterion => ({
  kind: 'token',
  param,
  anyOf: [{ system, code }],
  not: false,
});

const KIND = token('code', codeSystem('basic-kind'), 'treatment-relation');

const requestFor = (...criteria: readonly Criterion[]): SearchRequest => ({
  type: 'Basic',
  criteria: [KIND, ...criteria],
  count: 200,
  sort: [],
  total: 'none',
});

const timeLimitOf = (basic: Basic): number =>
  Date.parse(basic.extension?.find(({ url }) => url === INPUT.timeLimit)?.valueDateTime ?? '');

/** What was last polled, for the schedule. */
export const readPollState = async (state: SystemState): Promise<PollState> => {
  const text = await state.get(POLL);
  return text === undefined ? {} : (JSON.parse(text) as PollState);
};

/** The store as polling sees it. */
export const followupPorts = (parts: FollowupParts): PollPorts => {
  const { state, repository, delivery, all, log } = parts;
  const basics = async (request: SearchRequest): Promise<readonly Basic[]> =>
    (await all(request)).map(({ content }) => asBasic(JSON.parse(content) as Resource));
  return {
    load: () => readPollState(state),
    save: (polled) => state.put(POLL, JSON.stringify(polled)),
    byReference: (reference) => basics(requestFor(token('identifier', EXTERNAL_REFERENCE, reference))),
    waiting: async (before) => {
      const ordered = await basics(requestFor(token('followup-state', FOLLOWUP_STATE, 'ordered')));
      return ordered.filter((basic) => timeLimitOf(basic) < before);
    },
    update: async (resource) => {
      const base = await repository.read('Basic', resource.id ?? '');
      if (base === undefined || base.deleted || String(base.version) !== resource.meta?.versionId)
        return false;
      const patient = base.patient === null ? {} : { patient: base.patient };
      const delivered = await delivery.execute(serverOrder(parts, { resource, base, ...patient }));
      return delivered.ok;
    },
    deadLetter: async ({ serialNumber, creationTimestamp, externalReferenceId, uniqueReferenceId }) => {
      await state.put(
        `dead-letter/${serialNumber}`,
        JSON.stringify({ serialNumber, creationTimestamp, externalReferenceId, uniqueReferenceId }),
      );
      log('warn', 'an alarm of BRS belongs to no treatment relation here; it is kept', { serialNumber });
    },
  };
};
