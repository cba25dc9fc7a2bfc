import { codeSystem, namingSystem, structureDefinition } from '../../../canonical.ts';
import { GLN_SYSTEM, SKS_SYSTEM, SOR_SYSTEM, YDER_SYSTEM } from '../../organizations.ts';
import type { OrganisationKind } from '../message-names.ts';

export const BASIC_KIND = codeSystem('basic-kind');
export const TREATMENT_RELATION = 'treatment-relation';
export const TREATMENT_RELATION_PROFILE = structureDefinition('TreatmentRelation');
export const BRS_RELATION = codeSystem('brs-relation');
export const BRS_SOURCE = codeSystem('brs-source');
export const FOLLOWUP_STATE = codeSystem('brs-followup-state');
export const EXTERNAL_REFERENCE = namingSystem('brs-external-reference');
export const UNIQUE_REFERENCE = namingSystem('brs-unique-reference');
/** The authorisation id's system, and the one that clients also write. */
export const AUTHORISATION_SYSTEMS: ReadonlySet<string> = new Set([
  'https://autregweb.sst.dk',
  'urn:oid:1.2.208.176.1.3',
]);

/** The extensions a caller gives, by their field. */
export const INPUT = {
  organisation: structureDefinition('organisation-identifier'),
  healthProfessional: structureDefinition('health-professional-cpr'),
  interval: structureDefinition('relation-lookup-time-interval'),
  minimum: structureDefinition('minimum-acceptable-relation'),
  acceptable: structureDefinition('acceptable-relation'),
  timeLimit: structureDefinition('time-limit'),
  queryableCvr: structureDefinition('queryable-cvr'),
  followup: structureDefinition('followup'),
  authorisation: structureDefinition('authorisation-identifier'),
  includeAll: structureDefinition('include-all-relations'),
} as const;

/** The extensions the server writes. */
export const RESULT = {
  evaluatedAt: structureDefinition('evaluated-at'),
  sufficient: structureDefinition('sufficient-relation'),
  actual: structureDefinition('actual-relation'),
  bySource: structureDefinition('relation-by-source'),
  followupOrdered: structureDefinition('followup-ordered'),
  followupState: structureDefinition('followup-state'),
  organisationUsed: structureDefinition('organisation-identifier-used'),
  alarm: structureDefinition('alarm'),
} as const;

export const INPUT_URLS: ReadonlySet<string> = new Set(Object.values(INPUT));
export const RESULT_URLS: ReadonlySet<string> = new Set(Object.values(RESULT));

/** Follow-ups as the facade knows them. The last two are its own inference. */
export const FOLLOWUP_STATES = ['not-ordered', 'ordered', 'alarmed', 'presumed-met', 'unknown'] as const;
export type FollowupState = (typeof FOLLOWUP_STATES)[number];

/** The system of an organisation identifier by BRS's kind. */
export const ORGANISATION_SYSTEMS: Readonly<Record<OrganisationKind, string>> = {
  sor: SOR_SYSTEM,
  yder: YDER_SYSTEM,
  sks: SKS_SYSTEM,
  gln: GLN_SYSTEM,
};
