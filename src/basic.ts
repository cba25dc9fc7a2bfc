import type { Context, Hono } from 'hono';
import { codeSystem } from './canonical.ts';
import { type Failure, failure } from './failure.ts';
import { respondFailure } from './http/answer.ts';
import { parseBody, readText } from './interactions/body.ts';
import { authenticate, type Facade, renderingOf } from './interactions/serve.ts';
import { refuseOtherMethods } from './other-methods.ts';

const BASIC_KIND = codeSystem('basic-kind');

/** The kinds of Basic, and the national system each will reach. None of them is built yet. */
const KINDS: Readonly<Record<string, string>> = {
  'treatment-relation': 'BRS',
  'foces-whitelisting': 'FMK',
  'efrikort-connection': 'eFrikort',
};

const notBuilt = (kind: string): Failure =>
  failure(
    'not-implemented',
    'not-supported',
    `Basic ${kind} is not offered by this version: ${KINDS[kind]} is not connected.`,
    { expression: ['Basic.code'] },
  );

const unknownKind = (): Failure =>
  failure(
    'unprocessable',
    'code-invalid',
    `Basic.code needs one coding of ${BASIC_KIND}: ${Object.keys(KINDS).join(', ')}.`,
    { expression: ['Basic.code'] },
  );

/** The kind that a body names, if it names one. */
const kindOf = (body: object): string | undefined => {
  const code: unknown = 'code' in body ? body.code : undefined;
  const coding: unknown = typeof code === 'object' && code !== null && 'coding' in code ? code.coding : [];
  for (const one of Array.isArray(coding) ? coding : []) {
    if (
      typeof one === 'object' &&
      one !== null &&
      one.system === BASIC_KIND &&
      typeof one.code === 'string'
    ) {
      return one.code;
    }
  }
  return undefined;
};

const searchOf = (url: string): string => new URL(url).search;

const isKind = (kind: string | undefined): kind is string => kind !== undefined && Object.hasOwn(KINDS, kind);

/** Basic answers by name for the kinds that are not built: 501 for a known kind, 422 for another. */
export const mountBasic = (app: Hono, { server, stages }: Facade): void => {
  const refuse = async (context: Context, find: () => Promise<Failure>): Promise<Response> => {
    const request = context.req.raw;
    const { how, refused } = renderingOf(stages, request, searchOf(request.url));
    if (refused !== undefined) return respondFailure(refused, how);
    const caller = await authenticate(stages, request);
    return respondFailure(caller.ok ? await find() : caller.failure, how);
  };
  app.post('/fhir/Basic', (context) =>
    refuse(context, async () => {
      const body = await readText(server.bodies, context.req.raw);
      if (!body.ok) return body.failure;
      const parsed = parseBody(server.bodies, body.value);
      if (!parsed.ok) return parsed.failure;
      const kind = kindOf(parsed.value);
      return isKind(kind) ? notBuilt(kind) : unknownKind();
    }),
  );
  const search = (context: Context) =>
    refuse(context, async () => {
      const parameters = await server.search.parameters(context.req.raw, searchOf(context.req.url));
      if (!parameters.ok) return parameters.failure;
      const code = parameters.value.find(([name]) => name === 'code')?.[1];
      const kind = code?.split('|').at(-1);
      return isKind(kind) ? notBuilt(kind) : unknownKind();
    });
  app.get('/fhir/Basic', search);
  app.post('/fhir/Basic/_search', search);
  refuseOtherMethods(app, { stages }, '/fhir/Basic', ['GET', 'HEAD', 'POST']);
  app.all('/fhir/Basic/*', (context) =>
    refuse(context, async () =>
      failure('not-found', 'not-found', 'There is no Basic with this id: no kind of it is offered yet.'),
    ),
  );
};
