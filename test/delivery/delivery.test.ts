import { beforeEach, describe, expect, it } from 'vitest';
import type { Delivered, Delivery } from '../../src/delivery/types.ts';
import { type Failure, failure } from '../../src/failure.ts';
import type { Database } from '../../src/ports.ts';
import type { Result } from '../../src/result.ts';
import { order, START, World } from './world.ts';

let world: World;
let delivery: Delivery;

beforeEach(async () => {
  world = await World.open();
  delivery = world.delivery();
});

const done = (answer: Result<Delivered, Failure> | undefined): Delivered => {
  if (answer === undefined || !answer.ok) throw new Error(`not delivered: ${JSON.stringify(answer)}`);
  return answer.value;
};

const refused = (answer: Result<Delivered, Failure> | undefined): Failure => {
  if (answer === undefined || answer.ok) throw new Error('not refused');
  return answer.failure;
};

const made = async (parts: Parameters<typeof order>[0] = {}): Promise<Delivered> =>
  done(await delivery.execute(order({ requestId: null, ...parts })));

const counting = (): { database: Database; batches: () => number; queries: () => number } => {
  let batches = 0;
  let queries = 0;
  return {
    database: {
      query: (statement) => {
        queries += 1;
        return world.database.query(statement);
      },
      batch: (statements) => {
        batches += 1;
        return world.database.batch(statements);
      },
    },
    batches: () => batches,
    queries: () => queries,
  };
};

describe('a write that goes upstream', () => {
  it('stores what the national system accepted, with id and meta in front', async () => {
    const { version, effect, repeated } = done(await delivery.execute(order()));
    expect([effect, repeated]).toEqual(['created', false]);
    expect(world.service.settings.get('citizen')).toBe('yes');
    expect(version).toEqual(await world.repository.read('Consent', 'one'));
    expect(Object.entries(JSON.parse(version.content) as object).slice(0, 3)).toEqual([
      ['resourceType', 'Consent'],
      ['id', 'one'],
      [
        'meta',
        {
          versionId: '1',
          lastUpdated: new Date(START).toISOString(),
          profile: ['https://example.org/profile'],
        },
      ],
    ]);
    expect(version).toMatchObject({ version: 1, method: 'POST', checkedAt: START, owner: 'caller' });
  });

  it('takes two batches and nothing else of the store', async () => {
    const counted = counting();
    done(await world.delivery({ database: counted.database }).execute(order({ uniqueKey: 'k' })));
    expect([counted.batches(), counted.queries(), world.service.calls.length]).toEqual([2, 0, 1]);
  });

  it('keeps the Provenance of X-Provenance with the version it made as target', async () => {
    await made();
    const [row] = await world.rows(`select * from resource where type = 'Provenance'`);
    expect(JSON.parse(String(row?.['content']))).toMatchObject({
      resourceType: 'Provenance',
      target: [{ reference: 'Consent/one/_history/1' }],
      recorded: new Date(START).toISOString(),
      meta: { versionId: '1' },
    });
    expect(row).toMatchObject({ owner: 'caller', patient: 'p1', version: 1 });
  });

  it('has released its claims and emptied its journal entry when the client hears the answer', async () => {
    await made({ uniqueKey: 'k' });
    expect(await world.count('claim')).toBe(0);
    expect(await world.rows('select state, entry from intent')).toEqual([{ state: 'settled', entry: null }]);
  });

  it('audits the version in the batch that makes it', async () => {
    await made();
    expect(await world.rows('select outcome, id, version, at from test_audit')).toEqual([
      { outcome: '0', id: 'one', version: 1, at: START },
    ]);
  });

  it('lets lastUpdated grow even when the clock stands still or goes back', async () => {
    const first = await made();
    world.time -= 60_000;
    const second = await made({ interaction: 'update', base: first.version, value: 'no' });
    expect(second.version.lastUpdated).toBe(first.version.lastUpdated + 1);
    expect(JSON.parse(second.version.content)).toMatchObject({
      meta: { versionId: '2', lastUpdated: new Date(first.version.lastUpdated + 1).toISOString() },
    });
  });

  it('withdraws upstream for a delete, and leaves an empty version', async () => {
    const first = await made();
    const gone = await made({ interaction: 'delete', base: first.version });
    expect(gone).toMatchObject({ effect: 'deleted', version: { version: 2, deleted: true, content: '' } });
    expect(world.service.settings.has('citizen')).toBe(false);
  });

  it('deletes also what the national system had withdrawn already', async () => {
    const first = await made();
    world.service.settings.clear();
    const gone = await made({ interaction: 'delete', base: first.version, onUnchanged: 'keep' });
    expect(gone.effect).toBe('deleted');
  });

  it('makes a new live version of a deleted resource', async () => {
    const first = await made();
    const gone = await made({ interaction: 'delete', base: first.version });
    const again = await made({ interaction: 'update', base: gone.version });
    expect(again).toMatchObject({ effect: 'created', version: { version: 3, deleted: false } });
  });

  it('is handed to the background whole, so that a client that hangs up cannot cut it', async () => {
    const answer = delivery.execute(order());
    expect(world.background).toHaveLength(1);
    await world.background[0];
    expect(await world.stored('Consent', 'one')).toBe('yes');
    await answer;
  });

  it('survives in the journal with a resource far beyond one value of the database', async () => {
    const large = `${'x'.repeat(299_990)}${'😀'.repeat(400_000)}`;
    world.service.faults.push('silent');
    refused(await delivery.execute(order({ value: large })));
    const sizes = await world.rows(
      'select max(length(cast(entry as blob))) as n from intent union all select max(length(cast(text as blob))) from intent_part',
    );
    for (const row of sizes) expect(Number(row['n'])).toBeLessThan(1_000_000);
    await world.pass(2_000);
    expect(await delivery.settleDue()).toBe(1);
    expect(await world.stored('Consent', 'one')).toBe(large);
    expect(await world.count('intent_part')).toBe(0);
  });
});

describe('a write of what only the facade holds', () => {
  it('takes one batch', async () => {
    const counted = counting();
    done(await world.delivery({ database: counted.database }).execute(order({ local: true })));
    expect([counted.batches(), counted.queries(), world.service.calls.length]).toEqual([1, 0, 0]);
    expect(await world.stored('Consent', 'one')).toBe('yes');
  });

  it('can be repeated', async () => {
    done(await delivery.execute(order({ local: true })));
    const again = done(await delivery.execute(order({ local: true, id: 'two' })));
    expect(again).toMatchObject({ repeated: true, effect: 'created', version: { id: 'one', version: 1 } });
    expect(await world.count(`history where type = 'Consent'`)).toBe(1);
  });

  it('leaves no trace in the journal without an X-Request-ID', async () => {
    await made({ local: true });
    expect(await world.count('intent')).toBe(0);
  });

  it('is refused while another write of the resource is under way', async () => {
    const first = await made();
    world.service.faults.push('silent');
    await delivery.execute(order({ interaction: 'update', base: first.version, value: 'no' }));
    const answer = await delivery.execute(
      order({ interaction: 'update', base: first.version, local: true, requestId: null }),
    );
    expect(refused(answer).kind).toBe('locked');
  });

  it('does not make the version look fresher than the national system said', async () => {
    const first = await made();
    await world.pass(5_000);
    const second = await made({ interaction: 'update', base: first.version, local: true });
    expect(second.version).toMatchObject({ version: 2, checkedAt: START });
    expect((await world.repository.read('Consent', 'one'))?.checkedAt).toBe(START);
  });
});

describe('an answer that nothing changed upstream', () => {
  it('keeps the version and makes no Provenance, but audits and notes the check', async () => {
    const first = await made();
    await world.pass(1_000);
    const second = await made({ interaction: 'update', base: first.version, onUnchanged: 'keep' });
    expect(second).toMatchObject({ effect: 'unchanged', version: { version: 1, checkedAt: START + 1_000 } });
    expect(second.version.content).toBe(first.version.content);
    expect(await world.count('history')).toBe(2);
    expect(await world.rows('select outcome, version from test_audit order by rowid')).toEqual([
      { outcome: '0', version: 1 },
      { outcome: '0', version: 1 },
    ]);
    expect((await world.repository.read('Consent', 'one'))?.checkedAt).toBe(START + 1_000);
  });

  it('commits when the plan says so', async () => {
    const first = await made();
    const second = await made({ interaction: 'update', base: first.version, onUnchanged: 'commit' });
    expect(second).toMatchObject({ effect: 'updated', version: { version: 2 } });
  });

  it('commits when it answers a repeat, whose first try may have been the change', async () => {
    const first = await made();
    world.service.faults.push('lost');
    await delivery.execute(
      order({ interaction: 'update', base: first.version, value: 'no', onUnchanged: 'keep' }),
    );
    await world.pass(2_000);
    await delivery.settleDue();
    expect(await world.stored('Consent', 'one')).toBe('no');
  });

  it('creates even if the national system already had it', async () => {
    world.service.settings.set('citizen', 'yes');
    expect((await made({ onUnchanged: 'keep' })).effect).toBe('created');
  });
});

describe('a claim', () => {
  it('is refused with precondition-failed when the resource is at another version', async () => {
    const first = await made();
    await made({ interaction: 'update', base: first.version, value: 'no' });
    const answer = refused(
      await delivery.execute(order({ interaction: 'update', base: first.version, value: 'maybe' })),
    );
    expect(answer).toMatchObject({ kind: 'precondition-failed', issues: [{ code: 'conflict' }] });
    expect(world.service.settings.get('citizen')).toBe('no');
  });

  it('is refused when the resource exists although the write knows of none', async () => {
    await made();
    expect(refused(await delivery.execute(order({ value: 'no' }))).kind).toBe('precondition-failed');
  });

  it('is refused as a duplicate that names the live holder of the key', async () => {
    await made({ uniqueKey: 'k' });
    const answer = refused(await delivery.execute(order({ id: 'two', uniqueKey: 'k' })));
    expect(answer).toMatchObject({
      kind: 'conflict',
      subject: 'Consent/one',
      issues: [{ code: 'duplicate', diagnostics: expect.stringContaining('Consent/one') }],
    });
    expect(world.service.calls).toHaveLength(1);
  });

  it('may have the key of a resource that was deleted', async () => {
    const first = await made({ uniqueKey: 'k' });
    await made({ interaction: 'delete', base: first.version });
    expect((await made({ id: 'two', uniqueKey: 'k' })).effect).toBe('created');
  });

  it('locks the resource for every other write, before anything is sent', async () => {
    world.service.faults.push('silent');
    await delivery.execute(order());
    const answer = refused(await delivery.execute(order({ requestId: null, value: 'no' })));
    expect(answer).toMatchObject({ kind: 'locked', retryAfter: 1, issues: [{ code: 'lock-error' }] });
    expect(world.service.calls).toHaveLength(1);
  });

  it('locks the unique key too', async () => {
    world.service.faults.push('silent');
    await delivery.execute(order({ uniqueKey: 'k' }));
    const answer = await delivery.execute(order({ id: 'two', requestId: null, uniqueKey: 'k' }));
    expect(refused(answer).kind).toBe('locked');
  });

  it('audits its refusal before the answer leaves', async () => {
    await made();
    await delivery.execute(order({ value: 'no' }));
    expect(await world.rows('select outcome from test_audit order by rowid')).toEqual([
      { outcome: '0' },
      { outcome: '4' },
    ]);
  });
});

describe('a repeat of the same X-Request-ID', () => {
  it('gets the settled outcome and does not act again', async () => {
    const first = done(await delivery.execute(order()));
    const again = done(await delivery.execute(order({ id: 'other' })));
    expect(again).toEqual({ ...first, repeated: true });
    expect(world.service.calls).toHaveLength(1);
  });

  it('gets the version that it made, not the one that holds by now', async () => {
    const first = done(await delivery.execute(order()));
    await made({ interaction: 'update', base: first.version, value: 'no' });
    expect(done(await delivery.execute(order())).version.version).toBe(1);
  });

  it('is known by the caller too: another caller may use the same id', async () => {
    await delivery.execute(order());
    const other = done(
      await delivery.execute(order({ callerKey: 'somebody else', id: 'two', key: 'other' })),
    );
    expect(other.repeated).toBe(false);
  });

  it('with another body is a conflict that names the header', async () => {
    await delivery.execute(order());
    const answer = refused(await delivery.execute(order({ value: 'no', id: 'two' })));
    expect(answer).toMatchObject({
      kind: 'conflict',
      issues: [{ code: 'conflict', location: ['http.X-Request-ID'] }],
    });
  });

  it('is found by repeat() without an order; an unknown one is not', async () => {
    await delivery.execute(order());
    const id = '1f0c3f8e-0000-4000-8000-00000000000a';
    expect(done(await delivery.repeat('caller', id.toUpperCase(), 'create yes')).repeated).toBe(true);
    expect(refused(await delivery.repeat('caller', id, 'create no')).kind).toBe('conflict');
    expect(await delivery.repeat('caller', `${id}b`, 'create yes')).toBeUndefined();
    expect(await delivery.repeat('other', id, 'create yes')).toBeUndefined();
  });

  it('is recognised by the key of an older secret', async () => {
    await delivery.execute(order());
    const rotated = world.delivery({
      keys: { hashAll: async (use, text) => [`new ${use}#${text}`, `${use}#${text}`] },
    });
    expect(done(await rotated.execute(order())).repeated).toBe(true);
  });

  it('of a refused write is refused the same way, in fixed words', async () => {
    world.service.faults.push({
      kind: 'unprocessable',
      issues: [
        {
          severity: 'error',
          code: 'not-found',
          diagnostics: 'words of the moment',
          expression: ['Consent.patient'],
          details: { system: 'urn:codes', code: 'EPVK-101518' },
        },
      ],
    });
    const first = refused(await delivery.execute(order()));
    expect(first.issues[0]?.diagnostics).toBe('words of the moment');
    const again = refused(await delivery.execute(order()));
    expect(again).toMatchObject({
      kind: 'unprocessable',
      issues: [{ code: 'not-found', expression: ['Consent.patient'], details: { code: 'EPVK-101518' } }],
    });
    expect(JSON.stringify(again)).not.toContain('words of the moment');
    expect(world.service.calls).toHaveLength(1);
    expect(await world.count(`intent where outcome like '%words%'`)).toBe(0);
  });

  it('tries again when the first call was turned away for the moment, with nothing done', async () => {
    world.service.faults.push(failure('unavailable', 'transient', 'circuit open', { retryAfter: 5 }));
    expect(refused(await delivery.execute(order())).kind).toBe('unavailable');
    expect(done(await delivery.execute(order())).repeated).toBe(false);
  });

  it('waits for a twin that is under way, and hears the same', async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = world.delivery({
      systems: () => ({
        send: async (request, context) => {
          await gate;
          return world.service.send(request, context);
        },
      }),
    });
    const first = slow.execute(order());
    const looks: number[] = [];
    const twin = world
      .delivery(
        {},
        {
          sleep: async (milliseconds) => {
            looks.push(milliseconds);
            if (looks.length === 3) {
              release();
              await first;
            }
          },
        },
      )
      .execute(order({ id: 'two' }));
    const [a, b] = [done(await first), done(await twin)];
    expect(b).toEqual({ ...a, repeated: true });
    expect(world.service.calls).toHaveLength(1);
  });

  it('answers upstream-timeout with Retry-After as long as the fate is open', async () => {
    world.service.faults.push('silent');
    const first = refused(await delivery.execute(order()));
    expect(first).toMatchObject({ kind: 'upstream-timeout', issues: [{ code: 'transient' }], retryAfter: 1 });
    const again = refused(await delivery.execute(order()));
    expect(again).toMatchObject({ kind: 'upstream-timeout', retryAfter: 1 });
    expect(world.service.calls).toHaveLength(1);
  });

  it('settles the write itself once that is due', async () => {
    world.service.faults.push('lost');
    await delivery.execute(order());
    await world.pass(1_000);
    const again = done(await delivery.execute(order({ id: 'two' })));
    expect(again).toMatchObject({ repeated: true, version: { id: 'one', version: 1 } });
    expect(world.service.changes).toHaveLength(1);
    expect(world.service.calls[1]?.context.repeat).toBe(true);
  });

  it('is forgotten IDEMPOTENCY_TTL after it was settled, not before', async () => {
    await delivery.execute(order());
    await world.pass(24 * 3600_000);
    await delivery.sweep();
    expect(await world.count('intent')).toBe(1);
    await world.pass(1);
    await delivery.sweep();
    expect(await world.count('intent')).toBe(0);
  });

  it('is never forgotten while open', async () => {
    world.service.faults.push('silent');
    await delivery.execute(order());
    await world.pass(48 * 3600_000);
    await delivery.sweep();
    expect(await world.count('intent')).toBe(1);
  });
});

describe('settlement', () => {
  it('sends again with the X-Request-ID of the call, and only when due', async () => {
    world.service.faults.push('silent');
    await delivery.execute(order());
    expect(await delivery.settleDue()).toBe(0);
    await world.pass(1_000);
    expect(await delivery.settleDue()).toBe(1);
    expect(world.service.calls[1]?.context).toEqual({
      requestId: '1f0c3f8e-0000-4000-8000-00000000000a',
      repeat: true,
      deadline: START + 11_000,
    });
    expect(await world.stored('Consent', 'one')).toBe('yes');
  });

  it('waits longer after each unknown answer, at most a minute, and never gives up', async () => {
    world.service.faults.push(...Array.from({ length: 12 }, () => 'silent' as const));
    await delivery.execute(order());
    const waits: number[] = [];
    for (let waited = 1; waits.length < 11; waited += 1) {
      await world.pass(1_000);
      const before = world.service.calls.length;
      await delivery.settleDue();
      if (world.service.calls.length > before) {
        waits.push(waited);
        waited = 0;
      }
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]);
    expect(world.logs.some((line) => line.level === 'warn')).toBe(true);
    await world.pass(60_000);
    expect(await delivery.settleDue()).toBe(1);
    expect(await world.count('claim')).toBe(0);
  });

  it('takes a refusal of the server itself for no answer about the first try', async () => {
    world.service.faults.push('lost', failure('upstream-refused', 'security', 'who are you?'));
    await delivery.execute(order());
    await world.pass(1_000);
    expect(await delivery.settleDue()).toBe(0);
    await world.pass(2_000);
    expect(await delivery.settleDue()).toBe(1);
    expect(await world.stored('Consent', 'one')).toBe('yes');
  });

  it('ends the write when the content is refused; nothing is stored', async () => {
    world.service.faults.push('silent', failure('unprocessable', 'business-rule', 'no'));
    await delivery.execute(order());
    await world.pass(1_000);
    expect(await delivery.settleDue()).toBe(1);
    expect(await world.count('history')).toBe(0);
    expect(await world.count('claim')).toBe(0);
    expect(refused(await delivery.execute(order())).kind).toBe('unprocessable');
  });

  it('does many at once, each once', async () => {
    for (let n = 0; n < 25; n += 1) {
      world.service.faults.push('lost');
      await delivery.execute(order({ id: `c${n}`, key: `k${n}`, requestId: null }));
    }
    await world.pass(1_000);
    expect(await delivery.settleDue()).toBe(25);
    expect(world.service.changes).toHaveLength(25);
    expect(await world.count(`history where type = 'Consent'`)).toBe(25);
  });

  it('does not hang on the clock of the server: moving it neither hastens nor delays', async () => {
    world.service.faults.push('silent');
    await delivery.execute(order());
    world.time += 365 * 24 * 3600_000;
    expect(await delivery.settleDue()).toBe(0);
    world.time = START - 365 * 24 * 3600_000;
    await world.pass(1_000);
    expect(await delivery.settleDue()).toBe(1);
  });
});

describe('a store that fails', () => {
  const failing = (at: number): Database => {
    let batches = 0;
    return {
      query: (statement) => world.database.query(statement),
      batch: (statements) => {
        batches += 1;
        return batches >= at ? Promise.reject(new Error('disk')) : world.database.batch(statements);
      },
    };
  };

  it('at the claim: unavailable, and nothing is sent', async () => {
    const answer = await world.delivery({ database: failing(1) }).execute(order());
    expect(refused(answer)).toMatchObject({ kind: 'unavailable', issues: [{ code: 'transient' }] });
    expect(world.service.calls).toHaveLength(0);
  });

  it('at the commit: unavailable, and settled later', async () => {
    const answer = await world.delivery({ database: failing(2) }).execute(order());
    expect(refused(answer).kind).toBe('unavailable');
    await world.pass(15_000);
    expect(await delivery.settleDue()).toBe(1);
    expect(await world.stored('Consent', 'one')).toBe('yes');
    expect(world.service.changes).toHaveLength(1);
  });

  it('once at the commit: tried again at once', async () => {
    let batches = 0;
    const database: Database = {
      query: (statement) => world.database.query(statement),
      batch: (statements) => {
        batches += 1;
        return batches === 2 ? Promise.reject(new Error('reset')) : world.database.batch(statements);
      },
    };
    expect(done(await world.delivery({ database }).execute(order())).effect).toBe('created');
  });

  it('never tells an answer whose audit is not durable', async () => {
    await made();
    const answer = await world.delivery({ database: failing(2) }).execute(order({ value: 'no' }));
    expect(refused(answer).kind).toBe('unavailable');
  });
});

it('an order for a system that is not configured is refused by name and leaves nothing', async () => {
  const unset = world.delivery({ systems: () => undefined });
  const answer = refused(await unset.execute(order()));
  expect(answer).toMatchObject({ kind: 'not-implemented', issues: [{ code: 'not-supported' }] });
  expect(answer.issues[0]?.diagnostics).toContain('helsenorge');
  expect(await world.count('intent')).toBe(0);
});

it('a system that throws leaves the fate open', async () => {
  const throwing = world.delivery({ systems: () => ({ send: () => Promise.reject(new Error('bug')) }) });
  expect(refused(await throwing.execute(order())).kind).toBe('upstream-timeout');
  await world.pass(1_000);
  expect(await delivery.settleDue()).toBe(1);
});
