import type { Identifier, Reference, Resource } from '@medplum/fhirtypes';
import { type Failure, failure, type Issue } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { SystemValue } from '../security/caller.ts';
import type { Call } from './call.ts';
import type { Server } from './server.ts';

/**
 * How a resource names its patient: by `reference`, by `identifier`, or by a contained Patient that holds
 * nothing but identifiers. The server adds the missing half, so that `patient=Patient/<id>` always finds it.
 */
export interface NamedPatient {
  /** The resource with the identifier in place and no contained Patient left. */
  readonly resource: Resource;
  /** Known when the resource names an indexed Patient, or one that the index already knows. */
  readonly id?: string;
  /** What `settlePatient` makes the Patient from. */
  readonly identifier?: SystemValue;
}

type PatientElement = 'patient' | 'subject';

/** The body is foreign, but has been validated: the element is a Reference if it is there. */
const elementOf = (resource: Resource, element: PatientElement): Reference | undefined =>
  (resource as Partial<Record<PatientElement, Reference>>)[element];

const withElement = (resource: Resource, element: PatientElement, value: Reference): Resource => ({
  ...resource,
  [element]: value,
});

const containedOf = (resource: Resource): readonly Resource[] =>
  'contained' in resource ? (resource.contained ?? []) : [];

const withContained = (resource: Resource, contained: readonly Resource[]): Resource => {
  const { contained: _, ...rest } = resource as Resource & { readonly contained?: unknown };
  const kept = contained.length === 0 ? {} : { contained: [...contained] };
  return { ...rest, ...kept };
};

const issue = (code: Issue['code'], expression: string, diagnostics: string, malformed?: true): Issue => ({
  severity: 'error',
  code,
  diagnostics,
  expression: [expression],
  ...(malformed === undefined ? {} : { malformed }),
});

const ALLOWED_IN_CONTAINED = new Set(['resourceType', 'id', 'identifier']);

/** Replaces a reference to a contained Patient by that Patient's identifier. */
const liftContained = (
  resource: Resource,
  element: PatientElement,
  at: string,
): Result<Resource, readonly Issue[]> => {
  const reference = elementOf(resource, element)?.reference;
  if (reference?.startsWith('#') !== true) return ok(resource);
  const contained = containedOf(resource).find((one) => `#${one.id}` === reference);
  if (contained?.resourceType !== 'Patient') {
    return fail([issue('value', `${at}.reference`, 'The reference must be to a contained Patient.')]);
  }
  const further = Object.keys(contained).filter((member) => !ALLOWED_IN_CONTAINED.has(member));
  if (further.length > 0) {
    return fail([
      issue(
        'business-rule',
        `${resource.resourceType}.contained`,
        `A contained Patient may hold identifiers only; it also holds ${further.join(', ')}.`,
      ),
    ]);
  }
  const [identifier, ...others] = contained.identifier ?? [];
  if (identifier === undefined || others.length > 0) {
    return fail([
      issue(
        identifier === undefined ? 'required' : 'multiple-matches',
        `${resource.resourceType}.contained`,
        'A contained Patient must hold exactly one identifier.',
      ),
    ]);
  }
  const remaining = containedOf(resource).filter((one) => one !== contained);
  return ok(withElement(withContained(resource, remaining), element, { identifier }));
};

const LOCAL = /^(?:.*\/)?Patient\/([A-Za-z0-9\-.]{1,64})$/;

const localId = (reference: string | undefined, base: string): string | undefined => {
  if (reference === undefined) return undefined;
  const relative = reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference;
  return relative.startsWith('Patient/') ? LOCAL.exec(relative)?.[1] : undefined;
};

const personIdentifier = (server: Server, identifier: Identifier | undefined): SystemValue | undefined => {
  const { system, value } = identifier ?? {};
  if (system === undefined || value === undefined || !server.persons.isPersonSystem(system)) return undefined;
  const normal = server.persons.normalise(system, value);
  return normal.ok ? normal.value : undefined;
};

/**
 * Finds out whom the resource names; makes nothing. A malformed number is left in place for the mapping to
 * refuse by its own rule.
 */
export const namePatient = async (
  server: Server,
  given: Resource,
  element: PatientElement,
  call: Pick<Call, 'base' | 'authority'>,
): Promise<Result<NamedPatient, Failure>> => {
  const named = await nameInReach(server, given, element, call);
  if (named.ok || 'kind' in named.failure) return named as Result<NamedPatient, Failure>;
  return fail({ kind: 'unprocessable', issues: named.failure });
};

const nameInReach = async (
  server: Server,
  given: Resource,
  element: PatientElement,
  { base, authority }: Pick<Call, 'base' | 'authority'>,
): Promise<Result<NamedPatient, readonly Issue[] | Failure>> => {
  const at = `${given.resourceType}.${element}`;
  const lifted = liftContained(given, element, at);
  if (!lifted.ok) return lifted;
  const resource = lifted.value;
  const reference = elementOf(resource, element);
  if (reference === undefined) return ok({ resource });
  const named = personIdentifier(server, reference.identifier);
  const indexed = named === undefined ? undefined : await server.patients.find(named);
  if (reference.reference === undefined) {
    if (named === undefined) return ok({ resource });
    if (indexed === undefined) return ok({ resource, identifier: named });
    // In the stored form already, so that an update that says the same is seen to change nothing.
    return ok({ resource: withPatient(resource, element, indexed, named), id: indexed, identifier: named });
  }
  const id = localId(reference.reference, base);
  if (id === undefined) {
    return fail([
      issue(
        'not-supported',
        `${at}.reference`,
        'The patient must be Patient/<id> of this server or an identifier; references to other servers are not followed.',
      ),
    ]);
  }
  const within = authority?.patients;
  if (within !== undefined && !within.includes(id)) {
    // Before anything is compared: whether a number belongs to a Patient is nothing for others to try out.
    return fail(failure('forbidden', 'forbidden', 'The token does not reach the patient of this resource.'));
  }
  const known = await server.patients.identifierOf(id);
  if (known === undefined) {
    return fail([
      issue(
        'not-found',
        `${at}.reference`,
        'This server has no such Patient; name the patient by identifier.',
      ),
    ]);
  }
  if (reference.identifier !== undefined && indexed !== id) {
    return fail([
      issue(
        'business-rule',
        at,
        'The reference and the identifier name different patients; send one of them.',
      ),
    ]);
  }
  return ok({ resource: withPatient(resource, element, id, known), id, identifier: known });
};

/** The stored form: reference, type and the identifier in the system that the server emits. */
export const withPatient = (
  resource: Resource,
  element: PatientElement,
  id: string,
  identifier: SystemValue,
): Resource => {
  const named = elementOf(resource, element);
  return withElement(resource, element, {
    ...named,
    reference: `Patient/${id}`,
    type: 'Patient',
    identifier: { ...named?.identifier, ...identifier },
  });
};
