import type { Context, Hono } from 'hono';
import { failure } from '../failure.ts';
import { respondFailure } from '../http/answer.ts';
import { serve, type Target } from '../interactions/serve.ts';
import { type Facade, renderingOf } from '../interactions/stages.ts';
import type { Interaction, ResourceEntry } from '../resources/entry.ts';

type Level = 'type' | 'search' | 'types' | 'instance' | 'history' | 'version';

/** Which interaction a method means at each level of a resource's path. https://hl7.org/fhir/R4/http.html */
const LEVELS: Readonly<
  Record<Level, { readonly path: string; readonly methods: Readonly<Record<string, Interaction>> }>
> = {
  // PUT and DELETE without an id are conditional: their criteria stand in the URL.
  type: {
    path: '',
    methods: { GET: 'search-type', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' },
  },
  search: { path: '/_search', methods: { POST: 'search-type' } },
  types: { path: '/_history', methods: { GET: 'history-type' } },
  instance: { path: '/:id', methods: { GET: 'read', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } },
  history: { path: '/:id/_history', methods: { GET: 'history-instance' } },
  version: { path: '/:id/_history/:versionId', methods: { GET: 'vread' } },
};

const LEVEL_NAMES = Object.keys(LEVELS) as readonly Level[];

const targetOf = (entry: ResourceEntry, level: Level): Target => ({
  entry,
  methods: Object.fromEntries(
    Object.entries(LEVELS[level].methods).filter(([, interaction]) =>
      entry.interactions.includes(interaction),
    ),
  ),
});

export interface Route {
  /** As the router writes it, e.g. `/fhir/Consent/:id`. */
  readonly path: string;
  readonly method: string;
  readonly interaction: Interaction;
}

/** Every method of every path of a resource type. */
export const routesOf = (entry: ResourceEntry): readonly Route[] =>
  LEVEL_NAMES.flatMap((level) =>
    Object.entries(targetOf(entry, level).methods).flatMap(([method, interaction]) =>
      interaction === undefined
        ? []
        : [{ path: `/fhir/${entry.type}${LEVELS[level].path}`, method, interaction }],
    ),
  );

/** No id starts so: it is an operation that there is not, or not here. */
const noOperation = ({ stages }: Facade, { type }: ResourceEntry, request: Request): Response => {
  const { how } = renderingOf(stages, request, '');
  const why = `There is no such operation at this place; /fhir/metadata names those of ${type}.`;
  return respondFailure(failure('not-found', 'not-found', why), how);
};

/** The routes of one resource type. Every path answers every method: 405 names those it takes. */
export const mountResource = (app: Hono, facade: Facade, entry: ResourceEntry): void => {
  for (const level of LEVEL_NAMES) {
    const target = targetOf(entry, level);
    if (Object.keys(target.methods).length === 0) continue;
    app.all(`/fhir/${entry.type}${LEVELS[level].path}`, function resource(context: Context) {
      const id = context.req.param('id');
      if (id?.startsWith('$') === true) return noOperation(facade, entry, context.req.raw);
      const versionId = context.req.param('versionId');
      return serve(facade, target, context.req.raw, {
        ...(id === undefined ? {} : { id }),
        ...(versionId === undefined ? {} : { versionId }),
      });
    });
  }
};

/** The server as a whole, as far as it is read: its history. Strictest pattern, because Consents are in it. */
const SERVER: ResourceEntry = {
  type: '*',
  kind: 'server',
  interactions: ['history-system'],
  pattern: '2.2.2',
  confidential: true,
  searchParameters: [],
  documentation: 'History of all types, for role system.',
};

export const mountServerHistory = (app: Hono, facade: Facade): void => {
  const target: Target = { entry: SERVER, methods: { GET: 'history-system' } };
  app.all('/fhir/_history', (context: Context) => serve(facade, target, context.req.raw, {}));
};

/** Parameters that alone make no search of it. */
const PRESENTATION = new Set(['_format', '_pretty']);

/** Does a call of the base ask for a search? Without criteria it is a question about the base itself. */
const isSystemSearch = ({ method, url }: Request): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  url.includes('?') &&
  [...new URL(url).searchParams.keys()].some((name) => !PRESENTATION.has(name));

/**
 * The base itself: batch, transaction, and search over several types. Modules of their own, each loaded by the
 * first call that needs it.
 * R4 writes the base without a slash at its end; clients that join paths to it send one.
 */
export const mountBase = (app: Hono, facade: Facade): void => {
  for (const path of ['/fhir', '/fhir/']) {
    app.all(path, async (context: Context) => {
      if (isSystemSearch(context.req.raw)) {
        const { createSystemSearch } = await import('./system-search.ts');
        return createSystemSearch(facade)(context.req.raw);
      }
      const { createBundleHandler } = await import('./bundle.ts');
      const handle = createBundleHandler(facade, async (request) => app.fetch(request));
      return handle(context.req.raw);
    });
  }
  app.all('/fhir/_search', async (context: Context) => {
    const { createSystemSearch } = await import('./system-search.ts');
    return createSystemSearch(facade)(context.req.raw);
  });
};
