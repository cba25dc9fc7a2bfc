import { type Failure, failure, type Issue } from '../failure.ts';
import { headerFindings } from '../headers/report.ts';
import { checkHeaderSizes } from '../headers/sizes.ts';
import { type Rendering, respond, respondFailure } from '../http/answer.ts';
import type { Interaction, ResourceEntry } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import { type Act, actOf } from './act.ts';
import { arrive, type PathParameters, type Refused, refuse } from './arrive.ts';
import { audit } from './audited.ts';
import type { Call, Handler, Trace } from './call.ts';
import { handlerOf } from './handlers.ts';
import { partOf } from './part.ts';
import { type Facade, renderingOf, type Stages, searchOf } from './stages.ts';

/** Where a path points: which interaction each method means there. */
export interface Target {
  readonly entry: ResourceEntry;
  readonly methods: Readonly<Partial<Record<string, Interaction>>>;
}

/** One call through every stage: sizes, media type, route, URL, token, headers, rights, interaction, audit. */
export const serve = (
  facade: Facade,
  target: Target,
  request: Request,
  path: PathParameters,
): Promise<Response> => {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const interaction = target.methods[method];
  const { entry } = target;
  if (interaction === undefined) return admit(facade, request, async () => refuse(methodNotAllowed(target)));
  return admit(facade, request, async (search) => {
    const arrived = await arrive(facade, entry, actOf(entry, interaction), request, path, search);
    return arrived.ok
      ? ok({ call: arrived.value, handler: handlerOf(facade.server, entry.type, interaction) })
      : arrived;
  });
};

/** Takes a request that is no call of its own through token, headers and rights; refusals are audited. */
export type Arrive = (
  target: { readonly resource: ResourceEntry; readonly interaction: Interaction; readonly id?: string },
  request: Request,
) => Promise<Result<Call, Failure>>;

export const arriveFor =
  (facade: Facade): Arrive =>
  async ({ resource, interaction, id }, request) => {
    const path = id === undefined ? {} : { id };
    const act = actOf(resource, interaction);
    const arrived = await arrive(facade, resource, act, request, path, searchOf(request.url));
    if (arrived.ok) return arrived;
    const { refusal, ...partial } = arrived.failure;
    return fail((await auditRefusal(facade, partial)) ?? refusal);
  };

/**
 * The same stages for an operation, which has no interaction of R4's.
 *
 * @param natives media types that its answer has besides those of FHIR
 */
export const serveOperation = (
  facade: Facade,
  entry: ResourceEntry,
  act: Act,
  request: Request,
  path: PathParameters,
  handler: Handler,
  natives: readonly string[] = [],
): Promise<Response> =>
  admit(
    facade,
    request,
    async (search) => {
      const arrived = await arrive(facade, entry, act, request, path, search);
      return arrived.ok ? ok({ call: arrived.value, handler }) : arrived;
    },
    natives,
  );

interface Admitted {
  readonly call: Call;
  readonly handler: Handler;
}

const admit = async (
  facade: Facade,
  request: Request,
  next: (search: string) => Promise<Result<Admitted, Refused>>,
  natives: readonly string[] = [],
): Promise<Response> => {
  const { stages } = facade;
  const search = searchOf(request.url);
  const { how, refused } = renderingOf(stages, request, search, natives);
  const first = checkHeaderSizes(request.headers, stages.headerLimits) ?? refused;
  if (first !== undefined) return respondFailure(first, how);
  const admitted = await next(search);
  if (admitted.ok) return perform(facade, admitted.value, how);
  const { refusal, ...partial } = admitted.failure;
  const unaudited = await auditRefusal(facade, partial);
  return respondFailure(unaudited ?? refusal, refusedWith(facade, partial, how));
};

/** A call refused for its rights still hears what `report` let through; enforced, its faults are the answer. */
const refusedWith = (facade: Facade, { call }: { readonly call?: Call }, how: Rendering): Rendering =>
  call !== undefined && facade.stages.headerRules === 'report' ? findings(facade, call, how) : how;

const methodNotAllowed = (target: Target): Failure => {
  const methods = Object.keys(target.methods).flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : [one]));
  return failure('method-not-allowed', 'not-supported', `Here this server takes ${methods.join(', ')}.`, {
    allow: methods,
  });
};

/** The interaction itself, its audit, and the answer: nothing leaves before its audit record is durable. */
const perform = async (facade: Facade, { call, handler }: Admitted, how: Rendering): Promise<Response> => {
  const trace: Trace = {};
  const outcome = await handler(call, trace);
  const unaudited = trace.recorded === true ? undefined : await audit(facade.server, call, trace, outcome);
  if (unaudited !== undefined) return respondFailure(unaudited, how);
  const echoed = findings(facade, call, how);
  return outcome.ok ? respond(outcome.value, echoed) : respondFailure(outcome.failure, echoed);
};

/** What a call says in `X-Header-Findings`: what `report` let through, and its warnings. */
export const findingsOf = ({ headerRules }: Pick<Stages, 'headerRules'>, call: Call): readonly Issue[] =>
  headerRules === 'report' ? call.warnings : call.warnings.filter((issue) => issue.severity !== 'error');

export const withFindings = (issues: readonly Issue[], how: Rendering): Rendering => {
  const value = headerFindings(issues);
  return value === undefined ? how : { ...how, echo: { ...how.echo, 'X-Header-Findings': value } };
};

const findings = ({ stages }: Facade, call: Call, how: Rendering): Rendering => {
  const issues = findingsOf(stages, call);
  partOf(call.request)?.report(issues);
  return withFindings(issues, how);
};

const auditRefusal = async (
  { server }: Facade,
  { call }: { readonly call?: Call },
): Promise<Failure | undefined> => (call === undefined ? undefined : audit(server, call, {}, { ok: false }));
