import { ok, type Result } from '../../result.ts';
import { anything, type CodecFault, message, sequence, simple, type Vocabulary } from '../../xml/codec.ts';
import { inside } from '../../xml/codec-fields.ts';
import { anyText, textUpTo, xsDateTime, xsInteger } from '../../xml/codec-text.ts';
import { elementsOf, textOf, type XmlElement } from '../../xml/tree.ts';

/**
 * Alarms of follow-ups. Only the names of BRS's messages are known, not their namespace, order or the offset's
 * name: this shape is the simulator's own, behind this file as its adapter.
 */
export const NOTIFICATION: Vocabulary = { prefix: '', uri: 'urn:sim:brs:notification' };

/** A follow-up whose criteria were not met at its deadline. */
export interface BrsAlarm {
  /** One sequence for all callers: gaps are normal. */
  readonly serialNumber: number;
  /** xs:dateTime as it came. */
  readonly creationTimestamp: string;
  readonly externalReferenceId: string;
  readonly uniqueReferenceId?: string;
  /** Whom the question was about, where the alarm tells it. */
  readonly patientCpr?: string;
}

const { one, optional, many } = inside(NOTIFICATION);

/** A question for the alarms after an offset. */
export const NOTIFICATION_QUERY = message(
  NOTIFICATION,
  'notificationQueryRequestBody',
  sequence({ offset: optional('Offset', simple(xsInteger)) }),
);

const reference = simple(textUpTo(50));

export const NOTIFICATION_ANSWER = message(
  NOTIFICATION,
  'notificationQueryResponse',
  sequence({
    alarms: many(
      'TreatmentRelationAlarm',
      sequence({
        serialNumber: one('SerialNumber', simple(xsInteger)),
        creationTimestamp: one('CreationTimestamp', simple(xsDateTime)),
        // What was asked.
        followup: optional('TreatmentRelationFollowup', anything),
        relayed: one(
          'TreatmentRelationRelayerData',
          sequence({
            uniqueReferenceId: optional('UniqueReferenceId', simple(anyText)),
            externalReferenceId: one('ExternalReferenceId', reference),
          }),
        ),
      }),
    ),
  }),
);

/** Of the question that an alarm repeats the facade needs this alone: the rest it knows, and it names persons. */
const patientIn = (followup: XmlElement): string | undefined => {
  const found = elementsOf(followup).find(({ local }) => local === 'PatientCpr');
  const number = found === undefined ? undefined : textOf(found)?.trim();
  return number === '' ? undefined : number;
};

/** Reads an answer; the alarms in the order of their serial numbers. */
export const readAlarms = (body: XmlElement): Result<readonly BrsAlarm[], readonly CodecFault[]> => {
  const read = NOTIFICATION_ANSWER.read(body);
  if (!read.ok) return read;
  const alarms = read.value.value.alarms.map(({ serialNumber, creationTimestamp, followup, relayed }) => {
    const patientCpr = followup === undefined ? undefined : patientIn(followup);
    return {
      ...{ serialNumber, creationTimestamp, ...relayed },
      ...(patientCpr === undefined ? {} : { patientCpr }),
    };
  });
  return ok(alarms.toSorted((left, right) => left.serialNumber - right.serialNumber));
};
