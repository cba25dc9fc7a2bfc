import type { Vocabulary } from '../../xml/codec.ts';

export const V1_NAMESPACE = 'http://nsi.dk/fmki20110601/brs';
/** As v2's documented request has it. */
export const V2_REQUEST_NAMESPACE = 'https://nspop.dk/nsp/behandlingsrelation/2022/03/14/brs';
/** As v2's documented response has it; one of the two may be a misprint, so both are read in either place. */
export const V2_RESPONSE_NAMESPACE = 'http://nsi.dk/fmki20110601/2022/03/14/brs';

const ALL = [V1_NAMESPACE, V2_REQUEST_NAMESPACE, V2_RESPONSE_NAMESPACE];

/** BRS's vocabulary, written in this namespace; every other of its namespaces is read. */
export const brsVocabulary = (uri: string): Vocabulary => ({
  prefix: '',
  uri,
  also: ALL.filter((other) => other !== uri),
});

/** What an organisation is known to BRS by, in the order in which one is chosen among several. */
export const ORGANISATION_KINDS = ['sor', 'yder', 'sks', 'gln'] as const;
export type OrganisationKind = (typeof ORGANISATION_KINDS)[number];

/** Names of OrganisationIdentifier's child by kind: the first is written, all are read. */
export type OrganisationChildNames = Readonly<Record<OrganisationKind, readonly [string, ...string[]]>>;
