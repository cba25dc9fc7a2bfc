import type { Organization } from '@medplum/fhirtypes';
import { HSA_ID_SYSTEM } from '../organizations.ts';
import { sameHsaId } from './model.ts';
import data from './regions.json' with { type: 'json' };

/** A vårdhuvudman, as eFrikort's list names it. */
export interface Region {
  /** Logical id of its Organization. */
  readonly id: string;
  readonly name: string;
  /** The key: the organisation number in it is not one (Gotland's is Stockholm's). */
  readonly hsaId: string;
  /** A mailbox of a function, no person's. Persons' addresses are loaded by the operator. */
  readonly functionMailbox?: string;
}

/** When the list was taken from its source; later lists have more regions. */
export const REGIONS_DATE: string = data.date;

export const REGIONS: readonly Region[] = data.regions;

export const regionByHsaId = (hsaId: string): Region | undefined =>
  REGIONS.find((region) => sameHsaId(region.hsaId, hsaId));

/** The regions as the directory serves them: never with contact data, which are the operator's. */
export const regionOrganizations = (): readonly Organization[] =>
  REGIONS.map(({ id, name, hsaId }) => ({
    resourceType: 'Organization',
    id,
    identifier: [{ system: HSA_ID_SYSTEM, value: hsaId }],
    active: true,
    name,
  }));
