import { type Failure, failureOf, type Issue } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import { type ActingOrganization, ROLES, type Role } from '../security/caller.ts';

/** What `POST /sandbox/token` asks for. */
export interface TokenRequest {
  readonly role: Role;
  readonly scope?: string;
  /** Logical id of the holder's own Patient. */
  readonly patient?: string;
  /** Logical ids of the Patients that a guardian or agent acts for. */
  readonly represents: readonly string[];
  /** Null: acts for none. Undefined: the role's own sandbox organisation. */
  readonly organization?: ActingOrganization | null;
}

const MEMBERS = ['role', 'scope', 'patient', 'represents', 'organization'] as const;

/** What makes no sense without it. */
const NEEDED: Partial<Readonly<Record<Role, 'patient' | 'represents'>>> = {
  citizen: 'patient',
  guardian: 'represents',
  agent: 'represents',
};

const ID = /^(?:Patient\/)?([A-Za-z0-9.-]{1,64})$/;
/** The Nordic identity numbers, which are no logical ids and do not belong into a token. */
const IDENTITY_NUMBER = /^\d{10,12}$/;

type Fault = (member: string, text: string, code?: Issue['code']) => void;
type Body = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

const patientId = (value: unknown, member: string, fault: Fault): string | undefined => {
  const id = isText(value) ? ID.exec(value.trim())?.[1] : undefined;
  if (id !== undefined && !IDENTITY_NUMBER.test(id)) return id;
  fault(member, `${member} must be the logical id of a Patient, not an identity number.`, 'value');
  return undefined;
};

const readRole = (body: Body, fault: Fault): Role | undefined => {
  const role = ROLES.find((one) => one === body['role']);
  if (role !== undefined) return role;
  const code = body['role'] === undefined ? 'required' : 'code-invalid';
  fault('role', `role must be one of ${ROLES.join(', ')}.`, code);
  return undefined;
};

const readScope = (body: Body, fault: Fault): string | undefined => {
  const scope = body['scope'] ?? undefined;
  if (scope === undefined) return undefined;
  if (isText(scope)) return scope.trim();
  fault('scope', 'scope must be a text of scopes; leave it out for all scopes of the role.', 'value');
  return undefined;
};

const readPatient = (body: Body, fault: Fault): string | undefined => {
  const patient = body['patient'] ?? undefined;
  return patient === undefined ? undefined : patientId(patient, 'patient', fault);
};

const readRepresents = (body: Body, fault: Fault): readonly string[] => {
  const value = body['represents'] ?? [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((one) => patientId(one, 'represents', fault)).filter((id) => id !== undefined);
};

const organizationOf = (system: unknown, value: unknown, name: unknown): ActingOrganization | undefined => {
  if (!isText(system) || !isText(value)) return undefined;
  const identifier = { system: system.trim(), value: value.trim() };
  return isText(name) ? { identifier, name } : { identifier };
};

/** `{system, value, name?}`, an Organization's `{identifier, name?}`, or `system|value`. */
const readOrganization = (body: Body, fault: Fault): ActingOrganization | null | undefined => {
  const given = body['organization'];
  if (given === undefined || given === null) return given;
  const [text = '', bar] = typeof given === 'string' ? given.split('|') : [];
  const outer = isObject(given) ? given : { system: text, value: bar };
  const inner: unknown = Array.isArray(outer['identifier']) ? outer['identifier'][0] : outer['identifier'];
  const { system, value } = isObject(inner) ? inner : outer;
  const organization = organizationOf(system, value, outer['name']);
  if (organization === undefined) {
    fault(
      'organization',
      'organization must be {"system","value","name"?}, "system|value" or null.',
      'value',
    );
  }
  return organization;
};

const checkNeeded = (role: Role | undefined, body: Body, fault: Fault): void => {
  const needed = role === undefined ? undefined : NEEDED[role];
  if (needed === undefined) return;
  const value = body[needed] ?? [];
  const isEmpty = Array.isArray(value) && value.length === 0;
  if (isEmpty) fault(needed, `The role ${role} needs ${needed}.`, 'required');
};

/**
 * Reads the body of `POST /sandbox/token`.
 *
 * @param body parsed JSON
 * @returns failure `malformed` with everything that is wrong
 */
export const parseTokenRequest = (body: unknown): Result<TokenRequest, Failure> => {
  const issues: Issue[] = [];
  const fault: Fault = (member, diagnostics, code = 'invalid') => {
    issues.push({ severity: 'error', code, diagnostics, expression: [member], malformed: true });
  };
  const object = isObject(body) ? body : {};
  if (!isObject(body)) fault('$this', 'The body must be a JSON object.', 'structure');
  for (const name of Object.keys(object)) {
    if (MEMBERS.some((member) => member === name)) continue;
    fault(name, `${name} is not known; the members are ${MEMBERS.join(', ')}.`, 'structure');
  }
  const role = readRole(object, fault);
  const scope = readScope(object, fault);
  const patient = readPatient(object, fault);
  const represents = readRepresents(object, fault);
  const organization = readOrganization(object, fault);
  checkNeeded(role, object, fault);
  const refusal = failureOf(issues);
  if (refusal !== undefined || role === undefined) {
    return fail(refusal ?? { kind: 'malformed', issues });
  }
  return ok({
    role,
    represents,
    ...(scope === undefined ? {} : { scope }),
    ...(patient === undefined ? {} : { patient }),
    ...(organization === undefined ? {} : { organization }),
  });
};
