import { Worker } from 'node:worker_threads';

/**
 * Moves what was committed from SQLite's write-ahead log to the database file, on a thread of its own: on the
 * server's thread every call would have to wait for it, some tens of milliseconds at a time.
 */
export interface Checkpoints {
  /** To be called after each commit. */
  readonly committed: () => void;
  readonly stop: () => void;
}

/** Commits between two checkpoints. A commit of a busy server has up to some hundred pages. */
const COMMITS = 16;

/**
 * The thread starts when it is first needed. It only helps: when it cannot run, or falls behind, SQLite's own
 * checkpoints (`wal_autocheckpoint`) do the work as ever.
 *
 * @param path the database file; there is nothing to do for one in memory
 */
export const createCheckpoints = (path: string): Checkpoints => {
  let commits = 0;
  let busy = false;
  let thread: Worker | undefined;

  const start = (): Worker => {
    const started = new Worker(new URL('./checkpoint-thread.ts', import.meta.url), { workerData: path });
    started.on('message', () => {
      busy = false;
    });
    // `busy` stays true: nobody asks again.
    started.on('error', () => undefined);
    started.unref();
    return started;
  };

  return {
    committed: () => {
      commits += 1;
      if (commits < COMMITS || busy) return;
      commits = 0;
      busy = true;
      thread ??= start();
      thread.postMessage('now');
    },
    stop: () => {
      busy = true;
      void thread?.terminate();
    },
  };
};
