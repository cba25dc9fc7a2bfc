import type { Basic } from '@medplum/fhirtypes';
import { instantOf } from '../../../xml/codec-text.ts';
import type { BrsAlarm } from '../message-notification.ts';
import type { BrsSettings } from '../settings.ts';
import { followupExtension } from './answer-to-basic.ts';
import { readQueryableCvr } from './basic-to-question.ts';
import { EXTERNAL_REFERENCE, FOLLOWUP_STATES, type FollowupState, INPUT, RESULT } from './codes.ts';
import { readPatient } from './persons.ts';

/** The state of a Basic's follow-up; undefined when it has none that is known. */
export const followupStateOf = (basic: Basic): FollowupState | undefined => {
  const code = basic.extension?.find(({ url }) => url === RESULT.followupState)?.valueCoding?.code;
  return FOLLOWUP_STATES.find((state) => state === code);
};

/** The reference by which alarms are matched. */
export const externalReferenceOf = (basic: Basic): string | undefined =>
  basic.identifier?.find(({ system }) => system === EXTERNAL_REFERENCE)?.value;

/** The Basic with its follow-up in another state. */
export const withFollowupState = (basic: Basic, state: FollowupState): Basic => ({
  ...basic,
  extension: (basic.extension ?? []).map((one) =>
    one.url === RESULT.followupState ? followupExtension(state) : one,
  ),
});

/** A patient's number is known for as long as the question is. */
const EVER = Number.NEGATIVE_INFINITY;

/**
 * Those of the Basics with an alarm's reference that it belongs to: of its patient, because callers choose references
 * and two may choose the same; and whose follow-up was ordered, unless none was.
 */
export const belongingTo = (alarm: BrsAlarm, found: readonly Basic[]): readonly Basic[] => {
  const { patientCpr } = alarm;
  const ofPatient =
    patientCpr === undefined ? found : found.filter((basic) => readPatient(basic, EVER, []) === patientCpr);
  const ordered = ofPatient.filter((basic) => followupStateOf(basic) !== 'not-ordered');
  return ordered.length === 0 ? ofPatient : ordered;
};

/**
 * The Basic with its alarm; undefined when it has one already: the same alarm may come again, under a new serial
 * number too.
 */
export const withAlarm = (basic: Basic, alarm: BrsAlarm, receivedAt: number): Basic | undefined => {
  if (followupStateOf(basic) === 'alarmed') return undefined;
  const alarmed = withFollowupState(basic, 'alarmed');
  return {
    ...alarmed,
    extension: [
      ...(alarmed.extension ?? []),
      {
        url: RESULT.alarm,
        extension: [
          { url: 'serial-number', valueInteger: alarm.serialNumber },
          { url: 'creation-timestamp', valueDateTime: alarm.creationTimestamp },
          { url: 'received-at', valueInstant: new Date(receivedAt).toISOString().replace(/\.\d{3}Z$/, 'Z') },
        ],
      },
    ],
  };
};

/**
 * What the silence about an ordered follow-up means by now: `presumed-met` when the deadline and the processing lag
 * have passed and polling went on; `unknown` when it stood still for longer than BRS keeps alarms, or where another
 * organisation fetches them. Undefined: wait.
 *
 * @param lastPoll when the alarms were last fetched before this, milliseconds; undefined: never
 */
export const silenceMeans = (
  basic: Basic,
  now: number,
  lastPoll: number | undefined,
  settings: Pick<BrsSettings, 'cvr' | 'processingLag' | 'retention'>,
): 'presumed-met' | 'unknown' | undefined => {
  if (followupStateOf(basic) !== 'ordered') return undefined;
  const limit = basic.extension?.find(({ url }) => url === INPUT.timeLimit)?.valueDateTime;
  const due = limit === undefined ? undefined : instantOf(limit);
  if (due === undefined || now < due + settings.processingLag) return undefined;
  if (readQueryableCvr(basic, settings.cvr, []) !== settings.cvr) return 'unknown';
  const missed = lastPoll === undefined ? now - due : now - lastPoll;
  const wasDueMeanwhile = lastPoll === undefined || lastPoll < due + settings.retention;
  return missed > settings.retention && wasDueMeanwhile ? 'unknown' : 'presumed-met';
};
