import type { Basic, Coding, Extension, Identifier } from '@medplum/fhirtypes';
import type { Issue } from '../../../failure.ts';
import type { BrsAnswer } from '../message-answer.ts';
import type { BrsQuestion } from '../question.ts';
import { isRelation } from '../relations.ts';
import {
  BRS_RELATION,
  BRS_SOURCE,
  EXTERNAL_REFERENCE,
  FOLLOWUP_STATE,
  type FollowupState,
  ORGANISATION_SYSTEMS,
  RESULT,
  RESULT_URLS,
  UNIQUE_REFERENCE,
} from './codes.ts';
import { finding } from './findings.ts';

/** The documented sources of evidence. */
export const SOURCES = ['HENVISNING_SOR', 'LPR', 'SSR', 'SIKREDE', 'REFHOST'] as const;

const relation = (code: string): Coding => ({ system: BRS_RELATION, code });

const sourceExtension = ({ source, relation: code }: { source: string; relation: string }): Extension => ({
  url: RESULT.bySource,
  extension: [
    { url: 'source', valueCoding: { system: BRS_SOURCE, code: source } },
    { url: 'relation', valueCoding: relation(code) },
  ],
});

/** BRS's order of sources is not stable: here they stand by name. */
const byName = (left: { source: string }, right: { source: string }): number =>
  left.source < right.source ? -1 : left.source > right.source ? 1 : 0;

/** Seconds, as the clock of the server has them. */
const instant = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** The extension of a follow-up's state. */
export const followupExtension = (state: FollowupState): Extension => ({
  url: RESULT.followupState,
  valueCoding: { system: FOLLOWUP_STATE, code: state },
});

const resultExtensions = (question: BrsQuestion, answer: BrsAnswer, now: number): readonly Extension[] => [
  { url: RESULT.evaluatedAt, valueInstant: instant(now) },
  { url: RESULT.sufficient, valueBoolean: answer.sufficientRelation },
  ...answer.actualRelations.map((code) => ({ url: RESULT.actual, valueCoding: relation(code) })),
  ...(answer.bySource ?? []).toSorted(byName).map(sourceExtension),
  { url: RESULT.followupOrdered, valueBoolean: answer.followupOrdered },
  followupExtension(answer.followupOrdered ? 'ordered' : 'not-ordered'),
  {
    url: RESULT.organisationUsed,
    valueIdentifier: {
      system: ORGANISATION_SYSTEMS[question.organisation.kind],
      value: question.organisation.value,
    },
  },
];

const SERVER_IDENTIFIERS: ReadonlySet<string | undefined> = new Set([EXTERNAL_REFERENCE, UNIQUE_REFERENCE]);

const identifiersOf = (basic: Basic, answer: BrsAnswer, sent: string): Identifier[] => [
  { system: EXTERNAL_REFERENCE, value: answer.externalReferenceId ?? sent },
  { system: UNIQUE_REFERENCE, value: answer.uniqueReferenceId },
  ...(basic.identifier ?? []).filter(({ system }) => !SERVER_IDENTIFIERS.has(system)),
];

const CODE = /^[A-Za-z0-9_+-]{1,40}$/;
const told = (code: string): string => (CODE.test(code) ? code : 'a code');

/** What a reader of the resource sees first: evidence, never consent. Codes are checked before they stand in markup. */
const narrative = (answer: BrsAnswer): NonNullable<Basic['text']> => {
  const enough = answer.sufficientRelation ? 'sufficient' : 'not sufficient';
  const followup = answer.followupOrdered ? ' A follow-up is ordered.' : '';
  const actual = answer.actualRelations.map(told).join(', ');
  return {
    status: 'generated',
    div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>Treatment-relation evidence, not consent: ${enough} for what was asked (found: ${actual}).${followup}</p></div>`,
  };
};

const warnings = (question: BrsQuestion, answer: BrsAnswer): readonly Issue[] => {
  const issues: Issue[] = [];
  const sources = answer.bySource ?? [];
  const codes = [...answer.actualRelations, ...sources.map((one) => one.relation)];
  if (!codes.every(isRelation)) {
    const why = 'BRS answered with a category that is not documented; it is kept as it came.';
    issues.push(finding('answer-relation-unknown', `Basic.extension`, why, 'warning'));
  }
  if (sources.some(({ source }) => !SOURCES.some((known) => known === source))) {
    const why = 'BRS answered with a source that is not documented; it is kept as it came.';
    issues.push(finding('answer-source-unknown', `Basic.extension`, why, 'warning'));
  }
  const { externalReferenceId } = answer;
  if (externalReferenceId !== undefined && externalReferenceId !== question.externalReferenceId) {
    const why = 'BRS answered with another external reference than it was given; BRS’s is kept.';
    issues.push(finding('answer-reference-differs', 'Basic.identifier', why, 'warning'));
  }
  return issues;
};

/**
 * The Basic with BRS's answer in it, and what was odd about the answer.
 *
 * @param now when the answer came, milliseconds since the epoch
 */
export const withAnswer = (
  basic: Basic,
  question: BrsQuestion,
  answer: BrsAnswer,
  now: number,
): { readonly resource: Basic; readonly issues: readonly Issue[] } => {
  const given = (basic.extension ?? []).filter(({ url }) => !RESULT_URLS.has(url));
  const resource: Basic = {
    ...basic,
    text: basic.text !== undefined && basic.text.status !== 'generated' ? basic.text : narrative(answer),
    extension: [...given, ...resultExtensions(question, answer, now)],
    identifier: identifiersOf(basic, answer, question.externalReferenceId),
    created: instant(now).slice(0, 'yyyy-mm-dd'.length),
  };
  return { resource, issues: warnings(question, answer) };
};
