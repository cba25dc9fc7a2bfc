import type { Basic, Binary, Parameters } from '@medplum/fhirtypes';
import type { Context, Hono } from 'hono';
import { locked } from '../delivery/failures.ts';
import { failure } from '../failure.ts';
import { respondFailure } from '../http/answer.ts';
import type { Act } from '../interactions/act.ts';
import type { Handler } from '../interactions/call.ts';
import { type Change, type Changing, changing, held } from '../interactions/change.ts';
import { serveOperation } from '../interactions/serve.ts';
import type { Server } from '../interactions/server.ts';
import { type Facade, renderingOf } from '../interactions/stages.ts';
import type { Clock, Database } from '../ports.ts';
import { asBasic } from '../resources/basic.ts';
import { fail, ok } from '../result.ts';
import { refuseOtherMethods } from '../routes/other-methods.ts';
import type { SystemState } from '../store/system-state.ts';
import { clientCertificateInfo } from '../systems/efrikort/client-certificate.ts';
import { CONNECTION_TEST_TEXTS, createConnectionTest } from '../systems/efrikort/client-connection-test.ts';
import { EFRIKORT_CONNECTION } from '../systems/efrikort/codes.ts';
import type { EfrikortSettings } from '../systems/efrikort/settings.ts';
import { OPERATIONS } from '../systems/efrikort/states.ts';
import type { Efrikort } from '../systems/efrikort/system.ts';
import type { UpstreamFetch } from '../systems/upstream/fetch.ts';
import { encodeBase64 } from '../xml/base64.ts';
import { connectionsIn, noteOpen } from './efrikort-jobs.ts';

export interface EfrikortOperationParts {
  readonly system: Efrikort;
  readonly settings: EfrikortSettings;
  readonly state: SystemState;
  readonly database: Database;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly upstreamDeadline: number;
  /** Presents the client certificate; undefined: there is none. */
  readonly fetch: UpstreamFetch | undefined;
}

const FOR = { interaction: 'operation', kind: EFRIKORT_CONNECTION } as const;
const MOVING: Act = { ...FOR, pattern: '2.3', access: 'write', scope: 'u' };
const LOOKING: Act = { ...FOR, pattern: '2.2.1', access: 'read', scope: 'r' };

const RFC822 = 'message/rfc822';
const URI_LIST = 'text/uri-list';

const binaryOf = (message: string): Binary => ({
  resourceType: 'Binary',
  contentType: RFC822,
  data: encodeBase64(new TextEncoder().encode(message)),
});

/** `$mail`: as it would go out now. */
const mailing =
  (server: Server, system: Efrikort): Handler =>
  async (call, trace) => {
    const found = await held(server, call, { kind: EFRIKORT_CONNECTION, name: 'mail' });
    if (!found.ok) return found;
    trace.version = found.value.stored.version;
    const mail = await system.mail(asBasic(found.value.current));
    if (!mail.ok) return mail;
    const { message, mailto } = mail.value;
    const native = { [RFC822]: message, [URI_LIST]: `${mailto}\r\n` };
    return ok({ kind: 'ok', json: JSON.stringify(binaryOf(message)), native, confidential: true });
  };

/** A mail is on its way: what becomes of it is known in a moment. Milliseconds beyond the deadline of its call. */
const GRACE = 5_000;

const submitting = (parts: EfrikortOperationParts): Changing => {
  const { system, state, clock, upstreamDeadline } = parts;
  const connections = connectionsIn(parts.database);
  return {
    name: 'submit',
    kind: EFRIKORT_CONNECTION,
    change: async (current, parameters) => {
      const basic = asBasic(current);
      const others = (await connections(['granted', 'test-passed'])).map((other) => other.basic);
      const planned = await system.submit(basic, parameters, others);
      if (!planned.ok) {
        const since = system.openSince(basic);
        const underWay = since !== undefined && clock() - since < upstreamDeadline + GRACE;
        return underWay ? fail(locked('Basic')) : planned;
      }
      const { value } = planned;
      if (value.kind === 'by-hand') return ok({ resource: value.resource, issues: value.issues });
      await noteOpen(state, basic.id ?? '', clock());
      const { request, attempt: announced, refused, sent, issues } = value;
      return ok({ resource: sent, issues, telling: { request, announced, refused } } satisfies Change);
    },
    around: async (resource, at): Promise<Parameters> => {
      const mail = await system.submittedMail(asBasic(resource), at);
      return {
        resourceType: 'Parameters',
        parameter: [
          { name: 'resource', resource },
          ...(mail.ok ? [{ name: 'mail', resource: binaryOf(mail.value.message) }] : []),
        ],
      };
    },
  };
};

const recording = (system: Efrikort, name: Exclude<(typeof OPERATIONS)[number], 'submit'>): Changing => ({
  name,
  kind: EFRIKORT_CONNECTION,
  change: (current, parameters) => system.transition(name, asBasic(current) satisfies Basic, parameters),
});

const NO_CERTIFICATE =
  'This server presents no client certificate: EFRIKORT_CLIENT_CERTIFICATE is not set, nor is an mTLS certificate bound.';

/** `$test-connection`: the description of GetCardForPerson over two-way TLS. */
const testing = ({ settings, fetch, clock, upstreamDeadline }: EfrikortOperationParts): Handler => {
  const test = fetch && createConnectionTest({ settings, fetch, clock });
  return async (call) => {
    if (test === undefined) return fail(failure('not-implemented', 'not-supported', NO_CERTIFICATE));
    const requestId = call.values.requestId ?? crypto.randomUUID();
    const { outcome, url, durationMs } = await test(requestId, clock() + upstreamDeadline);
    const parameters: Parameters = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'outcome', valueCode: outcome },
        { name: 'meaning', valueString: CONNECTION_TEST_TEXTS[outcome] },
        { name: 'url', valueUri: url },
        { name: 'durationMs', valueInteger: Math.round(durationMs) },
      ],
    };
    return ok({ kind: 'ok', json: JSON.stringify(parameters), confidential: false });
  };
};

/** The operations of eFrikort's connections, and `/.well-known/client-certificate`. */
export const mountEfrikort = (app: Hono, facade: Facade, parts: EfrikortOperationParts): void => {
  const { system, settings } = parts;
  const { server } = facade;
  const basic = server.resources.get('Basic');
  const connection = basic?.kinds?.entries.find(({ kind }) => kind === EFRIKORT_CONNECTION);
  if (basic === undefined || connection === undefined) return;
  const idOf = (context: Context) => ({ id: context.req.param('id') ?? '' });

  for (const name of OPERATIONS) {
    const handler = changing(server, name === 'submit' ? submitting(parts) : recording(system, name));
    const path = `/fhir/Basic/:id/$${name}`;
    app.post(path, (context) =>
      serveOperation(facade, basic, MOVING, context.req.raw, idOf(context), handler),
    );
    refuseOtherMethods(app, facade, path, ['POST']);
  }

  const mail = mailing(server, system);
  app.on(['GET', 'POST'], '/fhir/Basic/:id/$mail', (context: Context) =>
    serveOperation(facade, basic, LOOKING, context.req.raw, idOf(context), mail, [RFC822, URI_LIST]),
  );
  refuseOtherMethods(app, facade, '/fhir/Basic/:id/$mail', ['GET', 'HEAD', 'POST']);

  const test = testing(parts);
  app.post('/fhir/Basic/$test-connection', (context) =>
    serveOperation(facade, connection, LOOKING, context.req.raw, {}, test),
  );
  refuseOtherMethods(app, facade, '/fhir/Basic/$test-connection', ['POST']);

  const presented =
    settings.clientCertificate === undefined ? undefined : clientCertificateInfo(settings.clientCertificate);
  app.get('/.well-known/client-certificate', (context) => {
    if (presented !== undefined) return context.json(presented);
    const { how } = renderingOf(facade.stages, context.req.raw, '');
    return respondFailure(failure('not-found', 'not-found', NO_CERTIFICATE), how);
  });
  refuseOtherMethods(app, facade, '/.well-known/client-certificate', ['GET', 'HEAD']);
};
