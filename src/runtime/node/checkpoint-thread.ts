/** The thread of `checkpoints.ts`: a connection of its own that does nothing but checkpoints. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

const file = new DatabaseSync(String(workerData), { timeout: 0 });
// FULL: the database file is on disk before the log may be written over.
file.exec('pragma synchronous = full; pragma wal_autocheckpoint = 0');
// PASSIVE takes what it can get and stands in nobody's way.
const checkpoint = file.prepare('pragma wal_checkpoint(passive)');

parentPort?.on('message', () => {
  checkpoint.all();
  parentPort?.postMessage('done');
});
