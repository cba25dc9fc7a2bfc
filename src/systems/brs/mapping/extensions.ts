import type { Basic, Extension, Identifier, Organization, Reference, Resource } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import { finding } from './findings.ts';

/** An extension with its place. */
export interface Placed {
  readonly extension: Extension;
  /** E.g. `Basic.extension[3]`. */
  readonly path: string;
}

/** All extensions of this URL. */
export const extensionsAt = (basic: Basic, url: string): readonly Placed[] =>
  (basic.extension ?? []).flatMap((extension, at) =>
    extension.url === url ? [{ extension, path: `Basic.extension[${at}]` }] : [],
  );

/** The only extension of this URL; a second one is a finding. */
export const extensionAt = (basic: Basic, url: string, issues: Issue[]): Placed | undefined => {
  const [first, second] = extensionsAt(basic, url);
  if (second !== undefined) {
    issues.push(finding('extension-repeated', second.path, 'This extension may be given once.'));
  }
  return first;
};

type ValueKey = Extract<keyof Extension, `value${string}`>;

/** The value of an extension; a finding when it has another type, or none. */
export const valueIn = <K extends ValueKey>(
  placed: Placed | undefined,
  key: K,
  issues: Issue[],
): NonNullable<Extension[K]> | undefined => {
  if (placed === undefined) return undefined;
  const value = placed.extension[key];
  if (value === undefined || value === null) {
    issues.push(finding('extension-value', placed.path, `The extension needs a ${key}.`));
    return undefined;
  }
  return value;
};

/** The contained resource that a reference points to. */
export const containedIn = (basic: Basic, reference: Reference | undefined): Resource | undefined => {
  const local = reference?.reference?.startsWith('#') ? reference.reference.slice(1) : undefined;
  return local === undefined ? undefined : basic.contained?.find(({ id }) => id === local);
};

const DAY = 86_400_000;

/** False for an identifier marked old or whose period has ended: it is not used for mapping. */
const inUse = ({ use, period }: Identifier, now: number): boolean => {
  if (use === 'old') return false;
  const end = period?.end;
  return end === undefined || Date.parse(end) + (end.length <= 'yyyy-mm-dd'.length ? DAY : 0) >= now;
};

const listOf = (resource: Resource | undefined): readonly Identifier[] => {
  if (resource === undefined || !('identifier' in resource)) return [];
  return Array.isArray(resource.identifier) ? resource.identifier : [];
};

/** The usable identifiers of what a reference names: its own, and those of the resource it leads to. */
export const identifiersOf = (
  basic: Basic,
  reference: Reference | undefined,
  now: number,
  held: Resource | undefined = containedIn(basic, reference),
): readonly Identifier[] => {
  if (reference === undefined) return [];
  const own = reference.identifier === undefined ? [] : [reference.identifier];
  return [...own, ...listOf(held)].filter((one) => inUse(one, now));
};

/** Whether an organisation is marked as no longer active. */
export const isInactive = (resource: Resource | undefined): boolean =>
  resource?.resourceType === 'Organization' && (resource satisfies Organization).active === false;
