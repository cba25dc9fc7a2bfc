import { type Failure, failureOf } from '../failure.ts';
import { checkHeaders } from '../headers/check.ts';
import { checkCombination, checkLoa } from '../headers/matrix.ts';
import { checkPatientRef } from '../headers/patient-match.ts';
import type { Pattern } from '../headers/pattern.ts';
import type { HeaderValues } from '../headers/values.ts';
import type { ResourceEntry } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Caller } from '../security/caller.ts';
import { type Act, actOf } from './act.ts';
import { authorityFor } from './authority.ts';
import type { Authority, Call } from './call.ts';
import { type Chosen, chooseKind } from './kind.ts';
import { partOf } from './part.ts';
import type { Facade, Stages } from './stages.ts';

/** What the router found in the path. */
export interface PathParameters {
  readonly id?: string;
  readonly versionId?: string;
}

/** A call refused on its way in, with as much of it as is known: it is audited all the same. */
export interface Refused {
  readonly refusal: Failure;
  readonly call?: Call;
}

export const refuse = (refusal: Failure, call?: Call): Result<never, Refused> =>
  fail(call === undefined ? { refusal } : { refusal, call });

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

/** Takes a call through token, kind, headers and rights. */
export const arrive = async (
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
          ...{ entry: general, kinds, interaction, access: given.access, kind: given.kind, request, caller },
          ...(path.id === undefined ? {} : { id: path.id }),
          parameters: parameters.value,
        });
  const { entry, unseen } = choice;
  const told = given.validates === true && choice.ofContent === true ? choice.refusal : undefined;
  const refusal = told === undefined ? choice.refusal : undefined;
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
    ...(unseen === undefined ? {} : { unseen }),
    ...(told === undefined ? {} : { unkinded: told }),
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
