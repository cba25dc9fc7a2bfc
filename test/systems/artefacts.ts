import type { Resource } from '@medplum/fhirtypes';
import { artefacts } from '../fhir/validate/corpus.ts';

const isResource = (value: object): value is Resource => 'resourceType' in value;

/** Every artefact of `profiles/`, those of systems that are not connected yet included. */
export const PROFILES: readonly Resource[] = [...artefacts]
  .filter(([path]) => !path.startsWith('examples/'))
  .map(([, artefact]): object => artefact)
  .filter(isResource);
