import type { AuditEvent } from '@medplum/fhirtypes';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Audit } from '../../src/security/audit.ts';
import { CALLER_KEY, CLIENT_ID } from '../../src/security/audit-event.ts';
import type { AuditSearch } from '../../src/security/audit-search.ts';
import { AT, emptyAudit, entry } from './make-audit.ts';

let audit: Audit;
beforeEach(async () => {
  ({ audit } = await emptyAudit());
});

const search = async (criteria: Partial<AuditSearch> = {}): Promise<readonly AuditEvent[]> => {
  const result = await audit.search({ count: 100, ...criteria });
  if (!result.ok) throw new Error('refused');
  return result.value.events;
};

const targets = (events: readonly AuditEvent[]) => events.map((event) => event.entity?.[0]?.what?.reference);

describe('reading the audit', () => {
  it('by id finds the record, or nothing', async () => {
    await audit.record(entry());
    const [event] = await search();
    expect(await audit.read(event?.id ?? '')).toEqual(event);
    expect(await audit.read('other')).toBeUndefined();
  });

  it.each<[string, Partial<AuditSearch>, readonly string[]]>([
    ['nothing: all, newest first', {}, ['b', 'a']],
    ['action', { action: ['C'] }, ['b']],
    ['one of two actions', { action: ['C', 'R'] }, ['b', 'a']],
    ['outcome', { outcome: ['4'] }, ['b']],
    ['subtype', { subtype: ['create'] }, ['b']],
    ['the one type there is', { type: ['rest'] }, ['b', 'a']],
    ['another type', { type: ['object'] }, []],
    ['patient', { patient: ['p1'] }, ['a']],
    ['the resource', { entity: [{ type: 'Consent', id: 'b' }] }, ['b']],
    ['the resource’s version', { entity: [{ type: 'Consent', id: 'b', version: 3 }] }, ['b']],
    ['another version', { entity: [{ type: 'Consent', id: 'b', version: 2 }] }, []],
    ['the patient as entity', { entity: [{ type: 'Patient', id: 'p2' }] }, ['b']],
    ['the caller’s key', { agent: [{ system: CALLER_KEY, value: 'other' }] }, ['b']],
    ['the client', { agent: [{ system: CLIENT_ID, value: 'journal' }] }, ['b', 'a']],
    ['the organisation', { agent: [{ system: 'http://cvr.dk', value: '12345674' }] }, ['b']],
    ['a period', { periods: [{ low: AT + 1 }] }, ['b']],
    ['two periods, both of them', { periods: [{ low: AT }, { high: AT }] }, ['a']],
    ['two criteria, both of them', { action: ['C'], patient: ['p1'] }, []],
    ['an empty list', { action: [] }, []],
  ])('by %s', async (_, criteria, expected) => {
    await audit.record(entry({ id: 'a', patient: 'p1' }));
    const second = {
      id: 'b',
      patient: 'p2',
      version: 3,
      action: 'C',
      interaction: 'create',
      outcome: '4',
    } as const;
    await audit.record(
      entry({ ...second, at: AT + 1000, callerKey: 'other', organization: 'http://cvr.dk|12345674' }),
    );
    const found = await search(criteria);
    expect(found.map((event) => event.entity?.[0]?.what?.reference?.split('/')[1])).toEqual(expected);
    expect(await audit.count({ count: 0, ...criteria })).toEqual({ ok: true, value: expected.length });
  });

  it('by id', async () => {
    await audit.record(entry({ id: 'a' }));
    await audit.record(entry({ id: 'b' }));
    const [newest] = await search();
    expect(targets(await search({ id: [newest?.id ?? ''] }))).toEqual(['Consent/b']);
  });

  it('in pages shows every record once, whatever is recorded meanwhile', async () => {
    for (let n = 1; n <= 7; n++) await audit.record(entry({ id: `c${n}` }));
    const seen: (string | undefined)[] = [];
    let before: number | undefined;
    do {
      const page = await audit.search({ count: 3, ...(before === undefined ? {} : { before }) });
      if (!page.ok) throw new Error('refused');
      seen.push(...targets(page.value.events));
      before = page.value.next;
      await audit.record(entry({ id: 'meanwhile' }));
    } while (before !== undefined);
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((n) => `Consent/c${n}`));
  });

  it('with a page that is exactly full has no next one', async () => {
    await audit.record(entry());
    expect(await audit.search({ count: 1 })).toMatchObject({ ok: true, value: { events: [{}] } });
    const page = await audit.search({ count: 1 });
    expect(page.ok && 'next' in page.value).toBe(false);
  });

  it('with more values than a statement takes is refused, not cut', async () => {
    const id = Array.from({ length: 99 }, (_, n) => `id-${n}`);
    expect(await audit.search({ id, count: 10 })).toMatchObject({
      ok: false,
      failure: { kind: 'malformed' },
    });
  });
});
