import { describe, expect, it } from 'vitest';
import {
  basic,
  CVR,
  certHash,
  focesId,
  GLN,
  organization,
  plain,
  practitioner,
  role,
} from '../systems/fmk/samples.ts';
import type { Client } from './client.ts';
import { idIn, idsIn, issuesOf, type Reply, resourceIn, type ShownIssue } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const PHARMACIST = { as: 'pharmacist' } as const;
const SYSTEM = { as: 'system' } as const;
const TOLD = { ...PHARMACIST, headers: { Prefer: 'return=OperationOutcome' } } as const;

const find = (server: Client, ...parameters: readonly (readonly [string, string])[]): Promise<Reply> =>
  server.get(
    `/fhir/Basic?${new URLSearchParams([['code', 'foces-whitelisting'], ...parameters.map(([name, value]) => [name, value])])}`,
    PHARMACIST,
  );

/** What an answer's OperationOutcome tells beside its matches. */
const notes = (reply: Reply): readonly ShownIssue[] =>
  (resourceIn(reply, 'Bundle').entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'OperationOutcome' ? issuesOf({ ...reply, json: resource }) : [],
  );

const gets = async (server: Client): Promise<number> =>
  (await server.exchanges('fmk')).filter(({ request }) =>
    request.headers['soapaction']?.includes('GetFocesWhitelistings'),
  ).length;

const pharmacy = (more: object = {}) => ({
  resourceType: 'Organization',
  name: 'Eksempel Apotek',
  identifier: [
    { system: CVR, value: '12345674' },
    { system: GLN, value: '5790009999997' },
  ],
  ...more,
});

export const focesSearch: Theme = (open) => {
  describe('the search for a foces-whitelisting', () => {
    const server = useServer(open);

    it.each([
      ['subject:identifier', 'http://cvr.dk|12345674'],
      ['subject:identifier', 'urn:oid:1.3.184|12345674'],
      ['subject:identifier', 'urn:oid:1.3.198|12 34 56 74'],
      ['subject:identifier', 'urn:oid:2.16.840.1.113883.2.24.1.1|12345674'],
      ['subject:identifier', 'http://cvr.dk|96908409,urn:oid:1.3.184|12345674'],
      ['organization:identifier', 'http://cvr.dk|12345674'],
      ['organization:identifier', 'urn:oid:1.3.184|12345674'],
    ])('by %s=%s finds it, by GET and by POST, and asks FMK', async (name, value) => {
      const made = idIn(await server.post('/fhir/Basic', basic(), PHARMACIST));
      const got = await find(server, [name, value]);
      expect([got.status, idsIn(got), notes(got)]).toEqual([200, [made], []]);
      const form = { code: 'foces-whitelisting', [name]: value };
      expect(idsIn(await server.search('Basic', form, PHARMACIST))).toEqual([made]);
      expect(await gets(server)).toBeGreaterThan(0);
    });

    it.each([
      '7B0C1A52-4F5E-4D0E-9A61-0D3F5C2B8E11',
      'UI:DK-O:G:7b0c1a52-4f5e-4d0e-9a61-0d3f5c2b8e11',
      'https://nordic-fhir-facade.dev/fhir/NamingSystem/foces-id|7B0C1A52-4f5e-4d0e-9a61-0d3f5c2b8e11',
    ])('by foces-id=%s finds it as FMK has it', async (value) => {
      const made = idIn(await server.post('/fhir/Basic', basic(), PHARMACIST));
      expect(idsIn(await find(server, ['foces-id', value]))).toEqual([made]);
    });

    it('that names no organisation says that FMK cannot list all', async () => {
      const made = idIn(await server.post('/fhir/Basic', basic(), PHARMACIST));
      const all = await find(server);
      expect([idsIn(all), notes(all).map(({ severity, code }) => [severity, code])]).toEqual([
        [made],
        [['warning', 'incomplete']],
      ]);
      expect(await gets(server)).toBe(0);
      expect(notes(await find(server, ['_id', made]))).toEqual([]);
    });

    it('by an Organization of the directory asks FMK for its CVR number', async () => {
      const subject = { reference: 'Organization/kolind-apotek' };
      const made = idIn(await server.post('/fhir/Basic', plain({ subject }), PHARMACIST));
      for (const name of ['subject', 'organization']) {
        const found = await find(server, [name, 'Organization/kolind-apotek']);
        expect([name, idsIn(found)]).toEqual([name, [made]]);
        // What was made elsewhere knows the CVR number alone.
        expect(notes(found)[0]?.diagnostics).toContain('subject:identifier');
      }
      expect(await gets(server)).toBe(2);
      await server.fault('fmk', 'entry-gone');
      expect(idsIn(await find(server, ['subject', 'Organization/kolind-apotek']))).toEqual([]);
      expect((await server.get(`/fhir/Basic/${made}`, PHARMACIST)).status).toBe(410);
    });

    it('by many CVR numbers does not become as many calls', async () => {
      const many = Array.from({ length: 60 }, (_, index) => `http://cvr.dk|${10000000 + index}`).join(',');
      const found = await find(server, ['subject:identifier', many]);
      expect([found.status, notes(found).map(({ code }) => code)]).toEqual([200, ['incomplete']]);
      expect(await gets(server)).toBe(20);
    });

    it('by identifier and by chain finds an Organization under whichever of its systems', async () => {
      const made = idIn(await server.post('/fhir/Organization', pharmacy(), SYSTEM));
      const subject = { reference: `Organization/${made}` };
      const id = idIn(await server.post('/fhir/Basic', plain({ subject }), PHARMACIST));
      for (const system of [GLN, 'https://www.gs1.org/gln']) {
        const chained = await find(server, ['subject:Organization.identifier', `${system}|5790009999997`]);
        expect([system, idsIn(chained)]).toEqual([system, [id]]);
      }
    });
  });

  describe('the organisations of a foces-whitelisting', () => {
    const server = useServer(open);
    const differing = (reply: Reply): readonly (readonly string[] | undefined)[] =>
      issuesOf(reply)
        .filter(({ detail }) => detail === 'organization-differs')
        .map(({ severity, expression }) => [severity, ...(expression ?? [])]);

    it('may say something else than the directory: the body wins, with a warning', async () => {
      await server.post('/fhir/Organization', pharmacy({ name: 'Et andet apotek' }), SYSTEM);
      const made = await server.post('/fhir/Basic', basic(), TOLD);
      expect([made.status, differing(made)]).toEqual([201, [['warning', 'Basic.contained[2]']]]);
      const [sent] = await server.exchanges('fmk');
      expect(sent?.request.body).toContain('<Name>Eksempel Apotek</Name>');
    });

    it('that agree with the directory, or share a CVR number alone with others, are no matter for a warning', async () => {
      await server.post('/fhir/Organization', pharmacy({ name: 'eksempel  apotek' }), SYSTEM);
      const made = await server.post('/fhir/Basic', basic(), TOLD);
      expect([made.status, differing(made)]).toEqual([201, []]);
    });

    it('may be named by an absolute reference of this server', async () => {
      const subject = { reference: 'http://127.0.0.1:8787/fhir/Organization/kolind-apotek' };
      const made = await server.post('/fhir/Basic', plain({ subject }), PHARMACIST);
      expect(made.status).toBe(201);
      expect(resourceIn(made, 'Basic').subject?.identifier?.value).toBe('12345674');
      const elsewhere = { reference: 'https://exempel.example/fhir/Organization/kolind-apotek' };
      const refused = await server.post('/fhir/Basic', plain({ subject: elsewhere }), PHARMACIST);
      expect([refused.status, issuesOf(refused)[0]?.code]).toEqual([422, 'not-supported']);
    });

    it('are told by CVR number: another identifier of the subject gives way to it, with a warning', async () => {
      const identifier = { system: 'urn:oid:1.2.208.176.1.1', value: '9999991000016000' };
      const made = await server.post(
        '/fhir/Basic',
        plain({ subject: { reference: '#apotek', identifier } }),
        TOLD,
      );
      expect([made.status, issuesOf(made)[0]?.detail]).toEqual([201, 'subject-identifier-replaced']);
    });
  });

  describe('$validate of a foces-whitelisting with remote=true', () => {
    const server = useServer(open);

    it('answers 200 with what FMK finds wrong: the check was made, and that is its result', async () => {
      await server.fault('fmk', 'role-not-allowed');
      const asked = await server.post('/fhir/Basic/$validate?mode=create&remote=true', basic(), PHARMACIST);
      expect([asked.status, issuesOf(asked).map(({ severity, detail }) => [severity, detail])]).toEqual([
        200,
        expect.arrayContaining([['error', 'SIM-0003']]),
      ]);
    });
  });

  describe('FMK 1.4.6-E6', () => {
    const server = useServer(open, { FMK_VERSION: '1.4.6-E6' });

    it('has its own codes in the medcom fault, and no check without carrying out', async () => {
      const unknown = plain({
        contained: [
          role(),
          practitioner(),
          organization({
            identifier: [
              { system: GLN, value: '7350000000016' },
              { system: CVR, value: '12345674' },
            ],
          }),
        ],
      });
      const refused = await server.post('/fhir/Basic', unknown, PHARMACIST);
      expect([refused.status, issuesOf(refused)[0]]).toMatchObject([
        422,
        { code: 'business-rule', detail: 'SIM-0004' },
      ]);
      const asked = await server.post('/fhir/Basic/$validate?mode=create&remote=true', plain(), PHARMACIST);
      expect([asked.status, issuesOf(asked).map(({ severity }) => severity)]).toEqual([
        200,
        expect.not.arrayContaining(['error']),
      ]);
    });
  });

  describe('FMK_DELEGATIONS, whichever system names the organisation', () => {
    const server = useServer(open, { FMK_DELEGATIONS: '{"urn:oid:1.3.184|96908409":["12345674"]}' });

    it('allows what it lists', async () => {
      for (const [index, system] of ['http://cvr.dk', 'urn:oid:1.3.198'].entries()) {
        const as = { role: 'pharmacist', organization: `${system}|96908409` } as const;
        const extension = [focesId(`1890000${index}`), certHash('7E29D0EB038FA0F2E5AE4DA3A05D74426FA21B74')];
        expect((await server.post('/fhir/Basic', plain({ extension }), { as })).status).toBe(201);
      }
    });
  });
};
