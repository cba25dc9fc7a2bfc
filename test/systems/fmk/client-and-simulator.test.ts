import type { Basic } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { DGWS_FAULT_KINDS } from '../../../src/systems/dgws/simulator-layer.ts';
import { readCallersCard } from '../../../src/systems/fmk/client-cards.ts';
import { mergeListed, storedWhitelisting, toBasic } from '../../../src/systems/fmk/mapping.ts';
import { FMK_FAULT_KINDS } from '../../../src/systems/fmk/simulator-faults.ts';
import type { JsonValue } from '../../../src/systems/system.ts';
import { encodeBase64 } from '../../../src/xml/base64.ts';
import { bytes, VECTOR_FOCES_ID, VECTOR_HASH } from '../certificates/vectors.ts';
import { type FmkWorld, fmkWorld } from './fmk-world.ts';
import { basic, focesId, KARL, plain, provenance, SIGNE, with3 } from './samples.ts';

const CVR = '12345674';

const plannedCreate = (world: FmkWorld, resource: Basic = basic()): JsonValue => {
  const planned = world.fmk.plan({ interaction: 'create', resource });
  if (!planned.ok || planned.value.request === undefined) throw new Error('nothing to send');
  return planned.value.request;
};

const plannedDelete = (world: FmkWorld, resource: Basic = plain()): JsonValue => {
  const created = world.fmk.plan({ interaction: 'create', resource });
  const current = created.ok ? created.value.resource : undefined;
  if (current === undefined) throw new Error('nothing is stored');
  const planned = world.fmk.plan({ interaction: 'delete', current }, { provenance: provenance() });
  if (!planned.ok || planned.value.request === undefined) throw new Error('nothing to send');
  return planned.value.request;
};

const create = (world: FmkWorld, resource?: Basic, repeat = false) =>
  world.fmk.send(plannedCreate(world, resource), world.context(repeat));
const remove = (world: FmkWorld, resource?: Basic, repeat = false) =>
  world.fmk.send(plannedDelete(world, resource), world.context(repeat));
const list = async (world: FmkWorld) => {
  const asked = await world.fmk.client.list(CVR, world.context());
  if (!asked.ok) throw new Error(JSON.stringify(asked.failure));
  return asked.value;
};

const CHANGED = { ok: true, value: { effect: 'changed', issues: [] } };
const ENTRY = {
  OrganisationIdentifier: { source: 'CVR', value: CVR },
  FocesId: VECTOR_FOCES_ID,
  CertHash: VECTOR_HASH,
};

describe('a whitelisting', () => {
  it.each(['1.6.0-head', '1.4.6-E6'] as const)('is created, listed and deleted in %s', async (version) => {
    const world = await fmkWorld({ settings: { version }, simulator: { version } });
    expect(await create(world)).toEqual(CHANGED);
    expect(await list(world)).toMatchObject({ entries: [ENTRY], complete: true, issues: [] });
    expect(await remove(world)).toEqual(CHANGED);
    expect((await list(world)).entries).toEqual([]);
    expect(world.calls).toEqual([
      'CreateFocesWhitelisting',
      'GetFocesWhitelistings',
      'DeleteFocesWhitelisting',
      'GetFocesWhitelistings',
    ]);
  });

  it('of an OCES2 certificate fits the published version with its short ids', async () => {
    const version = '1.6.0-published';
    const world = await fmkWorld({ settings: { version }, simulator: { version } });
    const resource = plain({ extension: [focesId('18900001')] });
    expect(await create(world, resource)).toMatchObject({ ok: true });
    expect((await list(world)).entries).toEqual([
      { OrganisationIdentifier: ENTRY.OrganisationIdentifier, FocesId: '18900001' },
    ]);
  });

  it('leaves the times that FMK tells in the log, at level debug', async () => {
    const world = await fmkWorld();
    await create(world, basic());
    expect(world.logged).toEqual([expect.stringMatching(/^debug FMK told its times .*Create.* \d+ ms/)]);
    expect(world.logged.join()).not.toMatch(/\d{10}(?!\d)(?=")/);
  });

  it('goes out with the card of whoever acts, at level 4', async () => {
    const world = await fmkWorld();
    await create(world, with3({ identifier: [{ system: 'urn:oid:1.2.208.176.1.2', value: KARL }] }));
    expect(world.asked).toEqual([{ cpr: KARL, requestId: world.context().requestId, purpose: 'write' }]);
    expect(world.bodies[0]).toContain('<medcom:SecurityLevel>4</medcom:SecurityLevel>');
    expect(world.bodies[0]).toContain(`<saml:AttributeValue>${KARL}</saml:AttributeValue>`);
    expect(world.bodies[0]).toContain('<FMKRequestHeader xmlns="http://fmk-teknik.dk/160">');
  });

  it('is not sent at all without a card of that person', async () => {
    const world = await fmkWorld({ cards: { users: new Map() } });
    const sent = await create(world);
    expect(sent).toMatchObject({
      ok: false,
      failure: { fate: 'refused', failure: { kind: 'forbidden', issues: [{ code: 'security' }] } },
    });
    expect(JSON.stringify(sent)).not.toContain(SIGNE);
    expect(world.calls).toEqual([]);
  });

  it("is read with nobody else's card unless the setting says so", async () => {
    const world = await fmkWorld({ cards: { readAs: 'acting' } });
    expect(await world.fmk.client.list(CVR, world.context())).toMatchObject({
      ok: false,
      failure: { kind: 'forbidden' },
    });
    expect(world.calls).toEqual([]);
    expect(await world.fmk.client.list(CVR, { ...world.context(), cpr: KARL })).toMatchObject({ ok: true });
  });

  it('may be checked by FMK without being carried out', async () => {
    const world = await fmkWorld();
    expect(await world.fmk.client.check(plannedCreate(world), world.context())).toEqual({
      ok: true,
      value: [],
    });
    expect(world.bodies[0]).toContain('<PreflightOnly/>');
    expect((await list(world)).entries).toEqual([]);
    const old = await fmkWorld({ settings: { version: '1.4.6-E6' } });
    expect(await old.fmk.client.check(plannedCreate(old), old.context())).toMatchObject({
      ok: true,
      value: [{ severity: 'warning', code: 'not-supported' }],
    });
    expect(old.calls).toEqual([]);
  });

  it('is shown before it is sent, the card replaced', async () => {
    const world = await fmkWorld();
    const preview = world.fmk.preview(plannedCreate(world));
    expect(preview).toMatchObject({
      method: 'POST',
      url: world.url,
      headers: { SOAPAction: '"http://fmk-teknik.dk/160#CreateFocesWhitelisting"' },
    });
    expect(preview.body).toContain('&lt;ID card&gt;');
    expect(preview.body).toContain('<CreateFocesWhitelistingRequest xmlns="http://fmk-teknik.dk/160">');
    expect(world.calls).toEqual([]);
  });
});

describe('a write without an answer', () => {
  it.each(['lost-reply', 'truncated', 'wrong-content-type'])(
    'that was done (%s) is found by asking, and not done twice',
    async (kind) => {
      const world = await fmkWorld();
      await world.faults.add('fmk', kind);
      const sent = await create(world);
      expect(sent).toMatchObject({ ok: true });
      expect(world.calls.filter((call) => call.startsWith('Create'))).toHaveLength(1);
      expect((await list(world)).entries).toEqual([ENTRY]);
    },
  );

  it.each(['reset', 'http-503', 'garbage'])('that was not done (%s) is done after asking', async (kind) => {
    const world = await fmkWorld();
    await world.faults.add('fmk', kind);
    expect(await create(world)).toMatchObject({ ok: true });
    expect(world.calls).toEqual([
      'CreateFocesWhitelisting',
      'GetFocesWhitelistings',
      'CreateFocesWhitelisting',
    ]);
  });

  it('and whose fate cannot be asked about stays unknown', async () => {
    const world = await fmkWorld();
    await world.faults.add('fmk', 'reset', 20);
    expect(await create(world)).toMatchObject({
      ok: false,
      failure: { fate: 'unknown', failure: { kind: 'upstream-timeout', issues: [{ code: 'transient' }] } },
    });
  });

  it('is asked about first when it is settled later', async () => {
    const world = await fmkWorld();
    await create(world);
    world.calls.length = 0;
    expect(await create(world, undefined, true)).toMatchObject({ ok: true, value: { effect: 'unknown' } });
    expect(world.calls).toEqual(['GetFocesWhitelistings']);
    await remove(world);
    world.calls.length = 0;
    expect(await remove(world, undefined, true)).toMatchObject({ ok: true, value: { effect: 'unknown' } });
    expect(world.calls).toEqual(['GetFocesWhitelistings']);
  });

  it('is not taken as done from a list that pages', async () => {
    const world = await fmkWorld();
    await create(world);
    await world.faults.add('fmk', 'paged-answer');
    const twin = plain({ extension: [focesId('18900001')] });
    expect(await remove(world, twin, true)).toMatchObject({ ok: false, failure: { fate: 'unknown' } });
  });
});

describe('what is so already', () => {
  const SIM = { duplicateFaults: ['SIM-0010'], absentFaults: ['SIM-0011'] } as const;

  it.each([
    [
      'conflict',
      {
        ok: false,
        failure: { fate: 'refused', failure: { kind: 'conflict', issues: [{ code: 'duplicate' }] } },
      },
    ],
    ['existing', { ok: true, value: { effect: 'unchanged' } }],
  ] as const)('a duplicate by setting %s', async (duplicateCreate, expected) => {
    const world = await fmkWorld({
      settings: { ...SIM, duplicateCreate },
      simulator: { duplicateCreate: 'fault' },
    });
    await create(world);
    expect(await create(world)).toMatchObject(expected);
  });

  it.each([
    ['not-found', { ok: false, failure: { fate: 'refused', failure: { kind: 'not-found' } } }],
    ['accept', { ok: true, value: { effect: 'unchanged' } }],
  ] as const)('an absent entry by setting %s', async (deleteAbsent, expected) => {
    const world = await fmkWorld({
      settings: { ...SIM, deleteAbsent },
      simulator: { absentDelete: 'fault' },
    });
    expect(await remove(world)).toMatchObject(expected);
  });

  it('echoes by default', async () => {
    const world = await fmkWorld();
    await create(world);
    expect(await create(world)).toEqual(CHANGED);
    await remove(world);
    expect(await remove(world)).toEqual(CHANGED);
  });
});

const refusal = (code: string) => ({
  ok: false,
  failure: {
    fate: 'refused',
    failure: {
      kind: 'unprocessable',
      issues: [
        {
          code: 'business-rule',
          details: { system: 'https://nordic-fhir-facade.dev/fhir/CodeSystem/fmk-fault', code },
        },
      ],
    },
  },
});

describe("FMK's rules", () => {
  it.each([
    ['a role that may not', with3({}, { code: [{ text: 'Læge' }] }), {}, 'SIM-0003'],
    [
      'a pharmacy that it does not know',
      with3(
        {},
        {},
        {
          identifier: [
            { system: 'http://www.gs1.org/gln', value: '7350000000016' },
            { system: 'http://cvr.dk', value: CVR },
          ],
        },
      ),
      {},
      'SIM-0004',
    ],
    ['a system that is not approved', basic(), { approved: [] }, 'SIM-0002'],
    [
      "an organisation that is not the card's",
      plain({ subject: { identifier: { system: 'http://cvr.dk', value: '96908409' } } }),
      { organisationMustBeCards: true },
      'SIM-0012',
    ],
  ] as const)('refuse %s', async (_, resource, simulator, code) => {
    const world = await fmkWorld({ simulator });
    expect(await create(world, resource)).toMatchObject(refusal(code));
  });

  it('refuse a creator who is not the holder of the card', async () => {
    const world = await fmkWorld({ simulator: { creatorMustBeCardHolder: true } });
    expect(await create(world)).toEqual(CHANGED);
    const card = await world.sts.userCard({ cpr: KARL, role: 'Apoteksansat' }, CVR, 'Eksempel Apotek');
    const fromCall = () =>
      Promise.resolve({ ready: { xml: card, level: 4 as const }, cpr: SIGNE, notOnOrAfter: 0 });
    const other = await fmkWorld({
      simulator: { creatorMustBeCardHolder: true, verifySignatures: 'off' },
      cards: { fromCall },
    });
    expect(await create(other)).toMatchObject(refusal('SIM-0013'));
  });

  it('tell two entries that differ in the hash alone apart', async () => {
    const world = await fmkWorld();
    await create(world);
    await create(world, plain({ extension: [focesId(VECTOR_FOCES_ID)] }));
    expect((await list(world)).entries).toHaveLength(2);
    await remove(world, plain({ extension: [focesId(VECTOR_FOCES_ID)] }));
    expect((await list(world)).entries).toEqual([ENTRY]);
  });

  it.each([400, 500] as const)('answer faults with status %i, which changes nothing', async (faultStatus) => {
    const world = await fmkWorld({ simulator: { faultStatus, approved: [] } });
    expect(await create(world)).toMatchObject(refusal('SIM-0002'));
  });

  it('in 1.4.6 come as a medcom fault code', async () => {
    const version = '1.4.6-E6';
    const world = await fmkWorld({ settings: { version }, simulator: { version, approved: [] } });
    expect(await create(world)).toMatchObject({ ok: false, failure: { fate: 'refused' } });
    expect(world.answers[0]).toContain('<medcom:FaultCode>SIM-0002</medcom:FaultCode>');
  });
});

describe('faults on request', () => {
  it('with many key values are told, a CPR number in them masked', async () => {
    const world = await fmkWorld();
    await world.faults.add('fmk', 'fmk-detail-many');
    const sent = await create(world);
    expect(sent).toMatchObject(refusal('SIM-0001'));
    expect(world.answers[0]).toContain('2401010001');
    expect(JSON.stringify(sent)).not.toContain('2401010001');
    expect(JSON.stringify(sent)).toContain('FocesWhitelisting/FocesId = ukendt');
  });

  it.each(FMK_FAULT_KINDS)('of kind %s leave the facade with an answer it understands', async (kind) => {
    const world = await fmkWorld();
    await create(world, plain({ extension: [focesId('18900001')] }));
    await world.faults.add('fmk', kind);
    const sent = await create(world);
    const asked = await world.fmk.client.list(CVR, world.context());
    if (!sent.ok) expect(sent.failure.failure.issues[0]?.severity).toBe('error');
    expect(JSON.stringify([sent, asked])).not.toMatch(/2401010001|2609782859|Assertion/);
  });

  it.each([
    ['expired-idcard', true],
    ['invalid-idcard', false],
    ['not-authorized', false],
  ])('about the card (%s) are worth a new card only if it has ended', async (kind, worth) => {
    const world = await fmkWorld();
    await world.faults.add('fmk', kind);
    expect((await create(world)).ok).toBe(worth);
  });

  it('come with warnings that are passed on', async () => {
    const world = await fmkWorld();
    await world.faults.add('fmk', 'response-warnings');
    expect(await create(world)).toMatchObject({
      ok: true,
      value: {
        issues: [{ severity: 'warning', details: { code: 'SIM-0900' } }, { severity: 'information' }],
      },
    });
  });

  it('make FMK answer with other values than it was sent, which is worth a warning', async () => {
    const world = await fmkWorld();
    await world.faults.add('fmk', 'changed-echo');
    expect(await create(world)).toMatchObject({
      ok: true,
      value: { issues: [{ severity: 'warning', details: { code: 'answer-differs' } }] },
    });
  });

  it('include every code of the DGWS layer', () => {
    for (const kind of DGWS_FAULT_KINDS) expect(FMK_FAULT_KINDS).toContain(kind);
  });
});

describe('the simulator itself', () => {
  const request = (world: FmkWorld, action: string | undefined, body: string, method = 'POST') =>
    world.simulator(
      new Request(world.url, {
        method,
        headers: {
          'content-type': 'text/xml; charset=utf-8',
          ...(action === undefined ? {} : { soapaction: action }),
        },
        ...(method === 'POST' ? { body } : {}),
      }),
    );
  const faultOf = async (response: Response) =>
    /<medcom:FaultCode>([^<]*)</.exec(await response.text())?.[1] ?? `status ${response.status}`;

  it('holds SOAPAction and body together before it looks at the card', async () => {
    const world = await fmkWorld();
    await create(world);
    const [body = ''] = world.bodies;
    const action = (name: string) => `"http://fmk-teknik.dk/160#${name}"`;
    expect(await faultOf(await request(world, action('DeleteFocesWhitelisting'), body))).toBe('syntax_error');
    expect(await faultOf(await request(world, action('Nothing'), body))).toBe('syntax_error');
    expect(await faultOf(await request(world, undefined, body))).toBe('syntax_error');
    expect((await request(world, 'http://fmk-teknik.dk/160#CreateFocesWhitelisting', body)).status).toBe(200);
    expect(await faultOf(await request(world, action('CreateFocesWhitelisting'), '', 'GET'))).toBe(
      'illegal_http_method',
    );
  });

  it('wants a user card of level 4, unexpired and as it was signed', async () => {
    const world = await fmkWorld();
    await create(world);
    const [body = ''] = world.bodies;
    const send = (text: string) => request(world, 'http://fmk-teknik.dk/160#CreateFocesWhitelisting', text);
    expect(await faultOf(await send(body.replace(/<saml:Assertion.*<\/saml:Assertion>/s, '')))).toBe(
      'missing_required_header',
    );
    expect(await faultOf(await send(body.replaceAll(SIGNE, KARL)))).toBe('invalid_idcard');
    world.time.advance(24 * 3_600_000);
    expect(await faultOf(await send(body))).toBe('expired_idcard');
  });

  it('refuses what the schema of its version does not allow', async () => {
    const world = await fmkWorld({
      settings: { version: '1.6.0-head' },
      simulator: { version: '1.6.0-published' },
    });
    expect(await create(world)).toMatchObject({ ok: false, failure: { fate: 'refused' } });
    expect(world.answers[0]).toContain('request_payload_validation_error');
  });

  it('refuses another source than CVR', async () => {
    const world = await fmkWorld();
    await create(world);
    const text = (world.bodies[0] ?? '').replace('source="CVR"', 'source="SOR"');
    const answer = await request(world, 'http://fmk-teknik.dk/160#CreateFocesWhitelisting', text);
    expect(await answer.text()).toContain('<FaultCode>SIM-0001</FaultCode>');
  });

  it('tells which roles hold the permission', async () => {
    const world = await fmkWorld();
    await create(world);
    const body = (world.bodies[0] ?? '').replace(
      /<CreateFocesWhitelistingRequest.*<\/CreateFocesWhitelistingRequest>/s,
      '<GetPermissionsRequest xmlns="http://fmk-teknik.dk/160"><GetAllPermissions/></GetPermissionsRequest>',
    );
    const answer = await request(world, 'http://fmk-teknik.dk/160#GetPermissions', body);
    expect(await answer.text()).toContain(
      '<RequestedRole>Apoteksansat</RequestedRole><Permission>AdministrerFunktionscertifikater</Permission>',
    );
  });
});

describe('the store held against the list', () => {
  const stored = (basicResource: Basic) => ({ basic: basicResource });
  const known = stored(toBasic(ENTRY));
  const other = { ...ENTRY, FocesId: '18900001' };

  it('knows what is in both, what was made elsewhere and what is gone', async () => {
    const world = await fmkWorld();
    await create(world);
    await world.faults.add('fmk', 'other-entry');
    const merged = mergeListed(await list(world), [known, stored(toBasic(other))]);
    expect(merged.confirmed).toEqual([known]);
    expect(merged.gone.map(({ basic: one }) => storedWhitelisting(one)?.focesId)).toEqual(['18900001']);
    expect(merged.learnt).toHaveLength(1);
    expect(merged.learnt[0]).not.toHaveProperty('author');
    expect(merged.issues).toEqual([]);
  });

  it('marks nothing as gone from a list that pages or cannot be read', async () => {
    const world = await fmkWorld();
    await world.faults.add('fmk', 'paged-answer');
    const merged = mergeListed(await list(world), [known]);
    expect(merged.gone).toEqual([]);
    expect(merged.issues).toMatchObject([{ severity: 'warning', code: 'incomplete' }]);
    await world.faults.add('fmk', 'truncated', 20);
    expect(await world.fmk.client.list(CVR, world.context())).toMatchObject({ ok: false });
  });

  it('leaves out what FMK tells of another organisation', () => {
    const foreign = { ...ENTRY, OrganisationIdentifier: { source: 'CVR', value: '96908409' } };
    const merged = mergeListed({ cvr: CVR, entries: [foreign], complete: true }, []);
    expect(merged.learnt).toEqual([]);
    expect(merged.issues).toMatchObject([{ severity: 'warning' }]);
  });

  it('recognises an id in another case, and keeps it as FMK writes it', () => {
    const upper = { ...ENTRY, FocesId: VECTOR_FOCES_ID.toUpperCase(), CertHash: VECTOR_HASH.toLowerCase() };
    const merged = mergeListed({ cvr: CVR, entries: [upper], complete: true }, [known]);
    expect(merged.confirmed).toEqual([known]);
    const learnt = mergeListed({ cvr: CVR, entries: [upper], complete: true }, []).learnt[0];
    expect(learnt === undefined ? undefined : storedWhitelisting(learnt)?.focesId).toBe(upper.FocesId);
  });

  it('takes a thousand entries within 25 ms', () => {
    const entries = Array.from({ length: 1000 }, (_, at) => ({ ...ENTRY, FocesId: String(18900000 + at) }));
    const before = performance.now();
    const merged = mergeListed(
      { cvr: CVR, entries, complete: true },
      entries.map((one) => stored(toBasic(one))),
    );
    expect(performance.now() - before).toBeLessThan(100);
    expect(merged.confirmed).toHaveLength(1000);
  });
});

describe('a card that comes with the call', () => {
  const trustOf = async (world: FmkWorld) => ({
    trusted: [await world.sts.certificate()],
    algorithms: ['rsa-sha1', 'rsa-sha256'] as const,
    clock: world.time.clock,
    level: 4 as const,
  });
  const cardOf = (world: FmkWorld, cpr: string) =>
    world.sts.userCard({ cpr, role: 'Apoteksansat' }, CVR, 'Eksempel Apotek');

  it('is verified, and is what FMK is called with', async () => {
    const issuing = await fmkWorld();
    const read = await readCallersCard(
      encodeBase64(bytes(await cardOf(issuing, SIGNE))),
      await trustOf(issuing),
    );
    if (!read.ok) throw new Error(JSON.stringify(read.failure));
    expect(read.value).toMatchObject({ cpr: SIGNE, ready: { level: 4 } });
    const world = await fmkWorld({
      cards: { fromCall: () => Promise.resolve(read.value), users: new Map() },
      simulator: { verifySignatures: 'off' },
    });
    expect(await create(world)).toEqual(CHANGED);
    expect(world.bodies[0]).toContain(read.value.ready.xml);
  });

  it('of another person than the one who acts is refused, and nothing is sent', async () => {
    const issuing = await fmkWorld();
    const read = await readCallersCard(
      encodeBase64(bytes(await cardOf(issuing, KARL))),
      await trustOf(issuing),
    );
    if (!read.ok) throw new Error('the card should be good');
    const world = await fmkWorld({ cards: { fromCall: () => Promise.resolve(read.value) } });
    expect(await create(world)).toMatchObject({ ok: false, failure: { failure: { kind: 'forbidden' } } });
    expect(world.calls).toEqual([]);
  });

  it.each([
    ['changed', (card: string) => card.replaceAll(SIGNE, KARL), 'security'],
    [
      'indented after it was signed',
      (card: string) => card.replaceAll('<saml:Attribute ', '\n <saml:Attribute '),
      'security',
    ],
    ['no card', () => '<a/>', 'security'],
    ['no XML', () => 'x', 'security'],
  ] as const)('and is %s is refused with 401', async (_, change, code) => {
    const world = await fmkWorld();
    const card = change(await cardOf(world, SIGNE));
    const read = await readCallersCard(encodeBase64(bytes(card)), await trustOf(world));
    expect(read).toMatchObject({ ok: false, failure: { kind: 'unauthenticated', issues: [{ code }] } });
    expect(JSON.stringify(read)).not.toContain(SIGNE);
  });

  it('and has ended is refused as expired', async () => {
    const world = await fmkWorld();
    const card = encodeBase64(bytes(await cardOf(world, SIGNE)));
    world.time.advance(25 * 3_600_000);
    expect(await readCallersCard(card, await trustOf(world))).toMatchObject({
      ok: false,
      failure: { issues: [{ code: 'expired' }] },
    });
  });

  it('of a system is refused: a whitelisting is made by a person', async () => {
    const world = await fmkWorld();
    const issued = await world.system.card(world.context());
    if (!issued.ok) throw new Error('the STS should issue a system card');
    const read = await readCallersCard(encodeBase64(bytes(issued.value.xml)), await trustOf(world));
    expect(read).toMatchObject({
      ok: false,
      failure: { kind: 'unauthenticated', issues: [{ code: 'security' }] },
    });
    expect(await readCallersCard('***', await trustOf(world))).toMatchObject({ ok: false });
  });

  it('is not needed where the setting is content with level 3', async () => {
    const world = await fmkWorld({
      settings: { cardLevel: 3 },
      simulator: { cardLevel: 3 },
      cards: { users: new Map() },
    });
    expect(await create(world)).toMatchObject({ ok: false });
    const system = await fmkWorld({
      settings: { cardLevel: 3 },
      simulator: { cardLevel: 3, verifySignatures: 'off' },
      cards: { users: new Map(), system: world.system },
    });
    expect(await create(system)).toEqual(CHANGED);
    expect(system.bodies[0]).toContain('<medcom:SecurityLevel>3</medcom:SecurityLevel>');
  });
});
