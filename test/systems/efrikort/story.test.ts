import type { Basic } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { parseMail } from '../../../src/mail/parse.ts';
import { createHttpInbox } from '../../../src/systems/efrikort/client-inbox.ts';
import { createMailOverHttp } from '../../../src/systems/efrikort/client-transport.ts';
import { SANDBOX_CONTACTS } from '../../../src/systems/efrikort/contacts.ts';
import { createEfrikortSimulator } from '../../../src/systems/efrikort/simulator.ts';
import {
  EFRIKORT_FAULT_KINDS,
  EFRIKORT_SIMULATOR_DEFAULTS,
  type EfrikortSimulatorSettings,
} from '../../../src/systems/efrikort/simulator-settings.ts';
import { createFaults } from '../../../src/systems/simulation/faults.ts';
import {
  APPROVAL,
  codes,
  DAY,
  draft,
  memoryState,
  NOW,
  parameters,
  stateOf,
  system,
  value,
} from './fixture.ts';

const URL = 'https://efrikort.sandbox.invalid/mail';
const CALL = (now: number) => ({ requestId: 'r', deadline: now + 10_000, repeat: false });

/** Facade and simulator on one clock, as the sandbox has them. */
const world = async (settings: Partial<EfrikortSimulatorSettings> = {}) => {
  let now = NOW;
  const clock = () => now;
  const faults = createFaults({
    state: await memoryState('faults'),
    kinds: { efrikort: EFRIKORT_FAULT_KINDS },
    shared: false,
  });
  const simulator = createEfrikortSimulator({
    state: await memoryState('efrikort'),
    clock,
    settings: { ...EFRIKORT_SIMULATOR_DEFAULTS, ...settings },
    contacts: SANDBOX_CONTACTS,
    support: 'support.efrikort@cgi.com',
    faults,
    faultTiming: { sleep: () => Promise.resolve() },
  });
  const facade = await system({
    clock,
    transport: createMailOverHttp({ url: URL, fetch: simulator.fetch, clock }),
  });
  const inbox = createHttpInbox(URL, simulator.fetch);
  let position = 0;
  return {
    facade,
    faults,
    simulator,
    wait: (time: number) => {
      now += time;
    },
    /** What a $submit does: announce, send, commit. */
    async submit(basic: Basic, others: readonly Basic[] = [], given = parameters()): Promise<Basic> {
      const plan = value(await facade.submit(basic, given, others));
      if (plan.kind !== 'send') throw new Error('by hand');
      const answer = await facade.send(plan.request, CALL(now));
      if (answer.ok) return plan.sent;
      return answer.failure.fate === 'refused' ? plan.refused : plan.attempt;
    },
    /** Fetches what has come in and records it. */
    async read(basics: readonly Basic[]) {
      const seen: string[] = [];
      let current = [...basics];
      for (const mail of (await inbox.poll(position, 'r', 1000)) ?? []) {
        position = mail.position;
        const found = await facade.incoming(mail.raw, current);
        if (found === undefined) continue;
        seen.push(
          `${found.reply.sender} ${found.reply.bounce === undefined ? found.reply.suggestion : 'bounce'}`,
        );
        current = current.map((one) => (one === found.basic ? found.resource : one));
      }
      return { seen, basics: current };
    },
  };
};

const only = ([basic]: readonly Basic[]): Basic => {
  if (basic === undefined) throw new Error('none');
  return basic;
};

describe('from "we want to connect" to production', () => {
  it('goes region first, TEST first, each mail once', async () => {
    const { facade, simulator, submit, read, wait } = await world();
    const record = async (operation: 'region-approve' | 'grant' | 'test-passed', basic: Basic) =>
      value(await facade.transition(operation, basic, APPROVAL)).resource;

    const production = draft(facade, 'production');
    expect(codes(await facade.submit(production, parameters(), []))).toEqual(['test-first']);

    let test = await submit(draft(facade, 'test'));
    expect(stateOf(test)).toBe('requested');
    const [mail] = await simulator.mails();
    expect(mail?.recipients).toEqual(['efrikort@vgregion.se', 'support.efrikort@cgi.com']);
    expect(parseMail(mail?.raw ?? '')?.text).toContain('Namn på integrerande system: Exempeljournal');
    expect((await read([test])).seen).toEqual([]);

    wait(DAY);
    const approved = await read([test]);
    expect(approved.seen).toEqual(['region approve']);
    test = only(approved.basics);
    expect(stateOf(test)).toBe('requested');
    test = await record('region-approve', test);

    expect(await simulator.granted('SE5599990016-EX01')).toBe(false);
    wait(DAY);
    const granted = await read([test]);
    expect(granted.seen).toEqual(['support grant']);
    expect(await simulator.granted('SE5599990016-EX01')).toBe(true);
    test = await record('test-passed', await record('grant', only(granted.basics)));

    let live = await submit(production, [test]);
    expect(stateOf(live)).toBe('requested');
    wait(DAY);
    live = await record('region-approve', only((await read([live])).basics));
    wait(DAY);
    live = await record('grant', only((await read([live])).basics));
    expect(stateOf(live)).toBe('granted');

    const further = await submit(draft(facade, 'further-region'), [test, live]);
    expect(stateOf(further)).toBe('requested');
    const mails = await simulator.mails();
    expect(mails.map(({ recipients }) => recipients.length)).toEqual([2, 2, 1]);
    wait(DAY);
    expect((await read([further])).seen).toEqual(['region approve']);
  });
});

describe('an answer', () => {
  it.each([
    ['reject', 'region reject'],
    ['unclear', 'region unclear'],
    ['other-region-answers', 'other-region unclear'],
    ['unknown-sender', 'unknown unclear'],
  ])('under the fault %s is recorded as "%s", and moves nothing', async (kind, expected) => {
    const { facade, faults, submit, read, wait } = await world();
    await faults.add('efrikort', kind);
    const basic = await submit(draft(facade, 'test'));
    wait(DAY);
    const { seen, basics } = await read([basic]);
    expect(seen).toEqual([expected]);
    expect(stateOf(only(basics))).toBe('requested');
  });
  it('of CGI before the approval of the region is recorded, and $grant still refused', async () => {
    const { facade, faults, submit, read } = await world();
    await faults.add('efrikort', 'grant-before-approval');
    const { seen, basics } = await read([await submit(draft(facade, 'test'))]);
    expect(seen).toEqual(['support grant']);
    expect(codes(await facade.transition('grant', only(basics), APPROVAL))).toEqual([
      'transition-not-allowed',
    ]);
  });
  it('without thread is matched by its reference line', async () => {
    const { facade, submit, read, wait } = await world({ threading: 'without-headers' });
    const [one, two] = [await submit(draft(facade, 'test')), draft(facade, 'production')];
    wait(DAY);
    const { seen, basics } = await read([two, one]);
    expect(seen).toEqual(['region approve']);
    expect(basics[0]).toBe(two);
  });
  it('is recorded once, and its text is not kept', async () => {
    const { facade, submit, wait, simulator } = await world();
    const basic = await submit(draft(facade, 'test'));
    wait(DAY);
    const [mail] = (await createHttpInbox(URL, simulator.fetch).poll(0, 'r', 1000)) ?? [];
    const found = await facade.incoming(mail?.raw ?? '', [basic]);
    expect(JSON.stringify(found?.resource)).not.toContain('godkänner');
    expect(await facade.incoming(mail?.raw ?? '', [found?.resource ?? basic])).toBeUndefined();
  });
  it('to nothing we sent concerns nothing', async () => {
    const { facade } = await world();
    const raw = 'From: a@b.example\r\nSubject: x\r\n\r\nReferens: EFK-999999\r\n';
    expect(await facade.incoming(raw, [draft(facade, 'test')])).toBeUndefined();
    expect(await facade.incoming('no mail', [])).toBeUndefined();
  });
  it('comes from a person in the sandbox: the mailbox shows the mail and answers "approved"', async () => {
    const { facade, simulator, submit, read } = await world({ answer: 'manual' });
    const basic = await submit(draft(facade, 'test'));
    expect((await read([basic])).seen).toEqual([]);
    const [mail] = await simulator.mails();
    expect(await simulator.answer(mail?.messageId ?? '', 'approve')).toBe(true);
    expect(await simulator.answer('<no@such.example>', 'approve')).toBe(false);
    expect((await read([basic])).seen).toEqual(['region approve']);
  });
});

describe('a mail that does not arrive', () => {
  it.each(['bounce-hard', 'bounce-soft'])(
    'comes back (%s) as an event, and goes again with resend alone',
    async (kind) => {
      const { facade, faults, simulator, submit, read } = await world();
      await faults.add('efrikort', kind);
      const { seen, basics } = await read([await submit(draft(facade, 'test'))]);
      expect(seen).toEqual(['mail-system bounce']);
      expect(stateOf(only(basics))).toBe('requested');
      const again = await submit(only(basics), [], parameters({ name: 'resend', valueBoolean: true }));
      expect(stateOf(again)).toBe('requested');
      const ids = (await simulator.mails()).map(({ messageId }) => messageId);
      expect(new Set(ids).size).toBe(2);
    },
  );
  it.each(['mail-429', 'mail-rejected-recipient'])(
    'because it was refused (%s) leaves a draft that may be sent again',
    async (kind) => {
      const { facade, faults, simulator, submit } = await world();
      await faults.add('efrikort', kind);
      const refused = await submit(draft(facade, 'test'));
      expect(stateOf(refused)).toBe('draft');
      expect(await simulator.mails()).toEqual([]);
      expect(stateOf(await submit(refused))).toBe('requested');
    },
  );
  it.each(['lost-reply', 'reset', 'timeout', 'http-500', 'garbage'])(
    'for all we know (%s) is not sent again by itself',
    async (kind) => {
      const { facade, faults, simulator, submit } = await world();
      await faults.add('efrikort', kind);
      const open = await submit(draft(facade, 'test'));
      expect(stateOf(open)).toBe('draft');
      expect(codes(await facade.submit(open, parameters(), []))).toEqual(['delivery-unknown']);
      expect((await simulator.mails()).length).toBe(kind === 'lost-reply' ? 1 : 0);
    },
  );
});

describe('the simulator', () => {
  const send = async (change: (text: string) => string) => {
    const { facade, simulator, wait } = await world();
    const plan = value(await facade.submit(draft(facade, 'test'), parameters(), []));
    if (plan.kind !== 'send') throw new Error('by hand');
    const { recipients, sender } = plan.request as { recipients: string[]; sender: string };
    const body = change(plan.mail);
    const headers = { 'x-envelope-from': sender, 'x-envelope-to': recipients.join(', ') };
    const response = await simulator.fetch(new Request(URL, { method: 'POST', body, headers }));
    wait(3 * DAY);
    const answers = (await createHttpInbox(URL, simulator.fetch).poll(0, 'r', 1000)) ?? [];
    return {
      status: response.status,
      answers: answers.map(({ raw }) => parseMail(raw)?.text.split('\n')[2] ?? ''),
    };
  };
  it('approves as the region, then grants as CGI', async () => {
    expect(await send((text) => text)).toEqual({
      status: 202,
      answers: ['Vi godkänner anslutningen.', 'Behörigheten är tilldelad.'],
    });
  });
  it.each<[string, (text: string) => string, readonly string[]]>([
    [
      'another subject',
      (text) => text.replace('eFrikort\r\nDate', 'eFrikortet\r\nDate'),
      ['Mailet följer inte mallen.'],
    ],
    [
      'a field that is missing',
      (text) => text.replace('Serialnumber p', 'Nummer p'),
      ['Mailet följer inte mallen.'],
    ],
    ['an unknown environment', (text) => text.replace(': TEST', ': QA'), ['Mailet följer inte mallen.']],
    [
      'PRODUKTION first',
      (text) => text.replace(': TEST', ': PRODUKTION'),
      ['Anslutning till TEST måste ske först.'],
    ],
    ['no copy to support', (text) => text.replace(/Cc: .*\r\n/, ''), []],
    ['no region among the recipients', (text) => text.replace(/To: efr.*\r\n/, 'To: x@y.example\r\n'), []],
  ])('answers a mail with %s as people would', async (_what, change, answers) => {
    expect(await send(change)).toEqual({ status: 202, answers });
  });
  it('takes no text that is no mail', async () => {
    expect((await send(() => 'nonsense')).status).toBe(400);
  });
  it('says that the approval is missing where the region stays silent', async () => {
    const { facade, faults, submit, read, wait } = await world();
    await faults.add('efrikort', 'silent');
    const basic = await submit(draft(facade, 'test'));
    wait(3 * DAY);
    expect((await read([basic])).seen).toEqual(['support unclear']);
  });
});
