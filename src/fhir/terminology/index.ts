import type { Coding, Parameters, Resource, ValueSet } from '@medplum/fhirtypes';
import { type Failure, failure } from '../../failure.ts';
import { fail, ok, type Result } from '../../result.ts';
import { DEFINITIONS, HIERARCHIES, VALUE_SETS } from '../definitions/index.ts';
import type { Hierarchies, ValueSets } from '../definitions/types.ts';
import { createCodeSystems, type KnownSystem } from './code-systems.ts';
import type { Sources } from './compose.ts';
import { type ExpandOptions, expand } from './expand.ts';
import { lookup } from './lookup.ts';
import * as codes from './validate-code.ts';
import { createValueSets, type KnownValueSet, parseCanonical } from './value-sets.ts';

/** A value set by its canonical URL (with or without `|version`), or the resource itself. */
export type NamedValueSet = string | ValueSet;

/**
 * R4's terminology operations over what is held here: the ValueSets and CodeSystems among the artefacts, and
 * R4's required value sets. Failures of all: `not-found` for an unknown url or version, `unprocessable` with
 * issue code `not-supported` and a reason where what is held is not enough to tell.
 */
export interface Terminology {
  /** @param at milliseconds since the epoch, for the timestamp of the expansion */
  expand(valueSet: NamedValueSet, options: ExpandOptions, at: number): Result<ValueSet, Failure>;
  /** Of several codings one right one is enough. */
  validateCodeInValueSet(valueSet: NamedValueSet, codings: readonly Coding[]): Result<Parameters, Failure>;
  /** @param system canonical URL of the code system */
  validateCodeInCodeSystem(system: string, codings: readonly Coding[]): Result<Parameters, Failure>;
  /** @param properties those to tell; none: all */
  lookup(system: string, code: string, properties?: readonly string[]): Result<Parameters, Failure>;
  /**
   * A code and all that lies above or below it, nearest first; the code alone where it lies beside the others, or is
   * none of the code system. Undefined: the code system is not held here as a whole.
   */
  hierarchy(system: string, code: string, direction: 'above' | 'below'): readonly string[] | undefined;
  /** The same, and these ValueSets and CodeSystems besides; of several with one url the last is meant. */
  beside(more: readonly Resource[]): Terminology;
}

/** Puts the terminology of a server together; nothing is fetched. */
export const createTerminologyService = (
  artefacts: readonly Resource[],
  valueSets: ValueSets = VALUE_SETS,
  hierarchies: Hierarchies = HIERARCHIES,
): Terminology => {
  const codeSystems = createCodeSystems(artefacts, valueSets, hierarchies);
  const findValueSet = createValueSets(artefacts, valueSets);
  const sources: Sources = { codeSystems, findValueSet };

  const valueSetOf = (named: NamedValueSet): Result<KnownValueSet, Failure> =>
    typeof named === 'string' ? findValueSet(named) : ok({ kind: 'resource', resource: named });

  const systemOf = (canonical: string): Result<KnownSystem, Failure> => {
    const [url, version] = parseCanonical(canonical);
    const known = codeSystems.get(url);
    const held = known?.resource === undefined ? DEFINITIONS.fhirVersion : known.resource.version;
    if (known === undefined || (version !== undefined && version !== held)) {
      return fail(
        failure('not-found', 'not-found', 'This server does not hold this code system and version.'),
      );
    }
    return ok(known);
  };

  return {
    expand(named, options, at) {
      const valueSet = valueSetOf(named);
      return valueSet.ok ? expand(sources, valueSet.value, options, at) : valueSet;
    },
    validateCodeInValueSet(named, codings) {
      const valueSet = valueSetOf(named);
      return valueSet.ok ? codes.validateCodeInValueSet(sources, valueSet.value, codings) : valueSet;
    },
    validateCodeInCodeSystem(canonical, codings) {
      const system = systemOf(canonical);
      return system.ok ? codes.validateCodeInCodeSystem(system.value, codings) : system;
    },
    lookup(canonical, code, properties) {
      const system = systemOf(canonical);
      return system.ok ? lookup(system.value, code, properties) : system;
    },
    hierarchy(canonical, code, direction) {
      const system = systemOf(canonical);
      return system.ok ? system.value.hierarchy?.[direction](code) : undefined;
    },
    beside: (more) => createTerminologyService([...artefacts, ...more], valueSets, hierarchies),
  };
};
