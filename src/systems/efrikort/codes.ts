import { codeSystem, namingSystem, structureDefinition } from '../../canonical.ts';

/** The systems and URLs that the mapping of an eFrikort connection reads and writes. */
export const EFRIKORT_CONNECTION = 'efrikort-connection';
export const EFRIKORT_ENVIRONMENT = codeSystem('efrikort-environment');
export const EFRIKORT_STATE = codeSystem('efrikort-state');
export const CONNECTION_IDENTIFIER = namingSystem('efrikort-connection');

export const KIND = structureDefinition('connection-kind');
export const ENVIRONMENT = structureDefinition('environment');
export const SYSTEM = structureDefinition('integrating-system');
export const SERIAL = structureDefinition('certificate-serial-number');
export const CERTIFICATE = structureDefinition('certificate');
export const CARE_PROVIDER = structureDefinition('care-provider');
export const STATE = structureDefinition('connection-state');
export const EVENT = structureDefinition('event');

export const ENVIRONMENTS = ['TEST', 'PRODUKTION'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** `additional-region`: the system is connected already, and another region's OK is all that is asked for. */
export const KINDS = ['first', 'additional-region'] as const;
export type ConnectionKind = (typeof KINDS)[number];
