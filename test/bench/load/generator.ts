/**
 * The project's own load generator, for creates (each is another request) and where wrk is missing. Raw sockets
 * with keep-alive, one request at a time on each; reads a load as JSON on standard input, prints what it measured.
 */
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { consentOf, createHeaders, persons } from '../calls.ts';
import type { CreateLoad, Measured, ReadLoad } from './measured.ts';

const requestText = (
  method: string,
  host: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): string => {
  const length = method === 'GET' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const lines = Object.entries({ Host: host, ...headers, ...length }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
};

/** The next request to send. */
const requestsOf = (load: ReadLoad | CreateLoad): (() => string) => {
  const { host } = new URL(load.origin);
  if (load.kind === 'read') {
    const request = requestText('GET', host, load.path, load.headers);
    return () => request;
  }
  const people = persons();
  for (let n = 0; n < load.from; n += 1) people.next();
  let n = load.from;
  return () => {
    n += 1;
    return requestText(
      'POST',
      host,
      load.path,
      createHeaders(load.token, n),
      JSON.stringify(consentOf(people.next().value)),
    );
  };
};

const CR_LF_2 = '\r\n\r\n';

/** Bytes of the first answer in `bytes`, or undefined while it is not complete. */
const answerLength = (bytes: Buffer): number | undefined => {
  const end = bytes.indexOf(CR_LF_2);
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error('an answer without Content-Length');
  const whole = end + CR_LF_2.length + Number(length);
  return bytes.length < whole ? undefined : whole;
};

const isGood = (bytes: Buffer): boolean => bytes[9] === 0x32;

interface Count {
  readonly latencies: number[];
  failed: number;
}

/** One connection that asks until the end; resolves when its last answer is there. */
const client = (load: ReadLoad | CreateLoad, next: () => string, end: number, count: Count): Promise<void> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(load.origin);
    const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let sent = 0;
    let held: Buffer = Buffer.alloc(0);
    const ask = (): void => {
      sent = performance.now();
      if (sent >= end) {
        socket.end();
        resolve();
        return;
      }
      socket.write(next());
    };
    socket.on('connect', ask);
    socket.on('data', (chunk) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const length = answerLength(held);
      if (length === undefined) return;
      count.latencies.push(performance.now() - sent);
      if (!isGood(held)) count.failed += 1;
      held = held.subarray(length);
      ask();
    });
    socket.on('error', () => {
      count.failed += 1;
      resolve();
    });
    socket.on('close', () => resolve());
  });

const run = async (load: ReadLoad | CreateLoad): Promise<Measured> => {
  const next = requestsOf(load);
  const count: Count = { latencies: [], failed: 0 };
  const began = performance.now();
  const end = began + load.seconds * 1000;
  await Promise.all(Array.from({ length: load.connections }, () => client(load, next, end, count)));
  const took = (performance.now() - began) / 1000;
  const sorted = Float64Array.from(count.latencies).sort();
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { rate: sorted.length / took, p50: at(0.5), p99: at(0.99), failed: count.failed };
};

const load = JSON.parse(await text(process.stdin)) as ReadLoad | CreateLoad;
process.stdout.write(`${JSON.stringify(await run(load))}\n`);
