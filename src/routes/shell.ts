import { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { Config } from '../config.ts';
import { failure } from '../failure.ts';
import { NotInXml } from '../fhir/xml/write.ts';
import { respond, respondFailure } from '../http/answer.ts';
import { type Facade, renderingOf } from '../interactions/stages.ts';
import { mountPages, type PagesOf } from '../pages/mount.ts';
import { refuseOtherMethods } from './other-methods.ts';
import { mountSmart } from './smart.ts';

const EXPOSED = [
  'ETag',
  'Location',
  'Content-Location',
  'Last-Modified',
  'nmi-id',
  'X-Request-ID',
  'X-Context-ID',
  'X-Header-Findings',
  'Retry-After',
  'WWW-Authenticate',
];

/**
 * The app with CORS, when origins are configured. Only a browser's calls go that way, which say their origin or
 * where they come from (`Sec-Fetch-Mode`): a hospital's system need not pay for what it does not read.
 */
export const withCors = (
  app: Hono,
  { corsOrigins }: Pick<Config, 'corsOrigins'>,
): ((request: Request) => Response | Promise<Response>) => {
  if (corsOrigins.length === 0) return (request) => app.fetch(request);
  const forBrowsers = new Hono();
  forBrowsers.use(
    '*',
    cors({
      origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
      allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposeHeaders: EXPOSED,
      maxAge: 600,
    }),
  );
  forBrowsers.all('*', (context) => app.fetch(context.req.raw));
  return (request) =>
    request.headers.has('origin') || request.headers.has('sec-fetch-mode')
      ? forBrowsers.fetch(request)
      : app.fetch(request);
};

/** What the validator of an earlier version let in: it is there, and JSON can say it. */
const notInXml = (stages: Facade['stages'], request: Request): Response =>
  respondFailure(
    failure(
      'not-acceptable',
      'not-supported',
      'XML has no place for something in this resource; ask for application/fhir+json.',
      { location: ['http.Accept'] },
    ),
    { ...renderingOf(stages, request, '').how, format: 'json' },
  );

const FRAME = /^\s+at /;

export const mountFallbacks = (app: Hono, { stages, server }: Facade): void => {
  app.get('/health', (context) => context.json({ status: 'ok' }));
  app.notFound((context) => {
    const { how } = renderingOf(stages, context.req.raw, '');
    return respondFailure(failure('not-found', 'not-found', 'This server has nothing at this path.'), how);
  });
  app.onError((error, context) => {
    if (error instanceof NotInXml) return notInXml(stages, context.req.raw);
    server.log('error', 'a call failed unexpectedly', {
      error: error.name,
      // A frame of the stack tells the place; the message, which may have lines of its own, might quote data.
      place:
        error.stack
          ?.split('\n')
          .find((line) => FRAME.test(line))
          ?.trim() ?? '',
    });
    const { how } = renderingOf(stages, context.req.raw, '');
    return respondFailure(
      failure('internal', 'exception', 'The server has a fault; it has been logged.'),
      how,
    );
  });
};

/** The CapabilityStatement, from the table that routes. */
export const mountMetadata = (app: Hono, { server, stages }: Facade, offered: PagesOf): void => {
  app.get('/fhir/metadata', async (context) => {
    const { search } = new URL(context.req.url);
    const { how, refused } = renderingOf(stages, context.req.raw, search);
    if (refused !== undefined) return respondFailure(refused, how);
    const base = `${stages.baseOf(context.req.url)}/fhir`;
    // With the words of every header rule: loaded when somebody reads them.
    const { capabilityStatement } = await import('./told.ts');
    const statement = capabilityStatement({ ...offered, operations: await offered.operations(), base });
    const { shownOf } = await import('./told.ts');
    const parameters = [...new URLSearchParams(search)];
    const json = shownOf(server, 'CapabilityStatement', parameters, JSON.stringify(statement));
    return json.ok
      ? respond({ kind: 'ok', json: json.value, confidential: false }, how)
      : respondFailure(json.failure, how);
  });
  refuseOtherMethods(app, { stages }, '/fhir/metadata', ['GET', 'HEAD']);
  mountSmart(app, { stages }, offered.smart);
  mountPages(app, { stages }, offered);
  app.get('/openapi.json', async (context) => {
    const { openApi } = await import('./told.ts');
    const base = `${stages.baseOf(context.req.url)}/fhir`;
    return context.json(openApi({ ...offered, operations: await offered.operations(), base }));
  });
};
