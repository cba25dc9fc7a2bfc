/** Which of the project's artefacts are served. Build time only. */
import type { Resource } from '@medplum/fhirtypes';

/** What only the systems behind Basic use: none of them is connected yet, and what is served must work. */
const OF_BASIC = /^(?:brs|dgws|fmk|foces|efrikort|certificate)-|^dk-|^cert-hash$|^certificate$/;

const startsWithBasic = (path: string): boolean => path === 'Basic' || path.startsWith('Basic.');

export const isConnected = (artefact: Resource): boolean => {
  switch (artefact.resourceType) {
    case 'StructureDefinition': {
      const contexts = artefact.context ?? [];
      if (artefact.type === 'Basic' || OF_BASIC.test(artefact.id ?? '')) return false;
      return contexts.length === 0 || !contexts.every(({ expression }) => startsWithBasic(expression));
    }
    case 'SearchParameter':
      return !artefact.base.every(startsWithBasic);
    case 'OperationDefinition':
      return artefact.resource === undefined || !artefact.resource.every(startsWithBasic);
    default:
      return !OF_BASIC.test(artefact.id ?? '');
  }
};
