import { jsonResponse } from '../simulation/json.ts';

/** Why the token endpoint refuses: `{"error","error_description"}`. */
export interface TokenRefusal {
  readonly error: string;
  readonly description?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const refusal = (error: string, description: string): TokenRefusal => ({ error, description });

export const ASSERTION_REUSED = refusal('invalid_client', 'The client assertion has been used before.');

export const multiTenantMismatch = (clientId: string): TokenRefusal =>
  refusal(
    'invalid_request',
    `The client '${clientId}' is set up for multi-tenancy, but is passing a single tenant organization structure`,
  );

/** Every refusal answers 400; RFC 6749 would allow 401 for invalid_client, HelseID's choice is not published. */
export const refusalResponse = ({ error, description, headers = {} }: TokenRefusal): Response =>
  jsonResponse(
    400,
    { error, ...(description === undefined ? {} : { error_description: description }) },
    {
      'cache-control': 'no-store',
      ...headers,
    },
  );

/** Faults that are nothing but an answer of this kind, given before anything is looked at. */
export const FAULT_REFUSALS: Readonly<Record<string, (clientId: string) => TokenRefusal>> = {
  'invalid-request': () => refusal('invalid_request', 'The request is invalid.'),
  'invalid-client': () => refusal('invalid_client', 'Client authentication failed.'),
  'invalid-grant': () => refusal('invalid_grant', 'The grant is invalid.'),
  'invalid-scope': () => refusal('invalid_scope', 'The scope is not granted to the client.'),
  'unauthorized-client': () => refusal('unauthorized_client', 'The client may not use this grant type.'),
  'unsupported-grant-type': () => refusal('unsupported_grant_type', 'The grant type is not supported.'),
  'unsupported-response-type': () =>
    refusal('unsupported_response_type', 'The response type is not supported.'),
  'assertion-reused': () => ASSERTION_REUSED,
  'multi-tenant-mismatch': multiTenantMismatch,
};
