import { spawn, spawnSync } from 'node:child_process';
import { here } from '../processes.ts';
import type { CreateLoad, Measured, ReadLoad } from './measured.ts';

/** Used when the machine has it; the project does not ask for it. */
const WRK = 'wrk';
const hasWrk = spawnSync(WRK, ['-v'], { stdio: 'ignore' }).error === undefined;

/** What makes the read load on this machine. */
export const readGenerator = hasWrk ? WRK : 'the own generator (test/bench/load/generator.ts)';

const run = (command: string, args: readonly string[], input = ''): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += String(chunk);
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${command} ended with ${code}: ${output}`)),
    );
    child.stdin.end(input);
  });

const MILLISECONDS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

const percentile = (output: string, part: string): number => {
  const match = new RegExp(`^\\s+${part}%\\s+([\\d.]+)(us|ms|s|m)$`, 'm').exec(output);
  return Number(match?.[1] ?? Number.NaN) * (MILLISECONDS[match?.[2] ?? ''] ?? Number.NaN);
};

const failures = (output: string): number => {
  const answers = /Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? '0';
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output) ?? [];
  return sockets.slice(1).reduce((sum, count) => sum + Number(count), Number(answers));
};

const withWrk = async (load: ReadLoad): Promise<Measured> => {
  const headers = Object.entries(load.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  // One thread of load: the server has the other core to itself.
  const options = ['-t1', `-c${load.connections}`, `-d${load.seconds}s`, '--latency'];
  const output = await run(WRK, [...options, ...headers, `${load.origin}${load.path}`]);
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1] ?? Number.NaN),
    p50: percentile(output, '50'),
    p99: percentile(output, '99'),
    failed: failures(output),
  };
};

const withOwn = async (load: ReadLoad | CreateLoad): Promise<Measured> =>
  JSON.parse(await run(process.execPath, [here('load/generator.ts')], JSON.stringify(load))) as Measured;

const checked = (load: ReadLoad | CreateLoad, measured: Measured): Measured => {
  if (measured.failed === 0) return measured;
  throw new Error(`${measured.failed} calls of ${load.origin}${load.path} failed under load`);
};

/** Puts a load on a server from another process; rejects when an answer was not what it should be. */
export const underLoad = async (load: ReadLoad | CreateLoad): Promise<Measured> =>
  checked(load, await (load.kind === 'read' && hasWrk ? withWrk(load) : withOwn(load)));

/**
 * The same for latencies, always by the own generator: wrk counts the wait of a new connection for its acceptance as
 * that of many requests, which tells of its start and not of the server under load.
 */
export const latencyUnderLoad = async (load: ReadLoad): Promise<Measured> =>
  checked(load, await withOwn(load));
