import { duplicateFault } from './encoded-json.ts';
import { faulty, type Parsed, parsed } from './faults.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** R4's `id`. */
const LOGICAL_ID = /^[A-Za-z0-9.-]{1,64}$/;

/** 10 to 13 digits, the last four or five perhaps behind a hyphen: no logical id of ours looks so. */
const NATIONAL_NUMBER = /^\d{6,8}-?\d{4,5}$/;

/** True for a UUID in R4's hyphenated form, letters in either case; no braces, no `urn:uuid:`. */
export const isUuid = (text: string): boolean => UUID.test(text);

const refused = <V>(header: string, raw: string, text: string): Parsed<V> =>
  faulty(
    raw.includes(',') ? duplicateFault(header) : { kind: 'header-malformed', text: `${header} ${text}` },
  );

/** X-Request-ID (GK1) and X-Context-ID (GK2): a UUID, kept in the letters it came in. */
export const parseUuid = (header: 'X-Request-ID' | 'X-Context-ID', raw: string): Parsed<string> => {
  const value = raw.trim();
  return isUuid(value) ? parsed(value) : refused(header, value, 'is not a UUID');
};

/** X-PatientRef and X-ProxyRef: `<id>` or `Patient/<id>`; the value is the bare id. */
export const parsePersonRef = (header: 'X-PatientRef' | 'X-ProxyRef', raw: string): Parsed<string> => {
  const value = raw.trim();
  const id = value.startsWith('Patient/') ? value.slice('Patient/'.length) : value;
  if (NATIONAL_NUMBER.test(id)) {
    return refused(header, value, "must be the Patient's logical id, not a national identity number");
  }
  return LOGICAL_ID.test(id)
    ? parsed(id)
    : refused(header, value, 'must be the logical id of a Patient, <id> or Patient/<id>');
};

/** X-Call-Type: the codes are printed in capitals, and only so taken. */
export const parseCallType = (raw: string): Parsed<'NORMAL' | 'DELAYED'> => {
  const value = raw.trim();
  if (value === 'NORMAL' || value === 'DELAYED') return parsed(value);
  if (value.includes(',')) return faulty(duplicateFault('X-Call-Type'));
  return faulty({ kind: 'header-value', text: 'X-Call-Type must be NORMAL or DELAYED' });
};

/** X-Purpose and X-Access: one bare code among those known. */
export const parseCode = (
  header: 'X-Purpose' | 'X-Access',
  raw: string,
  known: ReadonlyMap<string, unknown>,
): Parsed<string> => {
  const value = raw.trim();
  if (known.has(value)) return parsed(value);
  if (value.includes(',')) return faulty(duplicateFault(header));
  const set = header === 'X-Purpose' ? 'purpose-types' : 'access-types';
  return faulty({
    kind: 'header-code-unknown',
    text: `${header} is not a code of ${set}`,
    detail: `known are ${[...known.keys()].join(', ')}`,
  });
};
