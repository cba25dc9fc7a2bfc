import type { Basic } from '@medplum/fhirtypes';
import type { Failure } from '../../failure.ts';
import type { Clock } from '../../ports.ts';
import { ok, type Result } from '../../result.ts';
import type { CallContext } from '../dgws/client.ts';
import type { BrsClient } from './client.ts';
import { belongingTo, silenceMeans, withAlarm, withFollowupState } from './mapping/followup.ts';
import type { BrsAlarm } from './message-notification.ts';
import type { BrsSettings } from './settings.ts';

/** What polling remembers. */
export interface PollState {
  /** The highest serial number whose alarms have all been taken in. */
  readonly offset?: number;
  /** Milliseconds. */
  readonly polledAt?: number;
}

/** The alarms of a poll, made ready: once a reference, and where the next poll starts. */
export interface PolledAlarms {
  readonly alarms: readonly BrsAlarm[];
  readonly offset: number | undefined;
}

/**
 * Takes what was seen before out of the alarms of a poll. The service may repeat old ones, and after a change of
 * CVR the same alarm stands under two serial numbers: the reference decides, and the patient, because callers choose
 * references. A gap is no loss, because all callers
 * share one sequence. Pure.
 */
export const planAlarms = (received: readonly BrsAlarm[], offset: number | undefined): PolledAlarms => {
  const first = new Map<string, BrsAlarm>();
  let highest = offset;
  for (const alarm of received.toSorted((left, right) => left.serialNumber - right.serialNumber)) {
    if (highest === undefined || alarm.serialNumber > highest) highest = alarm.serialNumber;
    const isOld = offset !== undefined && alarm.serialNumber <= offset;
    const about = `${alarm.patientCpr ?? ''} ${alarm.externalReferenceId}`;
    if (!isOld && !first.has(about)) first.set(about, alarm);
  }
  return { alarms: [...first.values()], offset: highest };
};

/** What polling needs of the server that holds the Basics. */
export interface PollPorts {
  load(): Promise<PollState>;
  /** Called last, so that an alarm is taken in at least once. */
  save(state: PollState): Promise<void>;
  /** The live treatment relations with this external reference. */
  byReference(externalReferenceId: string): Promise<readonly Basic[]>;
  /** The live treatment relations whose follow-up is `ordered` and whose deadline is before `before`. */
  waiting(before: number): Promise<readonly Basic[]>;
  /** Stores a new version; false when another write was faster: the next poll does it. */
  update(resource: Basic): Promise<boolean>;
  /** An alarm that belongs to no Basic: kept for the operator. */
  deadLetter(alarm: BrsAlarm): Promise<void>;
}

/** What a poll did. */
export interface PollReport {
  readonly received: number;
  readonly alarmed: number;
  readonly unmatched: number;
  readonly presumedMet: number;
  readonly unknown: number;
}

export interface PollDeps {
  readonly client: Pick<BrsClient, 'notifications'>;
  readonly settings: Pick<BrsSettings, 'cvr' | 'processingLag' | 'retention'>;
  readonly clock: Clock;
  readonly ports: PollPorts;
}

const takeIn = async (alarm: BrsAlarm, { ports, clock }: PollDeps) => {
  const found = belongingTo(alarm, await ports.byReference(alarm.externalReferenceId));
  if (found.length === 0) await ports.deadLetter(alarm);
  let alarmed = 0;
  let complete = true;
  for (const basic of found) {
    const changed = withAlarm(basic, alarm, clock());
    if (changed === undefined) continue;
    if (await ports.update(changed)) alarmed += 1;
    else complete = false;
  }
  return { alarmed, unmatched: found.length === 0 ? 1 : 0, complete };
};

const judgeSilence = async ({ ports, clock, settings }: PollDeps, lastPoll: number | undefined) => {
  const now = clock();
  const counts = { 'presumed-met': 0, unknown: 0 };
  for (const basic of await ports.waiting(now - settings.processingLag)) {
    const means = silenceMeans(basic, now, lastPoll, settings);
    if (means !== undefined && (await ports.update(withFollowupState(basic, means)))) counts[means] += 1;
  }
  return counts;
};

/**
 * Fetches the alarms since the last poll, adds each to the Basic it belongs to, and says what the silence about the
 * others means. The offset is saved last and only past what was taken in. Failures: those of the call; then nothing
 * has changed.
 */
export const pollNotifications = async (
  deps: PollDeps,
  context: CallContext,
): Promise<Result<PollReport, Failure>> => {
  const { client, ports, clock } = deps;
  const before = await ports.load();
  const received = await client.notifications(before.offset, context);
  if (!received.ok) return received;
  const { alarms, offset } = planAlarms(received.value, before.offset);
  let reached = before.offset;
  let complete = true;
  const counts = { alarmed: 0, unmatched: 0 };
  for (const alarm of alarms) {
    const taken = await takeIn(alarm, deps);
    counts.alarmed += taken.alarmed;
    counts.unmatched += taken.unmatched;
    complete &&= taken.complete;
    if (complete) reached = alarm.serialNumber;
  }
  // What could not be stored may be an alarm: before it is, silence means nothing.
  const silence = complete ? await judgeSilence(deps, before.polledAt) : { 'presumed-met': 0, unknown: 0 };
  const saved = complete ? offset : reached;
  await ports.save({ ...(saved === undefined ? {} : { offset: saved }), polledAt: clock() });
  return ok({
    received: received.value.length,
    ...counts,
    presumedMet: silence['presumed-met'],
    unknown: silence.unknown,
  });
};
