/**
 * The store cannot take this now: its queue is full, or the medium beneath it fails. Nothing was written.
 * The app answers 503 with `Retry-After`.
 */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  /** Stable, for callers that see the error across a bundle boundary. */
  readonly code = 'store-unavailable';
  readonly reason: 'queue-full' | 'failed';

  constructor(reason: 'queue-full' | 'failed', cause?: unknown) {
    super(
      reason === 'queue-full' ? 'The store has too many writes waiting.' : 'The store failed.',
      cause === undefined ? undefined : { cause },
    );
    this.reason = reason;
  }
}

/** True when a batch was rejected because a unique index already holds a value; the same text on every store. */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('UNIQUE constraint failed');

/** True when a statement names a table that has not been made yet. */
export const isMissingTable = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('no such table');
