import type { CodeableConcept, HumanName, Identifier } from '@medplum/fhirtypes';
import { isPersonSystem, normalisePersonNumber, personSystem } from '../../identifiers.ts';
import { AUTORISATION_SYSTEM, practitionerSystem } from '../../practitioners.ts';
import type { HealthcareProfessional, Modificator } from '../message.ts';
import { FMK_ROLE, FMK_ROLES, SYSTEM_ROLES } from './codes.ts';
import { inUse, type MappingContext } from './context.ts';
import type { Actor } from './creator.ts';
import { finding } from './findings.ts';
import { readOrganisation } from './organisation.ts';

interface FmkIdentifier {
  readonly source: 'Autorisation' | 'CPR';
  readonly value: string;
}

const judgeAuthorisation = (value: string, path: string, context: MappingContext): FmkIdentifier => {
  if (practitionerSystem(AUTORISATION_SYSTEM)?.wellFormed(value) === false) {
    const why = 'An authorisation id has five consonants or digits; this one is sent as it is.';
    context.issues.push(finding('creator-identifier-form', `${path}.value`, why, 'warning'));
  }
  return { source: 'Autorisation', value };
};

const judgeCpr = (
  { system = '', value = '' }: Identifier,
  path: string,
  context: MappingContext,
): FmkIdentifier | undefined => {
  const number = normalisePersonNumber(system, value);
  if (number.ok) return { source: 'CPR', value: number.value.value };
  const why = `The CPR number ${number.failure}.`;
  context.issues.push(finding('creator-identifier-malformed', `${path}.value`, why));
  return undefined;
};

const usableOf = (actor: Actor, now: number) =>
  actor.identifiers.filter(({ identifier }) => inUse(identifier, now) && identifier.value !== undefined);

const cprIn = (actor: Actor, now: number) =>
  usableOf(actor, now).find(({ identifier }) => personSystem(identifier.system)?.kind === 'cpr');

const authorisationIn = (actor: Actor, now: number) =>
  usableOf(actor, now).find(
    ({ identifier }) => practitionerSystem(identifier.system)?.kind === 'autorisation',
  );

/** Authorised people are known by their authorisation id, others by CPR. */
const chooseIdentifier = (actor: Actor, context: MappingContext): FmkIdentifier | undefined => {
  const authorised = authorisationIn(actor, context.now);
  if (authorised !== undefined) {
    return judgeAuthorisation(authorised.identifier.value?.trim() ?? '', authorised.path, context);
  }
  const cpr = cprIn(actor, context.now);
  if (cpr !== undefined) return judgeCpr(cpr.identifier, cpr.path, context);
  const foreign = usableOf(actor, context.now).find(
    ({ identifier }) =>
      isPersonSystem(identifier.system) || practitionerSystem(identifier.system) !== undefined,
  );
  const [name, path, why] =
    foreign === undefined
      ? ([
          'creator-identifier-missing',
          `${actor.paths.person}.identifier`,
          'The authorisation id or CPR number of the creator is missing.',
        ] as const)
      : ([
          'creator-identifier-not-supported',
          foreign.path,
          'FMK knows health personnel by Danish authorisation id or CPR number; this kind it cannot take.',
        ] as const);
  context.issues.push(finding(name, path, why));
  return undefined;
};

const nameText = (names: readonly HumanName[] | undefined): string | undefined => {
  const name = names?.find(({ use }) => use !== 'old');
  if (name === undefined) return undefined;
  return name.text?.trim() || [...(name.given ?? []), name.family ?? ''].join(' ').trim() || undefined;
};

const chooseName = (actor: Actor, context: MappingContext): string | undefined => {
  const path = `${actor.paths.person}.name`;
  const name = nameText(actor.practitioner?.name) ?? actor.display?.trim();
  if (name === undefined || name === '') {
    context.issues.push(finding('creator-name-missing', path, 'The name of the creator is missing.'));
    return undefined;
  }
  if (name.length > 200) {
    context.issues.push(finding('creator-name-too-long', path, 'A name has at most 200 characters.'));
  }
  return name;
};

/** What Swedish headers say of a profession; no speciality that FMK knows. */
const SWEDISH_PROFESSION = /^https?:\/\/electronichealth\.se\//;

const specialities = (actor: Actor, context: MappingContext): HealthcareProfessional['Information'] => {
  const codes = (actor.practitioner?.qualification ?? []).flatMap(({ code }) => {
    const coding = code.coding?.find(({ system }) => !SWEDISH_PROFESSION.test(system ?? ''));
    return coding?.code === undefined ? [] : [{ type: 'SpecialityCode', value: coding.code }];
  });
  if (codes.length > 5 || codes.some(({ value }) => value.length > 100)) {
    const path = `${actor.paths.person}.qualification`;
    const why = 'FMK takes at most five specialities, of at most 100 characters each.';
    context.issues.push(finding('creator-specialities', path, why));
  }
  return codes;
};

const roleNames = (roles: readonly CodeableConcept[]): readonly string[] => {
  const codes = roles.flatMap(({ coding }) =>
    (coding ?? []).flatMap(({ system, code }) => (system === FMK_ROLE && code !== undefined ? [code] : [])),
  );
  const names = codes.length > 0 ? codes : roles.flatMap(({ text }) => (text === undefined ? [] : [text]));
  return [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))];
};

const chooseRole = (actor: Actor, context: MappingContext): string | undefined => {
  const { issues, settings } = context;
  const path = actor.paths.role;
  const [role, ...more] = roleNames(actor.roles);
  if (role === undefined) {
    issues.push(finding('role-missing', path, `The role of the creator is missing (system ${FMK_ROLE}).`));
    return undefined;
  }
  if (more.length > 0) {
    issues.push(finding('role-ambiguous', path, 'More than one role is given; FMK is told one.'));
  }
  if (SYSTEM_ROLES.has(role)) {
    issues.push(
      finding('creator-not-a-person', path, 'This is the role of a system; the creator is a person.'),
    );
  }
  if (role.length > 200) {
    issues.push(finding('role-too-long', path, 'A role has at most 200 characters.'));
  }
  const known = FMK_ROLES.get(role);
  if (known === undefined || (known === '1.6.0' && settings.version === '1.4.6-E6')) {
    const severity = settings.unknownRole === 'refuse' ? 'error' : 'warning';
    const why = `The role is not in FMK's list for the version that is configured (${settings.version}); capitals matter there.`;
    issues.push(finding('role-unknown', path, why, severity));
  }
  return role;
};

/** FMK's modificator for whoever acts; undefined after a finding. */
export const toModificator = (actor: Actor, context: MappingContext): Modificator | undefined => {
  const identifier = chooseIdentifier(actor, context);
  const name = chooseName(actor, context);
  const Information = specialities(actor, context);
  const role = chooseRole(actor, context);
  const organisation = readOrganisation(actor.organization, actor.holder, actor.paths.organization, context);
  if (identifier === undefined || name === undefined || role === undefined) return undefined;
  if (organisation === undefined) return undefined;
  return {
    HealthcareProfessional: { Identifier: identifier, Name: name, Information },
    Role: role,
    Organisation: organisation,
  };
};

/** The CPR number of whoever acts, for their ID card; undefined where it is not told. */
export const cprOf = (actor: Actor, now: number): string | undefined => {
  const { system = '', value = '' } = cprIn(actor, now)?.identifier ?? {};
  const number = normalisePersonNumber(system, value);
  return number.ok ? number.value.value : undefined;
};

const FIND = [cprIn, authorisationIn] as const;

/** Whether two say of themselves that they are different persons: other values of the same kind of identifier. */
export const differ = (one: Actor, other: Actor, now: number): boolean =>
  FIND.some((find) => {
    const [left, right] = [find(one, now)?.identifier.value, find(other, now)?.identifier.value];
    const bare = (value: string) => value.replace(/[-\s]/g, '').toUpperCase();
    return left !== undefined && right !== undefined && bare(left) !== bare(right);
  });
