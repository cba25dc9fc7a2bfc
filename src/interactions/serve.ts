import { type Failure, failure, failureOf, type Issue } from '../failure.ts';
import { checkHeaders } from '../headers/check.ts';
import { echoHeaders } from '../headers/echo.ts';
import { checkCombination, checkLoa } from '../headers/matrix.ts';
import { checkPatientRef } from '../headers/patient-match.ts';
import type { Pattern } from '../headers/pattern.ts';
import { headerFindings } from '../headers/report.ts';
import type { HeaderSettings } from '../headers/settings.ts';
import { checkHeaderSizes, type HeaderLimits } from '../headers/sizes.ts';
import type { HeaderValues } from '../headers/values.ts';
import { type Render, type Rendering, respond, respondFailure } from '../http/answer.ts';
import { type Format, negotiate, negotiateNative } from '../http/media-type.ts';
import type { Interaction, ResourceEntry } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import type { AccessAction } from '../security/access.ts';
import type { Caller } from '../security/caller.ts';
import type { CallerKeys } from '../security/caller-key.ts';
import type { ScopeAction } from '../security/scopes.ts';
import type { Presentation } from '../security/token/binding.ts';
import { audit } from './audited.ts';
import { authorityFor } from './authority.ts';
import type { Authority, Call, Handler, Trace } from './call.ts';
import { handlerOf } from './handlers.ts';
import { type Chosen, chooseKind } from './kind.ts';
import { partOf } from './part.ts';
import type { Server } from './server.ts';

/** What the stages before an interaction need. */
export interface Stages {
  readonly headerRules: 'enforce' | 'report';
  readonly headers: HeaderSettings;
  /** Counts and logs what `report` let through. */
  readonly countFindings: (issues: readonly Issue[]) => void;
  readonly formats: readonly Format[];
  readonly toXml: Render;
  /** Verifies a bearer token and says who calls. */
  readonly authenticate: (
    authorization: string | null,
    presentation?: Presentation,
  ) => Promise<Result<Caller, Failure>>;
  /** SHA-256 of the certificate that a request's client showed in TLS; absent where nobody can tell. */
  readonly shownCertificate?: (request: Request) => string | undefined;
  readonly headerLimits: HeaderLimits;
  readonly callerKeys: CallerKeys;
  /** `https://host`, for a request that came in at this URL. */
  readonly baseOf: (url: string) => string;
}

/** Where a path points: which interaction each method means there. */
export interface Target {
  readonly entry: ResourceEntry;
  readonly methods: Readonly<Partial<Record<string, Interaction>>>;
}

/** What the router found in the path. */
export interface PathParameters {
  readonly id?: string;
  readonly versionId?: string;
}

export interface Facade {
  readonly server: Server;
  readonly stages: Stages;
}

const searchOf = (url: string): string => {
  const at = url.indexOf('?');
  if (at < 0) return '';
  const end = url.indexOf('#', at);
  return end < 0 ? url.slice(at) : url.slice(at, end);
};

/** How the answer will be written, decided before anything can go wrong. Failure: 406, itself in JSON. */
export const renderingOf = (
  stages: Pick<Stages, 'headers' | 'formats' | 'toXml'>,
  request: Request,
  search: string,
  natives: readonly string[] = [],
): { readonly how: Rendering; readonly refused?: Failure } => {
  const echo: Record<string, string> = { ...echoHeaders(request.headers, stages.headers) };
  const parameters = search === '' ? undefined : new URLSearchParams(search);
  const withoutBody = request.method === 'HEAD';
  const how = { format: 'json', pretty: parameters?.get('_pretty') === 'true', echo, withoutBody } as const;
  const [accept, asked] = [request.headers.get('accept'), parameters?.get('_format') ?? null];
  if (natives.length > 0) {
    const native = negotiateNative(accept, asked, natives, stages.formats);
    if (native !== undefined) return { how: { ...how, native, toXml: stages.toXml } };
  }
  const format = negotiate(accept, asked, stages.formats);
  return format.ok
    ? { how: { ...how, format: format.value, toXml: stages.toXml } }
    : { how: { ...how, toXml: stages.toXml }, refused: format.failure };
};

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
  return respondFailure(unaudited ?? refusal, how);
};

const methodNotAllowed = (target: Target): Failure => {
  const methods = Object.keys(target.methods).flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : [one]));
  return failure('method-not-allowed', 'not-supported', `Here this server takes ${methods.join(', ')}.`, {
    allow: methods,
  });
};

/** A call refused on its way in, with as much of it as is known: it is audited all the same. */
interface Refused {
  readonly refusal: Failure;
  readonly call?: Call;
}

const refuse = (refusal: Failure, call?: Call): Result<never, Refused> =>
  fail(call === undefined ? { refusal } : { refusal, call });

/** What a call is going to do, as far as patterns and rights are concerned. */
export interface Act {
  readonly interaction: Call['interaction'];
  readonly pattern: Pattern;
  readonly access: AccessAction;
  readonly scope: ScopeAction;
}

const SCOPE_ACTION: Readonly<Record<Interaction, ScopeAction>> = {
  read: 'r',
  vread: 'r',
  'history-instance': 'r',
  'history-type': 's',
  'history-system': 's',
  'search-type': 's',
  create: 'c',
  update: 'u',
  patch: 'u',
  delete: 'd',
};

const WRITES: ReadonlySet<Interaction> = new Set(['create', 'update', 'patch', 'delete']);

/** Pattern 2.3, whatever the resource. */
export const isWrite = (interaction: Interaction): boolean => WRITES.has(interaction);

/** Of more than one resource: for systems alone. */
const HISTORIES: ReadonlySet<Interaction> = new Set(['history-type', 'history-system']);

const actOf = (entry: ResourceEntry, interaction: Interaction): Act => ({
  interaction,
  pattern: WRITES.has(interaction) ? '2.3' : entry.pattern,
  access: WRITES.has(interaction) ? 'write' : HISTORIES.has(interaction) ? 'history' : 'read',
  scope: SCOPE_ACTION[interaction],
});

/** Who calls. Pattern 2.1 and discovery ignore Authorization: even a broken token is no fault there. */
const identify = async (
  { stages }: Facade,
  pattern: Pattern,
  request: Request,
): Promise<Result<Caller | undefined, Failure>> =>
  pattern === '2.1' || pattern === 'discovery' ? ok(undefined) : authenticate(stages, request);

/**
 * Verifies the token of a request, with the proof that it is the caller's own where the token is bound to a key.
 * The entries of a Bundle have the caller of the Bundle.
 */
export const authenticate = async (
  stages: Pick<Stages, 'authenticate' | 'baseOf' | 'shownCertificate'>,
  request: Request,
): Promise<Result<Caller, Failure>> =>
  partOf(request)?.caller ??
  stages.authenticate(request.headers.get('authorization'), {
    method: request.method,
    get url() {
      return `${stages.baseOf(request.url)}${new URL(request.url).pathname}`;
    },
    proof: request.headers.get('dpop'),
    get clientCertificate() {
      return stages.shownCertificate?.(request);
    },
  });

const arrive = async (
  facade: Facade,
  general: ResourceEntry,
  given: Act,
  request: Request,
  path: PathParameters,
  search: string,
): Promise<Result<Call, Refused>> => {
  const { server, stages } = facade;
  const { interaction } = given;
  const part = partOf(request);
  const identified = await identify(facade, given.pattern, request);
  if (!identified.ok) return refuse(identified.failure);
  const caller = identified.value;
  const parameters =
    interaction === 'search-type'
      ? await server.search.parameters(request, search)
      : ok([...new URLSearchParams(search)] as const);
  if (!parameters.ok) return refuse(parameters.failure);
  const { kinds } = general;
  const choice: Chosen =
    kinds === undefined
      ? { entry: general }
      : await chooseKind(server, {
          ...{ entry: general, kinds, interaction, access: given.access, request, caller },
          ...(path.id === undefined ? {} : { id: path.id }),
          parameters: parameters.value,
        });
  const { entry, refusal } = choice;
  const act = entry === general || interaction === 'operation' ? given : actOf(entry, interaction);
  const checked = checkHeaders({
    pattern: act.pattern,
    headers: request.headers,
    kind: caller?.kind,
    settings: stages.headers,
    patientRefExpected: expectsPatientRef(entry, interaction, caller, parameters.value),
  });
  if (stages.headerRules === 'report') stages.countFindings(checked.issues);
  const authority =
    caller === undefined || refusal !== undefined ? undefined : await authorityOf(facade, caller, entry, act);
  const call = (known?: Authority): Call => ({
    request,
    base: `${stages.baseOf(request.url)}/fhir`,
    entry,
    interaction,
    ...(path.id === undefined ? {} : { id: path.id }),
    ...(path.versionId === undefined ? {} : { versionId: path.versionId }),
    parameters: parameters.value,
    ...(part === undefined ? {} : { part: part.index }),
    ...(known === undefined ? {} : { authority: known }),
    values: checked.values,
    prefer: checked.values.prefer ?? {},
    patientRules: stages.headers.patientRules,
    warnings: [...checked.issues],
  });
  const faults = stages.headerRules === 'enforce' ? failureOf(checked.issues) : undefined;
  const bare = authority?.ok === false ? authority.failure.bare : authority?.value;
  if (faults !== undefined) return refuse(faults, call(bare));
  if (refusal !== undefined) return refuse(refusal);
  if (authority?.ok === false) return refuse(authority.failure.refusal, call(bare));
  const refusedPerson =
    caller === undefined ? undefined : refusePerson(stages, caller, entry, checked.values);
  return refusedPerson === undefined ? ok(call(authority?.value)) : refuse(refusedPerson, call(bare));
};

/** LOA, the purpose matrix, and whom X-PatientRef and X-ProxyRef name, as far as the call alone tells. */
const refusePerson = (
  stages: Stages,
  caller: Caller,
  entry: ResourceEntry,
  values: HeaderValues,
): Failure | undefined =>
  checkLoa(caller, stages.headers) ??
  checkCombination(
    {
      purpose: values.purpose,
      access: values.access,
      role: caller.role,
      kind: caller.kind,
      resourceType: entry.type,
      organization: caller.organization !== undefined,
    },
    stages.headers,
  ) ??
  (values.patientRef === undefined
    ? undefined
    : checkPatientRef({ values, patient: undefined, caller }, stages.headers));

/**
 * X-PatientRef is not sent when Patient is searched by identity number (NLL's TA 05), and not by a system that
 * searches by definition.
 */
const expectsPatientRef = (
  entry: ResourceEntry,
  interaction: Call['interaction'],
  caller: Caller | undefined,
  parameters: readonly (readonly [string, string])[],
): boolean => {
  if (interaction === 'history-type' || interaction === 'history-system') return caller?.role !== 'system';
  if (interaction !== 'search-type') return true;
  const names = new Set(parameters.map(([name]) => name));
  if (entry.type === 'Patient' && names.has('identifier')) return false;
  return !(caller?.role === 'system' && (names.has('definition') || names.has('_cursor')));
};

interface NoAuthority {
  readonly refusal: Failure;
  /** For the audit of the refusal. */
  readonly bare: Authority;
}

const authorityOf = async (
  { stages }: Facade,
  caller: Caller,
  entry: ResourceEntry,
  act: Act,
): Promise<Result<Authority, NoAuthority>> => {
  const callerKeys = await stages.callerKeys.keysOf(caller);
  const bare: Authority = {
    caller,
    callerKey: callerKeys[0] ?? '',
    callerKeys,
    ownOnly: false,
    grants: [],
  };
  const authority = authorityFor(bare, entry, act);
  return authority.ok ? authority : fail({ refusal: authority.failure, bare });
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
