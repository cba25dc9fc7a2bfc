import type {
  CodeableConcept,
  Identifier,
  Practitioner,
  PractitionerRole,
  Provenance,
  Reference,
} from '@medplum/fhirtypes';
import { follow, type Holder, type MappingContext, typeOf } from './context.ts';
import { finding } from './findings.ts';

/** Who acts, put together from a resource or an agent, and where each part was said. */
export interface Actor {
  readonly identifiers: readonly { readonly identifier: Identifier; readonly path: string }[];
  readonly practitioner: Practitioner | undefined;
  /** Of a reference that names the person by identifier alone. */
  readonly display: string | undefined;
  readonly roles: readonly CodeableConcept[];
  readonly organization: Reference | undefined;
  readonly holder: Holder;
  /** Of the person, of the role and of the organisation. */
  readonly paths: { readonly person: string; readonly role: string; readonly organization: string };
}

const NOT_A_PERSON: ReadonlySet<string> = new Set(['Organization', 'Device', 'HealthcareService']);
const PERSONAL: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson']);

/** Whoever is not health personnel is refused; `false` when something was told. */
const judgeType = (type: string | undefined, path: string, context: MappingContext): boolean => {
  if (type === undefined || type === 'Practitioner' || type === 'PractitionerRole') return true;
  const [name, why] = NOT_A_PERSON.has(type)
    ? (['creator-not-a-person', 'The creator of a whitelisting must be a person.'] as const)
    : ([
        'creator-not-supported',
        PERSONAL.has(type)
          ? 'A citizen cannot whitelist a certificate; the creator is health personnel.'
          : 'The creator is a Practitioner or a PractitionerRole.',
      ] as const);
  context.issues.push(finding(name, path, why));
  return false;
};

const at = (identifiers: readonly Identifier[] | undefined, path: string) =>
  (identifiers ?? []).map((identifier, index) => ({ identifier, path: `${path}.identifier[${index}]` }));

const ownIdentifier = (reference: Reference, path: string) =>
  reference.identifier === undefined
    ? []
    : [{ identifier: reference.identifier, path: `${path}.identifier` }];

/** The person that a reference leads to. */
const personAt = (
  reference: Reference | undefined,
  holder: Holder,
  path: string,
  context: MappingContext,
): Pick<Actor, 'identifiers' | 'practitioner' | 'display'> & { readonly path: string } => {
  const none = { identifiers: [], practitioner: undefined, display: undefined, path };
  if (reference === undefined) return none;
  const found = follow(reference, holder, path, context);
  if (found !== undefined && found.resource.resourceType !== 'Practitioner') {
    judgeType(found.resource.resourceType, path, context);
    return none;
  }
  const practitioner = found?.resource.resourceType === 'Practitioner' ? found.resource : undefined;
  return {
    identifiers: [...ownIdentifier(reference, path), ...at(practitioner?.identifier, found?.path ?? path)],
    practitioner,
    display: reference.display,
    path: found?.path ?? path,
  };
};

const fromRole = (role: PractitionerRole, holder: Holder, path: string, context: MappingContext): Actor => {
  const { path: person, ...who } = personAt(role.practitioner, holder, `${path}.practitioner`, context);
  return {
    ...who,
    identifiers: [...who.identifiers, ...at(role.identifier, path)],
    roles: role.code ?? [],
    organization: role.organization,
    holder,
    paths: { person, role: `${path}.code`, organization: `${path}.organization` },
  };
};

/** What a reference to a Practitioner or PractitionerRole says; undefined after a finding. */
const actorAt = (
  reference: Reference,
  holder: Holder,
  path: string,
  context: MappingContext,
): Actor | undefined => {
  if (!judgeType(typeOf(reference), path, context)) return undefined;
  const before = context.issues.length;
  const found = follow(reference, holder, path, context);
  if (context.issues.length > before) return undefined;
  if (found?.resource.resourceType === 'PractitionerRole') {
    const role = fromRole(found.resource, holder, found.path, context);
    return { ...role, identifiers: [...ownIdentifier(reference, path), ...role.identifiers] };
  }
  if (found !== undefined && !judgeType(found.resource.resourceType, path, context)) return undefined;
  const { path: person, ...who } = personAt(reference, holder, path, context);
  return {
    ...who,
    roles: [],
    organization: undefined,
    holder,
    paths: { person, role: path, organization: path },
  };
};

/** The creator as `Basic.author` names it. */
export const authorActor = (
  reference: Reference,
  holder: Holder,
  context: MappingContext,
): Actor | undefined => actorAt(reference, holder, 'Basic.author', context);

const PARTICIPANT = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

const isAuthor = ({ type }: Provenance['agent'][number]): boolean =>
  type?.coding?.some(({ system, code }) => system === PARTICIPANT && code === 'author') === true;

/** The acting person of X-Provenance: its author, else its first agent that is a Practitioner or a PractitionerRole. */
export const provenanceActor = (
  provenance: Omit<Provenance, 'target' | 'recorded'>,
  context: MappingContext,
): Actor | undefined => {
  const holder: Holder = { contained: provenance.contained ?? [], path: 'Provenance' };
  const isPersonal = (who: Reference): boolean => {
    const type =
      typeOf(who) ?? holder.contained.find(({ id }) => `#${id}` === who.reference)?.resourceType ?? '';
    return !NOT_A_PERSON.has(type);
  };
  const author = provenance.agent.findIndex((one) => isAuthor(one) && isPersonal(one.who));
  const personal = provenance.agent.findIndex(({ who }) => isPersonal(who));
  const index = Math.max(0, author === -1 ? personal : author);
  const agent = provenance.agent[index];
  if (agent === undefined) return undefined;
  const path = `Provenance.agent[${index}]`;
  const actor = actorAt(agent.who, holder, `${path}.who`, context);
  if (actor === undefined) return undefined;
  const { roles, organization, paths } = actor;
  return {
    ...actor,
    roles: roles.length === 0 ? (agent.role ?? []) : roles,
    organization: organization ?? agent.onBehalfOf,
    paths: {
      person: paths.person,
      role: roles.length === 0 ? `${path}.role` : paths.role,
      organization: organization === undefined ? `${path}.onBehalfOf` : paths.organization,
    },
  };
};
