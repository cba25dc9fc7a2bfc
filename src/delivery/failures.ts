import { codeSystem } from '../canonical.ts';
import { type Failure, type FailureKind, failure } from '../failure.ts';

/** `details.coding` of what the delivery itself refuses. */
export const WRITE_ISSUE_SYSTEM = codeSystem('write-issue');

/** The codes of that CodeSystem, with their displays. */
export const WRITE_ISSUES = {
  'request-id-reused': 'The X-Request-ID was used before with another body or target',
  'resource-locked': 'Another write of the same resource is under way',
  duplicate: 'Another live resource has the same content key',
  'version-conflict': 'The resource is not at the version that the write starts from',
  unsettled: 'The fate of the write at the national system is not known yet',
  'store-unavailable': 'The store did not answer',
  'system-not-configured': 'The national system is not configured',
  'outcome-forgotten': 'The version that the write made is no longer kept',
} as const;

const detail = (code: keyof typeof WRITE_ISSUES) => ({
  details: { system: WRITE_ISSUE_SYSTEM, code, display: WRITE_ISSUES[code] },
});

export const requestIdReused = (): Failure =>
  failure(
    'conflict',
    'conflict',
    'This X-Request-ID was used before with another body or target. Every call has an X-Request-ID of its own; only an exact repeat may use one again.',
    { location: ['http.X-Request-ID'], ...detail('request-id-reused') },
  );

export const locked = (type: string): Failure =>
  failure(
    'locked',
    'lock-error',
    `Another write of this ${type}, or of one with the same content key, is under way. Repeat the call in a moment.`,
    { retryAfter: 1, ...detail('resource-locked') },
  );

export const duplicate = (type: string, id: string): Failure =>
  failure(
    'conflict',
    'duplicate',
    `${type}/${id} already holds this content key; at most one live resource may. Change that one by PUT ${type}/${id}.`,
    { subject: `${type}/${id}`, ...detail('duplicate') },
  );

export const versionConflict = (type: string, id: string): Failure =>
  failure(
    'precondition-failed',
    'conflict',
    `${type}/${id} is not at the version that this write starts from. Read it again and repeat the change.`,
    detail('version-conflict'),
  );

/** @param retryAfter seconds */
export const unsettled = (retryAfter: number): Failure =>
  failure(
    'upstream-timeout',
    'transient',
    'The national system has not confirmed this write; it may have been done. The server settles it by itself. Repeat the same call with the same X-Request-ID to learn the outcome; it does not act twice.',
    { retryAfter, ...detail('unsettled') },
  );

export const storeUnavailable = (): Failure =>
  failure(
    'unavailable',
    'transient',
    'The store did not answer. Repeat the same call with the same X-Request-ID; it does not act twice.',
    { retryAfter: 1, ...detail('store-unavailable') },
  );

export const notConfigured = (system: string): Failure =>
  failure('not-implemented', 'not-supported', `The system ${system} is not configured on this server.`, {
    ...detail('system-not-configured'),
  });

export const outcomeForgotten = (type: string, id: string): Failure =>
  failure(
    'gone',
    'deleted',
    `This call was done before, but the version of ${type}/${id} that it made is no longer kept.`,
    detail('outcome-forgotten'),
  );

/**
 * Refusals that pass by themselves, with nothing done: they are not kept as the outcome of the X-Request-ID, so
 * that the same call may be tried again.
 */
const PASSING: ReadonlySet<FailureKind> = new Set(['unavailable', 'too-many-requests', 'upstream-timeout']);

/**
 * Refusals that say nothing about the write itself, only about the server or its connection. To a repeat they do
 * not tell what became of the first try.
 */
const ABOUT_US: ReadonlySet<FailureKind> = new Set([
  ...PASSING,
  'upstream-refused',
  'unauthenticated',
  'internal',
  'not-implemented',
]);

export const passes = (refusal: Failure): boolean => PASSING.has(refusal.kind);

export const isAboutUs = (refusal: Failure): boolean => ABOUT_US.has(refusal.kind);

/** R4 audit outcome of a failure: 8 when the server or the other side failed, 4 when the call was refused. */
export const auditOutcome = (refusal: Failure): '4' | '8' => (ABOUT_US.has(refusal.kind) ? '8' : '4');
