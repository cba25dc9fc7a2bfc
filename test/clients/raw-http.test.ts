import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Started, start } from './started.ts';

const BODY = JSON.stringify({ resourceType: 'Organization', name: 'Avbruten' });

describe('what no client library sends', () => {
  let started: Started | undefined;
  const origin = (): string => {
    if (started === undefined) throw new Error('the server has not been started');
    return started.origin;
  };
  beforeAll(async () => {
    started = await start({ SANDBOX_OPEN: 'on' });
  });
  afterAll(async () => {
    await started?.stop();
  });

  /** Sends the text as it is, hangs up when told so, and tells all that comes back. */
  const send = async (text: string, hangUp = false): Promise<string> => {
    const socket = connect(Number(new URL(origin()).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    if (hangUp) socket.end(text);
    else socket.write(text);
    await once(socket, 'close');
    return answer;
  };

  const stored = async (): Promise<number> => {
    const found: unknown = await (
      await fetch(`${origin()}/fhir/Organization?name=Avbruten&_total=accurate`)
    ).json();
    return typeof found === 'object' && found !== null && 'total' in found ? Number(found.total) : -1;
  };

  const head = (...headers: readonly string[]): string =>
    [
      'POST /fhir/Organization HTTP/1.1',
      'Host: 127.0.0.1',
      'Content-Type: application/fhir+json',
      ...headers,
      '',
      '',
    ].join('\r\n');

  it('a body that ends before its announced length stores nothing', async () => {
    await send(`${head(`Content-Length: ${BODY.length + 10}`)}${BODY}`, true);
    expect(await stored()).toBe(0);
  });

  it('a chunked body that is cut off stores nothing', async () => {
    await send(`${head('Transfer-Encoding: chunked')}${BODY.length.toString(16)}\r\n${BODY}\r\n`, true);
    expect(await stored()).toBe(0);
  });

  it.each([
    ['two lengths', [`Content-Length: ${BODY.length}`, 'Content-Length: 5']],
    ['a length and chunks', [`Content-Length: ${BODY.length}`, 'Transfer-Encoding: chunked']],
    ['a length that is no number', ['Content-Length: many']],
  ])('%s are refused by 400, and nothing is stored', async (_, headers) => {
    expect(await send(`${head(...headers, 'Connection: close')}${BODY}`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await stored()).toBe(0);
  });

  it('an expectation of 100-continue is met, and a chunked body is read', async () => {
    const chunked = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
    const answer = await send(
      `${head('Transfer-Encoding: chunked', 'Expect: 100-continue', 'Connection: close')}${chunked}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
    expect(await stored()).toBe(1);
  });
});
