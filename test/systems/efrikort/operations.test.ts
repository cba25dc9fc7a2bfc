import type { Basic } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { readConnection } from '../../../src/systems/efrikort/mapping.ts';
import { deliveryOf } from '../../../src/systems/efrikort/model.ts';
import { concludeAttempt } from '../../../src/systems/efrikort/operations/conclude.ts';
import { allowedFrom, OPERATIONS, STATES, type State } from '../../../src/systems/efrikort/states.ts';
import {
  APPROVAL,
  BY_HAND,
  CONTEXT,
  codes,
  draft,
  movedTo,
  NOW,
  parameters,
  SETTINGS,
  stateOf,
  system,
  value,
  withExtension,
} from './fixture.ts';

const HSA = 'urn:oid:1.2.752.29.4.19';
const toRegion =
  (hsaId: string) =>
  (basic: Basic): Basic => ({ ...basic, subject: { identifier: { system: HSA, value: hsaId } } });
const eventsOf = (basic: Basic) => readConnection(basic, CONTEXT).connection?.events ?? [];
const sent = async (
  facade: Awaited<ReturnType<typeof system>>,
  basic: Basic,
  others: readonly Basic[] = [],
  given = parameters(),
) => {
  const submission = value(await facade.submit(basic, given, others));
  if (submission.kind !== 'send') throw new Error('by hand');
  return submission;
};
const RESEND = parameters({ name: 'resend', valueBoolean: true });

describe('the table of states', () => {
  const AFTER: Readonly<Record<State, readonly string[]>> = {
    draft: ['submit', 'cancel'],
    requested: ['region-approve', 'region-reject', 'cancel'],
    'region-approved': ['grant', 'cancel'],
    'region-rejected': ['submit', 'cancel'],
    granted: ['test-passed', 'revoke'],
    'test-passed': ['revoke'],
    revoked: [],
    cancelled: [],
  };
  it('allows what the procedure allows, and nothing else', () => {
    for (const state of Object.keys(STATES) as State[]) {
      expect(allowedFrom(state, 'TEST')).toEqual(AFTER[state]);
      expect(allowedFrom(state, 'PRODUKTION')).toEqual(AFTER[state].filter((one) => one !== 'test-passed'));
    }
  });
  it('is what the operations hold to, in every state', async () => {
    const facade = await system();
    for (const to of ['requested', 'region-approved', 'granted', 'test-passed'] as const) {
      const basic = await movedTo(facade, draft(facade, 'test'), to);
      for (const operation of OPERATIONS) {
        if (operation === 'submit') continue;
        const result = await facade.transition(operation, basic, APPROVAL);
        expect([to, operation, result.ok]).toEqual([to, operation, AFTER[to].includes(operation)]);
        if (!result.ok) expect(codes(result)).toEqual(['transition-not-allowed']);
      }
    }
  });
});

describe('$region-approve', () => {
  it('keeps the evidence, who approved and that it was in writing', async () => {
    const facade = await system();
    const basic = await movedTo(facade, draft(facade, 'test'), 'requested');
    const { resource, issues } = value(await facade.transition('region-approve', basic, APPROVAL));
    expect(stateOf(resource)).toBe('region-approved');
    expect(issues).toEqual([]);
    expect(eventsOf(resource).at(-1)).toEqual({
      state: 'region-approved',
      time: '2026-03-03T07:00:00.000Z',
      actor: 'Vera Exempel, Västra Götalandsregionen',
      written: true,
      evidence: { attachment: { contentType: 'message/rfc822', data: 'SGVq' } },
    });
  });
  it.each([
    [
      'by telephone',
      parameters({ name: 'approver', valueString: 'V' }, { name: 'written', valueBoolean: false }),
      'not-in-writing',
    ],
    ['of nobody', parameters({ name: 'written', valueBoolean: true }), 'approver-missing'],
    ['without a word', undefined, 'not-in-writing'],
    [
      'of another region',
      parameters(
        { name: 'approver', valueString: 'V' },
        { name: 'written', valueBoolean: true },
        { name: 'region', valueIdentifier: { system: HSA, value: 'SE2321000016-39KJ' } },
      ),
      'approval-other-region',
    ],
    [
      "from another region's address",
      parameters(
        { name: 'approver', valueString: 'V <se2321000016-39kj@region.example>' },
        { name: 'written', valueBoolean: true },
      ),
      'approval-other-region',
    ],
    [
      'of tomorrow',
      parameters(
        { name: 'approver', valueString: 'V' },
        { name: 'written', valueBoolean: true },
        { name: 'at', valueDateTime: '2026-03-04' },
      ),
      'date-in-future',
    ],
    [
      'with an unknown parameter',
      parameters(
        { name: 'approver', valueString: 'V' },
        { name: 'written', valueBoolean: true },
        { name: 'proof', valueString: 'x' },
      ),
      'parameter-unknown',
    ],
    [
      'with an approver that is no text',
      parameters({ name: 'approver', valueInteger: 1 }, { name: 'written', valueBoolean: true }),
      'parameter-malformed',
    ],
  ])('refuses an approval %s', async (_what, given, code) => {
    const facade = await system();
    const basic = await movedTo(facade, draft(facade, 'test'), 'requested');
    expect(codes(await facade.transition('region-approve', basic, given))).toContain(code);
  });
  it('notes that no evidence is attached', async () => {
    const facade = await system();
    const basic = await movedTo(facade, draft(facade, 'test'), 'requested');
    const given = parameters(
      { name: 'approver', valueString: 'V' },
      { name: 'written', valueBoolean: true },
      { name: 'region', valueIdentifier: { system: HSA, value: 'se2321000131-e000000000001' } },
    );
    const { issues } = value(await facade.transition('region-approve', basic, given));
    expect(issues.map(({ severity, details }) => `${severity} ${details?.code}`)).toEqual([
      'warning evidence-missing',
    ]);
  });
  it.each(['Någon <nagon@okand.example>', 'support.efrikort@cgi.com', 'alva.exempel@exempelsystem.example'])(
    'notes that %s is no address of the region',
    async (approver) => {
      const facade = await system();
      const basic = await movedTo(facade, draft(facade, 'test'), 'requested');
      const given = parameters(
        { name: 'approver', valueString: approver },
        { name: 'written', valueBoolean: true },
        { name: 'evidence', valueReference: { reference: 'DocumentReference/1' } },
      );
      const { issues } = value(await facade.transition('region-approve', basic, given));
      expect(issues.map(({ severity, details }) => `${severity} ${details?.code}`)).toEqual([
        'warning approver-unknown',
      ]);
    },
  );
});

describe('$grant', () => {
  it("before the region's approval is refused, and the text says why", async () => {
    const facade = await system();
    const refused = await facade.transition(
      'grant',
      await movedTo(facade, draft(facade, 'test'), 'requested'),
      APPROVAL,
    );
    expect(refused.ok ? '' : refused.failure.issues[0]?.diagnostics).toContain("region's written approval");
  });
});

describe('TEST before PRODUKTION', () => {
  it('refuses a first request for PRODUKTION, in words that name the rule', async () => {
    const facade = await system();
    const refused = await facade.submit(draft(facade, 'production'), undefined, []);
    expect(codes(refused)).toEqual(['test-first']);
    expect(refused.ok ? '' : refused.failure.issues[0]?.diagnostics).toContain('TEST comes first');
  });
  it('refuses it while TEST is granted and not passed, opens it after, though the certificates differ', async () => {
    const facade = await system();
    const test = draft(facade, 'test');
    const production = draft(facade, 'production');
    expect(
      codes(await facade.submit(production, undefined, [await movedTo(facade, test, 'granted')])),
    ).toEqual(['test-first']);
    expect(
      (await facade.submit(production, undefined, [await movedTo(facade, test, 'test-passed')])).ok,
    ).toBe(true);
  });
  it('is not opened by another system, nor by a test that was revoked', async () => {
    const facade = await system();
    const passed = await movedTo(facade, draft(facade, 'test'), 'test-passed');
    const other = withExtension(passed, 'integrating-system', { valueString: 'Annan journal' });
    const revoked = value(await facade.transition('revoke', passed, undefined)).resource;
    for (const one of [other, revoked]) {
      expect(codes(await facade.submit(draft(facade, 'production'), undefined, [one]))).toEqual([
        'test-first',
      ]);
    }
  });
  it('asks for the same region, or the same certificate, where the settings say so', async () => {
    for (const setting of [
      { testGate: 'per-system-and-region' },
      { sameSystem: 'name-and-serial' },
    ] as const) {
      const facade = await system({ settings: { ...SETTINGS, ...setting } });
      const passed = await movedTo(
        facade,
        draft(facade, 'test', toRegion('SE2321000016-39KJ')),
        'test-passed',
      );
      expect(codes(await facade.submit(draft(facade, 'production'), undefined, [passed]))).toEqual([
        'test-first',
      ]);
    }
  });
});

describe('a further region', () => {
  it('is refused for a system that is connected nowhere, with the hint to ask first', async () => {
    const facade = await system();
    const refused = await facade.submit(draft(facade, 'further-region'), undefined, []);
    expect(codes(refused)).toEqual(['no-connection-yet']);
    expect(refused.ok ? '' : refused.failure.issues[0]?.diagnostics).toContain('first');
  });
  it('is asked alone once another region is granted; the first one stays as it is', async () => {
    const facade = await system();
    const granted = await movedTo(facade, draft(facade, 'test'), 'granted');
    const { request } = await sent(facade, draft(facade, 'further-region'), [granted]);
    expect(request).toMatchObject({ recipients: ['se2321000016-39kj@region.example'] });
  });
  it('does not count the same region, nor another environment', async () => {
    const facade = await system();
    const stockholm = await movedTo(facade, draft(facade, 'test', toRegion('SE2321000016-39KJ')), 'granted');
    expect(codes(await facade.submit(draft(facade, 'further-region'), undefined, [stockholm]))).toEqual([
      'no-connection-yet',
    ]);
  });
  it('is suggested where a first request is sent for a system that is connected', async () => {
    const facade = await system();
    const granted = await movedTo(facade, draft(facade, 'test'), 'granted');
    const { issues } = await sent(facade, draft(facade, 'test', toRegion('SE2321000016-39KJ')), [granted]);
    expect(issues.map(({ severity, details }) => `${severity} ${details?.code}`)).toEqual([
      'information further-region-possible',
    ]);
  });
});

describe('$submit', () => {
  it('makes the Message-ID durable before the mail, and the state after it', async () => {
    const facade = await system();
    const { attempt, sent: after, request } = await sent(facade, draft(facade, 'test'));
    expect(stateOf(attempt)).toBe('draft');
    expect(eventsOf(attempt)).toEqual([
      {
        state: 'draft',
        time: '2026-03-03T07:00:00.000Z',
        kind: 'mail-attempt',
        messageId: '<EFK-000001.1@exempelsystem.example>',
      },
    ]);
    expect(request).toMatchObject({
      messageId: '<EFK-000001.1@exempelsystem.example>',
      recipients: ['efrikort@vgregion.se', 'support.efrikort@cgi.com'],
    });
    expect(stateOf(after)).toBe('requested');
  });
  it('is refused for a region without a contact, sent by hand or not', async () => {
    const facade = await system();
    const halland = draft(facade, 'test', toRegion('SE2321000115-O00001'));
    expect(codes(await facade.submit(halland, undefined, []))).toEqual(['region-contact-missing']);
    expect(codes(await facade.submit(halland, BY_HAND, []))).toEqual(['region-contact-missing']);
  });
  it('does not take Gotland for Stockholm, whose organisation number it has', async () => {
    const facade = await system();
    const { request } = await sent(facade, draft(facade, 'test', toRegion('SE2321000016-4TM4')));
    expect(request).toMatchObject({
      recipients: ['se2321000016-4tm4@region.example', 'support.efrikort@cgi.com'],
    });
  });
  it('needs sentByHand where the server sends no mail', async () => {
    const facade = await system({ settings: { ...SETTINGS, transport: 'render-only' } });
    const basic = draft(facade, 'test');
    expect(codes(await facade.submit(basic, undefined, []))).toEqual(['no-transport']);
    const done = value(await facade.submit(basic, BY_HAND, []));
    expect(done.kind === 'by-hand' && stateOf(done.resource)).toBe('requested');
  });
  it('sends nothing twice by itself: an unknown fate waits for resend', async () => {
    const facade = await system();
    const first = await sent(facade, draft(facade, 'test'));
    for (const open of [first.attempt, first.unknown]) {
      expect(codes(await facade.submit(open, undefined, []))).toEqual(['delivery-unknown']);
      const again = await sent(facade, open, [], RESEND);
      expect(again.request).toMatchObject({ messageId: '<EFK-000001.2@exempelsystem.example>' });
      expect(again.mail).toContain('In-Reply-To: <EFK-000001.1@exempelsystem.example>');
    }
  });
  it('nor after the region said no: an unknown fate waits for resend there too', async () => {
    const facade = await system();
    const requested = (await sent(facade, draft(facade, 'test'))).sent;
    const rejected = value(await facade.transition('region-reject', requested, undefined)).resource;
    const second = await sent(facade, rejected);
    for (const open of [second.attempt, second.unknown]) {
      expect(codes(await facade.submit(open, undefined, []))).toEqual(['delivery-unknown']);
      const again = await sent(facade, open, [], RESEND);
      expect(again.request).toMatchObject({ messageId: '<EFK-000001.3@exempelsystem.example>' });
      expect(stateOf(again.sent)).toBe('requested');
    }
    expect((await facade.submit(second.refused, undefined, [])).ok).toBe(true);
  });
  it('may follow a refused resend as it follows any refusal', async () => {
    const facade = await system();
    const bounced = withBounce((await sent(facade, draft(facade, 'test'))).sent);
    const { refused } = await sent(facade, bounced, [], RESEND);
    expect(stateOf(refused)).toBe('requested');
    expect(stateOf((await sent(facade, refused)).sent)).toBe('requested');
  });
  it('has a Message-ID of its own for each mail, one sent by hand counted', async () => {
    const facade = await system();
    const requested = await movedTo(facade, draft(facade, 'test'), 'requested');
    expect(eventsOf(requested).at(-1)?.messageId).toBe('<EFK-000001.1@exempelsystem.example>');
    const rejected = value(await facade.transition('region-reject', requested, undefined)).resource;
    const again = await sent(facade, rejected);
    expect(again.request).toMatchObject({ messageId: '<EFK-000001.2@exempelsystem.example>' });
  });
  it('is not said to have moved a request that was given up meanwhile', async () => {
    const facade = await system();
    const { attempt } = await sent(facade, draft(facade, 'test'));
    const { resource } = value(await facade.transition('cancel', attempt, undefined));
    const known = { state: 'sent', at: NOW } as const;
    expect(stateOf(concludeAttempt(resource, known, CONTEXT) ?? attempt)).toBe('cancelled');
  });
  it('needs no resend after a refusal, because nothing left', async () => {
    const facade = await system();
    const { refused } = await sent(facade, draft(facade, 'test'));
    expect(stateOf(refused)).toBe('draft');
    expect((await facade.submit(refused, undefined, [])).ok).toBe(true);
  });
  it('sends again after a bounce with resend alone, and never where the mail arrived', async () => {
    const facade = await system();
    const { sent: requested } = await sent(facade, draft(facade, 'test'));
    expect(codes(await facade.submit(requested, RESEND, []))).toEqual(['already-sent']);
    const bounced = withBounce(requested);
    expect(deliveryOf({ events: eventsOf(bounced) })).toBe('bounced');
    expect(codes(await facade.submit(bounced, undefined, []))).toEqual(['already-sent']);
    const again = await sent(facade, bounced, [], RESEND);
    expect(stateOf(again.sent)).toBe('requested');
    expect(codes(await facade.submit(again.sent, RESEND, []))).toEqual(['already-sent']);
  });
  it('is a new attempt after the region said no', async () => {
    const facade = await system();
    const requested = (await sent(facade, draft(facade, 'test'))).sent;
    const rejected = value(await facade.transition('region-reject', requested, undefined)).resource;
    expect((await sent(facade, rejected)).request).toMatchObject({
      messageId: '<EFK-000001.2@exempelsystem.example>',
    });
  });
  it('locks what the mail says while it may be on its way', async () => {
    const facade = await system();
    const { attempt } = await sent(facade, draft(facade, 'test'));
    const update = facade.plan({
      interaction: 'update',
      resource: withExtension(attempt, 'integrating-system', { valueString: 'X' }),
      current: attempt,
    });
    expect(codes(update)).toContain('fields-locked');
    expect(facade.plan({ interaction: 'delete', current: attempt }).ok).toBe(false);
  });
  it('takes the name of every parameter seriously', async () => {
    const facade = await system();
    const basic = draft(facade, 'test');
    expect(
      codes(await facade.submit(basic, parameters({ name: 'sendByHand', valueBoolean: true }), [])),
    ).toEqual(['parameter-unknown']);
    expect(
      codes(await facade.submit(basic, parameters({ name: 'resend', valueString: 'true' }), [])),
    ).toEqual(['parameter-malformed']);
  });
});

const withBounce = (basic: Basic): Basic => ({
  ...basic,
  extension: [
    ...(basic.extension ?? []),
    {
      url: 'https://nordic-fhir-facade.dev/fhir/StructureDefinition/event',
      extension: [
        {
          url: 'state',
          valueCoding: {
            system: 'https://nordic-fhir-facade.dev/fhir/CodeSystem/efrikort-state',
            code: 'requested',
          },
        },
        { url: 'time', valueInstant: new Date(NOW).toISOString() },
        { url: 'kind', valueCode: 'bounce' },
      ],
    },
  ],
});
