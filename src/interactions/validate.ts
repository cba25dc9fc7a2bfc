import { type Failure, failure, type Issue } from '../failure.ts';
import { operationOutcome } from '../http/outcome.ts';
import type { WriteRules } from '../resources/entry.ts';
import { fail, ok, type Result } from '../result.ts';
import type { AccessAction } from '../security/access.ts';
import type { ScopeAction } from '../security/scopes.ts';
import type { JsonValue } from '../systems/system.ts';
import { authorityFor } from './authority.ts';
import type { Call, Handler, Trace } from './call.ts';
import { planCreate } from './create.ts';
import { planDelete } from './delete.ts';
import { gone } from './read.ts';
import type { Server } from './server.ts';
import { planUpdate } from './update.ts';
import { readValidateInput, type ValidateInput, type ValidationMode } from './validate-input.ts';
import { missing, refuseUnlessVisible, storedOf } from './visible.ts';
import { isWriteCall, type Planned, type Planner, parseStored, type WriteCall } from './write.ts';

type WriteMode = Exclude<ValidationMode, 'profile'>;

const WRITES: Readonly<
  Record<WriteMode, { readonly plan: Planner; readonly access: AccessAction; readonly scope: ScopeAction }>
> = {
  create: { plan: planCreate, access: 'write', scope: 'c' },
  update: { plan: planUpdate, access: 'write', scope: 'u' },
  delete: { plan: planDelete, access: 'write', scope: 'd' },
};

const malformed = (code: Issue['code'], name: string, diagnostics: string): Failure =>
  failure('malformed', code, diagnostics, { location: [`http.${name}`] });

/**
 * `$validate` on a type and on an instance: everything that a create, an update or a delete would be refused for,
 * or how a resource fits a profile; told with 200, as R4 asks. Nothing is sent or stored.
 *
 * Without a mode, a profile means that profile alone; else what is sent is checked as a create (on a type) or as
 * an update (on an instance), and what is stored as it is.
 * https://hl7.org/fhir/R4/resource-operation-validate.html
 */
export const validate =
  (server: Server): Handler =>
  async (call, trace) => {
    const { unkinded } = call;
    if (unkinded !== undefined) {
      return ok({ kind: 'ok', json: JSON.stringify(operationOutcome(unkinded.issues)), confidential: true });
    }
    const input = await readValidateInput(server, call);
    if (!input.ok) return input;
    const contradiction = contradictionIn(call, input.value);
    if (contradiction !== undefined) return fail(contradiction);
    const issues = await issuesOf(server, call, trace, input.value);
    if (!issues.ok) return issues;
    return ok({ kind: 'ok', json: JSON.stringify(operationOutcome(issues.value)), confidential: true });
  };

const contradictionIn = (call: Pick<Call, 'id'>, input: ValidateInput): Failure | undefined => {
  const { id } = call;
  const { mode, profile, remote, resource } = input;
  if (mode === 'profile' && profile === undefined) {
    return malformed('required', 'profile', 'mode=profile needs a profile.');
  }
  if (id === undefined && (mode === 'update' || mode === 'delete')) {
    return malformed(
      'value',
      'mode',
      `mode=${mode} is about one resource: call $validate below its id, [type]/[id]/$validate.`,
    );
  }
  if (remote && modeOf(call, input) !== 'create') {
    return malformed('value', 'remote', 'remote=true goes with mode=create.');
  }
  if (id !== undefined && mode === 'profile' && resource !== undefined) {
    return malformed(
      'invalid',
      'mode',
      'On an instance, mode=profile is about what is stored: send no resource, or call $validate on the type.',
    );
  }
  return resource === undefined && (id === undefined || mode === 'create' || mode === 'update')
    ? failure(
        'malformed',
        'required',
        'Send the resource itself, or Parameters with one parameter resource.',
        {
          expression: ['Parameters.parameter'],
        },
      )
    : undefined;
};

/** The write that is tried; undefined: the content alone is looked at. */
const modeOf = (
  { id }: Pick<Call, 'id'>,
  { mode, profile, resource }: ValidateInput,
): WriteMode | undefined => {
  if (mode !== undefined) return mode === 'profile' ? undefined : mode;
  if (profile !== undefined || resource === undefined) return undefined;
  return id === undefined ? 'create' : 'update';
};

const issuesOf = async (
  server: Server,
  call: Call,
  trace: Trace,
  input: ValidateInput,
): Promise<Result<readonly Issue[], Failure>> => {
  const { profile, resource } = input;
  const write = modeOf(call, input);
  if (write !== undefined) return writeIssues(server, call, trace, write, input);
  if (resource !== undefined) return ok(contentIssues(server, call, resource, profile));
  const stored = await storedContent(server, call, trace);
  return stored.ok ? ok(contentIssues(server, call, stored.value, profile)) : stored;
};

const contentIssues = (
  server: Server,
  { entry }: Pick<Call, 'entry'>,
  resource: object,
  profile: string | undefined,
): readonly Issue[] => {
  const type: unknown = 'resourceType' in resource ? resource.resourceType : undefined;
  const issues = server.validate(resource, profile ?? entry.profile);
  return typeof type !== 'string' || type === entry.type
    ? issues
    : [{ severity: 'error', code: 'value', diagnostics: `This endpoint takes a ${entry.type}.` }, ...issues];
};

const storedContent = async (server: Server, call: Call, trace: Trace): Promise<Result<object, Failure>> => {
  const stored = await storedOf(server, call);
  if (stored === undefined) return fail(missing(call));
  if (stored.patient !== null) trace.patient = stored.patient;
  const hidden = await refuseUnlessVisible(server, call, stored);
  if (hidden !== undefined) return fail(hidden);
  return stored.deleted ? fail(gone(call.entry.type)) : ok(parseStored(stored));
};

/** Plans the write and lets the plan go. */
const writeIssues = async (
  server: Server,
  call: Call,
  trace: Trace,
  mode: WriteMode,
  input: ValidateInput,
): Promise<Result<readonly Issue[], Failure>> => {
  const { write: rules } = call.entry;
  if (!isWriteCall(call) || rules === undefined) return fail(missing(call));
  if (!call.entry.interactions.includes(mode)) {
    return ok([
      { severity: 'error', code: 'not-supported', diagnostics: `${call.entry.type} takes no ${mode} here.` },
    ]);
  }
  const authority = authorityFor(call.authority, call.entry, WRITES[mode]);
  if (!authority.ok) return authority;
  const attempt = attemptOf({ ...call, authority: authority.value }, mode);
  const tried: Trace = {};
  const { resource, profile } = input;
  const planned = await WRITES[mode].plan(withoutTraces(server), attempt, tried, {
    rules,
    body: resource ?? {},
    fingerprint: '',
  });
  if (tried.patient !== undefined) trace.patient = tried.patient;
  // What a create would be called is nothing; of the others the audit keeps what the write's would.
  if (mode !== 'create' && tried.id !== undefined) trace.id = tried.id;
  const own = planned.ok ? attempt.warnings : planned.failure.issues;
  const known = new Set(own.map((issue) => JSON.stringify(issue)));
  const further =
    resource === undefined || profile === undefined || profile === call.entry.profile
      ? []
      : server.validate(resource, profile).filter((issue) => !known.has(JSON.stringify(issue)));
  const issues = [...own, ...further];
  if (!input.remote) return ok(planned.ok ? [...issues, ...nothingThere(mode, planned.value)] : issues);
  const asked = await remoteIssues(server, attempt, rules, planned.ok ? planned.value : undefined, issues);
  return asked.ok ? ok([...issues, ...asked.value]) : asked;
};

/** The call as the write that it tries; a create has no id yet. */
const attemptOf = (call: WriteCall, mode: WriteMode): WriteCall => {
  const { id, ...rest } = call;
  return {
    ...rest,
    ...(mode === 'create' || id === undefined ? {} : { id }),
    // What `$validate` itself was asked; a write takes parameters of the URL as criteria.
    parameters: [],
    interaction: mode,
    warnings: [],
  };
};

/** A plan may make a Patient in the index: not when nothing comes of it. */
const withoutTraces = (server: Server): Server => ({
  ...server,
  patients: {
    ...server.patients,
    findOrMake: async () => 'not-made',
    claim: async (number, id) => (await server.patients.find(number)) ?? id,
  },
});

const nothingThere = (mode: WriteMode, planned: Planned): readonly Issue[] =>
  mode === 'delete' && 'answer' in planned
    ? [told('There is nothing to delete here: the call would be answered, and nothing changed.')]
    : [];

const told = (diagnostics: string): Issue => ({
  severity: 'information',
  code: 'informational',
  diagnostics,
});

const requestIn = (planned: Planned | undefined): JsonValue | undefined =>
  planned !== undefined && 'order' in planned ? planned.order.upstream?.request : undefined;

/** What the national system says itself, where it can be asked without acting. */
const remoteIssues = async (
  server: Server,
  call: WriteCall,
  { system, preflight }: WriteRules,
  planned: Planned | undefined,
  issues: readonly Issue[],
): Promise<Result<readonly Issue[], Failure>> => {
  if (preflight === undefined) {
    const which =
      system === undefined ? 'No national system is told of this type' : `${system} has no check of its own`;
    return ok([told(`remote=true: ${which}; nothing was asked.`)]);
  }
  const request = requestIn(planned);
  if (request === undefined || issues.some(({ severity }) => severity === 'error')) {
    return ok([told('remote=true: nothing was asked, because nothing would be sent.')]);
  }
  const asked = await preflight(request, {
    caller: call.authority.caller,
    requestId: call.values.requestId ?? '',
    deadline: server.clock() + server.upstreamDeadline,
  });
  return !asked.ok && JUDGED.has(asked.failure.kind) ? ok(asked.failure.issues) : asked;
};

/** The check was made and refused what was sent: that is its result, and no failure of asking. */
const JUDGED: ReadonlySet<Failure['kind']> = new Set(['unprocessable', 'conflict']);
