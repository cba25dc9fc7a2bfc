import { describe, expect, it } from 'vitest';
import { parseMail } from '../../src/mail/parse.ts';
import {
  APPROVAL,
  connection,
  connections,
  refusal,
  SYSTEM,
  stateOf,
  textOf,
  withContact,
  withExtension,
} from './efrikort-fixtures.ts';
import { BASIC_KIND } from './fixtures.ts';
import type { Role } from './headers.ts';
import { etagIn, idIn, idsIn, issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

export const efrikortRules: Theme = (open) => {
  describe('the rules of R4 and of the facade for an eFrikort connection', () => {
    const server = useServer(open);
    const { read, run, create, done, mails, passTest } = connections(server);
    const again = () => ({ headers: { 'X-Request-ID': crypto.randomUUID() } });

    it('a repeat of $submit and of a transition is one, with the same answer', async () => {
      const id = await create();
      const [submit, approve] = [again(), again()];
      const [one, two] = [
        await run(id, 'submit', undefined, submit),
        await run(id, 'submit', undefined, submit),
      ];
      expect([two.status, two.json, etagIn(two)]).toEqual([200, one.json, 'W/"3"']);
      expect(await mails()).toHaveLength(1);
      const first = await run(id, 'region-approve', APPROVAL, approve);
      expect((await run(id, 'region-approve', APPROVAL, approve)).json).toEqual(first.json);
      await done(id, 'grant');
      expect((await run(id, 'region-approve', APPROVAL, approve)).json).toEqual(first.json);
      for (const reused of [
        await run(id, 'region-approve', undefined, approve),
        await run(id, 'region-reject', APPROVAL, approve),
      ]) {
        expect(refusal(reused)).toEqual([409, 'request-id-reused']);
      }
    });

    it('of two that submit at the same time one sends', async () => {
      const id = await create();
      const replies = await Promise.all([run(id, 'submit'), run(id, 'submit'), run(id, 'submit')]);
      const statuses = replies.map(({ status }) => status).toSorted();
      expect(statuses[0]).toBe(200);
      expect(statuses.slice(1).every((status) => status === 409 || status === 422)).toBe(true);
      expect(await mails()).toHaveLength(1);
    });

    it('If-Match says which version was seen: 412, and nothing is sent', async () => {
      const id = await create();
      const seen = (tag: string) => ({ headers: { 'If-Match': tag } });
      expect((await run(id, 'submit', undefined, seen('W/"7"'))).status).toBe(412);
      expect(await mails()).toEqual([]);
      expect((await run(id, 'submit', undefined, seen('W/"1"'))).status).toBe(200);
      expect((await run(id, 'region-approve', APPROVAL, seen('W/"1"'))).status).toBe(412);
      expect(etagIn(await run(id, 'region-approve', APPROVAL, seen('W/"3"')))).toBe('W/"4"');
    });

    it.each<Role>(['prescriber', 'pharmacist', 'auditor'])(
      '%s neither moves one, by 403, nor is told that there is one',
      async (as) => {
        const id = await create();
        for (const operation of ['submit', 'region-approve', 'grant', 'cancel', 'mail']) {
          expect([operation, (await run(id, operation, undefined, { as })).status]).toEqual([operation, 403]);
        }
        expect((await server.post('/fhir/Basic', connection('test'), { as })).status).toBe(403);
        const [seen, none] = await Promise.all(
          [id, crypto.randomUUID()].map((one) => server.get(`/fhir/Basic/${one}`, { as, pattern: '2.2.2' })),
        );
        expect([seen?.status, seen?.json]).toEqual([none?.status, none?.json]);
        expect(seen?.status).not.toBe(200);
        expect((await run(id, 'submit', undefined, { as: null })).status).toBe(401);
        expect(stateOf(await read(id))).toBe('draft');
      },
    );

    it('after the mail has gone only the contact person changes, and the mail is not sent again', async () => {
      const id = await create();
      await done(id, 'submit');
      const sent = await read(id);
      const path = `/fhir/Basic/${id}`;
      const same = await server.put(path, sent, SYSTEM);
      expect([same.status, etagIn(same)]).toEqual([200, 'W/"3"']);
      const renamed = withExtension('integrating-system', { valueString: 'Annan journal' })(sent);
      expect(refusal(await server.put(path, renamed, SYSTEM))).toEqual([422, 'fields-locked']);
      const moved = withExtension('connection-state', {
        valueCoding: {
          system: 'https://nordic-fhir-facade.dev/fhir/CodeSystem/efrikort-state',
          code: 'granted',
        },
      })(sent);
      expect(refusal(await server.put(path, moved, SYSTEM))).toEqual([422, 'state-changed']);
      expect((await server.put(path, withContact({ name: 'Bo Exempel' })(sent), SYSTEM)).status).toBe(200);
      expect((await server.delete(path, SYSTEM)).status).toBe(409);
      expect(await mails()).toHaveLength(1);
    });

    it('a draft may be changed and deleted; made twice it is one, and with other content a duplicate', async () => {
      const id = await create();
      const twice = await server.post('/fhir/Basic', connection('test'), SYSTEM);
      expect([twice.status, idIn(twice), etagIn(twice)]).toEqual([200, id, 'W/"1"']);
      const other = connection('test', withExtension('care-provider', { valueString: 'Annan klinik' }));
      expect((await server.post('/fhir/Basic', other, SYSTEM)).status).toBe(409);
      const renamed = withExtension('integrating-system', { valueString: 'Annan journal' })(await read(id));
      expect((await server.put(`/fhir/Basic/${id}`, renamed, SYSTEM)).status).toBe(200);
      expect((await server.delete(`/fhir/Basic/${id}`, SYSTEM)).status).toBe(204);
      expect((await run(id, 'submit')).status).toBe(410);
      expect((await run('never-was', 'submit')).status).toBe(404);
      expect((await server.put(`/fhir/Basic/${id}/$submit`, {}, SYSTEM)).status).toBe(405);
    });

    it('another may follow one that has ended', async () => {
      const id = await passTest();
      expect((await server.post('/fhir/Basic', connection('test'), SYSTEM)).status).toBe(409);
      expect(stateOf(await done(id, 'revoke'))).toBe('revoked');
      expect((await server.post('/fhir/Basic', connection('test'), SYSTEM)).status).toBe(201);
    });

    it('$validate tells what a create would be told, $preview the mail; nothing is stored or sent', async () => {
      const broken = connection('test', withContact({ email: 'none' }));
      const checked = await server.post('/fhir/Basic/$validate', broken, SYSTEM);
      expect(issuesOf(checked).map(({ detail }) => detail)).toContain('contact-email-malformed');
      const shown = resourceIn(
        await server.post('/fhir/Basic/$preview', connection('test'), SYSTEM),
        'Parameters',
      );
      const [system, request] = shown.parameter ?? [];
      expect(system?.valueString).toBe('efrikort');
      const [method, url] = request?.part ?? [];
      expect([method?.valueString, url?.valueUri]).toEqual([
        'MAIL',
        'mailto:efrikort@vgregion.se,support.efrikort@cgi.com',
      ]);
      const body = request?.part?.find(({ name }) => name === 'body')?.valueString;
      expect(parseMail(body ?? '')?.text).toContain('Namn på integrerande system: Exempeljournal');
      const found = await server.get(`/fhir/Basic?code=${BASIC_KIND}%7Cefrikort-connection`, SYSTEM);
      expect(idsIn(found)).toEqual([]);
      expect(await server.exchanges()).toEqual([]);
    });
  });

  describe('$mail', () => {
    const server = useServer(open);
    const { create, run } = connections(server);
    const mailOf = (id: string, Accept: string | null) =>
      server.get(`/fhir/Basic/${id}/$mail`, { ...SYSTEM, headers: { Accept } });

    it('is the mail itself, a mailto:, or a Binary, as Accept asks', async () => {
      const id = await create();
      const raw = await mailOf(id, 'message/rfc822');
      expect([raw.status, raw.headers.get('Content-Type'), raw.headers.get('Cache-Control')]).toEqual([
        200,
        'message/rfc822',
        'no-store',
      ]);
      expect(raw.text).toMatch(/^From: Exempelsystem AB <integration@exempelsystem\.example>\r\n/);
      expect(parseMail(raw.text)?.header('subject')).toBe('Anslutningsförfrågan eFrikort');
      const list = await mailOf(id, 'text/uri-list');
      expect(list.headers.get('Content-Type')).toBe('text/uri-list');
      expect(list.text).toMatch(
        /^mailto:efrikort@vgregion\.se\?cc=support\.efrikort@cgi\.com&subject=Anslutning.*\r\n$/,
      );
      for (const accept of [
        'application/fhir+json',
        '*/*',
        null,
        'application/fhir+json, message/rfc822;q=0.5',
      ]) {
        const binary = resourceIn(await mailOf(id, accept), 'Binary');
        expect([binary.contentType, textOf(binary.data)]).toEqual([
          'message/rfc822',
          expect.stringContaining('Hej!'),
        ]);
      }
      expect((await mailOf(id, 'application/fhir+xml')).text).toMatch(
        /<Binary xmlns="http:\/\/hl7\.org\/fhir"><contentType value="message\/rfc822"\/>/,
      );
      expect((await mailOf(id, 'message/rfc822, application/fhir+json;q=0.5')).text).toMatch(/^From: /);
      expect((await mailOf(id, 'image/png')).status).toBe(406);
      const named = await server.get(`/fhir/Basic/${id}/$mail?_format=message/rfc822`, SYSTEM);
      expect(named.text).toMatch(/^From: /);
      const posted = await run(id, 'mail', undefined, { headers: { Accept: 'message/rfc822' } });
      expect(posted.text).toMatch(/^From: /);
      const head = await server.call('HEAD', `/fhir/Basic/${id}/$mail`, {
        ...SYSTEM,
        headers: { Accept: 'message/rfc822' },
      });
      expect([head.status, head.headers.get('Content-Type'), head.text]).toEqual([200, 'message/rfc822', '']);
    });

    it('refuses in FHIR whatever Accept asks', async () => {
      const gone = await mailOf('never-was', 'message/rfc822');
      expect([gone.status, gone.headers.get('Content-Type')]).toEqual([
        404,
        'application/fhir+json; charset=utf-8',
      ]);
      expect((await server.delete('/fhir/Basic/x/$mail', SYSTEM)).status).toBe(405);
    });
  });

  describe('/.well-known/client-certificate', () => {
    const server = useServer(open);

    it('says which certificate this server presents, to anybody', async () => {
      const told = await server.get('/.well-known/client-certificate', { as: null });
      expect([told.status, told.json]).toEqual([
        200,
        {
          subject:
            'SERIALNUMBER=SE5599990016-EX01,CN=integration.exempel.example,O=Exempelsystem AB,L=Östersund,C=SE',
          serialNumber: '1003',
          notAfter: '2045-01-01T00:00:00.000Z',
          subjectSerialNumber: 'SE5599990016-EX01',
        },
      ]);
      expect((await server.post('/.well-known/client-certificate', {}, { as: null })).status).toBe(405);
    });

    it('is the one that $test-connection is made with; a fault of the way is its outcome', async () => {
      await server.fault('efrikort', 'reset');
      const tested = await server.post('/fhir/Basic/$test-connection', undefined, SYSTEM);
      const parameter = resourceIn(tested, 'Parameters').parameter ?? [];
      expect(parameter.map(({ name }) => name)).toEqual(['outcome', 'meaning', 'url', 'durationMs']);
      expect(parameter.find(({ name }) => name === 'url')?.valueUri).toBe(
        'https://efrikort.sandbox.invalid/efrikortService/GetCardForPerson/1/rivtabp21?wsdl',
      );
      expect((await server.post('/fhir/Basic/$test-connection', undefined, { as: 'nurse' })).status).toBe(
        403,
      );
      const [exchange] = await server.exchanges('efrikort');
      expect(exchange?.request).toMatchObject({ method: 'GET', body: '' });
    });
  });
};
