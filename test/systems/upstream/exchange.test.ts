import { describe, expect, it } from 'vitest';
import { createSender } from '../../../src/systems/upstream/exchange.ts';
import type { UpstreamFetch } from '../../../src/systems/upstream/fetch.ts';
import { createFakeTime } from './fake-time.ts';

const request = { method: 'POST', url: 'https://example.test/x', headers: { A: 'b' }, body: '{}' } as const;
const options = { requestId: 'r-1', limit: 5000 };

const sendWith = (fetch: UpstreamFetch, maxBytes?: number) => {
  const time = createFakeTime();
  return { time, send: createSender({ fetch, timer: time.timer, ...(maxBytes ? { maxBytes } : {}) }) };
};

const failing = (error: unknown) => sendWith(() => Promise.reject(error)).send(request, options);

const streamOf = (...parts: readonly (Uint8Array | Error)[]) => {
  const left = [...parts];
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const part = left.shift();
      if (part === undefined) controller.close();
      else if (part instanceof Error) controller.error(part);
      else controller.enqueue(part);
    },
  });
};

const bytes = (text: string) => new TextEncoder().encode(text);

describe('one exchange', () => {
  it('gives status, headers and text of an answer', async () => {
    const { send } = sendWith(async () => new Response('æ', { status: 418, headers: { 'x-y': 'z' } }));
    const exchange = await send(request, options);
    expect(exchange).toMatchObject({ kind: 'answer', status: 418, text: 'æ' });
    expect(exchange.kind === 'answer' && exchange.headers.get('x-y')).toBe('z');
  });

  it('sends what it is given, follows no redirect, and tells the request id without sending it', async () => {
    let seen: Request | undefined;
    let about: unknown;
    const { send } = sendWith(async (outgoing, told) => {
      seen = outgoing;
      about = told;
      return new Response('');
    });
    await send(request, options);
    expect(seen?.method).toBe('POST');
    expect(seen?.redirect).toBe('manual');
    expect(await seen?.text()).toBe('{}');
    expect(about).toEqual({ requestId: 'r-1' });
    expect([...(seen?.headers ?? [])].join()).not.toContain('r-1');
  });

  it('is a timeout when no answer comes within the limit, and aborts the request', async () => {
    let signal: AbortSignal | undefined;
    const { send, time } = sendWith((outgoing) => {
      signal = outgoing.signal;
      void time.hang();
      return new Promise(() => {});
    });
    expect(await send(request, options)).toEqual({ kind: 'timeout' });
    expect(signal?.aborted).toBe(true);
  });

  it('is a timeout when the body does not end within the limit', async () => {
    const { send, time } = sendWith(async () => {
      void time.hang();
      return new Response(new ReadableStream({ start: (c) => c.enqueue(bytes('{"a"')) }));
    });
    expect(await send(request, options)).toEqual({ kind: 'timeout' });
  });

  it('sends nothing when no time is left', async () => {
    let calls = 0;
    const { send } = sendWith(async () => {
      calls += 1;
      return new Response('');
    });
    expect(await send(request, { ...options, limit: 0 })).toEqual({ kind: 'timeout' });
    expect(calls).toBe(0);
  });

  it('leaves no timer behind', async () => {
    const { send, time } = sendWith(async () => new Response('x'));
    await send(request, options);
    expect(time.limits()).toEqual([]);
  });

  it('tells a connection that was never made from one that failed', async () => {
    const refused = new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
    const reset = new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } });
    expect(await failing(refused)).toEqual({ kind: 'no-connection' });
    expect(await failing(reset)).toEqual({ kind: 'dropped' });
    expect(await failing(new TypeError('fetch failed'))).toEqual({ kind: 'dropped' });
    expect(await failing('nonsense')).toEqual({ kind: 'dropped' });
  });

  it('is broken when the body breaks off, is too long or is not UTF-8', async () => {
    const bodies = [
      streamOf(bytes('{"returKode"'), new Error('gone')),
      streamOf(bytes('12345'), bytes('6')),
      streamOf(new Uint8Array([0xff, 0xfe])),
      streamOf(new Uint8Array([0xc3])),
    ];
    for (const body of bodies) {
      const { send } = sendWith(async () => new Response(body), 5);
      expect(await send(request, options)).toMatchObject({ kind: 'broken', status: 200 });
    }
  });

  it('reads a body of exactly the largest size, its characters split anywhere', async () => {
    const [first, second] =
      bytes('aæbø').length === 6 ? [bytes('aæbø').slice(0, 2), bytes('aæbø').slice(2)] : [];
    if (first === undefined || second === undefined) throw new Error('unexpected encoding');
    const { send } = sendWith(async () => new Response(streamOf(first, second)), 6);
    expect(await send(request, options)).toMatchObject({ kind: 'answer', text: 'aæbø' });
  });
});
