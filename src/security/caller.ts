/** Contract roles: who may do what hangs on these. */
export const ROLES = [
  'prescriber',
  'nurse',
  'pharmacist-care',
  'dietitian',
  'pharmacist',
  'pharmacy-staff',
  'citizen',
  'guardian',
  'agent',
  'system',
  'auditor',
] as const;

export type Role = (typeof ROLES)[number];

/**
 * What the X-Org-Info rule asks of a caller: care must send it (GK4), a mediator of a private person must
 * (GK5), a pharmacy must not, machines and auditors may.
 */
export type CallerKind = 'care' | 'pharmacy' | 'mediated' | 'machine';

/** An identifier as FHIR writes it: a system URI and a value in it. */
export interface SystemValue {
  readonly system: string;
  readonly value: string;
}

/** An organisation that a token names; the acting organisation of every write. */
export interface ActingOrganization {
  readonly identifier: SystemValue;
  readonly name?: string;
}

/** Who calls, whatever kind of token said so. Made once, by `security/`; carried through the call. */
export interface Caller {
  readonly issuer: string;
  readonly clientId: string;
  readonly subject: string;
  readonly role: Role;
  readonly kind: CallerKind;
  /** The person behind the call; a national identity number, never to be logged. */
  readonly person?: SystemValue;
  /** Logical id of the caller's own Patient in the index. */
  readonly patient?: string;
  /** Logical ids of the Patients a guardian or agent acts for. */
  readonly represents: readonly string[];
  readonly organization?: ActingOrganization;
  readonly scopes: readonly SmartScope[];
  /** Level of assurance (DIGG), when the token says one. */
  readonly loa?: number;
  /** When the token ends, milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** One SMART v2 scope, parsed: `system/Consent.cruds`, with the query part kept (`?category=…`). */
export interface SmartScope {
  readonly context: 'patient' | 'user' | 'system';
  /** A resource type or `*`. */
  readonly type: string;
  /** Any of `c`, `r`, `u`, `d`, `s`. */
  readonly actions: string;
  /** Search parameters that narrow the scope, e.g. `{category: '…'}`; undefined when it is not narrowed. */
  readonly query?: Readonly<Record<string, string>>;
}
