import type { Failure } from '../failure.ts';
import type { Caller } from '../security/caller.ts';
import { headerFailure } from './faults.ts';
import { DEFAULT_HEADER_SETTINGS, type HeaderSettings } from './settings.ts';
import type { HeaderValues } from './values.ts';

export interface PatientMatch {
  readonly values: Pick<HeaderValues, 'patientRef' | 'proxyRef' | 'actsFor'>;
  /** Logical id of the Patient of the query, of the stored resource or of the one written; undefined: none. */
  readonly patient: string | undefined;
  readonly caller: Pick<Caller, 'kind' | 'role' | 'patient' | 'represents'>;
}

type Settings = Pick<HeaderSettings, 'patientRules'>;

const patientMismatch = (settings: Settings, text: string): Failure =>
  headerFailure('forbidden', 'patient-mismatch', `${text} (${settings.patientRules})`, 'X-PatientRef');

const proxyMismatch = (settings: Settings, text: string): Failure =>
  headerFailure('forbidden', 'proxy-mismatch', `${text} (${settings.patientRules})`, 'X-ProxyRef');

/** The patients a private person may act on: a guardian's and an agent's are those the ticket names. */
const mayConcern = (caller: PatientMatch['caller'], patient: string): boolean =>
  caller.role === 'guardian' || caller.role === 'agent'
    ? caller.represents.includes(patient)
    : caller.patient === patient;

/**
 * X-PatientRef and X-ProxyRef against the ticket and the patient concerned (VR095, VR096): the patient named
 * is the one asked for; a private person acts for itself or for whom the ticket says, and for these only by
 * an access that speaks for another; X-ProxyRef is the ticket's own person. On writes the patient is the resource's own, and the same is asked of it. That a
 * patient is known to the index is the caller's to see.
 */
export const checkPatientRef = (
  { values, patient, caller }: PatientMatch,
  settings: Settings = DEFAULT_HEADER_SETTINGS,
): Failure | undefined => {
  if (values.patientRef !== undefined && patient !== undefined && values.patientRef !== patient) {
    return patientMismatch(settings, 'X-PatientRef does not name the patient asked for');
  }
  if (caller.kind !== 'mediated') return undefined;
  if (values.proxyRef !== undefined && values.proxyRef !== caller.patient) {
    return proxyMismatch(settings, 'X-ProxyRef does not name the person of the ticket');
  }
  const concerned = patient ?? values.patientRef;
  if (concerned === undefined) return undefined;
  if (values.actsFor === 'own' && concerned !== caller.patient) {
    return patientMismatch(
      settings,
      'The access stated is to the own data of the person of the ticket, and X-PatientRef is not that person; a guardian or agent states its own access, with X-ProxyRef',
    );
  }
  if (mayConcern(caller, concerned)) return undefined;
  return patientMismatch(settings, 'The ticket does not let this person act for the patient asked for');
};
