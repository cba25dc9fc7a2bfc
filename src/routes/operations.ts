import type { Context, Hono } from 'hono';
import type { Act } from '../interactions/act.ts';
import type { Handler } from '../interactions/call.ts';
import { preview } from '../interactions/preview.ts';
import { serveOperation } from '../interactions/serve.ts';
import type { Facade } from '../interactions/stages.ts';
import type { ResourceEntry } from '../resources/entry.ts';
import { mountHeaderCheck } from './header-check.ts';
import { refuseOtherMethods } from './other-methods.ts';
import { mountPing } from './ping.ts';

export const isPreviewed = ({ preview, previewLater, kinds }: ResourceEntry): boolean =>
  (preview ?? previewLater) !== undefined || kinds?.entries.some(isPreviewed) === true;

export const isValidated = ({ write, kinds }: ResourceEntry): boolean =>
  write !== undefined || kinds?.entries.some((kind) => kind.write !== undefined) === true;

/** `$validate` and `$preview` carry no purpose and access: they read nothing of anybody. */
const TRYING: Act = { interaction: 'operation', pattern: '2.2.1', access: 'write', scope: 'c' };

/** `$validate` on a type tells every fault with 200, also that the kind of a Basic is none. */
const VALIDATING: Act = { ...TRYING, validates: true };

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
      import('../interactions/from-certificate.ts'),
      import('../systems/certificates/from-certificate.ts'),
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
    (await import('../interactions/rare.ts')).validate(server)(call, trace);
  post(app, facade, `/fhir/${entry.type}/$validate`, (context) =>
    serveOperation(facade, entry, VALIDATING, context.req.raw, {}, handler),
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
