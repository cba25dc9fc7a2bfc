import type { Basic } from '@medplum/fhirtypes';
import { ORGANISATION_SYSTEMS } from './codes.ts';
import { type Organisation, readOrganisation } from './organisation.ts';
import { readProfessional } from './persons.ts';

/** Whose relation a question is about, so that the server can hold a personal role to itself and its organisation. */
export interface Asked {
  /** CPR number of the health professional; undefined when it cannot be read. */
  readonly professionalCpr: string | undefined;
  /** The identifier that BRS would be told; undefined when there is none. */
  readonly organisation: { readonly system: string; readonly value: string } | undefined;
}

const identifierOf = ({ kind, value }: Organisation) => ({ system: ORGANISATION_SYSTEMS[kind], value });

/**
 * Reads who is asked about, whatever else is wrong with the question.
 *
 * @param now milliseconds since the epoch: identifiers that have ended do not count
 */
export const whoIsAskedAbout = (basic: Basic, now: number): Asked => {
  const organisation = readOrganisation(basic, now, []);
  return {
    professionalCpr: readProfessional(basic, now, []).cpr,
    organisation: organisation === undefined ? undefined : identifierOf(organisation),
  };
};
