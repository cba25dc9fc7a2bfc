import type { Resource, ValueSet } from '@medplum/fhirtypes';
import { type Failure, failure } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import { BY_SYNTAX } from '../definitions/by-syntax.ts';
import { DEFINITIONS } from '../definitions/index.ts';
import type { ValueSets } from '../definitions/types.ts';

/** A value set as it is held: a resource, a list of R4's, or a grammar. */
export type KnownValueSet =
  | { readonly kind: 'resource'; readonly resource: ValueSet }
  | {
      readonly kind: 'enumerated';
      readonly url: string;
      readonly codes: Readonly<Record<string, readonly string[]>>;
    }
  | {
      readonly kind: 'syntax';
      readonly url: string;
      readonly system: string;
      readonly pattern: RegExp;
      readonly reason: string;
    };

const versionOf = (valueSet: KnownValueSet): string | undefined =>
  valueSet.kind === 'resource' ? valueSet.resource.version : DEFINITIONS.fhirVersion;

/** Splits `url|version`. */
export const parseCanonical = (canonical: string): readonly [url: string, version: string | undefined] => {
  const bar = canonical.indexOf('|');
  return bar < 0 ? [canonical, undefined] : [canonical.slice(0, bar), canonical.slice(bar + 1)];
};

export type FindValueSet = (canonical: string) => Result<KnownValueSet, Failure>;

const notFound = (why: string): Result<never, Failure> =>
  fail(
    failure(
      'not-found',
      'not-found',
      `${why} The ValueSets of this server, and the required ones of R4, are known.`,
    ),
  );

/** Finds value sets by canonical URL, with or without `|version`. Failure: `not-found`. */
export const createValueSets = (artefacts: readonly Resource[], valueSets: ValueSets): FindValueSet => {
  const own = new Map(
    artefacts.flatMap((artefact) =>
      artefact.resourceType === 'ValueSet' && artefact.url !== undefined
        ? [[artefact.url, artefact] as const]
        : [],
    ),
  );
  const known = (url: string): KnownValueSet | undefined => {
    const resource = own.get(url);
    if (resource !== undefined) return { kind: 'resource', resource };
    const codes = Object.hasOwn(valueSets, url) ? valueSets[url] : undefined;
    if (codes !== undefined) return { kind: 'enumerated', url, codes };
    const syntax = Object.hasOwn(BY_SYNTAX, url) ? BY_SYNTAX[url] : undefined;
    return syntax && { kind: 'syntax', url, ...syntax };
  };
  return (canonical) => {
    const [url, version] = parseCanonical(canonical);
    const found = known(url);
    if (found === undefined) return notFound('There is no ValueSet of this url here.');
    if (version !== undefined && version !== versionOf(found)) {
      return notFound('There is no such version of this ValueSet here.');
    }
    return ok(found);
  };
};
