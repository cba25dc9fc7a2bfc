/**
 * What a server needs before its first answer, and a Worker not before its first call: one module, so that one load
 * brings it all.
 */

export { SaxesParser } from 'saxes';
export { loadProfilesOfBasic, PROFILES } from './fhir/definitions/artefacts.ts';
export * as fhirPathEngine from './fhir/fhirpath-engine.ts';
export { createTerminologyService } from './fhir/terminology/index.ts';
