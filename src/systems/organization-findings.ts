import type { Identifier, Organization } from '@medplum/fhirtypes';
import { codeSystem } from '../canonical.ts';
import type { Issue, IssueCode } from '../failure.ts';
import { findingsOf } from './findings.ts';
import { checkPersonNumber, normalisePersonNumber, type PersonSystem, personSystem } from './identifiers.ts';
import {
  normaliseOrganizationIdentifier,
  type OrganizationIdentifier,
  type OrganizationSystem,
  organizationKey,
  organizationSystem,
} from './organizations.ts';

/** The system of the codes below, in `details` of each finding. */
export const ORGANIZATION_ISSUE = codeSystem('organization-issue');

/** What may be amiss with an Organization's identifiers: its code in CodeSystem organization-issue, R4's issue type. */
export const ORGANIZATION_ISSUES = {
  'identifier-malformed': 'value',
  'identifier-too-long': 'too-long',
  'identifier-value-missing': 'required',
  'identifier-check-digit': 'value',
  'identifier-legacy': 'value',
  'identifier-contradiction': 'business-rule',
  'identifier-of-a-person': 'not-supported',
  'modifier-extension': 'extension',
} as const satisfies Readonly<Record<string, IssueCode>>;

const finding = findingsOf(ORGANIZATION_ISSUE, ORGANIZATION_ISSUES);

const WARNINGS = {
  'check-digit': ['identifier-check-digit', 'has a wrong check digit'],
  legacy: ['identifier-legacy', 'has an old form that is no longer given out'],
} as const;

interface Judged {
  readonly identifier: Identifier;
  /** Undefined for a system that is not known, and after a fault. */
  readonly known?: OrganizationIdentifier;
}

/** Sole traders in Sweden have their personnummer for an organisation number. */
const OF_SOLE_TRADERS: ReadonlySet<string> = new Set(['personnummer', 'samordningsnummer']);

/** The directory is read without a token: a person's number has no place in it, but for Swedish sole traders. */
const judgePerson = (identifier: Identifier, row: PersonSystem, at: string, issues: Issue[]): Judged => {
  if (!OF_SOLE_TRADERS.has(row.kind)) {
    const why = 'This is a number of persons; no organisation is known by it.';
    issues.push(finding('identifier-of-a-person', `${at}.system`, why));
    return { identifier };
  }
  const read = normalisePersonNumber(row.system, identifier.value ?? '');
  if (!read.ok) {
    issues.push(finding('identifier-malformed', `${at}.value`, `The ${row.kind} ${read.failure}.`));
    return { identifier };
  }
  if (checkPersonNumber(row.system, read.value.value) !== 'ok') {
    issues.push(finding('identifier-check-digit', `${at}.value`, `The ${row.kind} has a wrong check digit.`));
  }
  return { identifier: { ...identifier, ...read.value } };
};

const judge = (identifier: Identifier, at: string, issues: Issue[]): Judged => {
  const { system, value } = identifier;
  const person = personSystem(system);
  if (person !== undefined) return judgePerson(identifier, person, at, issues);
  if (value === undefined) {
    const name = organizationSystem(system)?.name;
    if (name !== undefined) {
      issues.push(finding('identifier-value-missing', `${at}.value`, `The ${name} has no value.`));
    }
    return { identifier };
  }
  const read = normaliseOrganizationIdentifier(system, value);
  if (read === undefined) return { identifier };
  const name = organizationSystem(system)?.name ?? 'identifier';
  if (!read.ok) {
    const { code, text } = read.failure;
    const issue = code === 'too-long' ? 'identifier-too-long' : 'identifier-malformed';
    issues.push(finding(issue, `${at}.value`, `The ${name} ${text}.`));
    return { identifier };
  }
  for (const warning of read.value.warnings) {
    const [issue, text] = WARNINGS[warning];
    issues.push(finding(issue, `${at}.value`, `The ${name} ${text}.`, 'warning'));
  }
  return { identifier, known: read.value };
};

/** Two numbers of one kind, neither of them old: nobody could say which of them is meant. */
const judgeContradictions = (judged: readonly Judged[], issues: Issue[]): void => {
  const seen = new Map<string, string>();
  judged.forEach(({ identifier, known }, index) => {
    if (known === undefined || identifier.use === 'old' || identifier.period?.end !== undefined) return;
    const key = organizationKey(known);
    const before = seen.get(known.kind);
    seen.set(known.kind, before ?? key);
    if (before === undefined || before === key) return;
    const why = `The organisation has another ${known.row.name}, too; mappings that need one cannot choose.`;
    issues.push(
      finding('identifier-contradiction', `Organization.identifier[${index}].value`, why, 'warning'),
    );
  });
};

const judgeModifiers = ({ modifierExtension, contact }: Organization, issues: Issue[]): void => {
  const why = 'A modifier extension may turn the meaning around; none is understood here.';
  const tell = (at: string) => issues.push(finding('modifier-extension', `${at}.modifierExtension`, why));
  if (modifierExtension !== undefined) tell('Organization');
  contact?.forEach((one, index) => {
    if (one.modifierExtension !== undefined) tell(`Organization.contact[${index}]`);
  });
};

export interface JudgedOrganization {
  /** Its identifiers under the systems that the server writes, spaces taken out of numbers. */
  readonly organization: Organization;
  readonly issues: readonly Issue[];
}

/**
 * Holds the identifiers of an Organization to their formats, and brings them under the one system each that the
 * server writes. Wrong check digits warn, that of a GLN refuses; an identifier of an unknown system is kept as it is.
 */
export const judgeOrganization = (organization: Organization): JudgedOrganization => {
  const issues: Issue[] = [];
  const judged = (organization.identifier ?? []).map((identifier, index) =>
    judge(identifier, `Organization.identifier[${index}]`, issues),
  );
  judgeContradictions(judged, issues);
  judgeModifiers(organization, issues);
  const identifier = judged.map(({ identifier: given, known }) =>
    known === undefined ? given : { ...given, system: known.system, value: known.value },
  );
  return { organization: identifier.length === 0 ? organization : { ...organization, identifier }, issues };
};

const alternatives = (value: string, systemsOf: (row: OrganizationSystem) => readonly string[]) => {
  const bar = value.indexOf('|');
  const row = bar <= 0 ? undefined : organizationSystem(value.slice(0, bar));
  if (row === undefined) return [value];
  const given = value.slice(bar + 1);
  const number = row.clean?.(given) ?? given;
  const spelt = row.wellFormed(number) ? (row.spellings?.(number) ?? [number]) : [number];
  return systemsOf(row).flatMap((system) => spelt.map((one) => `${system}|${one}`));
};

const rewritten = (value: string, systemsOf: (row: OrganizationSystem) => readonly string[]): string =>
  // What is escaped is no number: it is not taken apart.
  value.includes('\\')
    ? value
    : value
        .split(',')
        .flatMap((one) => alternatives(one, systemsOf))
        .join(',');

/**
 * A search value of `identifier` in the forms that may be stored: `urn:oid:1.3.184|12345674` finds what stands under
 * `http://cvr.dk`, and a ydernummer is found with and without its leading zeros. Values may be several, separated by
 * commas; one without a system, or of an unknown one, stays as it is.
 */
export const organizationSearchValue = (value: string): string => rewritten(value, ({ system }) => [system]);

/** The same for what is stored as it was given, under whichever of its systems. */
export const anyOrganizationSearchValue = (value: string): string =>
  rewritten(value, ({ system, aliases }) => [system, ...aliases]);
