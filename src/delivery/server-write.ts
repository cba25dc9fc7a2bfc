import type { Resource } from '@medplum/fhirtypes';
import type { Clock } from '../ports.ts';
import type { IndexRows, StoredVersion } from '../store/types.ts';
import { timedUuid } from './deps.ts';
import type { WriteOrder } from './types.ts';

/** The server's own writes: what a national system told, not what a caller asked for. */
const SERVER = { callerKey: 'server', role: 'system', clientId: 'facade' } as const;

const ACTION = { create: 'C', update: 'U', delete: 'D' } as const;

export interface ServerWrites {
  readonly clock: Clock;
  readonly indexOf: (resource: Resource) => IndexRows;
  /** Milliseconds. */
  readonly upstreamDeadline: number;
}

/** What the server writes by itself; a delete has no resource. */
export interface ServerWrite {
  readonly resource: Resource;
  /** True: the resource is marked as deleted. */
  readonly remove?: boolean;
  readonly base?: StoredVersion;
  readonly patient?: string;
  readonly uniqueKey?: string;
}

/**
 * The order for what a national system told of itself. It says nothing of whoever asked: the version it makes has
 * no Provenance, and its audit names the server.
 */
export const serverOrder = (
  { clock, indexOf, upstreamDeadline }: ServerWrites,
  { resource: given, remove = false, base, patient, uniqueKey }: ServerWrite,
): WriteOrder => {
  const now = clock();
  const id = base?.id ?? timedUuid(now);
  const resource = { ...given, id };
  const interaction = remove ? 'delete' : base === undefined ? 'create' : 'update';
  return {
    interaction,
    type: resource.resourceType,
    id,
    ...(base === undefined ? {} : { base }),
    ...(remove ? {} : { resource, index: indexOf(resource) }),
    ...(patient === undefined ? {} : { patient }),
    ...(uniqueKey === undefined ? {} : { uniqueKey }),
    audit: {
      at: now,
      interaction,
      action: ACTION[interaction],
      outcome: '0',
      type: resource.resourceType,
      id,
      ...(patient === undefined ? {} : { patient }),
      ...SERVER,
    },
    callerKey: null,
    deadline: now + upstreamDeadline,
  };
};
