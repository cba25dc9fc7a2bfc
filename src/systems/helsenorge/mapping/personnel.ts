import type { Consent, ConsentProvisionActor, HumanName, Identifier, Resource } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import { isHprNumber, isHprSystem, sameHpr } from '../../identifiers.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import type { NavngittHelseperson, TypePi } from '../message.ts';
import { INFORMATION_RECIPIENT, PARTICIPATION_TYPE } from './codes.ts';
import {
  containedIn,
  identifiersOf,
  inUse,
  literalType,
  type MappingContext,
  typeInWords,
} from './context.ts';
import { finding } from './findings.ts';

const ACTORS = 'Consent.provision.actor';
const HEALTH_PERSONNEL: ReadonlySet<string> = new Set(['Practitioner', 'PractitionerRole']);

/** The resources that say who an actor is: what is contained, and the Practitioner behind a role. */
const resourcesOf = (consent: Consent, actor: ConsentProvisionActor): readonly Resource[] => {
  const resource = containedIn(consent, actor.reference?.reference);
  if (resource === undefined) return [];
  if (resource.resourceType !== 'PractitionerRole') return [resource];
  const practitioner = containedIn(consent, resource.practitioner?.reference);
  return practitioner === undefined ? [resource] : [resource, practitioner];
};

const numbersOf = (
  actor: ConsentProvisionActor,
  resources: readonly Resource[],
  now: number,
): readonly string[] => {
  const own = actor.reference?.identifier;
  const identifiers: Identifier[] = own === undefined ? [] : [own];
  for (const resource of resources) {
    identifiers.push(...identifiersOf(resource));
    if (resource.resourceType !== 'PractitionerRole') continue;
    if (resource.practitioner?.identifier !== undefined) identifiers.push(resource.practitioner.identifier);
  }
  return identifiers
    .filter((identifier) => isHprSystem(identifier.system) && inUse(identifier, now))
    .map(({ value }) => value ?? '');
};

const inWords = (name: HumanName | undefined): string | undefined => {
  const text = name?.text ?? [...(name?.given ?? []), name?.family ?? ''].join(' ').trim();
  return text === '' ? undefined : text;
};

const nameOf = (actor: ConsentProvisionActor, resources: readonly Resource[]): string | undefined => {
  if (actor.reference?.display !== undefined) return actor.reference.display;
  for (const resource of resources) {
    if (resource.resourceType === 'Practitioner') return inWords(resource.name?.[0]);
    if (resource.resourceType === 'PractitionerRole' && resource.practitioner?.display !== undefined) {
      return resource.practitioner.display;
    }
  }
  return undefined;
};

const judgeRole = (actor: ConsentProvisionActor, path: string, issues: Issue[]): void => {
  const codings = actor.role?.coding ?? [];
  const recipient = codings.some(
    ({ system, code }) => system === PARTICIPATION_TYPE && code === INFORMATION_RECIPIENT,
  );
  if (recipient || codings.length === 0) return;
  const why = 'The role of a named health person is IRCP of v3-ParticipationType, or a text alone.';
  issues.push(finding('actor-role-not-supported', `${path}.role`, why));
};

/** False, with a finding, when the actor is something else than health personnel named by itself. */
const isHealthPerson = (
  consent: Consent,
  actor: ConsentProvisionActor,
  path: string,
  issues: Issue[],
): boolean => {
  const reference = actor.reference?.reference;
  const contained = containedIn(consent, reference);
  const type = contained?.resourceType ?? literalType(reference) ?? actor.reference?.type;
  if (type !== undefined && !HEALTH_PERSONNEL.has(type)) {
    const why = `PVK restricts access for named health personnel; a ${typeInWords(type)} cannot be named.`;
    issues.push(finding('actor-not-supported', `${path}.reference`, why));
    return false;
  }
  const elsewhere = reference !== undefined && /^[a-z][a-z0-9+.-]*:/i.test(reference);
  if (elsewhere && actor.reference?.identifier === undefined) {
    const why = 'A reference to another server is not fetched: name the person by HPR number.';
    issues.push(finding('actor-not-supported', `${path}.reference`, why));
    return false;
  }
  return true;
};

const readActor = (
  consent: Consent,
  actor: ConsentProvisionActor,
  path: string,
  context: MappingContext,
  issues: Issue[],
): NavngittHelseperson | undefined => {
  judgeRole(actor, path, issues);
  if (!isHealthPerson(consent, actor, path, issues)) return undefined;
  const resources = resourcesOf(consent, actor);
  const numbers = numbersOf(actor, resources, context.now);
  const [nummer] = numbers;
  if (nummer === undefined || !numbers.every(isHprNumber)) {
    const why = 'A named health person needs an HPR number of one to nine digits as identifier.';
    issues.push(finding('actor-number-invalid', `${path}.reference.identifier`, why));
    return undefined;
  }
  if (!numbers.every((number) => sameHpr(number, nummer))) {
    const why = 'The person is given with different HPR numbers.';
    issues.push(finding('actor-contradiction', `${path}.reference`, why));
    return undefined;
  }
  const navn = nameOf(actor, resources);
  if (navn !== undefined) return { nummer, navn };
  const severity = context.settings.actorWithoutName === 'refuse' ? 'error' : 'warning';
  const why = 'PVK lists number and name; without display the person is sent without a name.';
  issues.push(finding('actor-name-missing', `${path}.reference.display`, why, severity));
  return { nummer };
};

const readList = (consent: Consent, context: MappingContext, issues: Issue[]): NavngittHelseperson[] => {
  const list: NavngittHelseperson[] = [];
  const seen = new Set<number>();
  for (const [index, actor] of (consent.provision?.actor ?? []).entries()) {
    const path = `${ACTORS}[${index}]`;
    const person = readActor(consent, actor, path, context, issues);
    if (person === undefined) continue;
    const number = Number(person.nummer);
    if (seen.has(number)) {
      const why = 'The same HPR number stands in the list before; it is sent once.';
      issues.push(finding('actor-duplicate', path, why, 'warning'));
      continue;
    }
    seen.add(number);
    list.push(person);
  }
  return list;
};

/**
 * The named health personnel of an active tilgangsbegrensning; empty where there are none, or where a finding
 * says why there may be none.
 */
export const readPersonnel = (
  consent: Consent,
  setting: { readonly typePi: TypePi | undefined; readonly entry: CatalogueEntry | undefined },
  aktiv: boolean | undefined,
  context: MappingContext,
  issues: Issue[],
): readonly NavngittHelseperson[] => {
  const { typePi, entry } = setting;
  const named = (consent.provision?.actor?.length ?? 0) > 0;
  if (named && typePi !== undefined && typePi !== 'tilgangsbegrensning') {
    const why = `A ${typePi} holds for everybody: PVK names health personnel in a tilgangsbegrensning alone.`;
    issues.push(finding('actor-not-supported', ACTORS, why));
    return [];
  }
  if (named && aktiv === false) {
    const why = 'A withdrawal takes the whole setting away and names nobody.';
    issues.push(finding('withdrawal-with-content', ACTORS, why));
    return [];
  }
  const list = named ? readList(consent, context, issues) : [];
  if (typePi !== 'tilgangsbegrensning' || entry === undefined || aktiv !== true) return list;
  if (named && entry.metadata === 'forbidden') {
    const why = 'This definition restricts access for a fixed group; it takes no named health personnel.';
    issues.push(finding('actor-forbidden', ACTORS, why));
  }
  if (!named && entry.metadata === 'required') {
    const why = 'This definition restricts access for named health personnel: name at least one.';
    issues.push(finding('actor-required', ACTORS, why));
  }
  return list;
};
