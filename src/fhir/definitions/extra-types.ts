import { fail, ok, type Result } from '../../result.ts';
import { DEFINITIONS, HIERARCHIES, SEARCH_PARAMETERS, VALUE_SETS } from './index.ts';
import type { Definitions, Hierarchies, SearchParameterDefinition, ValueSets } from './types.ts';

/**
 * Further R4 types that can be served from the built-in store (FACADE_EXTRA_TYPES): the one list. Those whose
 * definition the facade needs anyway are part of the main definitions, each other one is a file of its own in
 * `extra/`, written by `npm run build:definitions`.
 */
export const EXTRA_TYPES = [
  'Account',
  'AllergyIntolerance',
  'Appointment',
  'CarePlan',
  'CareTeam',
  'CodeSystem',
  'Communication',
  'Composition',
  'Condition',
  'Coverage',
  'Device',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'Endpoint',
  'EpisodeOfCare',
  'Flag',
  'Goal',
  'Group',
  'HealthcareService',
  'Immunization',
  'List',
  'Location',
  'Media',
  'Medication',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'Observation',
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Procedure',
  'Questionnaire',
  'QuestionnaireResponse',
  'RelatedPerson',
  'Schedule',
  'ServiceRequest',
  'Slot',
  'Specimen',
  'Task',
  'ValueSet',
] as const;

/** What a type needs beyond the main definitions. */
export interface ExtraType {
  readonly definitions: Definitions;
  readonly valueSets: ValueSets;
  readonly hierarchies: Hierarchies;
  readonly searchParameters: readonly SearchParameterDefinition[];
}

/** The main definitions and those of the extra types, as one. */
export type ExtendedDefinitions = ExtraType;

const isExtraType = (name: string): boolean => EXTRA_TYPES.some((type) => type === name);

/** Types that a bundle brings along; on Node there is none, and the files are read. */
const bundled = new Map<string, ExtraType>();

/**
 * Called by the entry that `src/build/worker.ts` writes when FACADE_EXTRA_TYPES is set: a Worker has no files,
 * so the types asked for are part of its bundle.
 */
export const bundleExtraTypes = (types: Readonly<Record<string, ExtraType | undefined>>): void => {
  for (const [name, type] of Object.entries(types)) bundled.set(name, type ?? NOTHING);
};

/** The types that the bundle was built for, in its order: on Workers these are the ones to serve. */
export const bundledExtraTypes = (): readonly string[] => [...bundled.keys()];

const NOTHING: ExtraType = {
  definitions: { fhirVersion: DEFINITIONS.fhirVersion, constraints: {}, types: {} },
  valueSets: {},
  hierarchies: {},
  searchParameters: [],
};

/** The type's file. Undefined where there are no files, because the bundle was built without it. */
const readExtraType = async (name: string): Promise<ExtraType | undefined> => {
  // Computed, so that no bundler takes the files along.
  const file = ['.', 'extra', `${name}.generated.json`].join('/');
  try {
    const module: { default: ExtraType } = await import(file, {
      with: { type: 'json' },
    });
    return module.default;
  } catch {
    return undefined;
  }
};

const extraType = async (name: string): Promise<ExtraType | undefined> => {
  if (!isExtraType(name)) return undefined;
  const found = bundled.get(name);
  if (found !== undefined) return found;
  return name in DEFINITIONS.types ? NOTHING : readExtraType(name);
};

const MAIN: ExtendedDefinitions = {
  definitions: DEFINITIONS,
  valueSets: VALUE_SETS,
  hierarchies: HIERARCHIES,
  searchParameters: SEARCH_PARAMETERS,
};

const merge = (a: ExtendedDefinitions, b: ExtraType): ExtendedDefinitions => ({
  definitions: {
    fhirVersion: a.definitions.fhirVersion,
    constraints: { ...a.definitions.constraints, ...b.definitions.constraints },
    types: { ...a.definitions.types, ...b.definitions.types },
  },
  valueSets: { ...a.valueSets, ...b.valueSets },
  hierarchies: { ...a.hierarchies, ...b.hierarchies },
  searchParameters: [...a.searchParameters, ...b.searchParameters],
});

/**
 * The main definitions together with those of further types; what `createValidator` and
 * `createSearchParameters` take.
 *
 * @param names resource types, as FACADE_EXTRA_TYPES lists them; none gives the main definitions alone
 * @returns failure: one sentence that names FACADE_EXTRA_TYPES and the types that are not bundled
 */
export const loadExtraTypes = async (
  names: readonly string[],
): Promise<Result<ExtendedDefinitions, string>> => {
  let merged = MAIN;
  const missing: string[] = [];
  for (const name of new Set(names)) {
    const found = await extraType(name);
    if (found === undefined) missing.push(name);
    else merged = merge(merged, found);
  }
  if (missing.length === 0) return ok(merged);
  const known = bundled.size === 0 ? EXTRA_TYPES : [...bundled.keys()];
  return fail(
    `FACADE_EXTRA_TYPES names ${missing.join(', ')}, which is not bundled with this build; it has ${known.join(', ')}.`,
  );
};
