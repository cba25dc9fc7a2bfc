import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { ActingOrganization, Caller } from './caller.ts';

/**
 * Which acting organisation may write which PVK definition. PVK grants the right to write per definition, each
 * owned by one data controller; the facade holds its own callers to the same before anything is sent.
 */
export interface Grants {
  allows(organization: ActingOrganization | undefined, definition: string): boolean;
}

const ANY = '*';
/** The key for callers whose token names no organisation, e.g. a citizen's own. */
const NONE = 'none';
const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
/** A URI, `|`, a value. */
const ORGANIZATION = /^[a-zA-Z][a-zA-Z0-9+.-]*:[^\s|]+\|[^\s|]+$/;

const SETTING = 'HELSENORGE_GRANTS';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parseDefinitions = (value: unknown): ReadonlySet<string> | undefined => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const definitions = list.map((one) => (typeof one === 'string' ? one.toLowerCase() : ''));
  return definitions.every((one) => one === ANY || GUID.test(one)) ? new Set(definitions) : undefined;
};

const grantsOf = (table: ReadonlyMap<string, ReadonlySet<string>>): Grants => {
  const granted = (key: string, definition: string): boolean => {
    const definitions = table.get(key);
    return definitions !== undefined && (definitions.has(ANY) || definitions.has(definition));
  };
  return {
    allows: (organization, definition) => {
      const guid = definition.toLowerCase();
      if (organization === undefined) return granted(NONE, guid);
      const { system, value } = organization.identifier;
      return granted(`${system}|${value}`, guid) || granted(ANY, guid);
    },
  };
};

/** Nothing is granted to anybody: the default outside the sandbox. */
export const NO_GRANTS: Grants = { allows: () => false };

/** Every definition to every caller, with or without an organisation: the sandbox's seed. */
export const OPEN_GRANTS: Grants = { allows: () => true };

/**
 * Reads HELSENORGE_GRANTS: a JSON object from organisation (`system|value`, `*` for any that a token names,
 * `none` for tokens that name none) to its definitions (a list of GUIDs, or `*`).
 *
 * @example parseGrants('{"urn:oid:2.16.578.1.12.4.1.4.101|912159523": ["3f7457b8-821c-45a8-ae04-d3e4a0dac0f0"]}')
 * @returns the grants, or one sentence that names the setting
 */
export const parseGrants = (text: string): Result<Grants, string> => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail(`${SETTING} is not JSON.`);
  }
  if (!isObject(json)) return fail(`${SETTING} must be an object from organisation to definitions.`);
  const table = new Map<string, ReadonlySet<string>>();
  for (const [index, [organization, value]] of Object.entries(json).entries()) {
    const nth = `entry ${index + 1}`;
    if (organization !== ANY && organization !== NONE && !ORGANIZATION.test(organization)) {
      return fail(`${SETTING}, ${nth}: the organisation must be system|value, "${ANY}" or "${NONE}".`);
    }
    const definitions = parseDefinitions(value);
    if (definitions === undefined) {
      return fail(`${SETTING}, ${nth}: the definitions must be a list of GUIDs, or "${ANY}".`);
    }
    table.set(organization, definitions);
  }
  return ok(grantsOf(table));
};

/**
 * Whether the caller's acting organisation may write this definition.
 *
 * @param definition GUID in any letter case
 * @returns failure `forbidden`; the organisation is not repeated, a sole trader's number is a person's
 */
export const checkGrant = (
  grants: Grants,
  caller: Pick<Caller, 'organization'>,
  definition: string,
): Result<void, Failure> => {
  if (grants.allows(caller.organization, definition)) return ok(undefined);
  const text =
    caller.organization === undefined
      ? 'The token names no organisation, and every write to Helsenorge acts for one.'
      : 'The organisation that the token names is not granted this definition.';
  return fail(failure('forbidden', 'forbidden', text, { expression: ['Consent.policyRule'] }));
};
