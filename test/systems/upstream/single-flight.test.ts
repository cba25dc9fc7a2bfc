import { describe, expect, it } from 'vitest';
import { sharedFlight } from '../../../src/systems/upstream/single-flight.ts';
import { createFakeTime } from './fake-time.ts';

const setUp = () => {
  const time = createFakeTime();
  const kept: Promise<unknown>[] = [];
  const flight = sharedFlight<number>({
    clock: time.clock,
    background: (work) => kept.push(work),
    longest: 10_000,
  });
  let works = 0;
  const work = async () => {
    works += 1;
    return works;
  };
  return { time, kept, flight, work };
};

describe('a shared flight', () => {
  it('does the work once for all who ask meanwhile, and again for who asks afterwards', async () => {
    const { flight, work } = setUp();
    expect(await Promise.all([flight('a', work), flight('a', work), flight('a', work)])).toEqual([1, 1, 1]);
    expect(await flight('a', work)).toBe(2);
  });

  it('keeps keys apart', async () => {
    const { flight, work } = setUp();
    expect(await Promise.all([flight('a', work), flight('b', work)])).toEqual([1, 2]);
  });

  it('hands the work to the background once, where it never rejects', async () => {
    const { flight, kept } = setUp();
    const failing = () => Promise.reject(new Error('cut off'));
    const both = await Promise.allSettled([flight('a', failing), flight('a', failing)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(kept).toHaveLength(1);
    await expect(kept[0]).resolves.toBeUndefined();
  });

  it('does not join a flight that is so old that it must be dead', async () => {
    const { flight, work, time } = setUp();
    void flight('a', () => new Promise(() => {}));
    time.advance(9_999);
    const joined = flight('a', work);
    time.advance(1);
    expect(await flight('a', work)).toBe(1);
    expect(await Promise.race([joined, 'still waiting'])).toBe('still waiting');
  });
});
