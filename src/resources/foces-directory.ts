import type { Basic, Organization } from '@medplum/fhirtypes';
import type { Issue } from '../failure.ts';
import type { Search } from '../store/search.ts';
import { judgeAgainstDirectory, tellingIdentifier } from '../systems/fmk/mapping.ts';
import type { OrganizationIdentifier } from '../systems/organizations.ts';

/** The directory's organisations with an identifier, however it was spelt there. */
export type Directory = (identifier: OrganizationIdentifier) => Promise<readonly Organization[]>;

/** More than share a number without being told apart otherwise. */
const MOST = 20;

export const createDirectory =
  (search: Search): Directory =>
  async ({ system, value, row }) => {
    const spelt = row.spellings?.(value) ?? [value];
    const { versions } = await search.search({
      type: 'Organization',
      criteria: [
        { kind: 'token', param: 'identifier', anyOf: spelt.map((code) => ({ system, code })), not: false },
      ],
      count: MOST,
      sort: [],
      total: 'none',
    });
    // What stands under this type was validated as one.
    return versions.map(({ content }) => JSON.parse(content) as Organization);
  };

/** Holds the organisations that a Basic carries itself against the directory. Warnings only. */
export const heldAgainst = async (
  directory: Directory,
  { contained = [] }: Basic,
  now: number,
): Promise<readonly Issue[]> => {
  const issues: Issue[] = [];
  for (const [index, resource] of contained.entries()) {
    if (resource.resourceType !== 'Organization') continue;
    const identifier = tellingIdentifier(resource, now);
    if (identifier === undefined) continue;
    const held = await directory(identifier);
    issues.push(...judgeAgainstDirectory(resource, `Basic.contained[${index}]`, held, now));
  }
  return issues;
};
