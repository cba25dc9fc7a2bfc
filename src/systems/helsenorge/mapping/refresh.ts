import type { Consent, ConsentProvisionActor, Extension } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import { isHprSystem } from '../../identifiers.ts';
import type { NavngittHelseperson } from '../message.ts';
import type { Endringer, OmfangElement } from '../message-answers.ts';
import { AKTIV, PVK_TYPE, SEKVENSNUMMER } from './codes.ts';
import { sameJson } from './compare.ts';
import { actorOf, changeExtensions, personnelNotTold, scopeExtension } from './pvk-to-consent.ts';

/** What Sjekk or HentInnbyggersPiForPart tells about the setting of a stored Consent. */
export interface Told extends Endringer {
  readonly aktiv: boolean;
  readonly navngittHelseperson?: readonly NavngittHelseperson[];
  readonly omfangElementer?: readonly OmfangElement[];
}

/** A stored Consent after PVK was asked again. */
export interface Refreshed {
  readonly consent: Consent;
  /**
   * `setting`: the citizen's setting is another one than stored, a new version is due. `metadata`: PVK merely
   * told more about the same setting (numbers and times). `none`: nothing new.
   */
  readonly change: 'none' | 'metadata' | 'setting';
  readonly issues: readonly Issue[];
}

/** Contained resources that only actors point to. */
const PERSONNEL: ReadonlySet<string> = new Set(['Practitioner', 'PractitionerRole']);

const withoutActors = (consent: Consent): Consent => {
  const { provision, contained, ...rest } = consent;
  const { actor: _actor, ...rule } = provision ?? {};
  const others = contained?.filter(({ resourceType }) => !PERSONNEL.has(resourceType)) ?? [];
  return {
    ...rest,
    ...(others.length === 0 ? {} : { contained: others }),
    ...(Object.keys(rule).length === 0 ? {} : { provision: rule }),
  };
};

/** The Consent once its setting is withdrawn: a withdrawal has no personnel, period or proof. */
export const asWithdrawn = (consent: Consent): Consent => {
  const { sourceAttachment: _proof, provision, ...rest } = withoutActors(consent);
  const { period: _period, ...rule } = provision ?? {};
  return {
    ...rest,
    status: 'inactive',
    ...(Object.keys(rule).length === 0 ? {} : { provision: rule }),
  };
};

const withStatus = (consent: Consent, aktiv: boolean): Consent => {
  if (AKTIV[consent.status] === aktiv) return consent;
  return aktiv ? { ...consent, status: 'active' } : asWithdrawn(consent);
};

const numbers = (actors: readonly ConsentProvisionActor[] | undefined): ReadonlySet<number> => {
  const found = (actors ?? []).flatMap(({ reference }) =>
    isHprSystem(reference?.identifier?.system) ? [Number(reference.identifier?.value)] : [],
  );
  return new Set(found);
};

const withPersonnel = (consent: Consent, told: readonly NavngittHelseperson[]): Consent => {
  const stored = numbers(consent.provision?.actor);
  const now = new Set(told.map(({ nummer }) => Number(nummer)));
  if (stored.size === now.size && stored.isSubsetOf(now)) return consent;
  const bare = withoutActors(consent);
  return told.length === 0 ? bare : { ...bare, provision: { ...bare.provision, actor: told.map(actorOf) } };
};

/** The extensions, each kind that PVK told replaced by what it told. */
const withExtensions = (consent: Consent, told: Told): Consent => {
  const fresh: Extension[] = [
    ...changeExtensions(told),
    ...(told.omfangElementer ?? []).map(scopeExtension).filter((element) => element.extension?.length !== 0),
  ];
  const urls = new Set(fresh.map(({ url }) => url));
  const kept = consent.extension?.filter(({ url }) => !urls.has(url)) ?? [];
  const extension = [...kept, ...fresh];
  return extension.length === 0 ? consent : { ...consent, extension };
};

const sequenceOf = (consent: Consent): number | undefined =>
  consent.extension?.find(({ url }) => url === SEKVENSNUMMER)?.valueInteger;

const isRestriction = (consent: Consent): boolean =>
  consent.category.some(({ coding }) =>
    coding?.some(({ system, code }) => system === PVK_TYPE && code === 'tilgangsbegrensning'),
  );

/**
 * A stored Consent brought up to what PVK told. Sjekk does not tell the list of a tilgangsbegrensning: the
 * stored list then stays, with a warning where it may no longer hold.
 */
export const refreshConsent = (stored: Consent, told: Told): Refreshed => {
  const status = withStatus(stored, told.aktiv);
  const personnel =
    told.aktiv && told.navngittHelseperson !== undefined
      ? withPersonnel(status, told.navngittHelseperson)
      : status;
  const before = sequenceOf(stored);
  const moved = before !== undefined && told.sekvensnummer !== undefined && before !== told.sekvensnummer;
  const consent = withExtensions(personnel, told);
  const setting = personnel !== stored || moved;
  const change = setting ? 'setting' : sameJson(stored, consent) ? 'none' : 'metadata';
  const doubtful = setting && told.aktiv && told.navngittHelseperson === undefined && isRestriction(stored);
  return { consent, change, issues: doubtful ? [personnelNotTold()] : [] };
};
