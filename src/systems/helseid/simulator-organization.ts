import { fail, ok, type Result } from '../../result.ts';
import { isObject, type JsonObject } from '../simulation/json.ts';
import { multiTenantMismatch, refusal, type TokenRefusal } from './simulator-refusal.ts';
import type { HelseIdClient, HelseIdOrganization } from './simulator-settings.ts';

/** For whom the token is: what ends up in its `orgnr_*` claims. */
export interface ActingOrganization {
  readonly parent?: string;
  readonly child?: string;
  readonly rejectedScopes: readonly string[];
}

interface Structure {
  readonly kind: 'single' | 'multi';
  readonly value: string;
}

const MULTI_SYSTEM = 'urn:oid:1.0.6523';
/** The organisation number register; the second is what an older sample has. */
const SINGLE_SYSTEMS = ['urn:oid:2.16.578.1.12.4.1.4.101', 'urn:oid:2.16.578.1.12.4.1.2.101'];
const MULTI_VALUE = /^NO:ORGNR:(\d{9}):(\d{9})?$/;
const SINGLE_VALUE = /^\d{9}$/;

const malformed = refusal('invalid_request', 'The organization structure is malformed.');

const member = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);

/** The organisation of the claim in either of its names, an object or an array of one; undefined: none sent. */
const structureOf = (claims: JsonObject): Result<Structure | undefined, TokenRefusal> => {
  const claim = claims['assertion_details'] ?? claims['authorization_details'];
  if (claim === undefined) return ok(undefined);
  const details: unknown = Array.isArray(claim) && claim.length === 1 ? claim[0] : claim;
  if (member(details, 'type') !== 'helseid_authorization') return fail(malformed);
  const identifier = member(member(member(details, 'practitioner_role'), 'organization'), 'identifier');
  if (!isObject(identifier)) return fail(malformed);
  const { system, type, value } = identifier;
  if (type !== 'ENH' || typeof system !== 'string' || typeof value !== 'string') return fail(malformed);
  if (system === MULTI_SYSTEM) return ok({ kind: 'multi', value });
  return SINGLE_SYSTEMS.includes(system) ? ok({ kind: 'single', value }) : fail(malformed);
};

const acting = (
  organization: HelseIdOrganization | undefined,
  parent: string | undefined,
  child: string | undefined,
): Result<ActingOrganization, TokenRefusal> => {
  if (child !== undefined && organization?.children?.includes(child) === false)
    return fail(refusal('invalid_request', 'The sub-organization is not registered for the client.'));
  return ok({
    ...(parent === undefined ? {} : { parent }),
    ...(child === undefined ? {} : { child }),
    rejectedScopes: organization?.rejectedScopes ?? [],
  });
};

const multiTenant = (
  client: HelseIdClient,
  structure: Structure,
): Result<ActingOrganization, TokenRefusal> => {
  if (structure.kind === 'single') return fail(multiTenantMismatch(client.clientId));
  const parts = MULTI_VALUE.exec(structure.value);
  if (parts === null) return fail(malformed);
  const [, parent, child] = parts;
  const organization = client.organizations.find((known) => known.parent === parent);
  if (organization === undefined && client.organizations.length > 0)
    return fail(refusal('invalid_request', 'The organization is not registered for the client.'));
  return acting(organization, parent, child);
};

const singleTenant = (
  client: HelseIdClient,
  structure: Structure,
): Result<ActingOrganization, TokenRefusal> => {
  if (structure.kind === 'multi')
    return fail(
      refusal(
        'invalid_request',
        `The client '${client.clientId}' is set up for single tenancy, but is passing a multi tenant organization structure`,
      ),
    );
  if (!SINGLE_VALUE.test(structure.value)) return fail(malformed);
  const [owner] = client.organizations;
  return acting(owner, owner?.parent, structure.value);
};

/**
 * Reads the organisation of a client assertion against the client's tenancy. Without one, a multi-tenant
 * client acts for nobody: its token has no organisation number, which PVK refuses with a misleading code.
 */
export const actingOrganization = (
  client: HelseIdClient,
  claims: JsonObject,
): Result<ActingOrganization, TokenRefusal> => {
  const structure = structureOf(claims);
  if (!structure.ok) return structure;
  if (structure.value === undefined) {
    const owner = client.tenancy === 'multi-tenant' ? undefined : client.organizations[0];
    return acting(owner, owner?.parent, undefined);
  }
  if (client.tenancy === 'multi-tenant') return multiTenant(client, structure.value);
  if (client.tenancy === 'single-tenant') return singleTenant(client, structure.value);
  return fail(
    refusal(
      'invalid_request',
      `The client '${client.clientId}' is not set up for tenancy, but is passing an organization structure`,
    ),
  );
};
