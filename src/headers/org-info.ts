import type { CallerKind } from '../security/caller.ts';
import { type JsonObject, parseEncodedJson } from './encoded-json.ts';
import { faulty, type HeaderFault, type Parsed, parsed } from './faults.ts';
import type { HeaderSettings } from './settings.ts';
import type { OrganizationInformation } from './values.ts';

type Member = keyof OrganizationInformation;

/** All of them, as the handbook's sub-page on X-Org-Info lists them (v1.2). */
export const ORG_INFO_MEMBERS: readonly Member[] = [
  'orgNamn',
  'orgenhetsId',
  'orgenhetsIdTyp',
  'orgenhetsNamn',
  'orgenhetsOrt',
];

const EXPECTED =
  'base64 of a JSON object with orgNamn, orgenhetsId, orgenhetsIdTyp, orgenhetsNamn or orgenhetsOrt';

const fault = (kind: HeaderFault['kind'], code: HeaderFault['code'], text: string): HeaderFault => ({
  kind,
  text: `X-Org-Info: ${text}`,
  ...(code === undefined ? {} : { code }),
});

const required = (text: string): HeaderFault => fault('header-malformed', 'required', text);
const outside = (text: string): HeaderFault => fault('header-value', undefined, text);

/** GS1's modulo 10 over the first twelve digits. */
const gln = (id: string): HeaderFault | undefined => {
  if (!/^\d{13}$/.test(id)) return outside('orgenhetsId of type GLN must be 13 digits');
  let sum = 0;
  for (let i = 0; i < 12; i += 1) sum += Number(id[i]) * (i % 2 === 0 ? 1 : 3);
  return (10 - (sum % 10)) % 10 === Number(id[12])
    ? undefined
    : outside('orgenhetsId of type GLN has a wrong check digit');
};

/** `SE` + 10 digits + `-` + letters and digits; some older ones have `16` before the ten digits. */
const hsa = (id: string): HeaderFault | undefined => {
  if (id.length > 31)
    return fault('header-value', 'too-long', 'orgenhetsId of type HSA has at most 31 characters');
  return /^SE(16)?\d{10}-[A-Z0-9]+$/i.test(id)
    ? undefined
    : outside('orgenhetsId of type HSA must be SE, ten digits, a hyphen, then letters or digits');
};

const ID_TYPES: Readonly<Record<'GLN' | 'HSA', (id: string) => HeaderFault | undefined>> = {
  GLN: gln,
  HSA: hsa,
};

const unitFaults = (json: JsonObject): readonly HeaderFault[] => {
  const { orgenhetsId: id, orgenhetsIdTyp: type } = json;
  if (id === undefined && type === undefined) return [];
  if (type === undefined) return [required('orgenhetsId needs orgenhetsIdTyp')];
  if (type !== 'GLN' && type !== 'HSA') return [outside('orgenhetsIdTyp must be GLN or HSA')];
  if (id === undefined) return [required('orgenhetsIdTyp needs orgenhetsId')];
  const wrong = typeof id === 'string' ? ID_TYPES[type](id) : undefined;
  return wrong === undefined ? [] : [wrong];
};

/** Levenshtein distance without regard to case; the names compared are short. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1]?.toLowerCase() === b[j - 1]?.toLowerCase();
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

const nearest = (name: string): string =>
  ORG_INFO_MEMBERS.reduce((best, member) => (distance(name, member) < distance(name, best) ? member : best));

/** v1.1 corrected misspelt names, and clients that copied the old ones exist; which ones they were is not known. */
const unknownMembers = (json: JsonObject): readonly HeaderFault[] =>
  Object.keys(json)
    .filter((name) => !ORG_INFO_MEMBERS.some((member) => member === name))
    .slice(0, 8)
    .map((name) => ({
      kind: 'header-lenient' as const,
      text: 'X-Org-Info has a member that is not known',
      // A long or odd name may be anything, so only what looks like one is repeated.
      detail: /^[A-Za-zÅÄÖåäö_-]{1,32}$/.test(name)
        ? `${name}; the nearest is ${nearest(name)}`
        : 'its name is no word',
    }));

/**
 * X-Org-Info: what completes the ticket about the caller's workplace. At least one member; the identifier of
 * the unit and its type come together. Unknown members are a warning that names the nearest known one.
 */
export const parseOrgInfo = (
  raw: string,
  settings: Pick<HeaderSettings, 'lenient'>,
): Parsed<OrganizationInformation> => {
  const read = parseEncodedJson('X-Org-Info', EXPECTED, raw, settings);
  if (!read.ok) return read;
  const json = read.value.value;
  const given = ORG_INFO_MEMBERS.filter((member) => json[member] !== undefined);
  const unknown = unknownMembers(json);
  const faults: HeaderFault[] = given
    .filter((member) => typeof json[member] !== 'string' || json[member].trim() === '')
    .map((member) => fault('header-malformed', undefined, `${member} must be a text that is not empty`));
  if (given.length === 0) {
    const hint = unknown[0]?.detail;
    const none = required(`at least one of ${ORG_INFO_MEMBERS.join(', ')}`);
    faults.push(hint === undefined ? none : { ...none, detail: hint });
  }
  faults.push(...unitFaults(json));
  if (faults.length > 0) return faulty(...faults);
  const value: OrganizationInformation = Object.freeze(
    Object.fromEntries(given.map((member) => [member, json[member]])),
  );
  return parsed(value, [...read.value.warnings, ...unknown]);
};

/** The members that this kind of caller must give and has not. */
export const missingMembers = (
  value: OrganizationInformation,
  kind: CallerKind | undefined,
  settings: Pick<HeaderSettings, 'orgInfoRequired'>,
): readonly HeaderFault[] => {
  const asked = kind === undefined ? undefined : settings.orgInfoRequired[kind];
  if (asked === undefined) return [];
  return asked
    .filter((member) => value[member] === undefined)
    .map((member) => required(`${member} must be given by this kind of caller`));
};
