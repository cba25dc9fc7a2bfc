import type { Organization } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import {
  normaliseOrganizationIdentifier,
  type OrganizationIdentifier,
  organizationKey,
} from '../../organizations.ts';
import { inUse } from './context.ts';
import { finding } from './findings.ts';
import { PRECEDENCE } from './organisation.ts';

const identifiersOf = ({ identifier }: Organization, now: number): readonly OrganizationIdentifier[] =>
  (identifier ?? []).flatMap((one) => {
    const read = normaliseOrganizationIdentifier(one.system, one.value ?? '');
    return read?.ok === true && inUse(one, now) ? [read.value] : [];
  });

/** What tells an organisation best: a unit's own identifier before the CVR number, which many units share. */
export const tellingIdentifier = (
  organization: Organization,
  now: number,
): OrganizationIdentifier | undefined => {
  const known = identifiersOf(organization, now);
  for (const [kind] of PRECEDENCE) {
    const found = known.find((one) => one.kind === kind);
    if (found !== undefined) return found;
  }
  return undefined;
};

const bare = (name: string): string => name.normalize('NFC').replace(/\s+/g, ' ').trim().toLowerCase();

const agree = (given: Organization, held: Organization, now: number): boolean => {
  if (given.name !== undefined && held.name !== undefined && bare(given.name) !== bare(held.name))
    return false;
  const theirs = identifiersOf(held, now);
  return identifiersOf(given, now).every((one) => {
    const same = theirs.filter(({ kind }) => kind === one.kind);
    return same.length === 0 || same.some((other) => organizationKey(other) === organizationKey(one));
  });
};

/** What the body says of an organisation wins; that the directory says something else is worth a warning. */
export const judgeAgainstDirectory = (
  given: Organization,
  path: string,
  held: readonly Organization[],
  now: number,
): readonly Issue[] => {
  const [first] = held;
  if (first === undefined || held.some((one) => agree(given, one, now))) return [];
  const why = `The directory has another name or number for this organisation (Organization/${first.id ?? ''}). What was sent is used.`;
  return [finding('organization-differs', path, why, 'warning')];
};
