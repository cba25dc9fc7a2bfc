import { describe, expect, it } from 'vitest';
import { sql } from '../../../src/ports.ts';
import { createHelseIdClient } from '../../../src/systems/helseid/client.ts';
import { createHelseIdSimulator } from '../../../src/systems/helseid/simulator.ts';
import {
  HELSEID_FAULT_KINDS,
  HELSEID_SIMULATOR_DEFAULTS,
  sandboxClient,
} from '../../../src/systems/helseid/simulator-settings.ts';
import { createPvkClient } from '../../../src/systems/helsenorge/client.ts';
import { createPvkSimulator } from '../../../src/systems/helsenorge/simulator.ts';
import { PVK_FAULT_KINDS } from '../../../src/systems/helsenorge/simulator-faults.ts';
import { OPEN_GRANTS, PVK_SIMULATOR_DEFAULTS } from '../../../src/systems/helsenorge/simulator-settings.ts';
import { createFaults } from '../../../src/systems/simulation/faults.ts';
import { createSimulatorState, SIMULATOR_SCHEMA } from '../../../src/systems/simulation/state.ts';
import { memoryDatabase } from '../../helpers/memory-database.ts';
import { BASE, CLIENT_ID, ISSUER, PRIVATE_JWK } from '../upstream/national-world.ts';
import { CATALOGUE } from './pvk-fixture.ts';

const GUID = '3fe2a80a-4200-42e2-817b-da8a6236708a';
const NAME = 'Samtykke til oppbevaring av biomateriale';
const CITIZEN = { innbyggerFnr: '12048645510', definisjonGuid: GUID, definisjonNavn: NAME, partKode: 'NFS' };
const SETT = { ...CITIZEN, typePi: 'samtykke', aktiv: true };

/** The real clients before the simulators, which share no code with them. */
const setUp = async () => {
  const database = memoryDatabase();
  await database.batch(SIMULATOR_SCHEMA.map((statement) => sql(statement)));
  const clock = Date.now;
  const state = (system: string) => createSimulatorState(database, system);
  const faults = createFaults({
    state: state('faults'),
    kinds: { helsenorge: PVK_FAULT_KINDS, helseid: HELSEID_FAULT_KINDS },
    shared: false,
  });
  const faultTiming = { slowMs: 20 };
  const sts = createHelseIdSimulator({
    state: state('helseid'),
    clock,
    settings: { ...HELSEID_SIMULATOR_DEFAULTS, issuer: ISSUER },
    clients: [sandboxClient(CLIENT_ID, PRIVATE_JWK)],
    faults,
    faultTiming,
  });
  const fetch = createPvkSimulator({
    state: state('helsenorge'),
    clock,
    settings: { ...PVK_SIMULATOR_DEFAULTS, issuer: ISSUER },
    catalogue: CATALOGUE,
    grants: OPEN_GRANTS,
    jwks: sts.jwks,
    faults,
    faultTiming,
  });
  const settings = {
    issuer: ISSUER,
    clientId: CLIENT_ID,
    privateKey: JSON.stringify(PRIVATE_JWK),
    tenancy: 'multi-tenant',
    parentOrg: '912159523',
  } as const;
  const helseId = createHelseIdClient({ settings, fetch: sts.fetch, clock, random: () => 0 });
  const pvk = createPvkClient({ settings: { baseUrl: BASE }, helseId, fetch, clock, random: () => 0 });
  const context = (allowed: number) => ({ requestId: 'request-1', deadline: clock() + allowed });
  return {
    pvk,
    faults,
    context,
    sett: (aktiv = true, allowed = 3000) =>
      pvk.sett({ ...SETT, aktiv }, { ...context(allowed), repeat: false }),
  };
};

type Outcome = readonly ['accepted' | 'refused' | 'unknown', string];

/** What a Sett comes to when as many calls as said misbehave. */
const settWith = async (system: string, kind: string, count: number): Promise<Outcome> => {
  const { sett, faults } = await setUp();
  expect((await faults.add(system, kind, count)).ok).toBe(true);
  const result = await sett(true, kind === 'timeout' ? 1000 : 3000);
  if (result.ok) return ['accepted', result.value.effect];
  return [result.failure.fate, `${result.failure.failure.kind}/${result.failure.failure.issues[0]?.code}`];
};

describe('the client against the simulators', () => {
  it('sets, repeats, withdraws and asks', async () => {
    const { pvk, sett, context } = await setUp();
    expect(await sett()).toMatchObject({ value: { effect: 'changed' } });
    expect(await sett()).toMatchObject({ value: { effect: 'unchanged' } });
    expect(await pvk.sjekk(CITIZEN, context(3000))).toMatchObject({
      value: { aktiv: true, sekvensnummer: 1 },
    });
    const part = { innbyggerFnr: '12048645510', partKode: 'NFS' };
    expect(await pvk.hentForPart(part, context(3000))).toMatchObject({ value: [{ definisjonGuid: GUID }] });
    const list = { definisjonGuid: GUID, partKode: 'NFS' };
    expect(await pvk.hentAlleAktive(list, context(3000))).toMatchObject({
      value: { personvernInnstillinger: [{ innbyggerFnr: '12048645510' }] },
    });
    expect(await sett(false)).toMatchObject({ value: { effect: 'changed' } });
    expect(await pvk.hentAlleAktive(list, context(3000))).toMatchObject({
      value: { personvernInnstillinger: [] },
    });
  });

  const ONCE: readonly (readonly [string, Outcome])[] = [
    ['timeout', ['accepted', 'changed']],
    ['slow', ['accepted', 'changed']],
    ['reset', ['accepted', 'changed']],
    ['lost-reply', ['accepted', 'unknown']],
    ['http-500', ['accepted', 'changed']],
    ['http-503', ['accepted', 'changed']],
    ['garbage', ['accepted', 'changed']],
    ['truncated', ['accepted', 'unknown']],
    ['wrong-content-type', ['accepted', 'unknown']],
    ['ikke-ok', ['refused', 'upstream-refused/processing']],
    ['epvk-101500', ['refused', 'unprocessable/business-rule']],
    ['epvk-101518', ['refused', 'unprocessable/not-found']],
    ['unauthorized-empty', ['accepted', 'changed']],
    ['token-expired-401', ['accepted', 'changed']],
    ['token-expired-403', ['accepted', 'changed']],
    ['no-grant', ['refused', 'forbidden/forbidden']],
    ['http-429', ['accepted', 'changed']],
    ['use-dpop-nonce', ['accepted', 'changed']],
    ['result-key-lower', ['accepted', 'changed']],
  ];

  it.each(ONCE)('bears %s of PVK once', async (kind, outcome) => {
    expect(await settWith('helsenorge', kind, 1)).toEqual(outcome);
  });

  const THRICE: readonly (readonly [string, Outcome])[] = [
    ['timeout', ['unknown', 'upstream-timeout/transient']],
    ['reset', ['unknown', 'upstream-timeout/transient']],
    ['lost-reply', ['unknown', 'upstream-timeout/transient']],
    ['truncated', ['unknown', 'upstream-timeout/transient']],
    ['wrong-content-type', ['unknown', 'upstream-timeout/transient']],
    ['http-500', ['refused', 'upstream-refused/transient']],
    ['garbage', ['refused', 'upstream-refused/transient']],
    ['http-429', ['refused', 'upstream-refused/transient']],
    ['token-expired-401', ['refused', 'upstream-refused/security']],
    ['token-expired-403', ['refused', 'upstream-refused/security']],
    ['unauthorized-empty', ['refused', 'upstream-refused/security']],
  ];

  it.each(THRICE)('says what became of the write when PVK does %s each time', async (kind, outcome) => {
    expect(await settWith('helsenorge', kind, 3)).toEqual(outcome);
  });

  const HELSEID: readonly (readonly [string, number, Outcome])[] = [
    ['reset', 1, ['accepted', 'changed']],
    ['use-dpop-nonce-again', 1, ['accepted', 'changed']],
    ['use-dpop-nonce-again', 3, ['refused', 'upstream-refused/security']],
    ['clock-skew', 1, ['accepted', 'changed']],
    ['invalid-client', 1, ['refused', 'upstream-refused/security']],
    ['invalid-scope', 1, ['refused', 'upstream-refused/security']],
    ['rejected-scope', 2, ['refused', 'upstream-refused/security']],
    ['multi-tenant-mismatch', 1, ['refused', 'upstream-refused/security']],
    ['http-503', 3, ['refused', 'upstream-refused/transient']],
    ['reset', 3, ['refused', 'unavailable/transient']],
    ['timeout', 3, ['refused', 'upstream-timeout/timeout']],
  ];

  it.each(HELSEID)('bears or names %s of HelseID, %d times', async (kind, count, outcome) => {
    expect(await settWith('helseid', kind, count)).toEqual(outcome);
  });

  it('stops at a page that repeats itself, and drops a pull of which a page fails', async () => {
    const { pvk, faults, context } = await setUp();
    const list = { definisjonGuid: GUID, partKode: 'NFS' };
    await faults.add('helsenorge', 'page-loops', 2);
    expect(await pvk.hentAlleAktive(list, context(3000))).toMatchObject({
      failure: { kind: 'upstream-refused', issues: [{ code: 'processing' }] },
    });
    await faults.clear();
    await faults.add('helsenorge', 'page-fails', 3);
    expect(await pvk.hentAlleAktive(list, context(3000))).toMatchObject({
      failure: { kind: 'upstream-refused', issues: [{ code: 'transient' }] },
    });
  });
});
