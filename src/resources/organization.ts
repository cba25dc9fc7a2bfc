import type { Resource } from '@medplum/fhirtypes';
import { structureDefinition } from '../canonical.ts';
import { failureOf } from '../failure.ts';
import { fail, ok } from '../result.ts';
import { judgeOrganization, organizationSearchValue } from '../systems/organization-findings.ts';
import type { ResourceEntry, WriteRules } from './entry.ts';
import { sameJson, withoutServerMeta } from './same.ts';

/** Identifiers in the form that is stored, under the system that is written for each; faulty ones refused. */
const plan: WriteRules['plan'] = ({ resource }) => {
  if (resource?.resourceType !== 'Organization') return ok({ onUnchanged: 'keep', issues: [] });
  const { organization, issues } = judgeOrganization(resource);
  const refused = failureOf(issues);
  return refused === undefined ? ok({ resource: organization, onUnchanged: 'keep', issues }) : fail(refused);
};

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
  searchValue: (name, value) =>
    name === 'identifier' || name === 'identifier:not' ? organizationSearchValue(value) : value,
  documentation:
    'The directory of organisations, held by the facade itself: writing here tells no national system. Reading needs no token (pattern 2.1).',
  write: {
    plan,
    sameContent: (a: Resource, b: Resource) => sameJson(withoutServerMeta(a), withoutServerMeta(b)),
  },
};
