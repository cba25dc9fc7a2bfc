import type { Basic } from '@medplum/fhirtypes';
import { HSA_ID_SYSTEM, organizationSystem } from '../../organizations.ts';
import { type RegionName, sameHsaId } from '../model.ts';
import { REGIONS, regionByHsaId } from '../regions.ts';
import { type Findings, judgeLine } from './context.ts';

const hsa = organizationSystem(HSA_ID_SYSTEM);

const isHsaSystem = (system: string | undefined): boolean => organizationSystem(system)?.kind === 'hsa';

/** Whether a reference names the Organization of another region of the list than this one. */
const isOtherRegion = (reference: string | undefined, hsaId: string): boolean => {
  const id = /(?:^|\/)Organization\/([^/]+)$/.exec(reference ?? '')?.[1];
  const named = REGIONS.find((region) => region.id === id);
  return named !== undefined && !sameHsaId(named.hsaId, hsaId);
};

/** The region that the request is for; undefined, with a finding each, when it is not said or contradicts itself. */
export const readRegion = (basic: Basic, findings: Findings): RegionName | undefined => {
  const { subject } = basic;
  if (subject === undefined) {
    findings.add('region-missing', 'Basic.subject', 'Name the region by its HSA-id; one region a request.');
    return undefined;
  }
  const hsaId = subject.identifier?.value?.trim() ?? '';
  if (!isHsaSystem(subject.identifier?.system) || hsa?.wellFormed(hsaId) !== true || hsaId.length > 31) {
    findings.add(
      'region-hsa-id',
      'Basic.subject.identifier',
      `The region needs an identifier of ${HSA_ID_SYSTEM} with its HSA-id.`,
    );
    return undefined;
  }
  if (isOtherRegion(subject.reference, hsaId)) {
    const why = 'The reference names another region than the HSA-id: which of them is meant?';
    findings.add('region-contradicts', 'Basic.subject.reference', why);
    return undefined;
  }
  const display = subject.display?.trim() ?? '';
  if (display !== '' && !judgeLine(display, 'Basic.subject.display', findings)) return undefined;
  if (hsa.legacy?.(hsaId) === true) {
    const why = 'The HSA-id has a 12-digit organisation number, an old form; it is taken as it stands.';
    findings.add('hsa-id-legacy', 'Basic.subject.identifier', why, 'information');
  }
  const known = regionByHsaId(hsaId);
  if (known === undefined) {
    findings.add(
      'region-unknown',
      'Basic.subject',
      'The region is not in the list of regions; it is taken by its HSA-id.',
      'warning',
    );
  }
  return { hsaId, name: known?.name ?? (display === '' ? hsaId : display) };
};
