import { SMART_ENDPOINTS, SMART_LISTS, type SmartEndpoint, type SmartIssuer } from './issuer.ts';
import { isSafeUrl, type JsonObject, Refusal, textMember, textsMember } from './json-reader.ts';

const LISTS = Object.keys(SMART_LISTS) as readonly (keyof typeof SMART_LISTS)[];

const memberOf = (endpoint: SmartEndpoint): string => `${endpoint}Endpoint`;

/** The members of an issuer that clients are told, and that verify nothing. */
export const SMART_MEMBERS: readonly string[] = [...SMART_ENDPOINTS.map(memberOf), ...LISTS];

const parseEndpoints = (value: JsonObject, at: string): SmartIssuer['endpoints'] => {
  const endpoints: Partial<Record<SmartEndpoint, string>> = {};
  for (const endpoint of SMART_ENDPOINTS) {
    const name = memberOf(endpoint);
    const url = textMember(value, name, at);
    if (url === undefined) continue;
    if (!isSafeUrl(url)) throw new Refusal(`${at}.${name} must be an https address.`);
    endpoints[endpoint] = url;
  }
  return endpoints;
};

const parseLists = (value: JsonObject, at: string): SmartIssuer['lists'] => {
  const lists: Partial<Record<keyof typeof SMART_LISTS, readonly string[]>> = {};
  for (const name of LISTS) {
    const texts = textsMember(value, name, at);
    if (texts !== undefined) lists[name] = texts;
  }
  return lists;
};

/**
 * `authorizationEndpoint`, `tokenEndpoint`, `registrationEndpoint`, `introspectionEndpoint`, `revocationEndpoint`,
 * `managementEndpoint` (https addresses), and `grantTypesSupported`, `scopesSupported`, `responseTypesSupported`,
 * `codeChallengeMethodsSupported`, `tokenEndpointAuthMethodsSupported`, `capabilities` (a text or a list).
 *
 * @returns undefined when the issuer has none of them; throws {@link Refusal}
 */
export const parseSmart = (value: JsonObject, at: string): SmartIssuer | undefined =>
  SMART_MEMBERS.some((name) => value[name] !== undefined)
    ? { endpoints: parseEndpoints(value, at), lists: parseLists(value, at) }
    : undefined;
