import type { Failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import { headerFailure } from './faults.ts';
import type { HeaderSettings } from './settings.ts';
import { HEADER_NAMES } from './table.ts';

/** Bytes. */
export interface HeaderLimits {
  /** The whole block: each line with its name, `: ` and line end. */
  readonly total: number;
  /** One value. */
  readonly value: number;
  /** The value of Authorization, where SAML needs more than other headers; `value` when absent. */
  readonly authorization?: number;
  /** A header that whoever stands before this server adds, and the client cannot help: it counts by itself. */
  readonly apart?: { /** In lower case. */ readonly name: string; readonly value: number };
}

export const DEFAULT_HEADER_LIMITS: HeaderLimits = { total: 16_384, value: 8_192 };

/** Bytes; a client certificate as url-encoded PEM has 2 to 6 KB. */
const CERTIFICATE = 16_384;

/**
 * The limits, with those that the operator set in place of the usual ones. A SAML assertion keeps the room that it
 * needs in Authorization. Failure: one sentence, when one header may be larger than all of them.
 *
 * @param usual those that the kinds of token ask for
 * @param certificateHeader in which the TLS terminator hands on the client's certificate, if it does
 */
export const headerLimitsBy = (
  { maxValue, maxTotal }: Pick<HeaderSettings, 'maxValue' | 'maxTotal'>,
  usual: HeaderLimits = DEFAULT_HEADER_LIMITS,
  certificateHeader?: string,
): Result<HeaderLimits, string> => {
  const { authorization } = usual;
  const value = maxValue ?? usual.value;
  const total = maxTotal ?? usual.total;
  if (value > total) {
    return fail(`HEADER_MAX_VALUE (${value} bytes) must not be above HEADER_MAX_TOTAL (${total} bytes).`);
  }
  return ok({
    total,
    value,
    ...(authorization === undefined ? {} : { authorization: Math.max(authorization, value) }),
    ...(certificateHeader === undefined
      ? {}
      : { apart: { name: certificateHeader.toLowerCase(), value: CERTIFICATE } }),
  });
};

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kib: 1024 };

/** `16KiB` or `16384` → bytes; undefined below 1 KiB, where no call would fit, and above 128 KiB. */
export const readHeaderSize = (text: string): number | undefined => {
  const [, digits, unit = ''] = /^(\d{1,6})\s*(B|KiB)?$/i.exec(text) ?? [];
  const size = Number(digits) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  return size >= 1024 && size <= 131_072 ? size : undefined;
};

/** `: ` and CRLF. */
const LINE = 4;

/** As they are written: the platform hands names on in lower case. */
const WRITTEN: readonly string[] = [...HEADER_NAMES, 'X-Dgws-IdCard', 'DPoP'];

/** Header names are the caller's, so only what a name may be is repeated. */
const printable = (name: string): string | undefined =>
  /^[\w-]{1,64}$/.test(name)
    ? (WRITTEN.find((known) => known.toLowerCase() === name.toLowerCase()) ?? name)
    : undefined;

/**
 * Refuses a header or a header block that is too large (431). Values are byte strings, so their length is
 * their size.
 */
export const checkHeaderSizes = (
  headers: Iterable<readonly [string, string]>,
  limits: HeaderLimits = DEFAULT_HEADER_LIMITS,
): Failure | undefined => {
  const { authorization, apart } = limits;
  const limitOf = (name: string): number => {
    if (authorization !== undefined && name === 'authorization') return authorization;
    return name === apart?.name ? apart.value : limits.value;
  };
  let total = 0;
  for (const [name, value] of headers) {
    const known = name.toLowerCase();
    if (known !== apart?.name) total += name.length + value.length + LINE;
    const limit = limitOf(known);
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
