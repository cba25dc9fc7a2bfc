import { describe, expect, it } from 'vitest';
import { createBreaker } from '../../../src/systems/upstream/breaker.ts';
import { createFakeTime } from './fake-time.ts';

const setUp = () => {
  const time = createFakeTime();
  const breaker = createBreaker({ clock: time.clock, failures: 3, pause: 10_000 });
  let calls = 0;
  const call = (healthy: boolean | undefined) =>
    breaker.run(
      async () => {
        calls += 1;
        return healthy;
      },
      (value) => value,
    );
  const fails = async (times: number) => {
    for (let n = 0; n < times; n += 1) await call(false);
  };
  return { time, breaker, call, fails, calls: () => calls };
};

describe('the circuit breaker', () => {
  it('opens after so many failures in a row, and then refuses without calling', async () => {
    const { call, fails, calls } = setUp();
    await fails(3);
    expect(await call(true)).toEqual({ ok: false, failure: { retryAfter: 10 } });
    expect(calls()).toBe(3);
  });

  it('starts counting anew after a success', async () => {
    const { call, fails } = setUp();
    await fails(2);
    await call(true);
    await fails(2);
    expect((await call(true)).ok).toBe(true);
  });

  it('does not count a call that did not get as far as the system', async () => {
    const { call, fails } = setUp();
    await fails(2);
    await call(undefined);
    await fails(1);
    expect((await call(true)).ok).toBe(false);
  });

  it('says how many seconds are left, one at least', async () => {
    const { time, call, fails } = setUp();
    await fails(3);
    time.advance(7500);
    expect(await call(true)).toEqual({ ok: false, failure: { retryAfter: 3 } });
    time.advance(2499);
    expect(await call(true)).toEqual({ ok: false, failure: { retryAfter: 1 } });
  });

  it('lets exactly one call probe after the pause, and closes when that succeeds', async () => {
    const { time, breaker, call, fails } = setUp();
    await fails(3);
    time.advance(10_000);
    let answer: (healthy: boolean) => void = () => {};
    const probe = breaker.run(
      () => new Promise<boolean>((resolve) => (answer = resolve)),
      (value) => value,
    );
    expect((await call(true)).ok).toBe(false);
    answer(true);
    expect((await probe).ok).toBe(true);
    expect((await call(true)).ok).toBe(true);
  });

  it('stays open for another pause when the probe fails', async () => {
    const { time, call, fails } = setUp();
    await fails(3);
    time.advance(10_000);
    expect((await call(false)).ok).toBe(true);
    expect(await call(true)).toEqual({ ok: false, failure: { retryAfter: 10 } });
  });

  it('lets the next call probe when the probe did not get as far as the system', async () => {
    const { time, call, fails } = setUp();
    await fails(3);
    time.advance(10_000);
    await call(undefined);
    expect((await call(true)).ok).toBe(true);
  });

  it('lets another call probe when a probe never reported', async () => {
    const { time, breaker, call, fails } = setUp();
    await fails(3);
    time.advance(10_000);
    void breaker.run(
      () => new Promise<boolean>(() => {}),
      (value) => value,
    );
    time.advance(10_000);
    expect((await call(true)).ok).toBe(true);
  });

  it('is not held open by a clock that was set back', async () => {
    const { time, call, fails } = setUp();
    await fails(3);
    time.advance(-3_600_000);
    expect((await call(true)).ok).toBe(true);
  });

  it('counts work that throws as a failure and passes the error on', async () => {
    const { breaker, call } = setUp();
    const broken = () =>
      breaker.run<boolean>(
        () => Promise.reject(new Error('bug')),
        (value) => value,
      );
    for (let n = 0; n < 3; n += 1) await expect(broken()).rejects.toThrow('bug');
    expect((await call(true)).ok).toBe(false);
  });

  it('is closed after a reset', async () => {
    const { breaker, call, fails } = setUp();
    await fails(3);
    breaker.reset();
    expect((await call(true)).ok).toBe(true);
  });
});
