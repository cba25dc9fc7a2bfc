import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { PROFILES } from '../../../src/fhir/definitions/artefacts.ts';
import { createValidator } from '../../../src/fhir/validate/index.ts';
import { DEFAULT_HEADER_SETTINGS } from '../../../src/headers/settings.ts';
import { checkHeaderSizes, DEFAULT_HEADER_LIMITS } from '../../../src/headers/sizes.ts';
import { arriveFor } from '../../../src/interactions/serve.ts';
import type { Server } from '../../../src/interactions/server.ts';
import { type Facade, renderingOf, type Stages } from '../../../src/interactions/stages.ts';
import { consentEntry } from '../../../src/resources/consent.ts';
import type { Interaction } from '../../../src/resources/entry.ts';
import { hmacOf, sha256 } from '../../../src/runtime/node/hashes.ts';
import { withIncomingHeaders } from '../../../src/runtime/node/headers.ts';
import { createCallerKeys } from '../../../src/security/caller-key.ts';
import { createKeyring } from '../../../src/security/keyring.ts';
import { createAuthenticator } from '../../../src/security/token/authenticate.ts';
import { createTokenVerifier } from '../../../src/security/token/verify.ts';
import { issuerOf, makeSigner, NOW, type Signer } from '../../security/token/signer.ts';
import { base64, type CallHeaders, createHeaders, provenanceOf, readHeaders } from '../calls.ts';
import { timeWaits } from '../functions.ts';
import type { BenchPlan } from '../plan.ts';
import { type Line, microseconds, times } from '../report.ts';

const ORIGIN = 'http://127.0.0.1:8787';

/** No part of the stage asks the server for anything; if it did, it would not be the stage that is measured. */
const untouched: Server = new Proxy(Object.create(null), {
  get: (_, name) => {
    throw new Error(`the header stage asked the server for ${String(name)}`);
  },
});

const openStages = async (signer: Signer): Promise<Stages> => {
  const verifier = createTokenVerifier({
    issuers: [issuerOf({ set: { keys: [signer.jwk] } })],
    fetch: () => Promise.reject(new Error('no fetch expected')),
    clock: () => NOW,
    sha256,
  });
  const { authenticate } = createAuthenticator(verifier, async () => undefined);
  return {
    headerRules: 'enforce',
    headers: { ...DEFAULT_HEADER_SETTINGS, validateProvenance: createValidator(PROFILES).validate },
    headerLimits: DEFAULT_HEADER_LIMITS,
    countFindings: () => undefined,
    formats: ['json', 'xml'],
    toXml: (json) => json,
    authenticate,
    callerKeys: createCallerKeys(await createKeyring(['0'.repeat(32)], hmacOf)),
    baseOf: () => ORIGIN,
  };
};

/** Sizes, media type, the echo of the ids, the token, the header rules, role, scope, purpose and patient. */
const stageOf = (facade: Facade, interaction: Interaction) => {
  const { stages } = facade;
  const arrive = arriveFor(facade);
  const target = { resource: consentEntry(undefined), interaction };
  return async (request: Request) => {
    const { how, refused } = renderingOf(stages, request, '');
    const arrived = await arrive(target, request);
    const refusal =
      checkHeaderSizes(request.headers, stages.headerLimits) ??
      refused ??
      (arrived.ok ? undefined : arrived.failure);
    if (refusal !== undefined) throw new Error(refusal.issues[0]?.diagnostics);
    return how;
  };
};

/** The requests as Node's server gives them on. */
const requestOf = (method: string, headers: CallHeaders): Request =>
  withIncomingHeaders(new Request(`${ORIGIN}/fhir/Consent`, { method }), {
    rawHeaders: Object.entries(headers).flat(),
  });

/** One of them after another, again and again. */
const taking = (requests: readonly Request[], work: (request: Request) => unknown): (() => unknown) => {
  let at = 0;
  return () => {
    at = (at + 1) % requests.length;
    const request = requests[at];
    return request === undefined ? undefined : work(request);
  };
};

/** What any server does for its caller's id: the least that a middleware can cost. */
const bareHono = (): Hono => {
  const app = new Hono();
  app.use(async function echo(context, next) {
    await next();
    const id = context.req.header('X-Request-ID');
    if (id !== undefined) context.header('X-Request-ID', id);
  });
  app.all('/fhir/:type', (context) => context.body(null, 204));
  return app;
};

/** More authors than the server remembers: X-Provenance is read anew every time. */
const AUTHORS = 5000;

/** The whole header stage as a call meets it, beside a middleware of Hono's that does next to nothing. */
export const headerStage = async (plan: BenchPlan): Promise<readonly Line[]> => {
  const signer = await makeSigner();
  const token = await signer.sign({ facade_role: 'prescriber', loa: 3, scope: 'user/*.cruds' });
  const facade: Facade = { server: untouched, stages: await openStages(signer) };
  const reads = Array.from({ length: 100 }, () => requestOf('GET', readHeaders(token, randomUUID())));
  const authored = Array.from({ length: 400 }, (_, n) => requestOf('POST', createHeaders(token, n)));
  const unseen = Array.from({ length: AUTHORS }, (_, n) =>
    requestOf('POST', {
      ...createHeaders(token, 0),
      'X-Provenance': base64({ ...provenanceOf(0), id: `author-${n}` }),
    }),
  );
  const bare = bareHono();
  const create = stageOf(facade, 'create');
  const parts = [
    { what: '2.2.2', target: 8, work: taking(reads, stageOf(facade, 'read')) },
    { what: '2.3, X-Provenance never seen before', target: 25, work: taking(unseen, create) },
    { what: '2.3, X-Provenance of one of 400 authors', target: 25, work: taking(authored, create) },
  ];
  const [reference = Number.NaN, ...found] = await timeWaits(plan, [
    taking(reads, (request) => bare.fetch(request)),
    ...parts.map(({ work }) => work),
  ]);
  return parts.map(({ what, target }, at) => {
    const measured = found[at] ?? Number.NaN;
    return {
      what: `Whole header stage with a remembered token (sizes, media type, token, header rules, rights), ${what}`,
      measured: microseconds(measured),
      reference: `a call through bare Hono whose one middleware echoes X-Request-ID ${microseconds(reference)}`,
      ratio: times(measured / reference),
      target: `< ${target} µs`,
      met: measured < target,
    };
  });
};
