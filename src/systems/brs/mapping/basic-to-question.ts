import type { Basic } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import { fail, ok, type Result } from '../../../result.ts';
import { instantOf } from '../../../xml/codec-text.ts';
import { hasErrors } from '../../findings.ts';
import { normaliseOrganizationIdentifier } from '../../organizations.ts';
import { danishTime } from '../message-times.ts';
import type { BrsQuestion } from '../question.ts';
import type { BrsSettings } from '../settings.ts';
import { judgeElements } from './accepted.ts';
import { BASIC_KIND, EXTERNAL_REFERENCE, INPUT, TREATMENT_RELATION } from './codes.ts';
import { extensionAt, valueIn } from './extensions.ts';
import { finding } from './findings.ts';
import { type Directory, readOrganisation } from './organisation.ts';
import { readPatient, readProfessional } from './persons.ts';
import { readRelations } from './wanted-relations.ts';

/** What the mapping knows besides the Basic itself. */
export interface MappingContext {
  readonly settings: BrsSettings;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** A reference for a question that brings none, so that its alarm can be matched. */
  readonly newReference: () => string;
  /** Looks up literal references to organisations. */
  readonly directory?: Directory;
}

/** A question, and the warnings of its mapping. */
export interface MappedQuestion {
  readonly question: BrsQuestion;
  readonly issues: readonly Issue[];
}

const WITH_TIME = /T.*(?:Z|[+-]\d\d:\d\d)$/;

/** An instant of a dateTime; a date without a time has none. */
const instantIn = (text: string | undefined): number | undefined =>
  text !== undefined && WITH_TIME.test(text) ? instantOf(text) : undefined;

interface Interval {
  readonly start: string;
  readonly end: string;
}

const readInterval = (basic: Basic, issues: Issue[]): Interval | undefined => {
  const placed = extensionAt(basic, INPUT.interval, issues);
  const period = valueIn(placed, 'valuePeriod', issues);
  if (placed === undefined) {
    const why = 'The interval of the lookup is missing (extension relation-lookup-time-interval).';
    issues.push(finding('interval-missing', 'Basic.extension', why));
  }
  if (placed === undefined || period === undefined) return undefined;
  const { path } = placed;
  if (period.start === undefined || period.end === undefined) {
    issues.push(finding('interval-incomplete', `${path}.value`, 'The interval needs both its ends.'));
    return undefined;
  }
  const [start, end] = [instantIn(period.start), instantIn(period.end)];
  if (start === undefined || end === undefined) {
    const why = 'The ends of the interval must be instants: date, time and time zone.';
    issues.push(finding('interval-not-instants', `${path}.value`, why));
    return undefined;
  }
  if (start > end) {
    issues.push(finding('interval-reversed', `${path}.value`, 'The interval ends before it starts.'));
    return undefined;
  }
  return { start: danishTime(start), end: danishTime(end) };
};

const readTimeLimit = (basic: Basic, now: number, issues: Issue[]): string | undefined => {
  const placed = extensionAt(basic, INPUT.timeLimit, issues);
  if (placed === undefined) {
    issues.push(
      finding('time-limit-missing', 'Basic.extension', 'The deadline is missing (extension time-limit).'),
    );
    return undefined;
  }
  const text = valueIn(placed, 'valueDateTime', issues);
  if (text === undefined) return undefined;
  const at = instantIn(text);
  if (at === undefined) {
    const why = 'The deadline must be an instant: date, time and time zone.';
    issues.push(finding('time-limit-not-instant', placed.path, why));
    return undefined;
  }
  // BRS's own example has a deadline years before its interval.
  if (at < now) {
    const why = 'The deadline has passed: a follow-up, if one is ordered, is due at once.';
    issues.push(finding('time-limit-past', placed.path, why, 'warning'));
  }
  return danishTime(at);
};

const MOST_REFERENCE = 50;

/** Undefined: none given. */
const readReference = (basic: Basic, issues: Issue[]): string | undefined => {
  const given = (basic.identifier ?? []).flatMap(({ system, value }, at) =>
    system === EXTERNAL_REFERENCE && value !== undefined ? [{ value, at }] : [],
  );
  const [first, second] = given;
  if (second !== undefined) {
    const why = 'BRS takes one external reference.';
    issues.push(finding('external-reference-ambiguous', `Basic.identifier[${second.at}]`, why));
  }
  if (first !== undefined && first.value.length > MOST_REFERENCE) {
    const why = `An external reference has at most ${MOST_REFERENCE} characters.`;
    issues.push(finding('external-reference-too-long', `Basic.identifier[${first.at}].value`, why));
  }
  return first?.value;
};

/** QueryableCvr: who may fetch the alarm; the facade's own unless said. */
export const readQueryableCvr = (basic: Basic, own: string, issues: Issue[]): string => {
  const placed = extensionAt(basic, INPUT.queryableCvr, issues);
  const identifier = valueIn(placed, 'valueIdentifier', issues);
  if (placed === undefined || identifier === undefined) return own;
  const read = normaliseOrganizationIdentifier(identifier.system, identifier.value ?? '');
  if (read?.ok !== true || read.value.kind !== 'cvr') {
    const why = 'The organisation that may fetch the alarm needs a CVR number of 8 digits (http://cvr.dk).';
    issues.push(finding('queryable-cvr-malformed', placed.path, why));
    return own;
  }
  if (read.value.warnings.includes('check-digit')) {
    const why = 'The check digit of the CVR number is wrong.';
    issues.push(finding('queryable-cvr-check-digit', placed.path, why, 'warning'));
  }
  if (read.value.value !== own) {
    const why = 'This facade cannot poll the alarm: it may fetch those of its own CVR number only.';
    issues.push(finding('queryable-cvr-not-ours', placed.path, why, 'warning'));
  }
  return read.value.value;
};

const readFlag = (basic: Basic, url: string, issues: Issue[]) => {
  const placed = extensionAt(basic, url, issues);
  return { path: placed?.path ?? 'Basic.extension', value: valueIn(placed, 'valueBoolean', issues) ?? false };
};

const readFollowup = (basic: Basic, settings: BrsSettings, issues: Issue[]): boolean => {
  const { path, value } = readFlag(basic, INPUT.followup, issues);
  if (!value && settings.generation === 'v1' && settings.v1WithoutFollowup === 'refuse') {
    const why = 'How the older BRS is told that no follow-up is wanted is not known.';
    issues.push(finding('followup-form-unknown', path, why));
  }
  return value;
};

const readSources = (basic: Basic, settings: BrsSettings, issues: Issue[]): boolean => {
  const { path, value } = readFlag(basic, INPUT.includeAll, issues);
  if (value && settings.generation === 'v1') {
    issues.push(finding('sources-not-offered', path, 'The older BRS does not tell its sources.'));
  }
  return value;
};

const readAuthorisation = (basic: Basic, others: readonly string[], issues: Issue[]): string => {
  const placed = extensionAt(basic, INPUT.authorisation, issues);
  const own = valueIn(placed, 'valueString', issues)?.trim();
  const all = new Set([...(own === undefined ? [] : [own]), ...others]);
  if (all.size > 1) {
    const why = 'The authorisation code is given with different values.';
    issues.push(finding('authorisation-contradiction', placed?.path ?? 'Basic.author', why));
  }
  return [...all][0] ?? '';
};

const isTreatmentRelation = ({ code }: Basic): boolean =>
  code?.coding?.some((one) => one.system === BASIC_KIND && one.code === TREATMENT_RELATION) === true;

/** The question of a Basic; every fault at once, each by its FHIRPath. Pure but for the reference it may make. */
export const toQuestion = (
  basic: Basic,
  context: MappingContext,
): Result<MappedQuestion, readonly Issue[]> => {
  const { settings, now } = context;
  const issues: Issue[] = [];
  if (!isTreatmentRelation(basic)) {
    const why = `The code must hold ${TREATMENT_RELATION} of ${BASIC_KIND}.`;
    issues.push(finding('kind-missing', 'Basic.code', why));
  }
  judgeElements(basic, issues);
  const organisation = readOrganisation(basic, now, issues, context.directory);
  const patientCpr = readPatient(basic, now, issues);
  const professional = readProfessional(basic, now, issues);
  const interval = readInterval(basic, issues);
  const relations = readRelations(basic, settings, issues);
  const timeLimit = readTimeLimit(basic, now, issues);
  const reference = readReference(basic, issues);
  const queryableCvr = readQueryableCvr(basic, settings.cvr, issues);
  const followup = readFollowup(basic, settings, issues);
  const includeAllRelations = readSources(basic, settings, issues);
  const authorisationIdentifier = readAuthorisation(basic, professional.authorisations, issues);
  const healthProfessionalCpr = professional.cpr;
  if (hasErrors(issues) || organisation === undefined || patientCpr === undefined) return fail(issues);
  if (healthProfessionalCpr === undefined || interval === undefined) return fail(issues);
  if (relations === undefined || timeLimit === undefined) return fail(issues);
  const question: BrsQuestion = {
    organisation,
    patientCpr,
    healthProfessionalCpr,
    ...interval,
    ...relations,
    timeLimit,
    externalReferenceId: reference ?? context.newReference(),
    queryableCvr,
    followup,
    authorisationIdentifier,
    includeAllRelations,
  };
  return ok({ question, issues });
};
