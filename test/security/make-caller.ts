import { kindOfRole } from '../../src/security/access.ts';
import type { Caller, Role } from '../../src/security/caller.ts';
import { parseScopes, scopesOf } from '../../src/security/scopes.ts';

/** A caller of this role with all of its scopes, unless said otherwise. */
export const makeCaller = (
  role: Role,
  { scope, ...more }: Partial<Caller> & { readonly scope?: string } = {},
): Caller => ({
  issuer: 'https://issuer.example',
  clientId: 'client',
  subject: 'subject',
  role,
  kind: kindOfRole(role),
  represents: [],
  scopes: scope === undefined ? scopesOf(role) : parseScopes(scope),
  expiresAt: 0,
  ...more,
});
