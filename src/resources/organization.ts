import type { Resource } from '@medplum/fhirtypes';
import { structureDefinition } from '../canonical.ts';
import { ok } from '../result.ts';
import type { ResourceEntry } from './entry.ts';
import { sameJson, withoutServerMeta } from './same.ts';

/** The directory: register owners, hospitals, practices, pharmacies. Only the facade holds it. */
export const ORGANIZATION: ResourceEntry = {
  type: 'Organization',
  kind: 'Organization',
  interactions: [
    'read',
    'vread',
    'create',
    'update',
    'patch',
    'delete',
    'history-instance',
    'history-type',
    'search-type',
  ],
  profile: structureDefinition('NordicOrganization'),
  pattern: '2.1',
  confidential: false,
  searchParameters: [
    '_id',
    '_lastUpdated',
    'active',
    'address',
    'address-city',
    'address-country',
    'address-postalcode',
    'endpoint',
    'identifier',
    'name',
    'partof',
    'type',
  ],
  documentation:
    'The directory of organisations, held by the facade itself: writing here tells no national system. Reading needs no token (pattern 2.1).',
  write: {
    plan: (write) =>
      ok({
        ...(write.resource === undefined ? {} : { resource: write.resource }),
        onUnchanged: 'keep',
        issues: [],
      }),
    sameContent: (a: Resource, b: Resource) => sameJson(withoutServerMeta(a), withoutServerMeta(b)),
  },
};
