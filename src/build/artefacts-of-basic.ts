/** Which of the project's artefacts only Basic uses. Build time only. */
import type { Resource } from '@medplum/fhirtypes';

/** Code systems, value sets and naming systems of the systems behind Basic. */
const OF_BASIC = /^(?:brs|dgws|fmk|foces|efrikort|certificate)-|^dk-sks|^cert-hash$|^certificate$/;

const startsWithBasic = (path: string): boolean => path === 'Basic' || path.startsWith('Basic.');

/** A server without these systems neither serves these nor loads them. */
export const isOfBasic = (artefact: Resource): boolean => {
  switch (artefact.resourceType) {
    case 'StructureDefinition': {
      const contexts = artefact.context ?? [];
      if (artefact.type === 'Basic' || OF_BASIC.test(artefact.id ?? '')) return true;
      return contexts.length > 0 && contexts.every(({ expression }) => startsWithBasic(expression));
    }
    case 'SearchParameter':
      return artefact.base.every(startsWithBasic);
    case 'OperationDefinition':
      return artefact.resource?.every(startsWithBasic) === true;
    default:
      return OF_BASIC.test(artefact.id ?? '');
  }
};
