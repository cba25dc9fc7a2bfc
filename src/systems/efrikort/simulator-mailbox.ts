import type { SimulatorState } from '../simulation/state.ts';

/** A mail that the sandbox has caught. */
export interface CaughtMail {
  readonly position: number;
  readonly messageId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly sender: string;
  readonly recipients: readonly string[];
  /** RFC 5322. */
  readonly raw: string;
}

/** An answer on its way to the facade. */
export interface Answer {
  /** Message-ID of the mail that it answers. */
  readonly to: string;
  /** When it arrives, milliseconds since the epoch. */
  readonly due: number;
  readonly raw: string;
}

export interface SimulatedMailboxes {
  catch(mail: Omit<CaughtMail, 'position'>): Promise<void>;
  /** Oldest first. */
  caught(): Promise<readonly CaughtMail[]>;
  find(messageId: string): Promise<CaughtMail | undefined>;
  answer(answer: Answer): Promise<void>;
  /** Takes back the answers to this mail that have not arrived yet. */
  withdraw(to: string, now: number): Promise<void>;
  /** The answers that have arrived, after `position`. */
  arrived(
    after: number,
    now: number,
  ): Promise<readonly { readonly position: number; readonly raw: string }[]>;
}

const LIMIT = 1000;

/** Only the two writers below make these values. */
const read = <T>(text: string): T => JSON.parse(text) as T;

/** Both ways' mail, in the simulator's own part of the state. */
export const createMailboxes = (state: SimulatorState): SimulatedMailboxes => {
  const caught = async (): Promise<readonly CaughtMail[]> =>
    (await state.list('mail/', 0, LIMIT)).map(({ value, position }) => ({
      ...read<Omit<CaughtMail, 'position'>>(value),
      position,
    }));
  return {
    caught,
    catch: (mail) => state.put(`mail/${crypto.randomUUID()}`, JSON.stringify(mail)),
    find: async (messageId) => (await caught()).findLast((mail) => mail.messageId === messageId),
    answer: (answer) => state.put(`answer/${crypto.randomUUID()}`, JSON.stringify(answer)),
    async withdraw(to, now) {
      for (const { key, value } of await state.list('answer/', 0, LIMIT)) {
        const answer = read<Answer>(value);
        if (answer.to === to && answer.due > now) await state.delete(key);
      }
    },
    async arrived(after, now) {
      // In the order of arrival, which is not that of writing: the position is that of the due time.
      const answers = (await state.list('answer/', 0, LIMIT)).map(({ value, position }) => ({
        ...read<Answer>(value),
        written: position,
      }));
      return answers
        .filter(({ due }) => due <= now)
        .toSorted((a, b) => a.due - b.due || a.written - b.written)
        .map(({ raw }, index) => ({ position: index + 1, raw }))
        .filter(({ position }) => position > after);
    },
  };
};
