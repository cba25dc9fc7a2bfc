import { ROLES } from './caller.ts';
import { formatScope, scopesOf } from './scopes.ts';
import {
  type AcceptedIssuer,
  isJwtIssuer,
  isSandboxIssuer,
  SMART_LISTS,
  type SmartEndpoint,
  type TokenIssuer,
} from './token/issuer.ts';

/**
 * https://hl7.org/fhir/smart-app-launch/STU2/conformance.html#smart-app-launch-configuration: what is known of it.
 * Fields that SMART requires and nobody configured are absent, never invented.
 */
export type SmartConfiguration = {
  readonly issuer: string;
  readonly jwks_uri?: string;
} & Readonly<Partial<Record<`${SmartEndpoint}_endpoint`, string>>> &
  Readonly<Partial<Record<(typeof SMART_LISTS)[keyof typeof SMART_LISTS], readonly string[]>>>;

/** SMART's scopes are understood in both versions, for a user and for the patient in context. */
const OWN_CAPABILITIES = ['permission-patient', 'permission-user', 'permission-v1', 'permission-v2'];

/** Every scope that a role can use, in SMART v2's spelling. */
const knownScopes = (): readonly string[] => [
  ...new Set(ROLES.flatMap((role) => scopesOf(role).map(formatScope))),
];

/** A client asks one server for tokens: the first that says where, else the first. */
const chosen = (issuers: readonly AcceptedIssuer[]): TokenIssuer | undefined => {
  const all = issuers.filter(isJwtIssuer);
  const configured = all.filter(({ issuer }) => !isSandboxIssuer(issuer));
  const told = configured.find(
    ({ smart }) => smart?.endpoints.token !== undefined || smart?.endpoints.authorization !== undefined,
  );
  return told ?? configured[0] ?? all[0];
};

/**
 * The SMART configuration of the issuer that clients are sent to.
 *
 * @returns undefined when no issuer of JWTs is accepted
 */
export const smartConfiguration = (issuers: readonly AcceptedIssuer[]): SmartConfiguration | undefined => {
  const issuer = chosen(issuers);
  if (issuer === undefined) return undefined;
  const { endpoints = {}, lists = {} } = issuer.smart ?? {};
  // Where tokens may do without scopes, the issuer need not know any.
  const hasScopes = issuer.claims.withoutScope === 'none' || isSandboxIssuer(issuer.issuer);
  const given = Object.entries(lists).map(([name, texts]): [string, readonly string[]] => [
    Object.entries(SMART_LISTS).find(([own]) => own === name)?.[1] ?? name,
    texts,
  ]);
  return {
    issuer: issuer.issuer,
    ...('url' in issuer.keys ? { jwks_uri: issuer.keys.url } : {}),
    ...Object.fromEntries(Object.entries(endpoints).map(([name, url]) => [`${name}_endpoint`, url])),
    ...(hasScopes ? { scopes_supported: knownScopes() } : {}),
    ...Object.fromEntries(given),
    capabilities: [...new Set([...(hasScopes ? OWN_CAPABILITIES : []), ...(lists.capabilities ?? [])])],
  };
};
