import type { Failure } from '../failure.ts';
import { headerFailure } from './faults.ts';
import { HEADER_NAMES } from './table.ts';

/** Bytes. */
export interface HeaderLimits {
  /** The whole block: each line with its name, `: ` and line end. */
  readonly total: number;
  /** One value. */
  readonly value: number;
  /** The value of Authorization, where SAML needs more than other headers; `value` when absent. */
  readonly authorization?: number;
}

export const DEFAULT_HEADER_LIMITS: HeaderLimits = { total: 16_384, value: 8_192 };

/** `: ` and CRLF. */
const LINE = 4;

/** Header names are the caller's, so only what a name may be is repeated. */
const printable = (name: string): string | undefined =>
  /^[\w-]{1,64}$/.test(name)
    ? (HEADER_NAMES.find((known) => known.toLowerCase() === name.toLowerCase()) ?? name)
    : undefined;

/**
 * Refuses a header or a header block that is too large (431). Values are byte strings, so their length is
 * their size.
 */
export const checkHeaderSizes = (
  headers: Iterable<readonly [string, string]>,
  limits: HeaderLimits = DEFAULT_HEADER_LIMITS,
): Failure | undefined => {
  let total = 0;
  for (const [name, value] of headers) {
    total += name.length + value.length + LINE;
    const limit =
      limits.authorization !== undefined && name.toLowerCase() === 'authorization'
        ? limits.authorization
        : limits.value;
    if (value.length > limit) {
      const shown = printable(name);
      return headerFailure(
        'headers-too-large',
        'header-too-large',
        `${shown ?? 'A header'} is ${value.length} bytes long; ${limit} are allowed`,
        shown,
      );
    }
  }
  if (total <= limits.total) return undefined;
  return headerFailure(
    'headers-too-large',
    'header-too-large',
    `The headers are ${total} bytes together; ${limits.total} are allowed`,
  );
};
