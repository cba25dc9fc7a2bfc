import { describe, expect, it } from 'vitest';
import { parseMail } from '../../src/mail/parse.ts';
import { EFRIKORT_FAULT_KINDS } from '../../src/systems/efrikort/simulator-settings.ts';
import {
  APPROVAL,
  BY_HAND,
  basicIn,
  connection,
  connections,
  DAY,
  eventsOf,
  lastNote,
  ofRegion,
  parameters,
  RESEND,
  refusal,
  SYSTEM,
  stateOf,
  textOf,
} from './efrikort-fixtures.ts';
import { etagIn, idsIn, issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const outcomeOf = (reply: Parameters<typeof resourceIn>[0]): string | undefined =>
  resourceIn(reply, 'Parameters').parameter?.find(({ name }) => name === 'outcome')?.valueCode;

export const efrikortStory: Theme = (open) => {
  describe('eFrikort from "we want to connect" to production', () => {
    const server = useServer(open);
    const { read, run, done, create, mails, answer } = connections(server);

    it('goes region first, TEST first, each mail once, and the history is the log', async () => {
      const live = await create(connection('production'));
      expect(refusal(await run(live, 'submit'))).toEqual([422, 'test-first']);

      const test = await create();
      expect(stateOf(await read(test))).toBe('draft');
      expect(await mails()).toEqual([]);
      const submitted = await run(test, 'submit');
      expect([submitted.status, etagIn(submitted)]).toEqual([200, 'W/"3"']);
      expect(submitted.headers.get('Content-Location')).toMatch(/\/_history\/3$/);
      expect(stateOf(basicIn(submitted))).toBe('requested');

      const [mail] = await mails();
      expect(mail?.to).toEqual(['efrikort@vgregion.se', 'support.efrikort@cgi.com']);
      expect(mail?.subject).toBe('Anslutningsförfrågan eFrikort');
      expect(mail?.text).toContain('Avser vårdhuvudman (region/landsting): Västra Götalandsregionen');
      const sent = resourceIn(submitted, 'Parameters').parameter?.find(
        ({ name }) => name === 'mail',
      )?.resource;
      expect(sent?.resourceType === 'Binary' && [sent.contentType, textOf(sent.data)]).toEqual([
        'message/rfc822',
        mail?.raw,
      ]);

      expect(outcomeOf(await server.post('/fhir/Basic/$test-connection', undefined, SYSTEM))).toBe(
        'certificate-refused',
      );
      expect((await answer(mail?.messageId ?? '', 'approve')).status).toBe(200);
      const answered = await read(test);
      expect([stateOf(answered), eventsOf(answered).at(-1)]).toEqual(['requested', 'requested reply']);
      expect(lastNote(answered)).toContain('confirm with $region-approve');
      expect(stateOf(await done(test, 'region-approve', APPROVAL))).toBe('region-approved');
      await server.advance(DAY);
      expect(lastNote(await read(test))).toContain('confirm with $grant');
      expect(stateOf(await done(test, 'grant', APPROVAL))).toBe('granted');
      expect(outcomeOf(await server.post('/fhir/Basic/$test-connection', undefined, SYSTEM))).toBe(
        'reachable',
      );
      expect(refusal(await run(live, 'submit'))).toEqual([422, 'test-first']);
      expect(stateOf(await done(test, 'test-passed'))).toBe('test-passed');

      expect(stateOf(await done(live, 'submit'))).toBe('requested');
      await server.advance(DAY);
      await done(live, 'region-approve', APPROVAL);
      await server.advance(DAY);
      expect(stateOf(await done(live, 'grant', APPROVAL))).toBe('granted');
      expect(refusal(await run(live, 'test-passed'))).toEqual([422, 'transition-not-allowed']);

      const further = await create(
        connection('further', ofRegion('SE2321000040-AAAA', 'Region Östergötland')),
      );
      await done(further, 'submit');
      const [last] = await mails();
      expect(last?.to).toEqual(['se2321000040-aaaa@region.example']);
      expect(await mails()).toHaveLength(3);

      const history = resourceIn(await server.get(`/fhir/Basic/${test}/_history`, SYSTEM), 'Bundle');
      const log = (history.entry ?? []).map(({ resource }) =>
        resource?.resourceType === 'Basic' ? (eventsOf(resource).at(-1) ?? 'draft') : '',
      );
      expect(log.toReversed()).toEqual([
        'draft',
        'draft mail-attempt',
        'requested',
        'requested reply',
        'region-approved',
        'region-approved reply',
        'granted',
        'test-passed',
      ]);
    });

    it('is found by state and environment, and by its region', async () => {
      const [test, live] = [await create(), await create(connection('production'))];
      await done(test, 'submit');
      const found = async (query: string) =>
        idsIn(await server.get(`/fhir/Basic?code=efrikort-connection&${query}`, SYSTEM));
      expect(await found('connection-state=requested')).toEqual([test]);
      expect(await found('environment=PRODUKTION')).toEqual([live]);
      const region = encodeURIComponent('urn:oid:1.2.752.29.4.19|SE2321000131-E000000000001');
      expect((await found(`subject:identifier=${region}`)).toSorted()).toEqual([test, live].toSorted());
      const organization = await server.get(`/fhir/Organization?identifier=${region}`, { as: null });
      expect(idsIn(organization)).toEqual(['vgr']);
      expect(organization.text).not.toContain('@');
    });
  });

  describe('eFrikort where people send the mail by hand', () => {
    const server = useServer(open, { EFRIKORT_MAIL: 'render-only' });
    const { run, create, mails } = connections(server);

    it('hands the mail out and records that it went', async () => {
      const id = await create();
      expect(refusal(await run(id, 'submit'))).toEqual([422, 'no-transport']);
      const sent = await run(id, 'submit', BY_HAND);
      expect([sent.status, stateOf(basicIn(sent)), etagIn(sent)]).toEqual([200, 'requested', 'W/"2"']);
      expect(await mails()).toEqual([]);
    });
  });

  describe('what comes of a mail to a region', () => {
    const server = useServer(open, { UPSTREAM_DEADLINE: '700ms' });
    const { read, run, done, create, mails, answer } = connections(server);

    it.each([
      ['mail-429', 'throttled'],
      ['mail-rejected-recipient', 'request-refused'],
    ])(
      'refused (%s): 502, nothing was sent, the draft says so, and may be submitted again',
      async (kind, code) => {
        const id = await create();
        await server.fault('efrikort', kind);
        expect(refusal(await run(id, 'submit'))).toEqual([502, code]);
        const draft = await read(id);
        expect([stateOf(draft), eventsOf(draft)]).toEqual([
          'draft',
          ['draft mail-attempt', 'draft mail-refused'],
        ]);
        expect(await mails()).toEqual([]);
        expect(stateOf(await done(id, 'submit'))).toBe('requested');
        expect(await mails()).toHaveLength(1);
      },
    );

    it.each([
      ['lost-reply', 1],
      ['reset', 0],
      ['timeout', 0],
    ])(
      'unknown (%s): 504, never sent again by itself, an event, and resend decides',
      async (kind, arrived) => {
        const id = await create();
        await server.fault('efrikort', kind);
        const call = { headers: { 'X-Request-ID': crypto.randomUUID() } };
        const open504 = await run(id, 'submit', undefined, call);
        expect(refusal(open504)).toEqual([504, 'unsettled']);
        const meanwhile = await run(id, 'submit');
        expect([meanwhile.status, issuesOf(meanwhile)[0]?.code]).toEqual([409, 'lock-error']);
        expect(refusal(await run(id, 'submit', undefined, call))).toEqual([409, 'delivery-unknown']);
        await server.advance(DAY);
        const draft = await read(id);
        expect([stateOf(draft), eventsOf(draft)]).toEqual([
          'draft',
          ['draft mail-attempt', 'draft delivery-unknown', ...(arrived === 1 ? ['draft reply'] : [])],
        ]);
        expect(await mails()).toHaveLength(arrived);
        expect(refusal(await run(id, 'submit'))).toEqual([422, 'delivery-unknown']);
        expect(stateOf(await done(id, 'submit', RESEND))).toBe('requested');
        const sent = await mails();
        expect(sent).toHaveLength(arrived + 1);
        const again = parseMail(sent[0]?.raw ?? '');
        expect(again?.header('message-id')).toMatch(/\.2@exempelsystem\.example>$/);
        expect(again?.header('in-reply-to')).toMatch(/\.1@exempelsystem\.example>$/);
      },
    );

    it('unknown after the region had rejected: waits for resend as the first one does', async () => {
      const id = await create();
      await done(id, 'submit');
      await done(id, 'region-reject');
      await server.fault('efrikort', 'lost-reply');
      const call = { headers: { 'X-Request-ID': crypto.randomUUID() } };
      expect(refusal(await run(id, 'submit', undefined, call))).toEqual([504, 'unsettled']);
      expect(refusal(await run(id, 'submit', undefined, call))).toEqual([409, 'delivery-unknown']);
      await server.advance(DAY);
      expect(await mails()).toHaveLength(2);
      expect(refusal(await run(id, 'submit'))).toEqual([422, 'delivery-unknown']);
      expect(await mails()).toHaveLength(2);
      expect(stateOf(await done(id, 'submit', RESEND))).toBe('requested');
      expect(await mails()).toHaveLength(3);
    });

    it('bounced: an event, and resend makes the next attempt', async () => {
      const id = await create();
      await server.fault('efrikort', 'bounce-hard');
      await done(id, 'submit');
      await server.advance(DAY);
      const bounced = await read(id);
      expect([stateOf(bounced), eventsOf(bounced).at(-1)]).toEqual(['requested', 'requested bounce']);
      expect(refusal(await run(id, 'submit'))).toEqual([422, 'already-sent']);
      expect(stateOf(await done(id, 'submit', RESEND))).toBe('requested');
      expect(await mails()).toHaveLength(2);
    });

    it.each([
      ['other-region-answers', 'another region'],
      ['unknown-sender', 'nobody known'],
      ['grant-before-approval', '$grant is not possible in state requested'],
    ])('answered by somebody who has no say yet (%s): recorded, nothing moves', async (kind, note) => {
      const id = await create();
      await server.fault('efrikort', kind);
      await done(id, 'submit');
      await server.advance(DAY);
      const told = await read(id);
      expect([stateOf(told), eventsOf(told).at(-1)]).toEqual(['requested', 'requested reply']);
      expect(lastNote(told)).toContain(note);
      expect(refusal(await run(id, 'grant', APPROVAL))).toEqual([422, 'transition-not-allowed']);
    });

    it('rejected: a new attempt may follow, in the same thread', async () => {
      const id = await create();
      await done(id, 'submit');
      const [mail] = await mails();
      await answer(mail?.messageId ?? '', 'reject');
      expect(lastNote(await read(id))).toContain('confirm with $region-reject');
      await done(id, 'region-reject', parameters({ name: 'note', valueString: 'Inte nu.' }));
      expect(stateOf(await done(id, 'submit'))).toBe('requested');
      // The answer of the first thread that was under way has been taken back with the rejection.
      await server.advance(DAY);
      expect(eventsOf(await read(id)).filter((event) => event.endsWith('reply'))).toHaveLength(2);
    });

    it('has a fault kind of the sandbox for each of these', async () => {
      const refused = await server.post('/sandbox/faults', { system: 'efrikort', kind: 'x' }, { as: null });
      for (const kind of EFRIKORT_FAULT_KINDS) expect(refused.text).toContain(kind);
      expect((await answer('<nobody@example>', 'approve')).status).toBe(404);
      expect((await answer('<nobody@example>', 'perhaps')).status).toBe(400);
    });
  });
};
