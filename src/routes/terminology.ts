import type { Resource } from '@medplum/fhirtypes';
import type { Context, Hono } from 'hono';
import type { Terminology } from '../fhir/terminology/index.ts';
import type { Facade } from '../interactions/stages.ts';
import { refuseOtherMethods } from './other-methods.ts';

/** Where R4's terminology operations are called; what they do is loaded by the first that calls one. */
const ROUTES = [
  { type: 'ValueSet', name: 'expand', onInstance: true },
  { type: 'ValueSet', name: 'validate-code', onInstance: true },
  { type: 'CodeSystem', name: 'validate-code', onInstance: true },
  { type: 'CodeSystem', name: 'lookup', onInstance: false },
] as const;

/**
 * R4's terminology operations on what is served: discovery, so without token and header rules. On the type, and
 * where R4 has it on an instance.
 */
export const mountTerminology = (
  app: Hono,
  facade: Facade,
  artefacts: readonly Resource[],
  terminology: Terminology,
): void => {
  for (const { type, name, onInstance } of ROUTES) {
    const answer = async (context: Context): Promise<Response> => {
      const { answerTerminology } = await import('./told.ts');
      return answerTerminology(facade, artefacts, terminology, { type, name }, context);
    };
    for (const path of [`/fhir/${type}/$${name}`, ...(onInstance ? [`/fhir/${type}/:id/$${name}`] : [])]) {
      app.on(['GET', 'POST'], path, answer);
      refuseOtherMethods(app, facade, path, ['GET', 'HEAD', 'POST']);
    }
  }
};
