import type { Resource } from '@medplum/fhirtypes';

/** The FHIRPath of a member of JSON: `_created` is how JSON writes extensions of `created`. */
export const memberPath = (path: string, name: string): string =>
  name.startsWith('_') ? `${path}.${name.slice(1)}.extension` : `${path}.${name}`;

/**
 * The FHIRPaths of a resource's elements that are not in the table of what is sent or kept. Whoever calls refuses
 * each of them by name, so that nothing is ever dropped in silence.
 */
export const otherElements = (resource: Resource, accepted: ReadonlySet<string>): readonly string[] =>
  Object.entries(resource)
    .filter(([name, value]) => value !== undefined && !accepted.has(name))
    .map(([name]) => memberPath(resource.resourceType, name));
