/** Calls `fire` once after `milliseconds`, unless the returned function was called before. */
export type Timer = (milliseconds: number, fire: () => void) => () => void;

/** The platform's own timer. Real time: the sandbox may move the port clock, never how long a wait takes. */
export const platformTimer: Timer = (milliseconds, fire) => {
  const id = setTimeout(fire, milliseconds);
  return () => clearTimeout(id);
};

/** Resolves after `milliseconds`; at once for zero and less. */
export const sleep = (timer: Timer, milliseconds: number): Promise<void> =>
  milliseconds <= 0 ? Promise.resolve() : new Promise((resolve) => timer(milliseconds, resolve));

/**
 * The work's value, or `undefined` when it takes longer than `milliseconds`. The work itself goes on; a
 * rejection is passed on only while somebody waits.
 */
export const within = <T>(timer: Timer, milliseconds: number, work: Promise<T>): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    const cancel = timer(Math.max(0, milliseconds), () => resolve(undefined));
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
