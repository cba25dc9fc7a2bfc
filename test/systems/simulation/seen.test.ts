import { describe, expect, it } from 'vitest';
import { createSeen } from '../../../src/systems/simulation/seen.ts';

describe('memory of single-use values', () => {
  it('knows a value until its time is over', () => {
    let now = 0;
    const seen = createSeen(() => now);
    expect(seen.firstTime('a', 100)).toBe(true);
    now = 99;
    expect(seen.firstTime('a', 200)).toBe(false);
    now = 100;
    expect(seen.firstTime('a', 200)).toBe(true);
  });

  it('never holds more than its bound', () => {
    const seen = createSeen(() => 0, 3);
    for (const key of ['a', 'b', 'c', 'd']) seen.firstTime(key, 100);
    expect(seen.firstTime('d', 100)).toBe(false);
    expect(seen.firstTime('a', 100)).toBe(true);
  });
});
