import { describe, expect, it } from 'vitest';
import { type Database, sql } from '../../../src/ports.ts';
import {
  createSimulatorState,
  resetSimulators,
  SIMULATOR_SCHEMA,
} from '../../../src/systems/simulation/state.ts';
import { memoryDatabase } from '../../helpers/memory-database.ts';

const emptyDatabase = async (): Promise<Database> => {
  const database = memoryDatabase();
  await database.batch(SIMULATOR_SCHEMA.map((text) => sql(text)));
  return database;
};

describe('simulator state', () => {
  it('keeps the systems apart', async () => {
    const database = await emptyDatabase();
    await createSimulatorState(database, 'a').put('key', 'of a');
    expect(await createSimulatorState(database, 'b').get('key')).toBeUndefined();
    expect(await createSimulatorState(database, 'a').get('key')).toBe('of a');
  });

  it('reads several keys at once and leaves out what does not exist', async () => {
    const state = createSimulatorState(await emptyDatabase(), 'a');
    await state.put('x', '1');
    await state.put('y', '2');
    expect(await state.getMany(['x', 'y', 'z'])).toEqual(
      new Map([
        ['x', '1'],
        ['y', '2'],
      ]),
    );
    expect(await state.getMany([])).toEqual(new Map());
    await state.delete('x');
    expect(await state.get('x')).toBeUndefined();
  });

  it('writes by compare-and-set only over the value that was read', async () => {
    const state = createSimulatorState(await emptyDatabase(), 'a');
    expect(await state.compareAndSet('k', undefined, '1')).toBe(true);
    expect(await state.compareAndSet('k', undefined, '2')).toBe(false);
    expect(await state.compareAndSet('k', '0', '2')).toBe(false);
    expect(await state.compareAndSet('k', '1', '2')).toBe(true);
    expect(await state.get('k')).toBe('2');
  });

  it('lets exactly one of many simultaneous writers win', async () => {
    const state = createSimulatorState(await emptyDatabase(), 'a');
    await state.put('k', '0');
    const won = await Promise.all(
      Array.from({ length: 10 }, (_, n) => state.compareAndSet('k', '0', `${n + 1}`)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  it('lists a prefix by first write, a page after another, whatever is changed meanwhile', async () => {
    const state = createSimulatorState(await emptyDatabase(), 'a');
    for (const key of ['p/3', 'q/1', 'p/1', 'p/2', 'p0']) await state.put(key, key);
    const [first] = await state.list('p/', 0, 1);
    expect(first?.key).toBe('p/3');
    await state.put('p/3', 'changed');
    const rest = await state.list('p/', first?.position ?? 0, 10);
    expect(rest.map(({ key }) => key)).toEqual(['p/1', 'p/2']);
  });

  it('forgets everything but lasting keys on a reset', async () => {
    const database = await emptyDatabase();
    const a = createSimulatorState(database, 'a');
    const b = createSimulatorState(database, 'b');
    for (const state of [a, b]) {
      await state.put('key/signing', 'kept');
      await state.put('other', 'gone');
    }
    await a.reset();
    expect([await a.get('key/signing'), await a.get('other')]).toEqual(['kept', undefined]);
    expect(await b.get('other')).toBe('gone');
    await resetSimulators(database);
    expect([await b.get('key/signing'), await b.get('other')]).toEqual(['kept', undefined]);
  });
});
