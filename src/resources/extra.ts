import type { Identifier, Resource } from '@medplum/fhirtypes';
import { type Failure, failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
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

const CHANGED_NUMBER = failure(
  'unprocessable',
  'business-rule',
  'National identity numbers are kept by the patient index and cannot be written. Find the Patient by POST ' +
    '/fhir/Patient/_search with identifier=system|value, which makes it on first use, and update that one, ' +
    'its identity number unchanged.',
  { expression: ['Patient.identifier'] },
);

/**
 * FACADE_EXTRA_TYPES=Patient: the index, and all else that a Patient may hold. Not deleted, because what
 * concerns the Patient remains; numbers come from the index alone, so that nobody has two Patients.
 */
export const patientStore = (
  searchParameters: readonly string[],
  isPersonSystem: IsPersonSystem,
): ResourceEntry => ({
  ...PATIENT,
  interactions: ALL.filter((interaction) => interaction !== 'delete'),
  searchParameters,
  documentation: `${PATIENT.documentation} Systems may write what else a Patient holds; an identity number stays as the index has it.`,
  write: {
    sameContent,
    isPatient: true,
    plan: (write) =>
      write.interaction === 'delete' ||
      sameJson(numbersOf(write.current, isPersonSystem), numbersOf(write.resource, isPersonSystem))
        ? stored(write)
        : fail(CHANGED_NUMBER),
  },
});
