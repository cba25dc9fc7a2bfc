import type { Context, Hono } from 'hono';
import { CANONICAL } from './canonical.ts';
import { TERMINOLOGY_OPERATIONS } from './fhir/terminology/operations.ts';
import { mountHeaderCheck } from './header-check.ts';
import type { Act } from './interactions/act.ts';
import type { Handler } from './interactions/call.ts';
import { preview } from './interactions/preview.ts';
import { serveOperation } from './interactions/serve.ts';
import type { Facade } from './interactions/stages.ts';
import type { Operation } from './metadata.ts';
import { refuseOtherMethods } from './other-methods.ts';
import { mountPing } from './ping.ts';
import type { ResourceEntry, ResourceKind } from './resources/entry.ts';

const definition = (name: string): string => `${CANONICAL}/OperationDefinition/${name}`;

/** Rows for the CapabilityStatement, OpenAPI and the start page; the routes below are these. */
const OPERATIONS: readonly Operation[] = [
  {
    name: 'from-certificate',
    type: 'Organization',
    definition: definition('from-certificate'),
    documentation:
      'What a certificate file (PEM or DER) tells: CVR, FocesId, CertHash, HSA-id. Nothing of it is stored.',
    pattern: '2.2.1',
    at: { type: ['POST'] },
  },
  {
    name: 'ping',
    definition: definition('ping'),
    documentation:
      'Without token: connectivity (pattern 2.1). With one: who the token says is calling (2.2.1).',
    pattern: '2.1',
    withToken: '2.2.1',
    at: { system: ['GET', 'POST'] },
  },
  {
    name: 'header-check',
    definition: definition('header-check'),
    documentation:
      'pattern=2.1, 2.2.1, 2.2.2 or 2.3: every header rule of the pattern, held against the headers of this very call. No token, no header rule.',
    pattern: 'discovery',
    at: { system: ['GET', 'POST'] },
    parameters: [
      { name: 'pattern', documentation: '2.1, 2.2.1, 2.2.2 or 2.3.', required: true },
      { name: 'kind', documentation: 'Kind of caller, where no token tells it.' },
    ],
  },
  ...TERMINOLOGY_OPERATIONS.map(
    ({ name, type, definition: url, documentation, onInstance }): Operation => ({
      name,
      type,
      definition: url,
      documentation,
      pattern: 'discovery',
      at: { type: ['GET', 'POST'], ...(onInstance ? { instance: ['GET', 'POST'] } : {}) },
    }),
  ),
];

/** `$validate` of a type that is written here. */
const validateRow = ({ type, write }: ResourceEntry): Operation => ({
  name: 'validate',
  type,
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
  documentation: `Everything that a create (on the type), an update or a delete (on an instance) would be refused for${write?.system === undefined ? '' : ', mapping rules included'}, or how a resource fits a profile. Nothing is sent or stored.`,
  pattern: '2.2.1',
  at: { type: ['POST'], instance: ['GET', 'POST'] },
  parameters: [
    { name: 'mode', documentation: 'create, update, delete or profile.' },
    { name: 'profile', documentation: 'Canonical URL of the profile to check against.' },
    { name: 'remote', documentation: 'true, with mode=create: the check of the national system, too.' },
  ],
});

/** Offered where the kind of Basic that they belong to is. */
const OF_KIND: readonly (Operation & { readonly kind: ResourceKind })[] = [
  {
    kind: 'treatment-relation',
    name: 'evaluate-treatment-relation',
    type: 'Basic',
    definition: definition('evaluate-treatment-relation'),
    documentation: 'Asks BRS and answers the Basic with the answer in it; nothing is stored.',
    pattern: '2.2.2',
    at: { type: ['POST'] },
  },
  {
    kind: 'treatment-relation',
    name: 'poll-notifications',
    type: 'Basic',
    definition: definition('poll-notifications'),
    documentation: 'Fetches the alarms of BRS now, for role system; the server does so by itself, too.',
    pattern: '2.3',
    at: { type: ['POST'] },
  },
];

const kindOperations = (resources: ReadonlyMap<string, ResourceEntry>): readonly Operation[] => {
  const kinds = [...resources.values()].flatMap((entry) => entry.kinds?.entries ?? []);
  const offered = new Set(kinds.filter((one) => one.unconfigured === undefined).map(({ kind }) => kind));
  return OF_KIND.filter(({ kind }) => offered.has(kind)).map(({ kind: _, ...operation }) => operation);
};

/** `$preview` of a type behind a national system. */
const previewRow = ({ type }: ResourceEntry): Operation => ({
  name: 'preview',
  type,
  definition: definition('preview'),
  documentation:
    'What a create would send to the national system; ID card, token and proof replaced by placeholders. Nothing is sent.',
  pattern: '2.2.1',
  at: { type: ['POST'] },
});

const isPreviewed = ({ preview, previewLater, kinds }: ResourceEntry): boolean =>
  (preview ?? previewLater) !== undefined || kinds?.entries.some(isPreviewed) === true;

const isValidated = ({ write, kinds }: ResourceEntry): boolean =>
  write !== undefined || kinds?.entries.some((kind) => kind.write !== undefined) === true;

/** The operations that are offered for these resource types; nothing of a system that is not configured. */
export const operationsOf = (resources: ReadonlyMap<string, ResourceEntry>): readonly Operation[] => [
  ...OPERATIONS.filter(({ type }) => type === undefined || resources.get(type)?.unconfigured === undefined),
  ...kindOperations(resources),
  ...[...resources.values()].filter(isPreviewed).map(previewRow),
  ...[...resources.values()].filter(isValidated).map(validateRow),
];

/** `$validate` and `$preview` carry no purpose and access: they read nothing of anybody. */
const TRYING: Act = { interaction: 'operation', pattern: '2.2.1', access: 'write', scope: 'c' };

/** `$validate` on an instance tells about what is stored; what is tried beyond that is judged when it is known. */
const LOOKING: Act = { ...TRYING, access: 'read', scope: 'r' };

export const mountOperations = (app: Hono, facade: Facade): void => {
  const { resources } = facade.server;
  for (const entry of [...resources.values()].filter(isValidated)) mountValidate(app, facade, entry);
  for (const entry of [...resources.values()].filter(isPreviewed)) {
    const run = (context: Context) =>
      serveOperation(facade, entry, TRYING, context.req.raw, {}, preview(facade.server));
    post(app, facade, `/fhir/${entry.type}/$preview`, run);
  }
  mountPing(app, facade);
  mountHeaderCheck(app, facade);
  mountFromCertificate(app, facade);
};

/** Reading certificates is loaded by the first that comes. */
const mountFromCertificate = (app: Hono, facade: Facade): void => {
  const organization = facade.server.resources.get('Organization');
  if (organization === undefined) return;
  post(app, facade, '/fhir/Organization/$from-certificate', async (context) => {
    const [{ fromCertificateFile }, reader] = await Promise.all([
      import('./interactions/from-certificate.ts'),
      import('./systems/certificates/from-certificate.ts'),
    ]);
    const handler = fromCertificateFile(facade.server, {
      ofFile: reader.fromCertificateBytes,
      ofParameters: reader.fromCertificate,
    });
    return serveOperation(facade, organization, LOOKING, context.req.raw, {}, handler);
  });
};

const mountValidate = (app: Hono, facade: Facade, entry: ResourceEntry): void => {
  const { server } = facade;
  // Loaded by the first that asks: a Worker starts without it.
  const handler: Handler = async (call, trace) =>
    (await import('./interactions/validate.ts')).validate(server)(call, trace);
  post(app, facade, `/fhir/${entry.type}/$validate`, (context) =>
    serveOperation(facade, entry, TRYING, context.req.raw, {}, handler),
  );
  const path = `/fhir/${entry.type}/:id/$validate`;
  app.on(['GET', 'POST'], path, (context: Context) =>
    serveOperation(facade, entry, LOOKING, context.req.raw, { id: context.req.param('id') ?? '' }, handler),
  );
  refuseOtherMethods(app, facade, path, ['GET', 'HEAD', 'POST']);
};

const post = (
  app: Hono,
  facade: Facade,
  path: string,
  run: (context: Context) => Promise<Response>,
): void => {
  app.post(path, run);
  refuseOtherMethods(app, facade, path, ['POST']);
};
