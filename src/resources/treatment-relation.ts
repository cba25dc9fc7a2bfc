import type { Resource } from '@medplum/fhirtypes';
import { codeSystem } from '../canonical.ts';
import { type Failure, failure } from '../failure.ts';
import type { Clock } from '../ports.ts';
import type { Caller } from '../security/caller.ts';
import { sameContent, whoIsAskedAbout } from '../systems/brs/mapping.ts';
import type { BrsSystem } from '../systems/brs/system.ts';
import { normalisePersonNumber } from '../systems/identifiers.ts';
import { normaliseOrganizationIdentifier } from '../systems/organizations.ts';
import { asBasic, basicWrite } from './basic.ts';
import type { ConnectedParts } from './entry.ts';

const forbidden = (diagnostics: string, expression: string): Failure =>
  failure('forbidden', 'forbidden', diagnostics, {
    expression: [expression],
    details: { system: codeSystem('header-issue'), code: 'combination-not-allowed' },
  });

const CPR = 'urn:oid:1.2.208.176.1.2';

/** The CPR number of the person behind the call; undefined when the token names none. */
const cprOf = ({ person }: Caller): string | undefined => {
  const read = person === undefined ? undefined : normalisePersonNumber(person.system, person.value);
  return read?.ok === true && read.value.system === CPR ? read.value.value : undefined;
};

const written = (system: string, value: string): string => {
  const read = normaliseOrganizationIdentifier(system, value);
  return read?.ok === true ? `${read.value.kind}|${read.value.value}` : `${system}|${value}`;
};

/** A personal role asks about itself and its own organisation. */
const refuseOthers = (caller: Caller, resource: Resource, now: number): Failure | undefined => {
  const asked = whoIsAskedAbout(asBasic(resource), now);
  if (asked.professionalCpr === undefined || cprOf(caller) !== asked.professionalCpr) {
    return forbidden(
      'A treatment relation is asked about by the health professional whose it is: the token names another person, or none by CPR number.',
      'Basic.author',
    );
  }
  const own = caller.organization?.identifier;
  const { organisation } = asked;
  if (
    own !== undefined &&
    organisation !== undefined &&
    written(own.system, own.value) === written(organisation.system, organisation.value)
  ) {
    return undefined;
  }
  return forbidden(
    'A treatment relation is asked about in the organisation that the token names, by the same identifier.',
    'Basic.extension',
  );
};

/** Basic treatment-relation: a question to BRS and its answer. */
export const treatmentRelation = (
  brs: BrsSystem,
  /** `anybody`: any combination works, as the sandbox has it until configuration narrows it. */
  { asking, clock }: { readonly asking: 'own' | 'anybody'; readonly clock: Clock },
): ConnectedParts => ({
  preview: (request) => brs.preview(request),
  write: {
    patient: 'subject',
    system: 'brs',
    resolves: ['Organization'],
    plan: (write, { resolve }) =>
      brs.plan(basicWrite(write), (reference) => {
        const found = resolve(reference);
        return found?.resourceType === 'Organization' ? found : undefined;
      }),
    sameContent: (a, b) => sameContent(asBasic(a), asBasic(b)),
    mayAct: (caller, resource) =>
      asking === 'anybody' ? undefined : refuseOthers(caller, resource, clock()),
  },
});
