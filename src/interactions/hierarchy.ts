import type { Organization, Resource } from '@medplum/fhirtypes';
import { type Failure, failure } from '../failure.ts';
import type { Server } from './server.ts';
import { parseStored } from './write.ts';

/** More levels than any health service has; beyond them the way up is taken to end. */
const MOST_LEVELS = 50;

const parentOf = (organization: Organization): string | undefined =>
  /^(?:https?:\/\/.*\/)?Organization\/([A-Za-z0-9\-.]{1,64})$/.exec(
    organization.partOf?.reference ?? '',
  )?.[1];

/** An Organization is not part of itself, by whatever way: whoever walked up from it would never arrive. */
export const refuseCircle = async (
  { repository }: Pick<Server, 'repository'>,
  id: string,
  resource: Resource,
): Promise<Failure | undefined> => {
  if (resource.resourceType !== 'Organization') return undefined;
  let parent = parentOf(resource);
  for (let level = 0; parent !== undefined && level < MOST_LEVELS; level += 1) {
    if (parent === id) {
      const why = 'This would make the Organization a part of itself.';
      return failure('unprocessable', 'business-rule', why, { expression: ['Organization.partOf'] });
    }
    const stored = await repository.read('Organization', parent);
    if (stored === undefined || stored.deleted) return undefined;
    const above = parseStored(stored);
    parent = above.resourceType === 'Organization' ? parentOf(above) : undefined;
  }
  return undefined;
};
