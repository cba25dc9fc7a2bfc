/**
 * FHIR Consent to and from PVK, pure both ways. This file is the door: what the rest of the server uses; the
 * rules stand in `mapping/`, one file per part of the Consent.
 */
export { PVK_DEFINITION, PVK_PART, PVK_TYPE } from './mapping/codes.ts';
export { facadeHeldDiffers, sameContent, sameSetting, uniqueKeyOf } from './mapping/compare.ts';
export { toSett } from './mapping/consent-to-sett.ts';
export type { MappingContext } from './mapping/context.ts';
export { definitionOf } from './mapping/definition.ts';
export { MAPPING_ISSUES } from './mapping/findings.ts';
export { normaliseConsent } from './mapping/normalise.ts';
export { judgePerformersBy } from './mapping/persons.ts';
export { createPlan } from './mapping/plan.ts';
export { fromAktive, fromForPart, fromSett, fromStatus } from './mapping/pvk-to-consent.ts';
export { asWithdrawn, refreshConsent, type Told } from './mapping/refresh.ts';
