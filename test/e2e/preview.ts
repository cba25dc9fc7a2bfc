import type { ParametersParameter } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import restrictionSet from '../../profiles/examples/Consent-access-restriction-set.json' with {
  type: 'json',
};
import restrictionSetPayload from '../systems/helsenorge/golden/restriction-set.payload.json' with {
  type: 'json',
};
import type { Client } from './client.ts';
import { FNR, NUMBERS, samtykke } from './fixtures.ts';
import { issuesOf, type Reply, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const partOf = (parts: readonly ParametersParameter[] | undefined, name: string) =>
  parts?.find((part) => part.name === name);

const requestIn = (reply: Reply) => {
  const { parameter } = resourceIn(reply, 'Parameters');
  const parts = partOf(parameter, 'request')?.part;
  return {
    system: partOf(parameter, 'system')?.valueString,
    method: partOf(parts, 'method')?.valueString,
    url: partOf(parts, 'url')?.valueUri,
    body: partOf(parts, 'body')?.valueString ?? '',
    headers: Object.fromEntries(
      (parts ?? [])
        .filter(({ name }) => name === 'header')
        .map(({ part }) => [
          partOf(part, 'name')?.valueString ?? '',
          partOf(part, 'value')?.valueString ?? '',
        ]),
    ),
  };
};

const expectNothingDone = async (server: Client): Promise<void> => {
  expect(await server.exchanges()).toEqual([]);
  for (const type of ['Consent', 'Patient']) {
    const counted = await server.get(`/fhir/${type}?_summary=count`, { as: 'system' });
    expect([type, resourceIn(counted, 'Bundle').total]).toEqual([type, 0]);
  }
};

export const preview: Theme = (open) => {
  describe('$preview', () => {
    const server = useServer(open, { HEADER_RULES: 'report' });

    it('shows exactly what a create would send, placeholders for token and proof, and does nothing', async () => {
      const shown = await server.post('/fhir/Consent/$preview', restrictionSet);
      expect(shown.status).toBe(200);
      const request = requestIn(shown);
      expect(request).toMatchObject({
        system: 'helsenorge',
        method: 'POST',
        headers: {
          Authorization: 'DPoP <access token>',
          DPoP: '<DPoP proof>',
          'Content-Type': 'application/json',
        },
      });
      expect(request.url).toMatch(/\/SettInnbyggersPersonvernInnstilling\/v2$/);
      const definisjonGuid = restrictionSetPayload.definisjonGuid.toLowerCase();
      expect(JSON.parse(request.body)).toEqual({ ...restrictionSetPayload, definisjonGuid });
      await expectNothingDone(server);
    });

    it('takes the resource in Parameters, too', async () => {
      const body = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: samtykke() }] };
      const shown = await server.post('/fhir/Consent/$preview', body);
      expect(JSON.parse(requestIn(shown).body)).toMatchObject({
        innbyggerFnr: NUMBERS.documented,
        aktiv: true,
      });
      const empty = await server.post('/fhir/Consent/$preview', { resourceType: 'Parameters' });
      expect(empty.status).toBe(400);
    });

    it('masks a number that the caller did not send', async () => {
      const id = await server.patient(NUMBERS.line);
      const shown = await server.post('/fhir/Consent/$preview', {
        ...samtykke(),
        patient: { reference: `Patient/${id}` },
      });
      expect(JSON.parse(requestIn(shown).body)).toMatchObject({ innbyggerFnr: '***********' });
      expect(shown.text).not.toContain(NUMBERS.line);
    });

    it('refuses what a create would be refused for', async () => {
      const refused = await server.post('/fhir/Consent/$preview', {
        ...samtykke(),
        provision: { type: 'deny' },
      });
      expect(refused.status).toBe(422);
      expect(issuesOf(refused)).toContainEqual(
        expect.objectContaining({ severity: 'error', expression: ['Consent.provision.type'] }),
      );
      expect((await server.post('/fhir/Consent/$preview', samtykke(), { as: 'pharmacist' })).status).toBe(
        403,
      );
      await expectNothingDone(server);
    });

    it('shows what is then sent', async () => {
      const shown = requestIn(await server.post('/fhir/Consent/$preview', samtykke()));
      await server.post('/fhir/Consent', samtykke());
      const [sent] = await server.exchanges('helsenorge');
      expect(sent?.request.url).toBe(shown.url);
      expect(sent?.request.body).toBe(shown.body.replace(NUMBERS.documented, '***'));
    });
  });

  describe('$validate', () => {
    const server = useServer(open, { HEADER_RULES: 'report' });

    it('tells every fault with 200, and does nothing', async () => {
      const told = await server.post('/fhir/Consent/$validate', {
        ...samtykke(),
        status: 'bogus',
        patient: { identifier: { system: FNR, value: '1' } },
      });
      expect(told.status).toBe(200);
      const at = issuesOf(told).flatMap(({ expression }) => expression ?? []);
      expect(at).toEqual(expect.arrayContaining(['Consent.status', 'Consent.patient.identifier.value']));
      await expectNothingDone(server);
    });

    it('says that all is well of what a create would take', async () => {
      const told = await server.post('/fhir/Consent/$validate', samtykke(NUMBERS.line));
      expect(issuesOf(told)).toMatchObject([{ severity: 'information' }]);
      await expectNothingDone(server);
    });

    it('takes the resource in Parameters, with mode and profile', async () => {
      const parameter = [
        { name: 'resource', resource: samtykke(NUMBERS.line) },
        { name: 'mode', valueCode: 'create' },
        { name: 'profile', valueUri: 'https://nordic-fhir-facade.dev/fhir/StructureDefinition/PvkConsent' },
      ];
      const told = await server.post('/fhir/Consent/$validate', { resourceType: 'Parameters', parameter });
      expect([told.status, issuesOf(told)[0]?.severity]).toEqual([200, 'information']);
    });
  });

  describe('$ping', () => {
    const server = useServer(open);

    it.each(['GET', 'POST'])(
      'answers %s without a token, and names the role of a token that is sent',
      async (method) => {
        const bare = await server.call(method, '/fhir/$ping', { as: null });
        expect([bare.status, resourceIn(bare, 'Parameters').parameter?.[0]?.name]).toEqual([200, 'result']);
        const Authorization = `Bearer ${await server.token('system')}`;
        const known = await server.call(method, '/fhir/$ping', { as: null, headers: { Authorization } });
        expect(resourceIn(known, 'Parameters').parameter?.[0]?.valueString).toContain('system');
        const broken = await server.call(method, '/fhir/$ping', {
          as: null,
          headers: { Authorization: 'Bearer x' },
        });
        expect(broken.status).toBe(401);
      },
    );

    it('follows pattern 2.1: X-Request-ID and X-User-Agent are mandatory', async () => {
      const refused = await server.get('/fhir/$ping', { as: null, headers: { 'X-User-Agent': null } });
      expect(refused.status).toBe(400);
    });
  });
};
