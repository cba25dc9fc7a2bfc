import type { Consent } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import { fail, ok, type Result } from '../../../result.ts';
import { hasErrors } from '../../findings.ts';
import type { SettRequest } from '../message.ts';
import { judgeElements } from './accepted-elements.ts';
import { AKTIV } from './codes.ts';
import type { MappingContext } from './context.ts';
import { judgeProvisionType, judgeScope, readDefinition, readPart, readType } from './definition.ts';
import { finding } from './findings.ts';
import { readPersonnel } from './personnel.ts';
import { judgePerformers, readPatient } from './persons.ts';
import { readProof } from './proof.ts';
import { readPeriod, readTidspunkt } from './times.ts';

/** A Consent as PVK will hear it. */
export interface Mapped {
  readonly request: SettRequest;
  /** Warnings only. */
  readonly issues: readonly Issue[];
}

const readStatus = (consent: Consent, issues: Issue[]): boolean | undefined => {
  const aktiv = AKTIV[consent.status];
  if (aktiv === undefined) {
    const why = 'PVK knows a setting as active or not; a draft or a proposal is neither.';
    issues.push(finding('status-not-mappable', 'Consent.status', why));
  }
  return aktiv;
};

/**
 * The Sett request that says to PVK what the Consent says. Its patient carries a national identity number
 * (as identifier or contained); the server has filled it in where the client named an indexed Patient.
 * Failure: every fault at once, with the warnings beside them.
 */
export const toSett = (consent: Consent, context: MappingContext): Result<Mapped, Issue[]> => {
  const issues: Issue[] = [];
  judgeElements(consent, issues);
  const aktiv = readStatus(consent, issues);
  judgeScope(consent, issues);
  const entry = readDefinition(consent, context, issues);
  const typePi = readType(consent, entry, issues);
  judgeProvisionType(consent, typePi, issues);
  const partKode = readPart(consent, entry, context, issues);
  const innbyggerFnr = readPatient(consent, context, issues);
  judgePerformers(consent, issues);
  const tidspunkt = readTidspunkt(consent, context, issues);
  const setting = { typePi, entry };
  const personnel = readPersonnel(consent, setting, aktiv, context, issues);
  const limits = readPeriod(consent, setting, aktiv, context.settings, issues);
  const proof = readProof(consent, entry, aktiv, issues);
  if (
    hasErrors(issues) ||
    aktiv === undefined ||
    entry === undefined ||
    typePi === undefined ||
    partKode === undefined ||
    innbyggerFnr === undefined
  ) {
    return fail(issues);
  }
  const request: SettRequest = {
    innbyggerFnr,
    definisjonGuid: entry.guid,
    definisjonNavn: entry.navn,
    partKode,
    typePi,
    aktiv,
    ...(tidspunkt === undefined ? {} : { tidspunkt }),
    ...(personnel.length === 0
      ? {}
      : { TbInnbyggerMetadata: { detaljertAngivelse: { navngittHelseperson: personnel } } }),
    ...(limits === undefined ? {} : { [limits.member]: limits.content }),
    ...proof,
  };
  return ok({ request, issues });
};
