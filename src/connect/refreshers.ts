import type { Resource } from '@medplum/fhirtypes';
import type { Config } from '../config.ts';
import type { Delivery } from '../delivery/types.ts';
import type { Refresh } from '../interactions/server.ts';
import type { Clock } from '../ports.ts';
import type { ResourceKind } from '../resources/entry.ts';
import type { PatientIndex } from '../store/patient-index.ts';
import type { Repository } from '../store/repository.ts';
import type { Search } from '../store/search.ts';
import type { SearchPosition, SearchRequest } from '../store/search-request.ts';
import type { IndexRows, StoredVersion } from '../store/types.ts';
import type { Connections } from './connections.ts';

/** Every version that meets a request, its pages joined. */
export const allOf =
  (search: Search) =>
  async (request: SearchRequest): Promise<readonly StoredVersion[]> => {
    const found: StoredVersion[] = [];
    let after: SearchPosition | undefined;
    do {
      const page = await search.search(request, after === undefined ? {} : { after });
      found.push(...page.versions);
      after = page.next;
    } while (after !== undefined);
    return found;
  };

/** What keeps the store true to the national systems: which of them is asked about each kind of resource. */
export const refreshers = (
  { helsenorge, denmark }: Connections,
  ground: {
    readonly config: Pick<Config, 'upstreamDeadline'>;
    readonly repository: Repository;
    readonly patients: PatientIndex;
    readonly clock: Clock;
  },
  made: {
    readonly delivery: Delivery;
    readonly indexOf: (resource: Resource) => IndexRows;
    readonly search: Search;
  },
): ((kind: ResourceKind) => Refresh | undefined) => {
  const { config, repository, patients, clock } = ground;
  const { delivery, indexOf, search } = made;
  const { upstreamDeadline } = config;
  const parts = { repository, delivery, indexOf, clock, upstreamDeadline };
  const consent = helsenorge?.refresh({
    ...parts,
    patients,
    find: async (request) => (await search.search(request)).versions,
  });
  const whitelisting = denmark?.fmk?.refresh({ ...parts, all: allOf(search) });
  return (kind) => (kind === 'Consent' ? consent : kind === 'foces-whitelisting' ? whitelisting : undefined);
};
