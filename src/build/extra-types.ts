/** What each extra type needs beyond the main definitions. Build time only. */
import type { ExtraType } from '../fhir/definitions/extra-types.ts';
import type { Definitions, Hierarchies, TypeDefinition, ValueSets } from '../fhir/definitions/types.ts';
import type { R4Package } from './r4-package.ts';
import { compactSearchParameters } from './search-parameters.ts';
import { compactDefinitions } from './structure-definitions.ts';
import { enumerateValueSets, systemHierarchies } from './value-sets.ts';

const without = <T>(all: Readonly<Record<string, T>>, known: object): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !Object.hasOwn(known, name)));

const renamed = (type: TypeDefinition, nameOf: (key: string) => string): TypeDefinition => ({
  ...type,
  elements: type.elements.map((element) =>
    element.constraints === undefined
      ? element
      : { ...element, constraints: element.constraints.map(nameOf) },
  ),
});

/**
 * HL7 gave some keys twice (`inv-1` of Parameters, of Task and of TestReport are three rules). A key of an
 * extra type that means something else in the main definitions, or in another extra type, gets the type's name.
 */
const distinct = (
  name: string,
  { fhirVersion, constraints, types }: Definitions,
  others: readonly Definitions[],
): Definitions => {
  const clashes = (key: string): boolean =>
    others.some((other) => {
      const known = other.constraints[key];
      return known !== undefined && known.expression !== constraints[key]?.expression;
    });
  const nameOf = (key: string): string => (clashes(key) ? `${name}.${key}` : key);
  return {
    fhirVersion,
    constraints: Object.fromEntries(Object.entries(constraints).map(([key, rule]) => [nameOf(key), rule])),
    types: Object.fromEntries(Object.entries(types).map(([type, one]) => [type, renamed(one, nameOf)])),
  };
};

/** By type: what it needs beyond the main definitions; types that are part of these are left out. */
export const extraTypes = (
  r4: R4Package,
  names: readonly string[],
  main: Definitions,
  mainValueSets: ValueSets,
  mainHierarchies: Hierarchies,
): ReadonlyMap<string, ExtraType> => {
  const own = new Map(
    names.flatMap((name) => (name in main.types ? [] : [[name, compactDefinitions(r4, [name])] as const])),
  );
  return new Map(
    [...own].map(([name, all]) => {
      const valueSets = without(enumerateValueSets(r4, all), mainValueSets);
      const others = [main, ...[...own].flatMap(([other, its]) => (other === name ? [] : [its]))];
      const { fhirVersion, constraints, types } = distinct(name, all, others);
      return [
        name,
        {
          definitions: {
            fhirVersion,
            constraints: without(constraints, main.constraints),
            types: without(types, main.types),
          },
          valueSets,
          hierarchies: without(systemHierarchies(r4, valueSets), mainHierarchies),
          searchParameters: compactSearchParameters(r4, [name]).filter(({ base }) =>
            base.some((type) => type === name),
          ),
        },
      ];
    }),
  );
};
