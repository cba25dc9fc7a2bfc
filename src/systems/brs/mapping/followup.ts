import type { Basic } from '@medplum/fhirtypes';
import { instantOf } from '../../../xml/codec-text.ts';
import type { BrsAlarm } from '../message-notification.ts';
import type { BrsSettings } from '../settings.ts';
import { followupExtension } from './answer-to-basic.ts';
import { EXTERNAL_REFERENCE, FOLLOWUP_STATES, type FollowupState, INPUT, RESULT } from './codes.ts';

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
 * have passed and polling went on; `unknown` when it stood still for longer than BRS keeps alarms. Undefined: wait.
 *
 * @param lastPoll when the alarms were last fetched before this, milliseconds; undefined: never
 */
export const silenceMeans = (
  basic: Basic,
  now: number,
  lastPoll: number | undefined,
  settings: Pick<BrsSettings, 'processingLag' | 'retention'>,
): 'presumed-met' | 'unknown' | undefined => {
  if (followupStateOf(basic) !== 'ordered') return undefined;
  const limit = basic.extension?.find(({ url }) => url === INPUT.timeLimit)?.valueDateTime;
  const due = limit === undefined ? undefined : instantOf(limit);
  if (due === undefined || now < due + settings.processingLag) return undefined;
  const missed = lastPoll === undefined ? now - due : now - lastPoll;
  const wasDueMeanwhile = lastPoll === undefined || lastPoll < due + settings.retention;
  return missed > settings.retention && wasDueMeanwhile ? 'unknown' : 'presumed-met';
};
