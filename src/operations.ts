import type { Context, Hono } from 'hono';
import { mountBasic } from './basic.ts';
import { CANONICAL } from './canonical.ts';
import { failure } from './failure.ts';
import { TERMINOLOGY_OPERATIONS } from './fhir/terminology/operations.ts';
import { mountHeaderCheck } from './header-check.ts';
import { type PreviewOf, preview } from './interactions/preview.ts';
import { type Act, type Facade, serveOperation } from './interactions/serve.ts';
import { validate } from './interactions/validate.ts';
import type { Operation } from './metadata.ts';
import { mountPing } from './ping.ts';
import type { ResourceEntry } from './resources/entry.ts';

const definition = (name: string): string => `${CANONICAL}/OperationDefinition/${name}`;

/** What the CapabilityStatement tells of operations; the routes below are these. */
export const OPERATIONS: readonly Operation[] = [
  {
    name: 'preview',
    type: 'Consent',
    definition: definition('preview'),
    documentation:
      'What a create would send to PVK, token and proof replaced by placeholders. Nothing is sent.',
  },
  {
    name: 'validate',
    type: 'Consent',
    definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
    documentation: 'Everything a create would be refused for, mapping rules included. Nothing is sent.',
  },
  {
    name: 'validate',
    type: 'Organization',
    definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
    documentation: 'Everything a create would be refused for.',
  },
  {
    name: 'ping',
    definition: definition('ping'),
    documentation:
      'Without token: connectivity (pattern 2.1). With one: who the token says is calling (2.2.1).',
  },
  {
    name: 'header-check',
    definition: definition('header-check'),
    documentation:
      'pattern=2.1, 2.2.1, 2.2.2 or 2.3: every header rule of the pattern, held against the headers of this very call. No token, no header rule.',
  },
  ...TERMINOLOGY_OPERATIONS.map(({ name, type, definition: url, documentation }) => ({
    name,
    type,
    definition: url,
    documentation,
  })),
];

/** `$validate` and `$preview` carry no purpose and access: they read nothing of anybody. */
const TRYING: Act = { interaction: 'operation', pattern: '2.2.1', access: 'write', scope: 'c' };

export const mountOperations = (app: Hono, facade: Facade, previewOf?: PreviewOf): void => {
  const { resources } = facade.server;
  const validated = [...resources.values()].filter(({ write }) => write !== undefined);
  for (const entry of validated) {
    const run = (context: Context) =>
      serveOperation(facade, entry, TRYING, context.req.raw, {}, validate(facade.server));
    post(app, facade, entry, `/fhir/${entry.type}/$validate`, run);
  }
  const consent = resources.get('Consent');
  if (consent !== undefined && previewOf !== undefined) {
    const run = (context: Context) =>
      serveOperation(facade, consent, TRYING, context.req.raw, {}, preview(facade.server, previewOf));
    post(app, facade, consent, '/fhir/Consent/$preview', run);
  }
  mountPing(app, facade);
  mountHeaderCheck(app, facade);
  mountBasic(app, facade);
};

const post = (
  app: Hono,
  facade: Facade,
  entry: ResourceEntry,
  path: string,
  run: (context: Context) => Promise<Response>,
): void => {
  app.post(path, run);
  app.all(path, (context) =>
    serveOperation(facade, entry, TRYING, context.req.raw, {}, async () => ({
      ok: false,
      failure: failure('method-not-allowed', 'not-supported', 'This operation takes POST.', {
        allow: ['POST'],
      }),
    })),
  );
};
