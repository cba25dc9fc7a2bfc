import type { FailureKind } from '../failure.ts';

/** The one map from why a call is refused to how HTTP says it (the contract's table of errors). */
export const STATUS: Readonly<Record<FailureKind, number>> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  conflict: 409,
  locked: 409,
  gone: 410,
  'precondition-failed': 412,
  'too-large': 413,
  'unsupported-media-type': 415,
  unprocessable: 422,
  'precondition-required': 428,
  'too-many-requests': 429,
  'headers-too-large': 431,
  internal: 500,
  'not-implemented': 501,
  'upstream-refused': 502,
  unavailable: 503,
  'upstream-timeout': 504,
};
