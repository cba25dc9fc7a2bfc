import type { Bundle, Consent, Resource } from '@medplum/fhirtypes';

/** How a client is connected: all it is told about the server. */
export interface Connection {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Absent against an open sandbox. */
  readonly token?: string;
  /** The headers that a call needs beyond the client's own; none against an open sandbox. */
  readonly headers: (method: string, path: string) => Readonly<Record<string, string>>;
}

export interface PatchStep {
  readonly op: 'replace';
  readonly path: string;
  readonly value: string;
}

/** What a refusal looks like to the user of a client. */
export interface Refusal {
  readonly status?: number;
  /** Text of the OperationOutcome, as far as the client hands it on. */
  readonly text: string;
}

/**
 * A FHIR client that nobody here wrote, behind the names of R4's interactions.
 */
export interface TestedClient {
  readonly fhirVersion: () => Promise<string>;
  readonly create: (resource: Resource) => Promise<Resource>;
  readonly createUnlessThere: (resource: Resource, query: string) => Promise<Resource>;
  readonly read: (type: Resource['resourceType'], id: string) => Promise<Resource>;
  readonly readReference: (holder: Resource, path: string, reference: string) => Promise<Resource>;
  readonly vread: (type: Resource['resourceType'], id: string, version: string) => Promise<Resource>;
  readonly update: (resource: Resource, ifMatch?: string) => Promise<Resource>;
  readonly updateWhere: (resource: Resource, query: string) => Promise<Resource>;
  readonly patch: (
    type: Resource['resourceType'],
    id: string,
    steps: readonly PatchStep[],
  ) => Promise<Resource>;
  readonly delete: (type: Resource['resourceType'], id: string) => Promise<unknown>;
  readonly search: (
    type: Resource['resourceType'],
    parameters: Readonly<Record<string, string>>,
  ) => Promise<Bundle>;
  readonly searchByPost: (
    type: Resource['resourceType'],
    parameters: Readonly<Record<string, string>>,
  ) => Promise<Bundle>;
  /** Follows next links the client's own way, and tells the ids it saw. */
  readonly idsOfAllPages: (
    type: Resource['resourceType'],
    parameters: Readonly<Record<string, string>>,
  ) => Promise<readonly string[]>;
  /** Of one resource, or of its whole type. */
  readonly history: (type: Resource['resourceType'], id?: string) => Promise<Bundle>;
  readonly batch: (bundle: Bundle) => Promise<Bundle>;
  readonly validate: (resource: Resource) => Promise<Resource>;
  readonly refusalOf: (error: unknown) => Refusal;
}

/** The answer of a client that types it as anything: at least a resource. */
export const asResource = (value: unknown): Resource => {
  if (typeof value === 'object' && value !== null && 'resourceType' in value) return value as Resource;
  throw new Error('the client answered no resource');
};

export const asBundle = (value: unknown): Bundle => {
  const resource = asResource(value);
  if (resource.resourceType === 'Bundle') return resource;
  throw new Error(`the client answered a ${resource.resourceType} where a Bundle was expected`);
};

/** `Patient/<id>`, as the server has added it. */
export const patientOf = (resource: Resource | undefined): string => {
  const patient: Consent['patient'] = resource?.resourceType === 'Consent' ? resource.patient : undefined;
  if (patient?.reference === undefined) throw new Error('the Consent names no Patient');
  return patient.reference;
};

export const idOf = (resource: Resource | undefined): string => {
  if (resource?.id === undefined) throw new Error('the resource has no id');
  return resource.id;
};
