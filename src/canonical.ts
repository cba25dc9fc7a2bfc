/** All canonical URLs of the project start here. */
export const CANONICAL = 'https://nordic-fhir-facade.dev/fhir';

export const codeSystem = <Id extends string>(id: Id) => `${CANONICAL}/CodeSystem/${id}` as const;
export const namingSystem = <Id extends string>(id: Id) => `${CANONICAL}/NamingSystem/${id}` as const;
export const structureDefinition = <Id extends string>(id: Id) =>
  `${CANONICAL}/StructureDefinition/${id}` as const;
