import type { Bundle, SearchParameter as R4SearchParameter, Resource } from '@medplum/fhirtypes';
import type { Context, Hono } from 'hono';
import { failure } from './failure.ts';
import type { SearchParameterDefinition } from './fhir/definitions/types.ts';
import { respond, respondFailure } from './http/answer.ts';
import { type Facade, renderingOf } from './interactions/stages.ts';

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

/** A NamingSystem has no url in R4. */
const HAS_URL: ReadonlySet<string> = new Set(CONFORMANCE_TYPES.filter((type) => type !== 'NamingSystem'));

export const conformanceParameters = (type: ConformanceType): readonly string[] =>
  HAS_URL.has(type) ? ['_id', 'name', 'url'] : ['_id', 'name'];

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

const memberOf = (artefact: Resource, member: string): string | undefined => {
  const value: unknown = Object.entries(artefact).find(([name]) => name === member)?.[1];
  return typeof value === 'string' ? value : undefined;
};

const MEMBER: Readonly<Record<string, string>> = { _id: 'id', name: 'name', url: 'url' };
/** What does not look like a name could be a value in the wrong place, and is not told again. */
const isParameterName = (name: string): boolean =>
  /^[A-Za-z_][\w.:-]{0,63}$/.test(name) && !/\d{6}/.test(name);

const CONTROLS = new Set(['_format', '_pretty']);

const matches = (artefact: Resource, name: string, value: string): boolean => {
  const found = memberOf(artefact, MEMBER[name] ?? name);
  if (found === undefined) return false;
  return value
    .split(',')
    .some((one) => (name === 'name' ? found.toLowerCase().startsWith(one.toLowerCase()) : found === one));
};

/** Discovery: no token, no header rule. Reads and searches what the build brought along. */
export const mountConformance = (
  app: Hono,
  { server, stages }: Facade,
  artefacts: readonly Resource[],
): void => {
  // As an extra type it is kept in the store, with these among the others.
  for (const type of CONFORMANCE_TYPES.filter((one) => !server.resources.has(one))) {
    const own = artefacts.filter((artefact) => artefact.resourceType === type);
    app.on(['GET'], `/fhir/${type}`, (context: Context) => search(context, type, own));
    app.on(['GET'], `/fhir/${type}/:id`, (context: Context) => read(context, type, own));
    for (const path of [`/fhir/${type}`, `/fhir/${type}/:id`]) {
      app.all(path, (context: Context) => {
        const { how } = renderingOf(stages, context.req.raw, '');
        const refusal = failure('method-not-allowed', 'not-supported', `${type} is read only.`, {
          allow: ['GET', 'HEAD'],
        });
        return respondFailure(refusal, how);
      });
    }
  }

  const read = (context: Context, type: ConformanceType, own: readonly Resource[]): Response => {
    const { how, refused } = renderingOf(stages, context.req.raw, new URL(context.req.url).search);
    if (refused !== undefined) return respondFailure(refused, how);
    const found = own.find(({ id }) => id === context.req.param('id'));
    if (found === undefined) {
      return respondFailure(failure('not-found', 'not-found', `There is no ${type} with this id.`), how);
    }
    return respond({ kind: 'ok', json: JSON.stringify(found), confidential: false }, how);
  };

  const search = (context: Context, type: ConformanceType, own: readonly Resource[]): Response => {
    const url = new URL(context.req.url);
    const { how, refused } = renderingOf(stages, context.req.raw, url.search);
    if (refused !== undefined) return respondFailure(refused, how);
    const valid = conformanceParameters(type);
    const criteria = [...url.searchParams].filter(([name]) => !CONTROLS.has(name));
    const unknown = criteria.filter(([name]) => !valid.includes(name));
    if (unknown.length > 0) {
      const names = unknown.map(([name]) => name).filter(isParameterName);
      const which = names.length === 0 ? 'a parameter' : names.join(', ');
      const refusal = failure(
        'malformed',
        'not-supported',
        `Unknown for ${type}: ${which}. Known are: ${valid.join(', ')}.`,
        names.length === 0 ? {} : { location: names.map((name) => `http.${name}`) },
      );
      return respondFailure(refusal, how);
    }
    const found = own.filter((artefact) => criteria.every(([name, value]) => matches(artefact, name, value)));
    const base = `${stages.baseOf(context.req.url)}/fhir/${type}`;
    const bundle: Bundle = {
      resourceType: 'Bundle',
      type: 'searchset',
      total: found.length,
      link: [{ relation: 'self', url: `${base}${url.search}` }],
      ...(found.length === 0
        ? {}
        : {
            entry: found.map((resource) => ({
              fullUrl: `${base}/${resource.id}`,
              resource,
              search: { mode: 'match' },
            })),
          }),
    };
    return respond({ kind: 'ok', json: JSON.stringify(bundle), confidential: false }, how);
  };
};
