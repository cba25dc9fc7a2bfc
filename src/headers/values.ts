import type { Provenance } from '@medplum/fhirtypes';
import type { Prefer } from '../http/prefer.ts';

/** The headers of a call: `Headers` of the fetch API, or anything that answers alike. */
export interface HeaderSource {
  get(name: string): string | null;
}

/** X-User-Agent: the calling system, base64 of JSON. */
export interface SystemInformation {
  readonly name: string;
  readonly version: string;
}

/** X-Org-Info: completes the token with the caller's workplace, base64 of JSON. */
export interface OrganizationInformation {
  readonly orgNamn?: string;
  readonly orgenhetsId?: string;
  readonly orgenhetsIdTyp?: 'GLN' | 'HSA';
  readonly orgenhetsNamn?: string;
  readonly orgenhetsOrt?: string;
}

/** X-Provenance as NLL sends it: a Provenance whose target and recorded the server fills in. */
export type HeaderProvenance = Omit<Provenance, 'target' | 'recorded'>;

/** The headers of one call, each parsed once; a header that its pattern ignores is absent here. */
export interface HeaderValues {
  readonly requestId?: string;
  readonly contextId?: string;
  readonly userAgent?: SystemInformation;
  /** Bare code of `purpose-types`. */
  readonly purpose?: string;
  /** Bare code of `access-types`. */
  readonly access?: string;
  /** Logical id of the Patient, without `Patient/`. */
  readonly patientRef?: string;
  /** Whose data purpose and access together open; absent where the call does not state both. */
  readonly actsFor?: 'own' | 'another';
  readonly proxyRef?: string;
  readonly orgInfo?: OrganizationInformation;
  readonly callType: 'NORMAL' | 'DELAYED';
  readonly provenance?: HeaderProvenance;
  /** Outside pattern 2.3 its `handling` alone, which is FHIR's. */
  readonly prefer?: Prefer;
}
