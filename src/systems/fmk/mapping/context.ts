import type { Identifier, Organization, Provenance, Reference, Resource } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import type { FmkSettings } from '../settings.ts';
import { finding } from './findings.ts';

/** What is known besides the Basic itself. */
export interface FmkGiven {
  /** X-Provenance, as it was sent. */
  readonly provenance?: Omit<Provenance, 'target' | 'recorded'>;
  /** The directory's Organization of a reference such as `Organization/12`; undefined: there is none. */
  readonly organization?: (reference: string) => Organization | undefined;
}

/** All that the mapping depends on. */
export interface MappingContext extends FmkGiven {
  readonly settings: FmkSettings;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Where findings go. */
  readonly issues: Issue[];
}

/** A resource that may hold what a reference points to, and how FHIRPath names it. */
export interface Holder {
  readonly contained: readonly Resource[];
  readonly path: string;
}

/** A resource that was found, and its FHIRPath. */
export interface Found<R extends Resource = Resource> {
  readonly resource: R;
  readonly path: string;
}

/** The contained resource of `#id`. */
const containedAt = ({ contained, path }: Holder, reference: string): Found | undefined => {
  const index = contained.findIndex(({ id }) => id === reference.slice(1));
  const resource = contained[index];
  return resource === undefined ? undefined : { resource, path: `${path}.contained[${index}]` };
};

const isOrganization = (found: Found | undefined): found is Found<Organization> =>
  found?.resource.resourceType === 'Organization';

/** What a reference leads to within reach; undefined with a finding when it points somewhere else. */
export const follow = (
  reference: Reference,
  holder: Holder,
  path: string,
  context: MappingContext,
): Found | undefined => {
  const target = reference.reference;
  if (target === undefined) return undefined;
  const at = `${path}.reference`;
  if (target.startsWith('#')) {
    const found = containedAt(holder, target);
    if (found === undefined) {
      context.issues.push(finding('reference-unknown', at, 'Nothing is contained under this id.'));
    }
    return found;
  }
  // An absolute reference is this server's own when the directory knows it.
  const resource = context.organization?.(target);
  if (resource !== undefined) return { resource, path };
  if (/^Organization\/[A-Za-z0-9.-]{1,64}(?:\/_history\/\d+)?$/.test(target)) {
    context.issues.push(finding('reference-unknown', at, 'The directory has no such Organization.'));
    return undefined;
  }
  const why =
    'Only contained resources, Organizations of this server and identifiers are read; nothing is fetched.';
  context.issues.push(finding('reference-not-supported', at, why));
  return undefined;
};

/** The Organization of a reference; something else is told by the caller's finding. */
export const followOrganization = (
  reference: Reference,
  holder: Holder,
  path: string,
  context: MappingContext,
): Found<Organization> | undefined => {
  const found = follow(reference, holder, path, context);
  return isOrganization(found) ? found : undefined;
};

/** An identifier that may be used: not old, its period not over. */
export const inUse = ({ use, period }: Identifier, now: number): boolean => {
  if (use === 'old') return false;
  const end = period?.end === undefined ? Number.NaN : Date.parse(period.end);
  if (Number.isNaN(end)) return true;
  // A day ends when it is over everywhere it may be meant.
  return now <= (period?.end?.includes('T') === true ? end : end + 86_400_000);
};

/** The type that a reference names: in words, or by its literal reference. */
export const typeOf = (reference: Reference): string | undefined =>
  reference.type ??
  /(?:^|\/)([A-Z]\w+)\/[A-Za-z0-9.-]{1,64}(?:\/_history\/\d+)?$/.exec(reference.reference ?? '')?.[1];
