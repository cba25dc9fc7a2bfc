import type { Basic } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { OCES3_PEM } from '../systems/certificates/vectors.ts';
import {
  basic,
  CERT_HASH,
  CPR,
  FMK_ROLE,
  FOCES_ID,
  focesId,
  KARL,
  organization,
  plain,
  practitioner,
  SIGNE,
  with3,
} from '../systems/fmk/samples.ts';
import type { Client } from './client.ts';
import { BASIC_KIND } from './fixtures.ts';
import { encoded } from './headers.ts';
import { etagIn, idIn, idsIn, issuesOf, type Reply, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const PHARMACIST = { as: 'pharmacist' } as const;
const KIND = encodeURIComponent(`${BASIC_KIND}|foces-whitelisting`);
const CVR = encodeURIComponent('http://cvr.dk|12345674');
const MINE = `/fhir/Basic?code=${KIND}&subject:identifier=${CVR}`;

const valueIn = (reply: Reply, url: string): string | undefined =>
  resourceIn(reply, 'Basic').extension?.find((one) => one.url === url)?.valueString;

const actions = async (server: Client): Promise<readonly string[]> =>
  (await server.exchanges('fmk'))
    .map(({ request }) => (request.headers['soapaction'] ?? '').replace(/^.*#|"$/g, ''))
    .toReversed();

const idCard = async (server: Client, cpr: string, role = 'Apoteksansat'): Promise<string> => {
  const reply = await server.call('POST', '/sandbox/idcard', { as: null, body: { cpr, role } });
  expect(reply.status).toBe(200);
  return reply.text;
};

/** Who deletes: FMK notes the person, the role and the organisation. */
const DELETER = {
  resourceType: 'Provenance',
  contained: [practitioner(), organization()],
  agent: [
    {
      type: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'author' },
        ],
      },
      role: [{ coding: [{ system: FMK_ROLE, code: 'Apoteksansat' }] }],
      who: { reference: '#person' },
      onBehalfOf: { reference: '#apotek' },
    },
  ],
};

export const focesWhitelisting: Theme = (open) => {
  describe('Basic foces-whitelisting ↔ FMK', () => {
    const server = useServer(open);

    it('the certificate alone is enough: one create, told to FMK with the person’s card', async () => {
      const made = await server.post('/fhir/Basic', basic(), PHARMACIST);
      expect([made.status, etagIn(made)]).toEqual([201, 'W/"1"']);
      expect([valueIn(made, FOCES_ID), valueIn(made, CERT_HASH)]).toEqual([
        expect.any(String),
        expect.stringMatching(/^[0-9A-F]{40}$/),
      ]);
      expect(resourceIn(made, 'Basic').subject?.identifier).toEqual({
        system: 'http://cvr.dk',
        value: '12345674',
      });
      expect(await actions(server)).toEqual(['CreateFocesWhitelisting']);
      const [exchange] = await server.exchanges('fmk');
      expect(exchange?.request.body).toContain('<ds:SignatureValue>***</ds:SignatureValue>');
      expect(exchange?.request.body).not.toContain(SIGNE);
      const read = await server.get(`/fhir/Basic/${idIn(made)}`, PHARMACIST);
      expect([read.status, resourceIn(read, 'Basic')]).toEqual([200, resourceIn(made, 'Basic')]);
    });

    it('a search by CVR asks FMK: what was made elsewhere appears, what was deleted elsewhere is gone', async () => {
      const made = await server.post('/fhir/Basic', basic(), PHARMACIST);
      expect(idsIn(await server.get(MINE, PHARMACIST))).toEqual([idIn(made)]);
      await server.fault('fmk', 'other-entry');
      const learnt = await server.get(MINE, PHARMACIST);
      expect([learnt.status, idsIn(learnt).length]).toEqual([200, 2]);
      const other = idsIn(learnt).find((id) => id !== idIn(made));
      const read = await server.get(`/fhir/Basic/${other}`, PHARMACIST);
      expect([read.status, resourceIn(read, 'Basic').author]).toEqual([200, undefined]);
      await server.fault('fmk', 'entry-gone');
      const left = idsIn(await server.get(MINE, PHARMACIST));
      expect(left).toHaveLength(1);
      const [gone] = [idIn(made), other].filter((id) => id !== left[0]);
      expect((await server.get(`/fhir/Basic/${gone}`, PHARMACIST)).status).toBe(410);
    });

    it('an answer that fails, pages or is not all never marks entries gone', async () => {
      const made = await server.post('/fhir/Basic', basic(), PHARMACIST);
      await server.fault('fmk', 'garbage', 5);
      expect((await server.get(MINE, PHARMACIST)).status).toBe(502);
      await server.fault('fmk', 'paged-answer');
      const paged = await server.get(MINE, PHARMACIST);
      expect([paged.status, idsIn(paged)]).toEqual([200, [idIn(made)]]);
      await server.reset();
    });

    it('a delete takes it back at FMK; a second one is 204 and sends nothing', async () => {
      const made = await server.post('/fhir/Basic', basic(), PHARMACIST);
      const path = `/fhir/Basic/${idIn(made)}`;
      const withCard = {
        ...PHARMACIST,
        headers: { 'X-Dgws-IdCard': await idCard(server, SIGNE), 'X-Provenance': encoded(DELETER) },
      };
      const deleted = await server.delete(path, withCard);
      expect([deleted.status, deleted.text]).toEqual([204, '']);
      expect((await server.delete(path, withCard)).status).toBe(204);
      expect(await actions(server)).toEqual(['CreateFocesWhitelisting', 'DeleteFocesWhitelisting']);
      expect((await server.get(path, PHARMACIST)).status).toBe(410);
    });

    it('CVR, FocesId and hash cannot be changed: delete and create', async () => {
      const made = await server.post('/fhir/Basic', plain(), PHARMACIST);
      const changed: Basic = {
        ...resourceIn(made, 'Basic'),
        extension: [focesId('00000000-4f5e-4d0e-9a61-0d3f5c2b8e11')],
      };
      const refused = await server.put(`/fhir/Basic/${idIn(made)}`, changed, PHARMACIST);
      expect(refused.status).toBe(422);
      expect(
        issuesOf(refused)
          .map(({ diagnostics }) => diagnostics)
          .join(' '),
      ).toMatch(/delete.*create/i);
      expect(await actions(server)).toEqual(['CreateFocesWhitelisting']);
    });

    it('a duplicate is 409, found here or there', async () => {
      await server.post('/fhir/Basic', basic(), PHARMACIST);
      const again = await server.post('/fhir/Basic', basic(), PHARMACIST);
      expect([again.status, issuesOf(again)[0]?.code]).toEqual([409, 'duplicate']);
    });

    it('a card that came with the call is verified, and its person acts', async () => {
      const headers = { 'X-Dgws-IdCard': await idCard(server, SIGNE) };
      const made = await server.post('/fhir/Basic', basic(), { ...PHARMACIST, headers });
      expect(made.status).toBe(201);
      // No card was asked for: the one that came was used.
      expect(await server.exchanges('sts')).toEqual([]);
    });

    it('another person’s card, a broken one, and none at all', async () => {
      const anothers = { 'X-Dgws-IdCard': await idCard(server, KARL) };
      const other = await server.post('/fhir/Basic', basic(), { ...PHARMACIST, headers: anothers });
      expect([other.status, issuesOf(other)[0]?.code]).toEqual([403, 'security']);
      for (const value of ['bm90IGEgY2FyZA==', '%%%', `${anothers['X-Dgws-IdCard'].slice(0, -40)}AAAA`]) {
        const broken = await server.post('/fhir/Basic', basic(), {
          ...PHARMACIST,
          headers: { 'X-Dgws-IdCard': value },
        });
        expect([broken.status, issuesOf(broken)[0]?.location]).toEqual([401, ['http.X-Dgws-IdCard']]);
      }
      const unknown = with3(practitioner({ identifier: [{ system: CPR, value: '0101010001' }] }));
      const without = await server.post('/fhir/Basic', unknown, PHARMACIST);
      expect([without.status, issuesOf(without)[0]?.code]).toEqual([403, 'security']);
      expect(await server.exchanges('fmk')).toEqual([]);
    });

    it('a lost create is settled by asking FMK, and never done twice', async () => {
      await server.fault('fmk', 'lost-reply');
      const call = { ...PHARMACIST, headers: { 'X-Request-ID': crypto.randomUUID() } };
      const made = await server.post('/fhir/Basic', basic(), call);
      expect([201, 504]).toContain(made.status);
      const settled = await server.post('/fhir/Basic', basic(), call);
      expect(settled.status).toBe(201);
      const sent = await actions(server);
      expect(sent.filter((action) => action === 'CreateFocesWhitelisting')).toHaveLength(1);
      expect(idsIn(await server.get(MINE, PHARMACIST))).toEqual([idIn(settled)]);
    });

    it('an FMKDetail that quotes a CPR number does not tell it on', async () => {
      await server.fault('fmk', 'role-not-allowed', 3);
      const refused = await server.post('/fhir/Basic', basic(), PHARMACIST);
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect(refused.text).not.toMatch(/\d{10}/);
    });

    it('$preview shows what would be sent, the card as a placeholder', async () => {
      const shown = await server.post('/fhir/Basic/$preview', basic(), PHARMACIST);
      expect(shown.status).toBe(200);
      const [system, request] = resourceIn(shown, 'Parameters').parameter ?? [];
      const body = request?.part?.find(({ name }) => name === 'body')?.valueString ?? '';
      expect(system?.valueString).toBe('fmk');
      expect(body).toContain('CreateFocesWhitelistingRequest');
      expect(body).not.toContain('PreflightOnly');
      expect(await server.exchanges()).toEqual([]);
    });

    it('$validate with mode=create and remote=true asks FMK’s own check, and carries nothing out', async () => {
      const asked = await server.post('/fhir/Basic/$validate?mode=create&remote=true', basic(), PHARMACIST);
      expect(asked.status).toBe(200);
      const [exchange] = await server.exchanges('fmk');
      expect(exchange?.request.body).toContain('PreflightOnly');
      expect(idsIn(await server.get(MINE, PHARMACIST))).toEqual([]);
    });

    it('care may not write one, and system may only read', async () => {
      expect((await server.post('/fhir/Basic', basic())).status).toBe(403);
      expect((await server.post('/fhir/Basic', basic(), { as: 'system' })).status).toBe(403);
      expect((await server.get(MINE, { as: 'system' })).status).toBe(200);
    });

    it.each([
      ['an Organization without a CVR number', with3({}, {}, { identifier: [] })],
      [
        'a FocesId that is a whole DN',
        plain({ extension: [focesId('CN=Test,SERIALNUMBER=CVR:1-FID:2,O=X')] }),
      ],
      [
        'a creator that is a system',
        plain({ author: { type: 'Device', identifier: { system: 'https://exempel.example', value: '1' } } }),
      ],
    ])('%s: 422, nothing sent', async (_, resource) => {
      const refused = await server.post('/fhir/Basic', resource, PHARMACIST);
      expect([400, 422]).toContain(refused.status);
      expect(await server.exchanges()).toEqual([]);
    });

    it('the organisation may be one of the directory, by reference', async () => {
      const resource = plain({ subject: { reference: 'Organization/kolind-apotek' } });
      const made = await server.post('/fhir/Basic', resource, PHARMACIST);
      expect(made.status).toBe(201);
    });

    it('type-level history is the system’s', async () => {
      const made = await server.post('/fhir/Basic', basic(), PHARMACIST);
      const history = await server.get('/fhir/Basic/_history', { as: 'system', pattern: '2.2.2' });
      expect(history.status).toBe(200);
      expect(resourceIn(history, 'Bundle').entry?.[0]?.fullUrl).toContain(idIn(made));
    });
  });

  describe('Organization/$from-certificate', () => {
    const server = useServer(open);

    it('tells CVR, FocesId and CertHash of a PEM, as a file or as a parameter', async () => {
      const asFile = await server.call('POST', '/fhir/Organization/$from-certificate', {
        ...PHARMACIST,
        body: OCES3_PEM,
        headers: { 'Content-Type': 'application/x-pem-file' },
      });
      expect(asFile.status).toBe(200);
      const told = Object.fromEntries(
        (resourceIn(asFile, 'Parameters').parameter ?? []).map(({ name, valueString }) => [
          name,
          valueString,
        ]),
      );
      expect(told).toMatchObject({ cvr: expect.stringMatching(/^\d{8}$/), certHash: expect.any(String) });
      const asParameter = await server.post(
        '/fhir/Organization/$from-certificate',
        { resourceType: 'Parameters', parameter: [{ name: 'certificate', valueString: OCES3_PEM }] },
        PHARMACIST,
      );
      expect(asParameter.json).toEqual(asFile.json);
    });

    it('refuses a private key, and what is no certificate', async () => {
      const key = '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----';
      for (const body of [key, 'nothing']) {
        const refused = await server.call('POST', '/fhir/Organization/$from-certificate', {
          ...PHARMACIST,
          body,
          headers: { 'Content-Type': 'application/x-pem-file' },
        });
        expect(refused.status).toBe(422);
        expect(refused.text).not.toContain('MIIB');
      }
    });
  });

  describe('FMK_DELEGATIONS', () => {
    const server = useServer(open, {
      FMK_DELEGATIONS: '{"urn:oid:1.2.208.176.1.4|012345":["12345674"]}',
    });

    it('own CVR number, or a listed delegation; else 403 before any call', async () => {
      const another = { as: { role: 'pharmacist', organization: 'http://cvr.dk|10000009' } } as const;
      const refused = await server.post('/fhir/Basic', basic(), another);
      expect(refused.status).toBe(403);
      expect(await server.exchanges()).toEqual([]);
      expect((await server.post('/fhir/Basic', basic(), PHARMACIST)).status).toBe(201);
    });
  });
};
