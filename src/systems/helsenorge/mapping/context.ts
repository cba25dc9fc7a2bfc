import type { Consent, Identifier, Resource } from '@medplum/fhirtypes';
import type { Catalogue } from '../catalogue.ts';
import type { HelsenorgeSettings } from '../settings.ts';

/** What the mapping knows besides the Consent itself. */
export interface MappingContext {
  readonly catalogue: Catalogue;
  readonly settings: HelsenorgeSettings;
  /** Milliseconds since the epoch; judges a `dateTime` in the future and identifiers that have ended. */
  readonly now: number;
}

const DAY = 86_400_000;
const DATE_LENGTH = 'yyyy-mm-dd'.length;

/** False for an identifier that is marked old or whose period has ended: it is not used for mapping. */
export const inUse = (identifier: Identifier, now: number): boolean => {
  if (identifier.use === 'old') return false;
  const end = identifier.period?.end;
  if (end === undefined) return true;
  // A date without time includes its whole day.
  return Date.parse(end) + (end.length <= DATE_LENGTH ? DAY : 0) >= now;
};

/** The contained resource a reference points to; undefined for any other reference. */
export const containedIn = (
  consent: Pick<Consent, 'contained'>,
  reference: string | undefined,
): Resource | undefined => {
  if (reference === undefined || !reference.startsWith('#')) return undefined;
  const id = reference.slice(1);
  return consent.contained?.find((resource) => resource.id === id);
};

/** The identifiers of a resource that has a list of them. */
export const identifiersOf = (resource: Resource | undefined): readonly Identifier[] => {
  if (resource === undefined || !('identifier' in resource)) return [];
  const { identifier } = resource;
  return Array.isArray(identifier) ? identifier : [];
};

/** The name of a resource type, fit to be told again: what does not look like one could be anything. */
export const typeInWords = (type: string): string => (/^[A-Z][A-Za-z]{1,40}$/.test(type) ? type : 'resource');

/** The resource type of a literal reference such as `Patient/1` or `https://…/Patient/1/_history/2`. */
export const literalType = (reference: string | undefined): string | undefined =>
  reference === undefined ? undefined : LITERAL.exec(reference)?.[1];
const LITERAL = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/;
