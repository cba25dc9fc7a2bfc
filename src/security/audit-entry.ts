/** What the audit keeps of one access to personal data; rendered as an AuditEvent when it is read. */
export interface AuditEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** FHIR RESTful interaction, or `operation`. */
  readonly interaction:
    | 'read'
    | 'vread'
    | 'create'
    | 'update'
    | 'delete'
    | 'patch'
    | 'history-instance'
    | 'history-type'
    | 'history-system'
    | 'search-type'
    | 'operation';
  /** R4's action code. */
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  /** R4's outcome code: 0 success (a search that found nothing, too), 4 refused, 8 failed. */
  readonly outcome: '0' | '4' | '8';
  /** Resource type asked for. */
  readonly type: string;
  /** Logical id asked for or made; absent for a search. */
  readonly id?: string;
  readonly version?: number;
  /** Logical id of the Patient it concerns. */
  readonly patient?: string;
  /** Keyed hash of issuer, client and subject. */
  readonly callerKey: string;
  readonly role: string;
  readonly clientId: string;
  /** The acting organisation, `system|value`. */
  readonly organization?: string;
  readonly purpose?: string;
  readonly access?: string;
  readonly requestId?: string;
  readonly contextId?: string;
  /** `name/version` of X-User-Agent. */
  readonly userAgent?: string;
  /** Unit of X-Org-Info, `typ|id` or its name. */
  readonly unit?: string;
}
