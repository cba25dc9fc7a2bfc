import { beforeEach, describe, expect, it } from 'vitest';
import { type Database, sql } from '../../../src/ports.ts';
import { withCommonFaults } from '../../../src/systems/simulation/common-faults.ts';
import { COMMON_FAULT_KINDS, createFaults } from '../../../src/systems/simulation/faults.ts';
import { createSimulatorState, SIMULATOR_SCHEMA } from '../../../src/systems/simulation/state.ts';
import { memoryDatabase } from '../../helpers/memory-database.ts';

const KINDS = { pvk: ['ikke-ok', 'epvk-101500', 'page-fails'], sts: ['use-dpop-nonce'] };

let database: Database;
const faultsOf = (shared: boolean) =>
  createFaults({ state: createSimulatorState(database, 'faults'), kinds: KINDS, shared });

beforeEach(async () => {
  database = memoryDatabase();
  await database.batch(SIMULATOR_SCHEMA.map((text) => sql(text)));
});

describe.each([true, false])('fault registry (shared between isolates: %s)', (shared) => {
  it('hands a fault to the next `count` calls of that system, then none', async () => {
    const faults = faultsOf(shared);
    await faults.add('pvk', 'ikke-ok', 2);
    expect(await faults.take('sts')).toBeUndefined();
    expect([await faults.take('pvk'), await faults.take('pvk'), await faults.take('pvk')]).toEqual([
      'ikke-ok',
      'ikke-ok',
      undefined,
    ]);
  });

  it('counts once when no count is given, and keeps the order in which faults were asked for', async () => {
    const faults = faultsOf(shared);
    await faults.add('pvk', 'slow');
    await faults.add('pvk', 'ikke-ok');
    expect([await faults.take('pvk'), await faults.take('pvk'), await faults.take('pvk')]).toEqual([
      'slow',
      'ikke-ok',
      undefined,
    ]);
  });

  it.each([
    ['pvk', 'EPVK-101500', 'epvk-101500'],
    ['pvk', 'ikkeOk', 'ikke-ok'],
    ['sts', 'use_dpop_nonce', 'use-dpop-nonce'],
    ['sts', 'HTTP-500', 'http-500'],
  ])('accepts the documented spelling: %s %s', async (system, spelling, kind) => {
    const faults = faultsOf(shared);
    expect(await faults.add(system, spelling)).toEqual({ ok: true, value: undefined });
    expect(await faults.take(system)).toBe(kind);
  });

  it('refuses an unknown kind with the kinds that the system knows, and an unknown system with none', async () => {
    const faults = faultsOf(shared);
    const known = [...COMMON_FAULT_KINDS, 'use-dpop-nonce'];
    expect(await faults.add('sts', 'ikke-ok')).toEqual({ ok: false, failure: { known } });
    expect(faults.kinds('sts')).toEqual(known);
    expect(await faults.add('toString', 'slow')).toEqual({ ok: false, failure: { known: [] } });
  });

  it('keeps a fault for a call that it concerns', async () => {
    const faults = faultsOf(shared);
    await faults.add('pvk', 'page-fails');
    await faults.add('pvk', 'slow');
    expect(await faults.take('pvk', (kind) => kind !== 'page-fails')).toBe('slow');
    expect(await faults.take('pvk')).toBe('page-fails');
  });

  it('hands one fault to one of many simultaneous calls', async () => {
    const faults = faultsOf(shared);
    await faults.add('pvk', 'slow');
    const taken = await Promise.all(Array.from({ length: 5 }, () => faults.take('pvk')));
    expect(taken.filter((kind) => kind === 'slow')).toHaveLength(1);
  });

  it('survives a restart and forgets on clear', async () => {
    await faultsOf(shared).add('pvk', 'slow', 2);
    const restarted = faultsOf(shared);
    expect(await restarted.take('pvk')).toBe('slow');
    await restarted.clear();
    expect(await restarted.take('pvk')).toBeUndefined();
  });
});

describe('faults shared between isolates', () => {
  it('reach an isolate that was asked before they were set', async () => {
    const [one, other] = [faultsOf(true), faultsOf(true)];
    expect(await other.take('pvk')).toBeUndefined();
    await one.add('pvk', 'slow');
    expect(await other.take('pvk')).toBe('slow');
  });
});

describe('common faults', () => {
  const BODY = { answer: 'abcdefghijklmnopqrstuvwxyz' };

  const faulty = async (kind: string) => {
    const faults = faultsOf(false);
    await faults.add('pvk', kind);
    let acted = 0;
    const waits: number[] = [];
    const fetch = withCommonFaults(
      async (_request, fault) => {
        acted += 1;
        return Response.json({ ...BODY, ...(fault === undefined ? {} : { fault }) });
      },
      {
        system: 'pvk',
        faults,
        sleep: async (ms) => {
          waits.push(ms);
        },
        serverError: (status) => Response.json({ code: `S-${status}` }, { status }),
      },
    );
    return { fetch, acted: () => acted, waits };
  };

  const call = () => new Request('https://pvk.example/');

  it('reset drops the connection before anything is done', async () => {
    const { fetch, acted } = await faulty('reset');
    await expect(fetch(call())).rejects.toThrow(TypeError);
    expect(acted()).toBe(0);
    expect(await (await fetch(call())).json()).toEqual(BODY);
  });

  it('lost-reply acts, then drops the connection', async () => {
    const { fetch, acted } = await faulty('lost-reply');
    await expect(fetch(call())).rejects.toThrow(TypeError);
    expect(acted()).toBe(1);
  });

  it.each([
    ['http-500', 500],
    ['http-503', 503],
  ])('%s answers with the system’s own error body and does nothing', async (kind, status) => {
    const { fetch, acted } = await faulty(kind);
    const answer = await fetch(call());
    expect([answer.status, await answer.json(), acted()]).toEqual([status, { code: `S-${status}` }, 0]);
  });

  it('garbage answers HTML with 502', async () => {
    const { fetch } = await faulty('garbage');
    const answer = await fetch(call());
    expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8']);
  });

  it('truncated acts and answers 200 with JSON cut in the middle', async () => {
    const { fetch, acted } = await faulty('truncated');
    const answer = await fetch(call());
    const text = await answer.text();
    expect([answer.status, acted()]).toEqual([200, 1]);
    expect(text).toBe(JSON.stringify(BODY).slice(0, text.length));
    expect(() => JSON.parse(text)).toThrow();
  });

  it('wrong-content-type answers the same text as something else than JSON', async () => {
    const { fetch } = await faulty('wrong-content-type');
    const answer = await fetch(call());
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await answer.json()).toEqual(BODY);
  });

  it('slow answers late, but answers', async () => {
    const { fetch, waits } = await faulty('slow');
    expect(await (await fetch(call())).json()).toEqual(BODY);
    expect(waits).toEqual([1_500]);
  });

  it('timeout does nothing and ends when the caller gives up', async () => {
    const faults = faultsOf(false);
    await faults.add('pvk', 'timeout');
    let acted = false;
    const fetch = withCommonFaults(
      async () => {
        acted = true;
        return new Response();
      },
      { system: 'pvk', faults },
    );
    const gaveUp = new AbortController();
    const answer = fetch(new Request('https://pvk.example/', { signal: gaveUp.signal }));
    setTimeout(() => gaveUp.abort(), 5);
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(acted).toBe(false);
  });

  it('timeout ends by itself after a minute', async () => {
    const { fetch, waits, acted } = await faulty('timeout');
    await expect(fetch(call())).rejects.toThrow(TypeError);
    expect([waits, acted()]).toEqual([[60_000], 0]);
  });

  it('leaves a system’s own kinds to its simulator', async () => {
    const { fetch } = await faulty('ikke-ok');
    expect(await (await fetch(call())).json()).toEqual({ ...BODY, fault: 'ikke-ok' });
  });
});
