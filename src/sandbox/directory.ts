import type { Identifier, Organization } from '@medplum/fhirtypes';
import { namingSystem } from '../canonical.ts';
import { regionOrganizations } from '../systems/efrikort/regions.ts';

/**
 * The organisations a sandbox starts with: the Swedish regions, and others whose numbers are published test numbers
 * or our own invented ones with valid check digits; `Kolind Apotek` is the documentation example of FMK.
 */

const PVK_PART = namingSystem('pvk-part');
const NORWEGIAN_ORGANISATION = 'urn:oid:2.16.578.1.12.4.1.4.101';
const HSA_ID = 'urn:oid:1.2.752.29.4.19';
const GLN = 'http://www.gs1.org/gln';
const CVR = 'http://cvr.dk';
const YDERNUMMER = 'urn:oid:1.2.208.176.1.4';
const SOR = 'urn:oid:1.2.208.176.1.1';

const organization = (id: string, name: string, identifier: Identifier[]): Organization => ({
  resourceType: 'Organization',
  id,
  identifier,
  active: true,
  name,
});

const part = (code: string, name: string): Organization =>
  organization(`pvk-part-${code.toLowerCase()}`, name, [{ system: PVK_PART, value: code }]);

export const DIRECTORY: readonly Organization[] = [
  part('NFS', 'Biobankregister (part NFS)'),
  part('PDMR', 'Register over helseopplysninger (part PDMR)'),
  part('RF', 'Reseptformidleren (part RF)'),
  part('norpreg', 'NORPREG (part norpreg)'),
  part('prostraa', 'Proton- og stråleregisteret (part prostraa)'),
  organization('eksempel-sykehus', 'Eksempel sykehus', [
    { system: NORWEGIAN_ORGANISATION, value: '912159523' },
  ]),
  organization('exempelvardcentralen', 'Exempelvårdcentralen', [
    { system: HSA_ID, value: 'SE5599990016-EX01' },
  ]),
  organization('kolind-apotek', 'Kolind Apotek', [
    { system: GLN, value: '5790001381615' },
    { system: CVR, value: '12345674' },
  ]),
  organization('eksempel-apotek-1', 'Eksempel Apotek 1', [{ system: GLN, value: '5790009999997' }]),
  organization('eksempel-apotek-2', 'Eksempel Apotek 2', [{ system: GLN, value: '5790009999980' }]),
  organization('eksempel-laegehus', 'Eksempel Lægehus', [
    { system: YDERNUMMER, value: '066001' },
    { system: SOR, value: '9999991000016000' },
  ]),
  ...regionOrganizations(),
];
