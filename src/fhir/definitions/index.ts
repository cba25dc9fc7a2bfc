import type { Resource } from '@medplum/fhirtypes';
import profiles from './profiles.generated.json' with { type: 'json' };
import r4 from './r4.generated.json' with { type: 'json' };
import searchParameters from './search-parameters.generated.json' with { type: 'json' };
import type { Definitions, SearchParameterDefinition, ValueSets } from './types.ts';
import valueSets from './value-sets.generated.json' with { type: 'json' };

/** R4's definitions of the bundled types. Written by `npm run build:definitions`, hence of this shape. */
export const DEFINITIONS = r4 as Definitions;

/** The codes of R4's required value sets. */
export const VALUE_SETS: ValueSets = valueSets;

/** R4's search parameters of the bundled types. */
export const SEARCH_PARAMETERS: readonly SearchParameterDefinition[] = searchParameters;

/** The project's own artefacts (`profiles/`, examples left out). */
export const PROFILES = profiles as readonly Resource[];
