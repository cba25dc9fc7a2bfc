import type { Identifier, Resource } from '@medplum/fhirtypes';
import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { SystemValue } from '../security/caller.ts';
import type { Plan, SystemWrite } from '../systems/system.ts';
import type { Interaction, ResourceEntry, WriteRules } from './entry.ts';
import { sameJson, withoutServerMeta } from './same.ts';
import { PATIENT } from './server-made.ts';

const ALL = [
  'read',
  'vread',
  'create',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'search-type',
] as const satisfies readonly Interaction[];

const stored = (write: SystemWrite<Resource>): Result<Plan<Resource>, Failure> =>
  ok({
    ...(write.resource === undefined ? {} : { resource: write.resource }),
    onUnchanged: 'keep',
    issues: [],
  });

const sameContent: WriteRules['sameContent'] = (a, b) => sameJson(withoutServerMeta(a), withoutServerMeta(b));

/** Conformance and terminology: about nobody, so read by everybody, whoever put it there. */
const DISCOVERY: ReadonlySet<string> = new Set(['CodeSystem', 'ValueSet']);

/**
 * A type of FACADE_EXTRA_TYPES: R4 as it is, kept by the facade itself; no national system knows of it.
 *
 * @param searchParameters all that R4 has for the type
 */
export const extraEntry = (type: string, searchParameters: readonly string[]): ResourceEntry => {
  const isOpen = DISCOVERY.has(type);
  return {
    type,
    kind: 'extra',
    interactions: ALL,
    pattern: isOpen ? 'discovery' : '2.2.1',
    confidential: !isOpen,
    searchParameters,
    documentation: isOpen
      ? 'Kept by the facade itself: read by everybody without a token, written by systems; no national system is told.'
      : 'Kept by the facade itself, for systems alone: writing here tells no national system.',
    write: { plan: stored, sameContent },
  };
};

type IsPersonSystem = (system: string) => boolean;

const numbersOf = (resource: Resource | undefined, isPersonSystem: IsPersonSystem): readonly Identifier[] =>
  resource?.resourceType !== 'Patient'
    ? []
    : (resource.identifier ?? []).filter(({ system }) => system !== undefined && isPersonSystem(system));

const refusedNumber = (diagnostics: string): Result<never, Failure> =>
  fail(failure('unprocessable', 'business-rule', diagnostics, { expression: ['Patient.identifier'] }));

const CHANGED =
  'The national identity number of a Patient stays as it was created: what concerns the Patient is found by it.';
const SEVERAL = 'A Patient has one national identity number here, by which the patient index knows it.';

type Normalise = (system: string, value: string) => Result<SystemValue, string>;

/** A Patient to be created, its national identity number in the form that is stored. */
const withNumber = (
  resource: Resource,
  isPersonSystem: IsPersonSystem,
  normalise: Normalise,
): Result<Resource, Failure> => {
  const [number, another] = numbersOf(resource, isPersonSystem);
  if (number === undefined || resource.resourceType !== 'Patient') return ok(resource);
  if (another !== undefined) return refusedNumber(SEVERAL);
  const normal = normalise(number.system ?? '', number.value ?? '');
  if (!normal.ok) return refusedNumber(normal.failure);
  const identifier = resource.identifier?.map((one) => (one === number ? { ...one, ...normal.value } : one));
  return ok({ ...resource, ...(identifier === undefined ? {} : { identifier }) });
};

/**
 * FACADE_EXTRA_TYPES=Patient: the index, and all else that a Patient may hold. Not deleted, because what concerns the
 * Patient remains. A number is entered into the index with the create, so that nobody has two Patients.
 */
export const patientStore = (
  searchParameters: readonly string[],
  isPersonSystem: IsPersonSystem,
  normalise: Normalise,
): ResourceEntry => ({
  ...PATIENT,
  interactions: ALL.filter((interaction) => interaction !== 'delete'),
  searchParameters,
  documentation:
    'A full Patient store, written by systems. `POST /fhir/Patient/_search` with `identifier=system|value` finds the Patient with that national identity number and makes none; X-PatientRef is not sent then (as in NLL TA 05). A second Patient with the same number is a 409, and the number of a Patient stays as it was created. Identity numbers in a URL are refused.',
  write: {
    sameContent,
    isPatient: true,
    numberOf: (resource) => {
      const [{ system, value } = {}] = numbersOf(resource, isPersonSystem);
      return system === undefined || value === undefined ? undefined : { system, value };
    },
    plan: (write) => {
      if (write.interaction === 'create') {
        const created = withNumber(write.resource, isPersonSystem, normalise);
        return created.ok ? stored({ interaction: 'create', resource: created.value }) : created;
      }
      return write.interaction === 'delete' ||
        sameJson(numbersOf(write.current, isPersonSystem), numbersOf(write.resource, isPersonSystem))
        ? stored(write)
        : refusedNumber(CHANGED);
    },
  },
});
