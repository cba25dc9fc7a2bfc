import type { Coding, Consent, ConsentProvisionActor } from '@medplum/fhirtypes';
import type { Issue } from '../../../../src/failure.ts';
import {
  type CatalogueEntry,
  createCatalogue,
  DEFAULT_CATALOGUE,
} from '../../../../src/systems/helsenorge/catalogue.ts';
import { type MappingContext, toSett } from '../../../../src/systems/helsenorge/mapping.ts';
import type { SettRequest } from '../../../../src/systems/helsenorge/message.ts';
import { DEFAULT_SETTINGS, type HelsenorgeSettings } from '../../../../src/systems/helsenorge/settings.ts';

export const FNR_SYSTEM = 'urn:oid:2.16.578.1.12.4.1.4.1';
const HPR_SYSTEM = 'urn:oid:2.16.578.1.12.4.1.4.4';
const BASE = 'https://nordic-fhir-facade.dev/fhir';
const PVK_TYPE = `${BASE}/CodeSystem/pvk-type`;
export const PVK_DEFINITION = `${BASE}/CodeSystem/pvk-definition`;
export const PVK_PART = `${BASE}/NamingSystem/pvk-part`;
export const SEKVENSNUMMER = `${BASE}/StructureDefinition/sekvensnummer`;
export const OMFANG = `${BASE}/StructureDefinition/omfang-element`;

/** NHN's reserved static test person, whose check digits are right. */
export const LINE = '13116900216';
export const NOW = Date.parse('2026-03-03T07:00:00Z');
export const BIOBANK = '3fe2a80a-4200-42e2-817b-da8a6236708a';
export const RESERVATION = 'ecc56090-124b-4405-8137-2a616c683ffc';
export const RESTRICTION = '3f7457b8-821c-45a8-ae04-d3e4a0dac0f0';
export const ALL_BUT_GP = 'fb922810-01f1-4b20-9999-bb25b47d1b44';

export const context = (
  settings: Partial<HelsenorgeSettings> = {},
  entries: readonly CatalogueEntry[] = [],
): MappingContext => {
  const changed = new Set(entries.map(({ guid }) => guid));
  const kept = DEFAULT_CATALOGUE.entries.filter(({ guid }) => !changed.has(guid));
  return {
    catalogue: createCatalogue([...kept, ...entries]),
    settings: { ...DEFAULT_SETTINGS, ...settings },
    now: NOW,
  };
};

/** The default entry of a definition, changed. */
export const entry = (guid: string, change: Partial<CatalogueEntry>): CatalogueEntry => {
  const found = DEFAULT_CATALOGUE.find(guid);
  if (found === undefined) throw new Error('no such definition in the default catalogue');
  return { ...found, ...change };
};

export const type = (code: string): Coding => ({ system: PVK_TYPE, code });

export const consent = (guid: string, typePi: string, change: Partial<Consent> = {}): Consent => ({
  resourceType: 'Consent',
  status: 'active',
  scope: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
  },
  category: [{ coding: [type(typePi)] }],
  patient: { reference: 'Patient/p1', identifier: { system: FNR_SYSTEM, value: LINE } },
  policyRule: { coding: [{ system: PVK_DEFINITION, code: guid }] },
  ...change,
});

export const samtykke = (change: Partial<Consent> = {}): Consent => consent(BIOBANK, 'samtykke', change);
export const reservasjon = (change: Partial<Consent> = {}): Consent =>
  consent(RESERVATION, 'reservasjon', change);

export const actor = (number: string, name?: string): ConsentProvisionActor => ({
  role: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }],
  },
  reference: {
    identifier: { system: HPR_SYSTEM, value: number },
    ...(name === undefined ? {} : { display: name }),
  },
});

export const restriction = (
  actors: readonly ConsentProvisionActor[] = [actor('9000001', 'Kari Eksempel')],
  change: Partial<Consent> = {},
): Consent =>
  consent(RESTRICTION, 'tilgangsbegrensning', {
    provision: { type: 'deny', ...(actors.length === 0 ? {} : { actor: [...actors] }) },
    ...change,
  });

/** Findings as `severity code name @ expression`, for reading. */
export const told = (issues: readonly Issue[]): string[] =>
  issues.map(
    ({ severity, code, details, expression }) =>
      `${severity} ${code} ${details?.code} @ ${(expression ?? []).join(',')}`,
  );

/** The faults and warnings of a Consent, sent or refused. */
export const findings = (resource: Consent, given: MappingContext = context()): string[] => {
  const result = toSett(resource, given);
  return told(result.ok ? result.value.issues : result.failure);
};

/** The request of a Consent that must map. */
export const request = (resource: Consent, given: MappingContext = context()): SettRequest => {
  const result = toSett(resource, given);
  if (!result.ok) throw new Error(told(result.failure).join('; '));
  return result.value.request;
};
