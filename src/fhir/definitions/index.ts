import hierarchies from './hierarchies.generated.json' with { type: 'json' };
import r4 from './r4.generated.json' with { type: 'json' };
import searchParameters from './search-parameters.generated.json' with { type: 'json' };
import type { Definitions, Hierarchies, SearchParameterDefinition, ValueSets } from './types.ts';
import valueSets from './value-sets.generated.json' with { type: 'json' };

/** R4's definitions of the bundled types. Written by `npm run build:definitions`, hence of this shape. */
export const DEFINITIONS = r4 as Definitions;

/** The codes of R4's required value sets. */
export const VALUE_SETS: ValueSets = valueSets;

/** The code systems of those codes, with what lies below what. */
export const HIERARCHIES: Hierarchies = hierarchies;

/** R4's search parameters of the bundled types. */
export const SEARCH_PARAMETERS: readonly SearchParameterDefinition[] = searchParameters;
