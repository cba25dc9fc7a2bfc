import type { SearchParameter as R4SearchParameter, Resource } from '@medplum/fhirtypes';
import type { Context, Hono } from 'hono';
import type { SearchParameterDefinition } from '../fhir/definitions/types.ts';
import type { SearchParameter } from '../fhir/search/parameters.ts';
import type { Facade } from '../interactions/stages.ts';
import { refuseOtherMethods } from './other-methods.ts';

/** The conformance types that are served, of the project's own artefacts. */
export const CONFORMANCE_TYPES = [
  'CodeSystem',
  'NamingSystem',
  'OperationDefinition',
  'SearchParameter',
  'StructureDefinition',
  'ValueSet',
] as const;

export type ConformanceType = (typeof CONFORMANCE_TYPES)[number];

/** The kinds of parameter by which a list that is held in memory is looked through. */
const LOOKED_THROUGH: ReadonlySet<string> = new Set(['string', 'token', 'uri']);

/** Those that these resources are searched by, of all that R4 has for the type. */
export const conformanceParameters = (known: readonly SearchParameter[]): readonly SearchParameter[] =>
  known.filter(
    ({ code, type, select }) => code === '_id' || (LOOKED_THROUGH.has(type) && select !== undefined),
  );

const isSearchParameter = (artefact: Resource): artefact is R4SearchParameter =>
  artefact.resourceType === 'SearchParameter';

/** The project's SearchParameters, in the form of R4's own. */
export const ownSearchParameters = (artefacts: readonly Resource[]): readonly SearchParameterDefinition[] =>
  artefacts.filter(isSearchParameter).map(({ code, type, base, expression, target }) => ({
    code,
    type,
    base,
    ...(expression === undefined ? {} : { expression }),
    ...(target === undefined ? {} : { target }),
  }));

/** Discovery: no token, no header rule. Reads and searches what the build brought along, loaded when somebody does. */
export const mountConformance = (app: Hono, facade: Facade, artefacts: readonly Resource[]): void => {
  // As an extra type it is kept in the store, with these among the others.
  for (const type of CONFORMANCE_TYPES.filter((one) => !facade.server.resources.has(one))) {
    const own = artefacts.filter((artefact) => artefact.resourceType === type);
    const search = async (context: Context): Promise<Response> => {
      const { searchArtefacts } = await import('./told.ts');
      return searchArtefacts(facade, type, own, context.req.raw);
    };
    app.get(`/fhir/${type}`, search);
    refuseOtherMethods(app, facade, `/fhir/${type}`, ['GET', 'HEAD']);
    app.post(`/fhir/${type}/_search`, search);
    refuseOtherMethods(app, facade, `/fhir/${type}/_search`, ['POST']);
    app.get(`/fhir/${type}/:id`, async (context) => {
      const { readArtefact } = await import('./told.ts');
      return readArtefact(facade, type, own, context.req.param('id'), context.req.raw);
    });
    refuseOtherMethods(app, facade, `/fhir/${type}/:id`, ['GET', 'HEAD']);
  }
};
