import { ROLES, type Role } from '../caller.ts';
import { CLAIM_MAPPINGS, type ClaimMapping, type MappingName, type NamedRoleRule } from '../claims.ts';
import type { NllRoleRule } from '../nll-role.ts';
import type { ClaimPath, IdentifierClaim } from './claim-reader.ts';
import { isObject, type JsonObject, memberNames, Refusal, textMember, textsMember } from './json-reader.ts';

const PATHS = ['subject', 'clientId', 'scope', 'patient', 'represents', 'loa'] as const;
const IDENTIFIERS = ['person', 'representedPersons', 'organization'] as const;
const MEMBERS = ['from', ...PATHS, ...IDENTIFIERS, 'role', 'withoutScope'];

const NLL_PATHS = ['prescriberCode', 'careProvider', 'professions', 'pharmacy', 'personalNumber'] as const;
const NLL_MEMBERS = [...NLL_PATHS, 'pharmacistCodes', 'careRoles'];

const parsePath = (value: JsonObject, name: string, at: string): ClaimPath | undefined =>
  Array.isArray(value[name]) ? textsMember(value, name, at) : textMember(value, name, at);

/** Those of the named paths that the object gives. */
const parsePaths = <Name extends string>(
  value: JsonObject,
  names: readonly Name[],
  at: string,
): Partial<Record<Name, ClaimPath>> => {
  const paths: Partial<Record<Name, ClaimPath>> = {};
  for (const name of names) {
    const path = parsePath(value, name, at);
    if (path !== undefined) paths[name] = path;
  }
  return paths;
};

const parseIdentifier = (value: unknown, at: string): IdentifierClaim => {
  if (!isObject(value)) throw new Refusal(`${at} must be an object {claim, system?}.`);
  memberNames(value, ['claim', 'system'], at);
  const claim = parsePath(value, 'claim', at);
  if (claim === undefined) throw new Refusal(`${at}.claim is missing.`);
  const system = textMember(value, 'system', at);
  return system === undefined ? { claim } : { claim, system };
};

const parseIdentifiers = (value: unknown, at: string): readonly IdentifierClaim[] => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((one, index) => parseIdentifier(one, Array.isArray(value) ? `${at}[${index}]` : at));
};

const parseRoles = (value: unknown, at: string): Readonly<Record<string, Role>> => {
  if (!isObject(value)) throw new Refusal(`${at} must be an object from claim value to role.`);
  const entries = Object.entries(value).map(([said, name]): [string, Role] => {
    const role = ROLES.find((one) => one === name);
    if (role === undefined) throw new Refusal(`${at}.${said} must be one of ${ROLES.join(', ')}.`);
    return [said, role];
  });
  return Object.fromEntries(entries);
};

const parseNllRule = (value: JsonObject, base: NllRoleRule, at: string): NllRoleRule => {
  memberNames(value, NLL_MEMBERS, at);
  const pharmacistCodes = textsMember(value, 'pharmacistCodes', at);
  const careRoles = value['careRoles'];
  return {
    ...base,
    ...parsePaths(value, NLL_PATHS, at),
    ...(pharmacistCodes === undefined ? {} : { pharmacistCodes }),
    ...(careRoles === undefined ? {} : { careRoles: parseRoles(careRoles, `${at}.careRoles`) }),
  };
};

const parseNamedRule = (value: JsonObject, base: NamedRoleRule | undefined, at: string): NamedRoleRule => {
  memberNames(value, ['claim', 'values'], at);
  const claim = parsePath(value, 'claim', at) ?? base?.claim;
  if (claim === undefined) throw new Refusal(`${at}.claim is missing.`);
  const values = value['values'] === undefined ? base?.values : parseRoles(value['values'], `${at}.values`);
  if (values === undefined) throw new Refusal(`${at}.values is missing.`);
  return { claim, values };
};

const parseRole = (value: unknown, base: ClaimMapping['role'], at: string): ClaimMapping['role'] => {
  if (!isObject(value)) throw new Refusal(`${at} must be an object.`);
  const names = 'claim' in value || 'values' in value;
  if ('derive' in base && !names) return parseNllRule(value, base, at);
  return parseNamedRule(value, 'derive' in base ? undefined : base, at);
};

const parseWithoutScope = (value: unknown, at: string): ClaimMapping['withoutScope'] => {
  if (value === 'none' || value === 'role') return value;
  throw new Refusal(`${at}.withoutScope must be none or role.`);
};

/**
 * A mapping of the configuration: the members it gives replace those of the mapping named by `from` (the
 * usual one of its kind of token unless said). Throws Refusal.
 */
export const parseClaimMapping = (value: unknown, at: string, usual: MappingName = 'own'): ClaimMapping => {
  if (!isObject(value)) throw new Refusal(`${at} must be an object.`);
  memberNames(value, MEMBERS, at);
  const from = textMember(value, 'from', at) ?? usual;
  const base = Object.entries(CLAIM_MAPPINGS).find(([name]) => name === from)?.[1];
  if (base === undefined) {
    throw new Refusal(`${at}.from must be ${Object.keys(CLAIM_MAPPINGS).join(' or ')}.`);
  }
  const identifiers: Partial<Record<(typeof IDENTIFIERS)[number], readonly IdentifierClaim[]>> = {};
  for (const name of IDENTIFIERS) {
    if (value[name] !== undefined) identifiers[name] = parseIdentifiers(value[name], `${at}.${name}`);
  }
  return {
    ...base,
    ...parsePaths(value, PATHS, at),
    ...identifiers,
    ...(value['role'] === undefined ? {} : { role: parseRole(value['role'], base.role, `${at}.role`) }),
    ...(value['withoutScope'] === undefined
      ? {}
      : { withoutScope: parseWithoutScope(value['withoutScope'], at) }),
  };
};
