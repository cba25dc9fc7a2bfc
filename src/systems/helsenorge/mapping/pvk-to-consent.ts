import type { Consent, ConsentProvisionActor, Extension, Period } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import { HPR_SYSTEM, norwegianSystem } from '../../identifiers.ts';
import type { Catalogue, CatalogueEntry } from '../catalogue.ts';
import { isTypePi, type NavngittHelseperson, type SettRequest, type TypePi } from '../message.ts';
import type { AktivePage, Endringer, OmfangElement, PiForPart, SjekkAnswer } from '../message-answers.ts';
import type { TimeLimits } from '../settings.ts';
import {
  CONSENT_SCOPE,
  INFORMATION_RECIPIENT,
  LOINC,
  OMFANG_ELEMENT,
  OPPRETTET,
  PARTICIPATION_TYPE,
  PATIENT_CONSENT,
  PROVISION_TYPE,
  PVK_DEFINITION,
  PVK_PART,
  PVK_TYPE,
  SEKVENSNUMMER,
  SIST_ENDRET,
} from './codes.ts';
import { finding } from './findings.ts';

/** Everything PVK can tell about one setting of one citizen. */
interface Setting {
  readonly innbyggerFnr: string;
  readonly guid: string;
  readonly navn?: string | undefined;
  readonly partKode?: string | undefined;
  readonly typePi: TypePi;
  readonly aktiv: boolean;
  readonly dateTime?: string | undefined;
  readonly personnel?: readonly NavngittHelseperson[] | undefined;
  readonly period?: Period | undefined;
  readonly proof?: { readonly contentType: string; readonly data: string } | undefined;
  readonly changes?: Endringer | undefined;
  readonly scope?: readonly OmfangElement[] | undefined;
}

/** The extensions that hold what PVK tells about the changes of a setting. */
export const changeExtensions = (changes: Endringer): Extension[] => [
  ...(changes.sekvensnummer === undefined
    ? []
    : [{ url: SEKVENSNUMMER, valueInteger: changes.sekvensnummer }]),
  ...(changes.opprettetTidspunkt === undefined
    ? []
    : [{ url: OPPRETTET, valueDateTime: changes.opprettetTidspunkt }]),
  ...(changes.sistEndretTidspunkt === undefined
    ? []
    : [{ url: SIST_ENDRET, valueDateTime: changes.sistEndretTidspunkt }]),
];

const OMFANG_MEMBERS = [
  ['omfang-kode', 'omfangKode'],
  ['logisk-omfang', 'logiskOmfang'],
  ['presisering', 'presisering'],
] as const;

/** One element of a definition's fixed metadata as extension. */
export const scopeExtension = (element: OmfangElement): Extension => ({
  url: OMFANG_ELEMENT,
  extension: OMFANG_MEMBERS.flatMap(([url, member]) => {
    const valueString = element[member];
    return valueString === undefined || valueString === '' ? [] : [{ url, valueString }];
  }),
});

/** One named health person as actor. */
export const actorOf = ({ nummer, navn }: NavngittHelseperson): ConsentProvisionActor => ({
  role: { coding: [{ system: PARTICIPATION_TYPE, code: INFORMATION_RECIPIENT }] },
  reference: {
    identifier: { system: HPR_SYSTEM, value: nummer },
    ...(navn === undefined || navn === '' ? {} : { display: navn }),
  },
});

const build = (setting: Setting): Consent => {
  const { guid, navn, partKode, typePi, innbyggerFnr, dateTime, personnel, period, proof } = setting;
  const extension = [
    ...changeExtensions(setting.changes ?? {}),
    ...(setting.scope ?? []).map(scopeExtension).filter((element) => element.extension?.length !== 0),
  ];
  return {
    resourceType: 'Consent',
    ...(extension.length === 0 ? {} : { extension }),
    status: setting.aktiv ? 'active' : 'inactive',
    scope: { coding: [{ system: CONSENT_SCOPE, code: 'patient-privacy' }] },
    category: [
      { coding: [{ system: LOINC, code: PATIENT_CONSENT }] },
      { coding: [{ system: PVK_TYPE, code: typePi }] },
    ],
    patient: { identifier: { system: norwegianSystem(innbyggerFnr), value: innbyggerFnr } },
    ...(dateTime === undefined ? {} : { dateTime }),
    ...(partKode === undefined
      ? {}
      : { organization: [{ identifier: { system: PVK_PART, value: partKode } }] }),
    ...(proof === undefined ? {} : { sourceAttachment: proof }),
    policyRule: {
      coding: [{ system: PVK_DEFINITION, code: guid, ...(navn === undefined ? {} : { display: navn }) }],
    },
    provision: {
      type: PROVISION_TYPE[typePi],
      ...(period === undefined ? {} : { period }),
      ...(personnel === undefined || personnel.length === 0 ? {} : { actor: personnel.map(actorOf) }),
    },
  };
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const memberOf = (value: unknown, member: string): unknown =>
  isObject(value) && Object.hasOwn(value, member) ? Reflect.get(value, member) : undefined;

const periodOf = (request: SettRequest, limits: TimeLimits | undefined): Period | undefined => {
  if (limits === undefined || request.typePi === 'tilgangsbegrensning') return undefined;
  const object = limits.objects[request.typePi];
  const list = object === undefined ? undefined : memberOf(request[object], limits.list);
  if (!Array.isArray(list)) return undefined;
  // A Consent has one period and nested provisions would mean exceptions, so the mapping never makes two.
  if (list.length !== 1) throw new TypeError('a Sett request of this facade has one period');
  const [start, end] = [memberOf(list[0], limits.from), memberOf(list[0], limits.to)];
  return {
    ...(typeof start === 'string' ? { start } : {}),
    ...(typeof end === 'string' ? { end } : {}),
  };
};

/** The Consent that a Sett request says; the way back from `toSett`. */
export const fromSett = (
  request: SettRequest,
  context: {
    readonly catalogue: Catalogue;
    readonly settings: { readonly timeLimits: TimeLimits | undefined };
  },
): Consent => {
  const { signertBevisMimeType: contentType, signertBevisInnhold: data } = request;
  return build({
    innbyggerFnr: request.innbyggerFnr,
    guid: request.definisjonGuid.toLowerCase(),
    navn: context.catalogue.find(request.definisjonGuid)?.navn ?? request.definisjonNavn,
    partKode: request.partKode,
    typePi: request.typePi,
    aktiv: request.aktiv,
    dateTime: request.tidspunkt,
    personnel: request.TbInnbyggerMetadata?.detaljertAngivelse.navngittHelseperson,
    period: periodOf(request, context.settings.timeLimits),
    proof: contentType === undefined || data === undefined ? undefined : { contentType, data },
  });
};

/** Consents learnt from PVK, and warnings about what it told that a Consent cannot say. */
export interface Learnt {
  readonly consents: readonly Consent[];
  readonly issues: readonly Issue[];
}

export const personnelNotTold = (): Issue =>
  finding(
    'personnel-not-told',
    'Consent.provision.actor',
    'PVK did not tell the named health personnel of this tilgangsbegrensning.',
    'warning',
  );

const typeNotTold = (): Issue =>
  finding(
    'type-not-told',
    'Consent.category',
    'PVK told a setting of a definition whose kind neither its answer nor the catalogue says; it is left out.',
    'warning',
  );

/** The Consent of a citizen whose setting was first learnt by Sjekk; `dateTime` is when it was first set. */
export const fromStatus = (
  answer: SjekkAnswer,
  about: { readonly entry: CatalogueEntry; readonly innbyggerFnr: string },
): { readonly consent: Consent; readonly issues: readonly Issue[] } => {
  const { guid, navn, partKode, typePi, metadata } = about.entry;
  const personnel = answer.aktiv ? answer.navngittHelseperson : undefined;
  const consent = build({
    innbyggerFnr: about.innbyggerFnr,
    guid,
    navn,
    partKode,
    typePi,
    aktiv: answer.aktiv,
    dateTime: answer.opprettetTidspunkt,
    personnel,
    changes: answer,
  });
  const silent = answer.aktiv && metadata !== 'forbidden' && personnel === undefined;
  return { consent, issues: silent ? [personnelNotTold()] : [] };
};

interface Definition {
  readonly definisjonGuid: string;
  readonly definisjonNavn?: string;
  readonly partKode?: string;
  readonly typePi?: string;
  readonly omfangElementer?: readonly OmfangElement[];
}

/** What is known of a definition from an answer, completed from the catalogue; undefined: not its kind. */
const definition = (told: Definition, catalogue: Catalogue) => {
  const entry = catalogue.find(told.definisjonGuid);
  const typePi = isTypePi(told.typePi) ? told.typePi : entry?.typePi;
  if (typePi === undefined) return undefined;
  return {
    guid: told.definisjonGuid.toLowerCase(),
    navn: entry?.navn ?? told.definisjonNavn,
    partKode: told.partKode ?? entry?.partKode,
    typePi,
    scope: told.omfangElementer,
    naming: typePi === 'tilgangsbegrensning' && entry?.metadata !== 'forbidden',
  };
};

/** The Consents of one citizen in an answer of HentInnbyggersPiForPart. */
export const fromForPart = (
  items: readonly PiForPart[],
  innbyggerFnr: string,
  catalogue: Catalogue,
): Learnt => {
  const consents: Consent[] = [];
  const issues: Issue[] = [];
  for (const item of items) {
    const known = definition(item, catalogue);
    if (known === undefined) {
      issues.push(typeNotTold());
      continue;
    }
    const personnel = item.aktiv ? item.navngittHelseperson : undefined;
    if (known.naming && item.aktiv && personnel === undefined) issues.push(personnelNotTold());
    const { aktiv, opprettetTidspunkt: dateTime } = item;
    consents.push(build({ ...known, innbyggerFnr, aktiv, dateTime, personnel, changes: item }));
  }
  return { consents, issues };
};

/** The Consents in one page of HentInnbyggereAktivePiForDefinisjon, which tells no health personnel. */
export const fromAktive = (page: AktivePage, catalogue: Catalogue): Learnt => {
  const known = definition(page, catalogue);
  if (known === undefined) return { consents: [], issues: [typeNotTold()] };
  const consents = page.personvernInnstillinger.map((citizen) =>
    build({
      ...known,
      innbyggerFnr: citizen.innbyggerFnr,
      aktiv: true,
      dateTime: citizen.opprettetTidspunkt,
      changes: citizen,
    }),
  );
  return { consents, issues: known.naming && consents.length > 0 ? [personnelNotTold()] : [] };
};
