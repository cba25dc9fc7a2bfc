import { describe, expect, it } from 'vitest';
import { questionToJson } from '../../../src/systems/brs/question.ts';
import { BRS_FAULT_KINDS } from '../../../src/systems/brs/simulator.ts';
import { type DanishOptions, danishWorld } from '../dgws/danish-world.ts';
import { basic, FIELDS, result } from './samples.ts';

type World = Awaited<ReturnType<typeof danishWorld>>;

/** What a create does, but for the store. */
const create = async (world: World, resource = basic(), allowed = 5000) => {
  const planned = world.brs.plan({ interaction: 'create', resource });
  if (!planned.ok) throw new Error(JSON.stringify(planned.failure));
  const { request, resource: stored } = planned.value;
  if (request === undefined || stored === undefined) throw new Error('a create sends and stores');
  const sent = await world.brs.send(request, { ...world.context(allowed), repeat: false });
  if (!sent.ok) return { fate: sent.failure.fate, failure: sent.failure.failure };
  return { fate: 'accepted', ...world.brs.complete(stored, request, sent.value, world.clock()) };
};

const answerOf = async (options: DanishOptions, resource = basic()) => {
  const world = await danishWorld(options);
  const made = await create(world, resource);
  if (!('resource' in made)) throw new Error(JSON.stringify(made.failure));
  return {
    sufficient: result(made.resource, 'sufficient-relation')?.valueBoolean,
    actual: result(made.resource, 'actual-relation')?.valueCoding?.code,
    followup: result(made.resource, 'followup-state')?.valueCoding?.code,
    sources: Object.fromEntries(
      (made.resource.extension ?? [])
        .filter(({ url }) => url.endsWith('/relation-by-source'))
        .map(({ extension }) => [extension?.[0]?.valueCoding?.code, extension?.[1]?.valueCoding?.code]),
    ),
    issues: made.issues,
  };
};

const NO_FOLLOWUP = { followup: { ...FIELDS.followup, valueBoolean: false } };

describe('a question through the simulator', () => {
  it('gets the answer of the domain page: D, follow-up ordered', async () => {
    expect(await answerOf({})).toEqual({
      sufficient: false,
      actual: 'D',
      followup: 'ordered',
      sources: { SSR: 'D', SIKREDE: 'E', LPR: 'E', REFHOST: 'D', HENVISNING_SOR: 'E' },
      issues: [],
    });
  });

  it('has one STS call for many, none of the cards’ bytes changed, a new MessageID each', async () => {
    const world = await danishWorld();
    await Promise.all(Array.from({ length: 20 }, () => create(world, basic(NO_FOLLOWUP))));
    expect(world.callsTo('sts')).toBe(1);
    expect(world.callsTo('brs')).toBe(20);
    const bodies = world.calls.filter(({ system }) => system === 'brs').map(({ body }) => body);
    const ids = bodies.map((body) => /<medcom:MessageID>([^<]+)/.exec(body)?.[1]);
    expect(new Set(ids).size).toBe(20);
    const cards = new Set(bodies.map((body) => /<saml:Assertion .*<\/saml:Assertion>/s.exec(body)?.[0]));
    expect(cards.size).toBe(1);
  });

  it('is understood in v1, in the attribute form, with other prefixes and headers, and without SOAPAction', async () => {
    const v1 = basic({ includeAll: undefined });
    expect(await answerOf({ brs: { generation: 'v1' } }, v1)).toMatchObject({
      actual: 'D',
      followup: 'ordered',
    });
    const strange = {
      actualForm: 'attribute',
      prefixes: 'ns',
      headerOrder: 'flow-status-first',
      sourceOrder: 'shuffled',
    } as const;
    expect(await answerOf({ brsSimulator: strange })).toMatchObject({ actual: 'D' });
    expect(await answerOf({ brsSimulator: { replyHeader: 'empty' } })).toMatchObject({ actual: 'D' });
  });

  it('E and ANY are always sufficient and order nothing', async () => {
    for (const code of ['E', 'ANY']) {
      const minimum = {
        url: FIELDS.minimum.url,
        valueCoding: { system: FIELDS.minimum.valueCoding.system, code },
      };
      expect(await answerOf({}, basic({ minimum }))).toMatchObject({
        sufficient: true,
        followup: 'not-ordered',
      });
    }
  });

  it('is evaluated without a trace by $evaluate, which refuses a follow-up', async () => {
    const world = await danishWorld();
    const evaluated = await world.brs.evaluate(
      { ...basic(NO_FOLLOWUP), id: 'x', meta: { versionId: '1' } },
      world.context(),
    );
    if (!evaluated.ok) throw new Error('was refused');
    expect(evaluated.value.resource).not.toHaveProperty('id');
    expect(evaluated.value.resource).not.toHaveProperty('meta');
    expect(result(evaluated.value.resource, 'actual-relation')?.valueCoding?.code).toBe('D');
    expect(await world.brs.evaluate(basic(), world.context())).toMatchObject({
      failure: {
        kind: 'unprocessable',
        issues: [{ code: 'business-rule', expression: ['Basic.extension[6].value'] }],
      },
    });
    expect(await world.brsSimulator.followups.waiting()).toEqual([]);
  });

  it('is previewed with the place of the card marked; nothing is sent', async () => {
    const world = await danishWorld();
    const planned = world.brs.plan({ interaction: 'create', resource: basic() });
    if (!planned.ok || planned.value.request === undefined) throw new Error('was refused');
    const { method, url, headers, body } = world.brs.preview(planned.value.request);
    expect({ method, url }).toEqual({ method: 'POST', url: world.brsSettings.url });
    expect(headers).toMatchObject({ 'Content-Type': 'text/xml; charset=utf-8' });
    expect(body).toContain('<PatientCpr>2512489996</PatientCpr>');
    expect(body).toContain('ID card issued by the STS');
    expect(world.calls).toEqual([]);
  });
});

/** The pairs of the seed, un-diffed. */
describe('the documented pairs', () => {
  const seedQuestion = (
    patient: string,
    clinician: string,
    yder: string,
    start: string,
    end: string,
    limit: string,
  ) => ({
    organisation: { kind: 'yder', value: yder } as const,
    patientCpr: patient,
    healthProfessionalCpr: clinician,
    start,
    end,
    timeLimit: limit,
    externalReferenceId: 'e4a4ab3f-3f7f-4e5d-a311-5942c14856b8',
  });

  it('v2: minimum E, no follow-up → D, sufficient, not ordered, five sources', async () => {
    const world = await danishWorld();
    world.moveTo('2024-02-01T12:00:00+01:00');
    const sent = await world.brs.send(
      questionToJson({
        ...seedQuestion(
          '3112910017',
          '1007707419',
          '561010',
          '2023-01-01T16:16:31+01:00',
          '2024-01-01T16:16:31+01:00',
          '2016-01-01T16:16:31+01:00',
        ),
        minimum: 'E',
        accepted: ['A+', 'A', 'B+', 'B', 'C', 'D', 'E'],
        queryableCvr: '46837428',
        followup: false,
        authorisationIdentifier: '',
        includeAllRelations: true,
      }),
      { ...world.context(), repeat: false },
    );
    expect(sent).toMatchObject({
      ok: true,
      value: { answer: { sufficientRelation: true, actualRelations: ['D'], followupOrdered: false } },
    });
    const sources = sent.ok
      ? new Map(sent.value.answer.bySource?.map(({ source, relation }) => [source, relation]))
      : new Map();
    expect(Object.fromEntries(sources)).toEqual({
      LPR: 'E',
      SIKREDE: 'D',
      REFHOST: 'D',
      HENVISNING_SOR: 'E',
      SSR: 'D',
    });
  });

  it('v1: A and B, follow-up for all → C, insufficient, ordered', async () => {
    const world = await danishWorld({ brs: { generation: 'v1' } });
    world.moveTo('2013-11-01T12:00:00+01:00');
    const sent = await world.brs.send(
      questionToJson({
        ...seedQuestion(
          '0101601951',
          '0101601803',
          '132435',
          '2013-09-30T00:00:00+02:00',
          '2013-10-25T23:59:00+02:00',
          '2013-09-30T11:04:37+02:00',
        ),
        minimum: 'ANY',
        accepted: ['A', 'B'],
        queryableCvr: '31908574',
        followup: true,
        authorisationIdentifier: 'DM712',
        includeAllRelations: false,
      }),
      { ...world.context(), repeat: false },
    );
    expect(sent).toMatchObject({
      ok: true,
      value: {
        answer: {
          sufficientRelation: false,
          actualRelations: ['C'],
          followupOrdered: true,
          externalReferenceId: 'e4a4ab3f-3f7f-4e5d-a311-5942c14856b8',
        },
      },
    });
  });
});

describe('faults of BRS', () => {
  const failing = async (kind: string, count = 9, resource = basic(NO_FOLLOWUP), allowed = 5000) => {
    const world = await danishWorld();
    expect((await world.faults.add('brs', kind, count)).ok).toBe(true);
    const made = await create(world, resource, allowed);
    if (!('failure' in made))
      return `accepted ${made.issues.map(({ details }) => details?.code).join()}`.trim();
    const [issue] = made.failure?.issues ?? [];
    expect(issue?.diagnostics).not.toMatch(/\d{10}|Asked for in the sandbox/);
    return `${made.fate} ${made.failure?.kind} ${issue?.code} ${issue?.details?.code ?? ''}`.trim();
  };

  it.each([
    ['processing-problem', 'refused upstream-refused processing processing_problem'],
    ['missing-required-header', 'refused upstream-refused exception missing_required_header'],
    ['security-level-failed', 'refused upstream-refused security security_level_failed'],
    ['invalid-idcard', 'refused upstream-refused security invalid_idcard'],
    ['expired-idcard', 'refused upstream-refused expired expired_idcard'],
    ['not-authorized', 'refused forbidden forbidden not_authorized'],
    ['invalid-signature', 'refused upstream-refused security invalid_signature'],
    ['syntax-error', 'refused upstream-refused exception syntax_error'],
    ['sosigw-proxy-error', 'refused upstream-refused exception sosigw_proxy_error'],
    ['plain-fault', 'refused upstream-refused processing'],
    ['fault-200', 'refused upstream-refused processing processing_problem'],
    ['second-detail', 'refused upstream-refused processing processing_problem'],
    ['wrong-in-response-to', 'refused upstream-refused exception broken-answer'],
    ['garbage', 'refused upstream-refused exception server-error'],
    ['truncated', 'refused upstream-refused exception broken-answer'],
    ['reset', 'refused unavailable transient no-connection'],
    ['http-500', 'refused upstream-refused exception server-error'],
    ['multipart', 'accepted'],
    ['no-message-id', 'accepted'],
    ['wrong-content-type', 'accepted'],
    ['actual-relation-attribute', 'accepted'],
    ['unknown-source', 'accepted answer-source-unknown'],
    ['extra-elements', 'accepted'],
    ['no-external-reference', 'accepted'],
    ['other-external-reference', 'accepted answer-reference-differs'],
  ])('%s', async (kind, expected) => {
    expect(await failing(kind)).toBe(expected);
  });

  it('once: a read is tried again, an expired card is renewed once', async () => {
    for (const kind of ['garbage', 'reset', 'lost-reply', 'expired-idcard'])
      expect(await failing(kind, 1)).toBe('accepted');
    const world = await danishWorld();
    await world.faults.add('brs', 'expired-idcard', 2);
    await create(world, basic(NO_FOLLOWUP));
    expect(world.callsTo('sts')).toBe(2);
    expect(world.callsTo('brs')).toBe(2);
  });

  it('a hanging call ends with the deadline', async () => {
    expect(await failing('timeout', 9, basic(NO_FOLLOWUP), 300)).toBe(
      'refused upstream-timeout timeout timed-out',
    );
  });

  it('a lost answer that may have ordered a follow-up stays open, is not repeated at once, and is settled by asking again', async () => {
    const world = await danishWorld();
    await world.faults.add('brs', 'lost-reply');
    const planned = world.brs.plan({ interaction: 'create', resource: basic() });
    if (!planned.ok || planned.value.request === undefined) throw new Error('was refused');
    const { request } = planned.value;
    const first = await world.brs.send(request, { ...world.context(), repeat: false });
    expect(first).toMatchObject({
      failure: { fate: 'unknown', failure: { kind: 'upstream-timeout', issues: [{ code: 'transient' }] } },
    });
    expect(world.callsTo('brs')).toBe(1);
    const second = await world.brs.send(request, { ...world.context(), repeat: true });
    expect(second).toMatchObject({
      value: { effect: 'unknown', answer: { externalReferenceId: 'facade-000001' } },
    });
    const references = (await world.brsSimulator.followups.waiting()).map(
      ({ question }) => question.externalReferenceId,
    );
    expect(references).toEqual(['facade-000001', 'facade-000001']);
  });

  it('a settlement stays open while BRS does not judge the question, and ends when it does', async () => {
    const settled = async (system: string, kind: string) => {
      const world = await danishWorld();
      await world.faults.add(system, kind, 9);
      const planned = world.brs.plan({ interaction: 'create', resource: basic() });
      if (!planned.ok || planned.value.request === undefined) throw new Error('was refused');
      const sent = await world.brs.send(planned.value.request, { ...world.context(), repeat: true });
      return sent.ok ? 'accepted' : sent.failure.fate;
    };
    expect(await settled('sts', 'failed-authentication')).toBe('unknown');
    expect(await settled('brs', 'not-authorized')).toBe('unknown');
    expect(await settled('brs', 'expired-idcard')).toBe('unknown');
    expect(await settled('brs', 'garbage')).toBe('unknown');
    expect(await settled('brs', 'processing-problem')).toBe('refused');
  });

  it('nothing is sent, and nothing is open, while the STS is down', async () => {
    const world = await danishWorld();
    await world.faults.add('sts', 'reset', 9);
    const made = await create(world);
    expect(made).toMatchObject({ fate: 'refused', failure: { kind: 'unavailable' } });
    expect(world.callsTo('brs')).toBe(0);
  });

  it('the simulator knows every documented code', () => {
    for (const kind of [
      'processing-problem',
      'missing-required-header',
      'security-level-failed',
      'invalid-idcard',
      'expired-idcard',
      'not-authorized',
    ]) {
      expect(BRS_FAULT_KINDS).toContain(kind);
    }
  });

  it('a CVR number that is not whitelisted to ask gets 403, and one only not to poll can still ask', async () => {
    const asking = await danishWorld({ whitelists: { create: ['99999999'], query: ['*'] } });
    expect(await create(asking)).toMatchObject({ failure: { kind: 'forbidden' } });
    const polling = await danishWorld({ whitelists: { create: ['*'], query: [] } });
    expect(await create(polling)).toMatchObject({ fate: 'accepted' });
    expect(await polling.brs.client.notifications(undefined, polling.context())).toMatchObject({
      failure: { kind: 'forbidden' },
    });
  });
});

const PATIENT_ROW = { patientCpr: '2512489996' };
const lookAt = async (
  now: string,
  rows: readonly Parameters<World['brsSimulator']['registers']['add']>[0][],
  more = basic(NO_FOLLOWUP),
) => {
  const world = await danishWorld({ data: { rows, sorMap: [{ sor: '9999991000016000', yder: '012345' }] } });
  world.moveTo(now);
  const made = await create(world, more);
  if (!('resource' in made)) throw new Error(JSON.stringify(made.failure));
  return result(made.resource, 'actual-relation')?.valueCoding?.code;
};

describe('the rules of evidence', () => {
  const ssr = (day: string) => ({ source: 'SSR', yder: '12345', day, ...PATIENT_ROW });
  const NOW = '2026-03-03T17:00:00+01:00';
  const sks = (value: string) =>
    basic({
      ...NO_FOLLOWUP,
      organisation: {
        url: FIELDS.organisation.url,
        valueReference: {
          identifier: { system: 'https://nordic-fhir-facade.dev/fhir/NamingSystem/dk-sks-org', value },
        },
      },
    });
  const sor = (value: string) =>
    basic({
      ...NO_FOLLOWUP,
      organisation: {
        url: FIELDS.organisation.url,
        valueReference: { identifier: { system: 'urn:oid:1.2.208.176.1.1', value } },
      },
    });
  const stay = (from: string, to: string) => ({ source: 'LPR', sks: '1301011', from, to, ...PATIENT_ROW });

  it('SSR: the same day A (leading zeros do not matter), another day C', async () => {
    expect(await lookAt(NOW, [ssr('2026-03-03')])).toBe('A');
    expect(await lookAt(NOW, [ssr('2026-03-04')])).toBe('C');
  });

  it('no evidence: D up to and with 62 days after the interval, then E', async () => {
    expect(await lookAt(NOW, [])).toBe('D');
    // In June it is summer time: 62 days of 24 hours after 16:00 +01:00.
    expect(await lookAt('2026-05-04T16:59:00+02:00', [])).toBe('D');
    expect(await lookAt('2026-05-04T17:01:00+02:00', [])).toBe('E');
  });

  it('a row that has not arrived yet is not seen', async () => {
    const late = { ...ssr('2026-03-03'), visibleFrom: '2026-03-24' };
    expect(await lookAt(NOW, [late])).toBe('D');
    expect(await lookAt('2026-03-24T12:00:00+01:00', [late])).toBe('A');
  });

  it('ends that touch do not overlap', async () => {
    expect(await lookAt(NOW, [stay('2026-03-02', '2026-03-03T08:00:00+01:00')], sks('1301011'))).toBe('C');
    expect(await lookAt(NOW, [stay('2026-03-03T16:00:00+01:00', '2026-03-04')], sks('1301011'))).toBe('C');
    expect(await lookAt(NOW, [stay('2026-03-02', '2026-03-03T08:00:01+01:00')], sks('1301011'))).toBe('A');
  });

  it('another ward of the same hospital: B+, or B where B+ is not known', async () => {
    const rows = [stay('2026-03-03', '2026-03-04')];
    expect(await lookAt(NOW, rows, sks('130102'))).toBe('B+');
    const world = await danishWorld({
      data: { rows, sorMap: [] },
      brsSimulator: {
        rules: { lagDays: { SSR: 62, SIKREDE: 62, LPR: 62, REFHOST: 62, HENVISNING_SOR: 62 }, bPlus: false },
      },
    });
    const made = await create(world, sks('130102'));
    expect('resource' in made && result(made.resource, 'actual-relation')?.valueCoding?.code).toBe('B');
  });

  it('the chosen practice: B while it is, C when it was; the strongest of several counts', async () => {
    const gp = (from: string, to?: string) => ({
      source: 'SIKREDE',
      yder: '012345',
      from,
      ...(to === undefined ? {} : { to }),
      ...PATIENT_ROW,
    });
    expect(await lookAt(NOW, [gp('2019-01-01')])).toBe('B');
    expect(await lookAt(NOW, [gp('2019-01-01', '2025-01-01')])).toBe('C');
    expect(await lookAt(NOW, [gp('2019-01-01', '2025-01-01'), gp('2019-01-01')])).toBe('B');
  });

  it('a referral in the interval: A+; by SOR through its own register, through the map for the others', async () => {
    const referral = { from: '2026-03-01', to: '2026-03-10', ...PATIENT_ROW };
    expect(await lookAt(NOW, [{ source: 'REFHOST', healthProfessionalCpr: '2609782859', ...referral }])).toBe(
      'A+',
    );
    expect(
      await lookAt(
        NOW,
        [{ source: 'HENVISNING_SOR', sor: '9999991000016000', ...referral }],
        sor('9999991000016000'),
      ),
    ).toBe('A+');
    expect(await lookAt(NOW, [ssr('2026-03-03')], sor('9999991000016000'))).toBe('A');
    expect(await lookAt(NOW, [ssr('2026-03-03')], sor('999999991000016005'))).toBe('D');
  });
});
