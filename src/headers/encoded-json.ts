import { faulty, type HeaderFault, type Parsed, parsed } from './faults.ts';
import type { HeaderSettings } from './settings.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Nested deeper than anything a header has reason to hold. */
const MAX_DEPTH = 32;

/** Both alphabets, because clients use either; padding may be missing. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

// A byte order mark is dropped by the decoder itself.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** What went wrong on the way from a header value to text, in words for its developer. */
type Text = { readonly text: string } | { readonly wrong: string };

const NOT_UTF8: Text = { wrong: 'its bytes are not UTF-8' };

const decodeUtf8 = (binary: string): Text => {
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) {
    const unit = binary.charCodeAt(i);
    if (unit > 0xff) return { wrong: 'it holds characters that no header can carry' };
    bytes[i] = unit;
  }
  try {
    return { text: UTF8.decode(bytes) };
  } catch {
    return NOT_UTF8;
  }
};

/** What a runtime that reads headers as UTF-8 puts for bytes that are none; what they were is lost. */
const UNREADABLE = '\uFFFD';

const decodeRaw = (value: string): Text => {
  const decoded = decodeUtf8(value);
  return 'text' in decoded && decoded.text.includes(UNREADABLE) ? NOT_UTF8 : decoded;
};

const decodeBase64 = (value: string): Text => {
  if (!BASE64.test(value)) return { wrong: 'it is not base64' };
  const bare = value.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  if (bare.length % 4 === 1) return { wrong: 'its base64 is cut off' };
  return decodeUtf8(atob(bare));
};

const decodePercent = (value: string): Text => {
  try {
    return { text: decodeURIComponent(value) };
  } catch {
    return { wrong: 'its percent-encoding is broken' };
  }
};

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const tooDeep = (value: unknown, left: number): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((member) => tooDeep(member, left - 1));
};

const parseObject = (text: string): { readonly object: JsonObject } | { readonly wrong: string } => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { wrong: 'what it encodes is not JSON' };
  }
  if (!isObject(value)) return { wrong: 'what it encodes is not a JSON object' };
  return tooDeep(value, MAX_DEPTH) ? { wrong: 'its JSON is nested too deeply' } : { object: value };
};

/** One of the encodings found in the field. */
interface Encoding {
  readonly starts: RegExp;
  readonly name: string;
  readonly acceptedBy: readonly HeaderSettings['lenient'][];
  readonly decode: (value: string) => Text;
}

/** Those besides NLL's own; the fetch API hands header values over as byte strings, hence UTF-8 for raw JSON. */
const OTHERS: readonly Encoding[] = [
  { starts: /^\{/, name: 'raw JSON', acceptedBy: ['raw-json', 'all'], decode: decodeRaw },
  { starts: /^%7b/i, name: 'percent-encoded JSON', acceptedBy: ['all'], decode: decodePercent },
];

const decode = (
  value: string,
  lenient: HeaderSettings['lenient'],
): { readonly decoded: Text; readonly tolerated?: string } => {
  const other = OTHERS.find((encoding) => encoding.starts.test(value));
  if (other === undefined) return { decoded: decodeBase64(value) };
  if (!other.acceptedBy.includes(lenient)) return { decoded: { wrong: `it is ${other.name}` } };
  return { decoded: other.decode(value), tolerated: other.name };
};

/**
 * The JSON object that a header carries as base64 of UTF-8. Base64url, missing padding and surrounding blanks
 * are taken as they are; line breaks inside and bytes that are not UTF-8 are refused.
 *
 * @param expected what the value must be, e.g. `base64 of JSON {name, version}`, for the fault's sentence
 */
export const parseEncodedJson = (
  header: string,
  expected: string,
  raw: string,
  settings: Pick<HeaderSettings, 'lenient'>,
): Parsed<JsonObject> => {
  const value = raw.trim();
  const malformed = (detail: string): Parsed<JsonObject> =>
    faulty({ kind: 'header-malformed', text: `${header} must be ${expected}`, detail });
  const { decoded, tolerated } = decode(value, settings.lenient);
  if ('wrong' in decoded) {
    // Repeated header lines arrive joined by a comma, which no base64 holds.
    return value.includes(',') && !value.startsWith('{')
      ? faulty(duplicateFault(header))
      : malformed(decoded.wrong);
  }
  const read = parseObject(decoded.text);
  if ('wrong' in read) return malformed(read.wrong);
  if (tolerated === undefined) return parsed(read.object);
  return parsed(read.object, [
    { kind: 'header-lenient', text: `${header} is ${tolerated}; it should be ${expected}` },
  ]);
};

/** A header sent in more than one line. */
export const duplicateFault = (header: string): HeaderFault => ({
  kind: 'header-duplicate',
  text: `${header} was sent more than once`,
});
