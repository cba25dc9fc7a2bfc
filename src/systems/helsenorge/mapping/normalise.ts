import type {
  CodeableConcept,
  Consent,
  ConsentProvisionActor,
  Identifier,
  Reference,
} from '@medplum/fhirtypes';
import { canonicalSystem, normalisePersonNumber } from '../../identifiers.ts';
import type { Catalogue, CatalogueEntry } from '../catalogue.ts';
import { PVK_DEFINITION, PVK_PART } from './codes.ts';
import { containedIn, identifiersOf } from './context.ts';
import { definitionOf } from './definition.ts';

const withEmittedSystem = (identifier: Identifier): Identifier => {
  const { system, value } = identifier;
  if (system === undefined || value === undefined) return identifier;
  const number = normalisePersonNumber(system, value);
  if (number.ok) return { ...identifier, ...number.value };
  const emitted = canonicalSystem(system);
  return emitted === system ? identifier : { ...identifier, system: emitted };
};

const reference = <R extends Reference>(given: R): R =>
  given.identifier === undefined ? given : { ...given, identifier: withEmittedSystem(given.identifier) };

const actor = (given: ConsentProvisionActor): ConsentProvisionActor => ({
  ...given,
  reference: reference(given.reference),
});

const rule = (given: CodeableConcept, entry: CatalogueEntry): CodeableConcept =>
  given.coding === undefined
    ? given
    : {
        ...given,
        coding: given.coding.map((coding) =>
          coding.system === PVK_DEFINITION ? { ...coding, code: entry.guid, display: entry.navn } : coding,
        ),
      };

const namesPart = (consent: Consent): boolean =>
  consent.organization?.some(
    (organization) =>
      organization.identifier?.system === PVK_PART ||
      identifiersOf(containedIn(consent, organization.reference)).some(({ system }) => system === PVK_PART),
  ) === true;

/**
 * The form in which a Consent is stored: the definition by its lower-case GUID with the catalogue's name, the
 * owner's part present, identifiers in the systems that the server writes. A definition given by `policy.uri`
 * stays where it was. Everything else is kept as sent.
 */
export const normaliseConsent = (consent: Consent, catalogue: Catalogue): Consent => {
  const entry = catalogue.find(definitionOf(consent) ?? '');
  const { patient, performer, provision, policyRule, organization } = consent;
  const part = entry?.partKode;
  return {
    ...consent,
    ...(patient === undefined ? {} : { patient: reference(patient) }),
    ...(performer === undefined ? {} : { performer: performer.map(reference) }),
    ...(part === undefined || namesPart(consent)
      ? {}
      : { organization: [...(organization ?? []), { identifier: { system: PVK_PART, value: part } }] }),
    ...(policyRule === undefined || entry === undefined ? {} : { policyRule: rule(policyRule, entry) }),
    ...(provision?.actor === undefined
      ? {}
      : { provision: { ...provision, actor: provision.actor.map(actor) } }),
  };
};
