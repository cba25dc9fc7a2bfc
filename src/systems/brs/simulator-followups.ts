import { instantOf } from '../../xml/codec-text.ts';
import type { SimulatorState } from '../simulation/state.ts';
import type { AskedQuestion } from './question.ts';
import type { Registers } from './simulator-registers.ts';
import { evidenceFor, type RuleSettings, relationFrom } from './simulator-rules.ts';

/** A follow-up that waits for its deadline. */
export interface Followup {
  readonly uid: string;
  readonly question: AskedQuestion & { readonly externalReferenceId: string };
}

/** A follow-up whose criteria were not met. */
export interface Alarm extends Followup {
  readonly serialNumber: number;
  /** Milliseconds. */
  readonly createdAt: number;
}

export interface Followups {
  order(followup: Followup): Promise<void>;
  /** Evaluates what is due, raises alarms, forgets old ones: all up to now. */
  tick(now: number): Promise<void>;
  /** The alarms of a CVR after an offset, ascending. */
  alarms(cvr: string, offset: number | undefined): Promise<readonly Alarm[]>;
  waiting(): Promise<readonly Followup[]>;
  /** What the operator does when an organisation changes its CVR: duplicates everything to the new one. */
  migrateCvr(from: string, to: string): Promise<void>;
}

export interface FollowupOptions {
  readonly state: SimulatorState;
  readonly registers: Registers;
  readonly rules: RuleSettings;
  /** Milliseconds that alarms are kept. */
  readonly retention: number;
}

const QUEUE = 'followup/';
const ALARMS = 'alarm/';
const SERIAL = 'serial';
const PAGE = 500;

const alarmKey = (serial: number): string => `${ALARMS}${String(serial).padStart(12, '0')}`;

export const createFollowups = ({ state, registers, rules, retention }: FollowupOptions): Followups => {
  // Only this file writes these values.
  const listed = async <T>(
    prefix: string,
  ): Promise<readonly { readonly key: string; readonly value: T }[]> => {
    const all: { readonly key: string; readonly value: T }[] = [];
    for (let after = 0; ; ) {
      const page = await state.list(prefix, after, PAGE);
      all.push(...page.map(({ key, value }) => ({ key, value: JSON.parse(value) as T })));
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return all;
      after = last.position;
    }
  };

  const nextSerial = async (): Promise<number> => {
    for (;;) {
      const before = await state.get(SERIAL);
      const serial = Number(before ?? '0') + 1;
      if (await state.compareAndSet(SERIAL, before, String(serial))) return serial;
    }
  };

  const raise = async (followup: Followup, createdAt: number): Promise<void> => {
    const serialNumber = await nextSerial();
    const alarm: Alarm = { ...followup, serialNumber, createdAt };
    await state.put(alarmKey(serialNumber), JSON.stringify(alarm));
  };

  const takeDue = async (now: number): Promise<void> => {
    for (const { key, value: followup } of await listed<Followup>(QUEUE)) {
      const due = instantOf(followup.question.timeLimit) ?? 0;
      if (due > now) continue;
      await state.delete(key);
      // As the registers were at the deadline, however late the job runs.
      const evidence = await evidenceFor(followup.question, registers, rules, due);
      if (!followup.question.accepted.includes(relationFrom(evidence))) await raise(followup, due);
    }
  };

  const cleanUp = async (now: number): Promise<void> => {
    for (const { key, value } of await listed<Alarm>(ALARMS)) {
      if (value.createdAt + retention <= now) await state.delete(key);
    }
  };

  let working: Promise<void> = Promise.resolve();

  return {
    order: (followup) => state.put(`${QUEUE}${followup.uid}`, JSON.stringify(followup)),
    tick(now) {
      // One at a time: two that take the same row would raise two alarms.
      working = working.then(async () => {
        await takeDue(now);
        await cleanUp(now);
      });
      return working;
    },
    async alarms(cvr, offset = 0) {
      const all = await listed<Alarm>(ALARMS);
      return all
        .map(({ value }) => value)
        .filter(({ question, serialNumber }) => question.queryableCvr === cvr && serialNumber > offset)
        .toSorted((left, right) => left.serialNumber - right.serialNumber);
    },
    waiting: async () => (await listed<Followup>(QUEUE)).map(({ value }) => value),
    async migrateCvr(from, to) {
      const moved = (one: Followup): Followup => ({
        uid: crypto.randomUUID(),
        question: { ...one.question, queryableCvr: to },
      });
      for (const { value } of await listed<Followup>(QUEUE)) {
        if (value.question.queryableCvr !== from) continue;
        const copy = moved(value);
        await state.put(`${QUEUE}${copy.uid}`, JSON.stringify(copy));
      }
      for (const { value } of await listed<Alarm>(ALARMS)) {
        if (value.question.queryableCvr === from) await raise(moved(value), value.createdAt);
      }
    },
  };
};
