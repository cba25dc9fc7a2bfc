import type { Organization, Parameters } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { NUMBERS, samtykke, tilgangsbegrensning } from './fixtures.ts';
import { etagIn, idIn, issuesOf, linkIn, pathOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const SETT = 'SettInnbyggersPersonvernInnstilling';
const JSON_PATCH = { 'Content-Type': 'application/json-patch+json' };
const system = { as: 'system' } as const;

const replaceWith = (path: string, value: string): Parameters => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: path },
        { name: 'value', valueString: value },
      ],
    },
  ],
});

export const patchAndHistory: Theme = (open) => {
  describe('patch', () => {
    const server = useServer(open);
    const clinic: Organization = { resourceType: 'Organization', name: 'Klinik', active: true };

    it('applies a JSON Patch as an update of what is stored', async () => {
      const id = idIn(await server.post('/fhir/Organization', clinic, system));
      const operations = [
        { op: 'test', path: '/name', value: 'Klinik' },
        { op: 'replace', path: '/name', value: 'Kliniken' },
        { op: 'remove', path: '/active' },
      ];
      const patched = await server.call('PATCH', `/fhir/Organization/${id}`, {
        ...system,
        headers: JSON_PATCH,
        body: JSON.stringify(operations),
      });
      expect([patched.status, etagIn(patched)]).toEqual([200, 'W/"2"']);
      const organization = resourceIn(patched, 'Organization');
      expect([organization.name, organization.active]).toEqual(['Kliniken', undefined]);
    });

    it('applies a FHIRPath Patch', async () => {
      const id = idIn(await server.post('/fhir/Organization', clinic, system));
      const patched = await server.call('PATCH', `/fhir/Organization/${id}`, {
        ...system,
        body: replaceWith('Organization.name', 'Ny'),
      });
      expect([patched.status, resourceIn(patched, 'Organization').name]).toEqual([200, 'Ny']);
    });

    it('withdraws a Consent at PVK, and holds the result to every rule of an update', async () => {
      const made = await server.post('/fhir/Consent', samtykke());
      const path = `/fhir/Consent/${idIn(made)}`;
      const withdraw = JSON.stringify([
        { op: 'replace', path: '/status', value: 'inactive' },
        { op: 'remove', path: '/provision' },
      ]);
      const patched = await server.call('PATCH', path, { headers: JSON_PATCH, body: withdraw });
      expect(patched.status).toBe(200);
      expect((await server.sent(SETT)).at(-1)).toMatchObject({ aktiv: false });
      const bogus = JSON.stringify([{ op: 'replace', path: '/status', value: 'bogus' }]);
      const refused = await server.call('PATCH', path, { headers: JSON_PATCH, body: bogus });
      expect([refused.status, issuesOf(refused)[0]?.expression]).toEqual([400, ['Consent.status']]);
      expect(await server.sent(SETT)).toHaveLength(2);
    });

    it('needs If-Match where it replaces a list, and honours it everywhere', async () => {
      const path = `/fhir/Consent/${idIn(await server.post('/fhir/Consent', tilgangsbegrensning()))}`;
      const body = JSON.stringify([{ op: 'remove', path: '/provision/actor/1' }]);
      expect((await server.call('PATCH', path, { headers: JSON_PATCH, body })).status).toBe(428);
      const stale = { ...JSON_PATCH, 'If-Match': 'W/"9"' };
      expect((await server.call('PATCH', path, { headers: stale, body })).status).toBe(412);
      const right = { ...JSON_PATCH, 'If-Match': 'W/"1"' };
      expect((await server.call('PATCH', path, { headers: right, body })).status).toBe(200);
    });

    it.each([
      ['not JSON', '[{', 400],
      ['no patch', '{"op":"add"}', 400],
      ['an unknown operation', '[{"op":"frobnicate","path":"/name"}]', 400],
      ['a failed test', '[{"op":"test","path":"/name","value":"Annan"}]', 422],
      ['a path that is not there', '[{"op":"remove","path":"/telecom/0"}]', 422],
      ['another id', '[{"op":"replace","path":"/id","value":"x"}]', 422],
    ])('refuses %s, and changes nothing', async (_name, body, status) => {
      const id = idIn(await server.post('/fhir/Organization', clinic, system));
      const refused = await server.call('PATCH', `/fhir/Organization/${id}`, {
        ...system,
        headers: JSON_PATCH,
        body,
      });
      expect(refused.status).toBe(status);
      expect(etagIn(await server.get(`/fhir/Organization/${id}`))).toBe('W/"1"');
    });

    it('of what is not there is 404, of what is deleted 410', async () => {
      const id = idIn(await server.post('/fhir/Organization', clinic, system));
      await server.delete(`/fhir/Organization/${id}`, system);
      const options = { ...system, headers: JSON_PATCH, body: '[]' };
      expect((await server.call('PATCH', `/fhir/Organization/${id}`, options)).status).toBe(410);
      expect((await server.call('PATCH', '/fhir/Organization/nowhere', options)).status).toBe(404);
    });
  });

  describe('history of a type and of the server', () => {
    const server = useServer(open);

    it('is there for role system, newest first, paged, with deletions', async () => {
      const first = idIn(await server.post('/fhir/Consent', samtykke()));
      const second = idIn(await server.post('/fhir/Consent', samtykke(NUMBERS.line)));
      await server.delete(`/fhir/Consent/${first}`);
      const told: string[] = [];
      let path: string | undefined = '/fhir/Consent/_history?_count=1';
      while (path !== undefined) {
        const bundle = resourceIn(await server.get(path, system), 'Bundle');
        expect(bundle.type).toBe('history');
        for (const { request, fullUrl } of bundle.entry ?? []) {
          told.push(`${request?.method} ${fullUrl?.split('/').at(-1)}`);
        }
        const next = linkIn(bundle, 'next');
        path = next === undefined ? undefined : pathOf(next);
      }
      expect(told).toEqual([`DELETE ${first}`, `POST ${second}`, `POST ${first}`]);
    });

    it('of the server holds every type, and says what changed since', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const all = resourceIn(await server.get('/fhir/_history?_count=200', system), 'Bundle');
      const types = new Set(all.entry?.map(({ resource }) => resource?.resourceType));
      expect([...types].sort()).toEqual(['Consent', 'Organization']);
      const since = all.entry?.[0]?.resource?.meta?.lastUpdated ?? '';
      const query = new URLSearchParams({ _since: since });
      const changed = resourceIn(await server.get(`/fhir/_history?${query}`, system), 'Bundle');
      expect(changed.entry?.map(({ resource }) => resource?.id)).toEqual([id]);
    });

    it('is refused to everybody else by 403', async () => {
      for (const path of ['/fhir/Consent/_history', '/fhir/_history']) {
        const patient = await server.patient(NUMBERS.documented);
        expect((await server.get(path, { patient })).status).toBe(403);
      }
    });

    it('refuses a parameter that it does not know', async () => {
      const refused = await server.get('/fhir/Consent/_history?status=active', system);
      expect([refused.status, issuesOf(refused)[0]?.location]).toEqual([400, ['http.status']]);
    });
  });
};
