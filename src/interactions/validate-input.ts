import { type Failure, failure, type Issue } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import { parseBody, readText } from './body.ts';
import type { Call } from './call.ts';
import type { Server } from './server.ts';

/** R4's resource-validation-mode codes. */
export const VALIDATION_MODES = ['create', 'update', 'delete', 'profile'] as const;

export type ValidationMode = (typeof VALIDATION_MODES)[number];

/** What `$validate` is asked, from the URL and the body together. */
export interface ValidateInput {
  readonly mode?: ValidationMode;
  /** Canonical URL. */
  readonly profile?: string;
  /** True: the national system shall be asked, too. */
  readonly remote: boolean;
  /** Absent: what is stored is meant. */
  readonly resource?: object;
}

/** One value of a parameter, and where it stands. */
interface Said {
  readonly name: string;
  readonly value: string;
  readonly at: Pick<Issue, 'location'> | Pick<Issue, 'expression'>;
}

const NAMES: ReadonlySet<string> = new Set(['mode', 'profile', 'remote']);
const PRESENTATION: ReadonlySet<string> = new Set(['_format', '_pretty']);

/** R4 gives `mode` as a code and `profile` as a uri; clients send other texts, too. */
const VALUES = ['valueCode', 'valueUri', 'valueCanonical', 'valueUrl', 'valueString', 'valueBoolean'];

const refused = (code: Issue['code'], diagnostics: string, at: Said['at'] = {}): Result<never, Failure> =>
  fail(failure('malformed', code, diagnostics, at));

/** A name that may be told again: what looks otherwise could be a value in the wrong place. */
const shown = (name: unknown): string =>
  typeof name === 'string' && /^[A-Za-z_][\w-]{0,40}$/.test(name) && !/\d{6}/.test(name) ? name : 'This';

const unknownName = (name: unknown): string =>
  `${shown(name)} is no parameter of $validate; it takes resource, mode, profile and remote.`;

interface InBody {
  readonly said: readonly Said[];
  readonly resource?: object;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (parameter: Readonly<Record<string, unknown>>): string | undefined => {
  const value = VALUES.map((name) => parameter[name]).find((one) => one !== undefined);
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined;
};

/** In: the resource itself, or Parameters with `resource`, `mode`, `profile` and `remote`. */
const readParameters = (body: object, isLenient: boolean): Result<InBody, Failure> => {
  if (!('resourceType' in body) || body.resourceType !== 'Parameters')
    return ok({ said: [], resource: body });
  const list: readonly unknown[] =
    'parameter' in body && Array.isArray(body.parameter) ? body.parameter : ([] as const);
  const said: Said[] = [];
  const resources: object[] = [];
  for (const [index, parameter] of list.entries()) {
    const at = { expression: [`Parameters.parameter[${index}]`] };
    if (!isObject(parameter)) return refused('structure', 'A parameter is a JSON object.', at);
    const { name, resource } = parameter;
    if (name === 'resource') {
      if (!isObject(resource)) return refused('required', 'The parameter resource holds no resource.', at);
      resources.push(resource);
    } else if (typeof name === 'string' && NAMES.has(name)) {
      const value = textOf(parameter);
      if (value === undefined) return refused('required', `The parameter ${name} has no value.`, at);
      said.push({ name, value, at });
    } else if (!isLenient) {
      return refused('not-supported', unknownName(name), at);
    }
  }
  const [resource, second] = resources;
  if (second !== undefined) {
    return refused('invalid', 'Give one parameter resource.', { expression: ['Parameters.parameter'] });
  }
  return ok({ said, ...(resource === undefined ? {} : { resource }) });
};

const readUrl = (
  { parameters }: Pick<Call, 'parameters'>,
  isLenient: boolean,
): Result<readonly Said[], Failure> => {
  const given = parameters.filter(([name]) => !PRESENTATION.has(name));
  const unknown = isLenient ? undefined : given.find(([name]) => !NAMES.has(name))?.[0];
  if (unknown !== undefined) {
    const name = shown(unknown);
    return refused(
      'not-supported',
      unknownName(unknown),
      name === 'This' ? {} : { location: [`http.${name}`] },
    );
  }
  return ok(
    given.flatMap(([name, value]) =>
      NAMES.has(name) ? [{ name, value, at: { location: [`http.${name}`] } }] : [],
    ),
  );
};

/** The one value of a parameter. Failure: it is said twice, differently. */
const only = (said: readonly Said[], name: string): Result<Said | undefined, Failure> => {
  const [first, ...more] = said.filter((one) => one.name === name && one.value !== '');
  const other = more.find(({ value }) => value !== first?.value);
  return other === undefined
    ? ok(first)
    : refused('invalid', `${name} is given twice with different values; give it once.`, other.at);
};

const modeOf = (said: Said | undefined): Result<ValidationMode | undefined, Failure> => {
  if (said === undefined) return ok(undefined);
  const mode = VALIDATION_MODES.find((one) => one === said.value);
  return mode === undefined
    ? refused('value', `mode must be one of ${VALIDATION_MODES.join(', ')}.`, said.at)
    : ok(mode);
};

const remoteOf = (said: Said | undefined): Result<boolean, Failure> =>
  said === undefined || said.value === 'true' || said.value === 'false'
    ? ok(said?.value === 'true')
    : refused('value', 'remote must be true or false.', said.at);

const bodyOf = async (
  server: Pick<Server, 'bodies'>,
  { request }: Pick<Call, 'request'>,
): Promise<Result<object | undefined, Failure>> => {
  if (request.method !== 'POST') return ok(undefined);
  const text = await readText(server.bodies, request);
  if (!text.ok) return text;
  return text.value.text.trim() === '' ? ok(undefined) : parseBody(server.bodies, text.value);
};

/** Reads what is asked. Failures: those of a body, and 400 for what is unknown or contradicts itself. */
export const readValidateInput = async (
  server: Pick<Server, 'bodies'>,
  call: Call,
): Promise<Result<ValidateInput, Failure>> => {
  const isLenient = call.prefer.handling === 'lenient';
  const inUrl = readUrl(call, isLenient);
  if (!inUrl.ok) return inUrl;
  const body = await bodyOf(server, call);
  if (!body.ok) return body;
  const inBody = body.value === undefined ? ok<InBody>({ said: [] }) : readParameters(body.value, isLenient);
  if (!inBody.ok) return inBody;
  const said = [...inUrl.value, ...inBody.value.said];
  const given = only(said, 'mode');
  const mode = given.ok ? modeOf(given.value) : given;
  if (!mode.ok) return mode;
  const profile = only(said, 'profile');
  if (!profile.ok) return profile;
  const asked = only(said, 'remote');
  const remote = asked.ok ? remoteOf(asked.value) : asked;
  if (!remote.ok) return remote;
  const { resource } = inBody.value;
  return ok({
    remote: remote.value,
    ...(mode.value === undefined ? {} : { mode: mode.value }),
    ...(profile.value === undefined ? {} : { profile: profile.value.value }),
    ...(resource === undefined ? {} : { resource }),
  });
};
