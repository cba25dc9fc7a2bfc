import type { Parameters } from '@medplum/fhirtypes';
import type { Context, Hono } from 'hono';
import type { Act } from '../interactions/act.ts';
import { readText } from '../interactions/body.ts';
import type { Handler } from '../interactions/call.ts';
import { evaluating } from '../interactions/evaluate.ts';
import { serveOperation } from '../interactions/serve.ts';
import type { Server } from '../interactions/server.ts';
import type { Facade } from '../interactions/stages.ts';
import { fingerprintOf } from '../interactions/write.ts';
import { asBasic } from '../resources/basic.ts';
import { ok } from '../result.ts';
import { refuseOtherMethods } from '../routes/other-methods.ts';
import type { PollReport } from '../systems/brs/notifications.ts';
import type { BrsSystem } from '../systems/brs/system.ts';
import type { Poll } from './denmark-poll.ts';

/** Asking about a relation reads what the national registers know of a patient. */
const ASKING: Act = { interaction: 'operation', pattern: '2.2.2', access: 'read', scope: 'r' };

const POLLING: Act = { interaction: 'operation', pattern: '2.3', access: 'poll', scope: 'u' };

const toParameters = ({ received, alarmed, unmatched, presumedMet, unknown }: PollReport): Parameters => ({
  resourceType: 'Parameters',
  parameter: Object.entries({ received, alarmed, unmatched, 'presumed-met': presumedMet, unknown }).map(
    ([name, valueInteger]) => ({ name, valueInteger }),
  ),
});

/**
 * What a poll received counts once however often it is repeated, so a repeat polls again; but its X-Request-ID is
 * this call's alone.
 */
const polling =
  (server: Server, poll: Poll): Handler =>
  async (call) => {
    const sent = await readText(server.bodies, call.request);
    if (!sent.ok) return sent;
    const { requestId } = call.values;
    const callerKey = call.authority?.callerKey;
    const held =
      requestId === undefined || callerKey === undefined
        ? ok<{ readonly fresh?: string }>({})
        : await server.delivery.reserve(
            callerKey,
            requestId,
            fingerprintOf(call, `$poll-notifications\n${sent.value.text}`),
          );
    if (!held.ok) return held;
    const polled = await poll.now(server, requestId ?? crypto.randomUUID());
    if (polled.ok) {
      return ok({ kind: 'ok', json: JSON.stringify(toParameters(polled.value)), confidential: true });
    }
    if (held.value.fresh !== undefined) await server.delivery.release(held.value.fresh);
    return polled;
  };

/** The operations of BRS: a question without storing it, and fetching the alarms now. */
export const mountDanish = (
  app: Hono,
  facade: Facade,
  { brs, poll }: { readonly brs: BrsSystem | undefined; readonly poll: Poll },
): void => {
  const { server } = facade;
  const relation = server.resources
    .get('Basic')
    ?.kinds?.entries.find(({ kind }) => kind === 'treatment-relation');
  if (brs === undefined || relation === undefined) return;
  mountPost(app, facade, '/fhir/Basic/$evaluate-treatment-relation', (context) => {
    const handler = evaluating(server, (resource, about, resolve) =>
      brs.evaluate(asBasic(resource), about, (reference) => {
        const found = resolve(reference);
        return found?.resourceType === 'Organization' ? found : undefined;
      }),
    );
    return serveOperation(facade, relation, ASKING, context.req.raw, {}, handler);
  });
  mountPost(app, facade, '/fhir/Basic/$poll-notifications', (context) =>
    serveOperation(facade, relation, POLLING, context.req.raw, {}, polling(server, poll)),
  );
};

const mountPost = (
  app: Hono,
  facade: Facade,
  path: string,
  run: (context: Context) => Promise<Response>,
): void => {
  app.post(path, run);
  refuseOtherMethods(app, facade, path, ['POST']);
};
