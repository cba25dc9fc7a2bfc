import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own. */
export interface ServerProcess {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  readonly stop: () => Promise<void>;
}

const running = new Set<ChildProcess>();

// A run that is broken off leaves nobody behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

/** Milliseconds to wait for a server before it counts as broken. */
const PATIENCE = 20_000;

export const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const stop = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const hard = setTimeout(() => child.kill('SIGKILL'), 5_000);
    child.once('exit', () => {
      clearTimeout(hard);
      resolve();
    });
    child.kill('SIGTERM');
  });

/** Starts a process that is ended with this one. */
export const start = (
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd: string = here('../..'),
): ChildProcess => {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
};

/** Starts a Node script that prints its URL when it listens; rejects with what it said when it does not. */
export const startServer = (
  script: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> =>
  new Promise((resolve, reject) => {
    const child = start(process.execPath, [script], environment);
    let said = '';
    const broken = (): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`${script} did not start: ${said.trim().slice(-800)}`));
    };
    const timer = setTimeout(broken, PATIENCE);
    const listen = (chunk: unknown): void => {
      said += String(chunk);
      const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (origin === undefined) return;
      clearTimeout(timer);
      child.stdout?.off('data', listen);
      child.stdout?.resume();
      child.off('exit', broken);
      resolve({ origin, stop: () => stop(child) });
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    child.once('exit', broken);
  });
