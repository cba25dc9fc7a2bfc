import type { BundleEntry, Organization } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { FNR, NUMBERS, reservasjon, samtykke } from './fixtures.ts';
import { idIn, issuesOf, type Reply, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const SETT = 'SettInnbyggersPersonvernInnstilling';
const PARENT = 'urn:uuid:0b7c1f7e-6f0d-4e1c-9a55-0f2b6d1f7a10';

const organization = (name: string): Organization => ({ resourceType: 'Organization', name });

const post = (
  resource: NonNullable<BundleEntry['resource']>,
  more: Partial<BundleEntry> = {},
): BundleEntry => ({
  resource,
  ...more,
  request: { method: 'POST', url: resource.resourceType, ...more.request },
});

/** An entry that need not be R4. */
const sent = (resource: { readonly resourceType: string; readonly [name: string]: unknown }): object => ({
  resource,
  request: { method: 'POST', url: resource.resourceType },
});

const bundle = (type: 'batch' | 'transaction', entry: readonly object[]): object => ({
  resourceType: 'Bundle',
  type,
  entry,
});

const entriesIn = (reply: Reply): readonly BundleEntry[] => resourceIn(reply, 'Bundle').entry ?? [];
const system = { as: 'system' } as const;
const statusesIn = (reply: Reply) => entriesIn(reply).map(({ response }) => response?.status?.slice(0, 3));

export const bundles: Theme = (open) => {
  describe('a batch', () => {
    const server = useServer(open);

    it('settles each entry by itself, and answers in the order of the entries', async () => {
      const reply = await server.post(
        '/fhir',
        bundle('batch', [
          post(organization('Ett')),
          sent({ ...samtykke(), status: 'bogus' }),
          post(samtykke()),
          { request: { method: 'GET', url: 'Organization?name=Ett' } },
        ]),
        { as: 'system' },
      );
      expect(reply.status).toBe(200);
      expect(resourceIn(reply, 'Bundle').type).toBe('batch-response');
      expect(statusesIn(reply)).toEqual(['201', '400', '201', '200']);
      const [made, refused, consent, found] = entriesIn(reply);
      expect(made?.response?.location).toMatch(/\/fhir\/Organization\/[^/]+\/_history\/1$/);
      expect(refused?.response?.outcome).toMatchObject({ resourceType: 'OperationOutcome' });
      expect(consent?.response?.etag).toBe('W/"1"');
      expect(found?.resource).toMatchObject({
        resourceType: 'Bundle',
        entry: [{ resource: { name: 'Ett' } }],
      });
      expect(await server.sent(SETT)).toHaveLength(1);
    });

    it('repeated with the same X-Request-ID answers the same and acts once', async () => {
      const headers = { 'X-Request-ID': '5b0f6b1e-0c5e-4c0a-9a63-1d2f1a7f3c55' };
      const twice = bundle('batch', [post(organization('Ett')), post(organization('Två'))]);
      const first = await server.post('/fhir', twice, { as: 'system', headers });
      const again = await server.post('/fhir', twice, { as: 'system', headers });
      expect(statusesIn(again)).toEqual(['201', '201']);
      expect(entriesIn(again).map(({ resource }) => resource?.id)).toEqual(
        entriesIn(first).map(({ resource }) => resource?.id),
      );
    });

    it('takes identity numbers in its urls, which never were on the way', async () => {
      const id = await server.patient(NUMBERS.line);
      const reply = await server.post(
        '/fhir',
        bundle('batch', [
          { request: { method: 'GET', url: `Consent?patient:identifier=${FNR}|${NUMBERS.line}` } },
        ]),
        { headers: { 'X-PatientRef': id, 'X-Purpose': 'VARD', 'X-Access': 'TILLFALLIGT_SAMTYCKE' } },
      );
      expect(statusesIn(reply)).toEqual(['200']);
      expect(reply.text).not.toContain(NUMBERS.line);
    });
  });

  describe('a transaction', () => {
    const server = useServer(open);

    it('deletes first: what goes no longer meets the criteria of the other entries', async () => {
      const gone = [
        idIn(await server.post('/fhir/Organization', organization('Före'), system)),
        idIn(await server.post('/fhir/Organization', organization('Innan'), system)),
      ];
      const reply = await server.post(
        '/fhir',
        bundle('transaction', [
          post(organization('Före'), {
            request: { method: 'POST', url: 'Organization', ifNoneExist: 'name=Före' },
          }),
          {
            resource: organization('Innan'),
            request: { method: 'PUT', url: 'Organization?name=Innan' },
          },
          ...gone.map((id) => ({ request: { method: 'DELETE', url: `Organization/${id}` } })),
        ]),
        system,
      );
      expect(statusesIn(reply)).toEqual(['201', '201', '204', '204']);
      expect(entriesIn(reply).map(({ resource }) => gone.includes(resource?.id ?? ''))).not.toContain(true);
    });

    it('links what it creates by urn:uuid, whatever the order of the entries', async () => {
      const child: Organization = { ...organization('Barn'), partOf: { reference: PARENT } };
      const reply = await server.post(
        '/fhir',
        bundle('transaction', [post(child), post(organization('Förälder'), { fullUrl: PARENT })]),
        { as: 'system' },
      );
      expect(statusesIn(reply)).toEqual(['201', '201']);
      const [made, parent] = entriesIn(reply);
      expect(made?.resource).toMatchObject({ partOf: { reference: `Organization/${parent?.resource?.id}` } });
    });

    it('is undone as a whole when the national system refuses its one entry', async () => {
      await server.fault('helsenorge', 'epvk-101500');
      const reply = await server.post(
        '/fhir',
        bundle('transaction', [post(organization('Borta')), post(samtykke())]),
        { as: 'system' },
      );
      expect(reply.status).toBe(422);
      expect(issuesOf(reply)[0]?.expression?.[0]).toMatch(/^Bundle\.entry\[1\]/);
      const found = resourceIn(await server.get('/fhir/Organization?name=Borta'), 'Bundle');
      expect(found.entry).toBeUndefined();
    });

    it('stores all with Provenance when the national system accepts', async () => {
      const reply = await server.post(
        '/fhir',
        bundle('transaction', [post(organization('Här')), post(samtykke())]),
        { as: 'system' },
      );
      expect(statusesIn(reply)).toEqual(['201', '201']);
      const found = resourceIn(await server.get('/fhir/Provenance', { as: 'auditor' }), 'Bundle');
      expect(found.entry).toHaveLength(2);
    });

    it('with two entries that reach a national system is refused before anything is sent', async () => {
      const reply = await server.post(
        '/fhir',
        bundle('transaction', [post(samtykke()), post(reservasjon())]),
        {
          as: 'system',
        },
      );
      expect(reply.status).toBe(422);
      expect(await server.sent(SETT)).toEqual([]);
    });

    it('tells every fault of every entry at its place, and does nothing', async () => {
      const reply = await server.post(
        '/fhir',
        bundle('transaction', [
          post(organization('Nej')),
          sent({ resourceType: 'Organization', active: 'yes' }),
          { request: { method: 'DELETE', url: 'AuditEvent/1' } },
        ]),
        { as: 'system' },
      );
      expect(reply.status).toBe(400);
      expect(reply.text).toContain('Bundle.entry[2]');
      expect(resourceIn(await server.get('/fhir/Organization?name=Nej'), 'Bundle').entry).toBeUndefined();
    });

    it('resolves conditional creates and conditional references to the one that exists', async () => {
      const known = organization('Känd');
      const made = await server.post('/fhir/Organization', known, { as: 'system' });
      const reply = await server.post(
        '/fhir',
        bundle('transaction', [
          {
            fullUrl: PARENT,
            resource: known,
            request: { method: 'POST', url: 'Organization', ifNoneExist: 'name=K%C3%A4nd' },
          },
          post({ ...organization('A'), partOf: { reference: PARENT } }),
          post({ ...organization('B'), partOf: { reference: 'Organization?name=K%C3%A4nd' } }),
        ]),
        { as: 'system' },
      );
      expect(statusesIn(reply)).toEqual(['200', '201', '201']);
      const partOf = { partOf: { reference: `Organization/${idIn(made)}` } };
      expect(
        entriesIn(reply)
          .slice(1)
          .map(({ resource }) => resource),
      ).toMatchObject([partOf, partOf]);
    });

    it('repeated with the same X-Request-ID tells the first outcome and creates nothing more', async () => {
      const headers = { 'X-Request-ID': '5b0f6b1e-0c5e-4c0a-9a63-1d2f1a7f3c56' };
      const body = bundle('transaction', [post(organization('En')), post(samtykke())]);
      const first = await server.post('/fhir', body, { as: 'system', headers });
      const again = await server.post('/fhir', body, { as: 'system', headers });
      expect(entriesIn(again).map(({ resource }) => resource?.id)).toEqual(
        entriesIn(first).map(({ resource }) => resource?.id),
      );
      expect(resourceIn(await server.get('/fhir/Organization?name=En'), 'Bundle').entry).toHaveLength(1);
      expect(await server.sent(SETT)).toHaveLength(1);
    });

    it('repeated answers the same also for the entries that found nothing to change', async () => {
      const stored = resourceIn(
        await server.post('/fhir/Organization', organization('Lik'), { as: 'system' }),
        'Organization',
      );
      const gone = idIn(await server.post('/fhir/Organization', organization('Borte'), { as: 'system' }));
      await server.delete(`/fhir/Organization/${gone}`, { as: 'system' });
      const headers = { 'X-Request-ID': '5b0f6b1e-0c5e-4c0a-9a63-1d2f1a7f3c57' };
      const url = `Organization/${stored.id}`;
      const body = bundle('transaction', [
        { resource: stored, request: { method: 'PUT', url } },
        post(organization('Ny')),
        { request: { method: 'DELETE', url: `Organization/${gone}` } },
        { request: { method: 'DELETE', url: 'Organization/never-there' } },
      ]);
      const first = await server.post('/fhir', body, { as: 'system', headers });
      expect(statusesIn(first)).toEqual(['200', '201', '204', '204']);
      // What happened to it since does not matter.
      await server.put(`/fhir/${url}`, { ...stored, name: 'Annet' }, { as: 'system' });
      const again = await server.post('/fhir', body, { as: 'system', headers });
      expect(entriesIn(again)).toEqual(entriesIn(first));
      expect(entriesIn(again)[0]?.response?.etag).toBe('W/"1"');
    });
  });

  describe('a Bundle that is none', () => {
    const server = useServer(open);

    it.each([
      [{ resourceType: 'Bundle', type: 'searchset' }],
      [{ resourceType: 'Consent' }],
      [{ resourceType: 'Bundle', type: 'batch', entry: [{ resource: { resourceType: 'Organization' } }] }],
    ])('is refused by 400: %j', async (body) => {
      expect((await server.post('/fhir', body, { as: 'system' })).status).toBe(400);
    });
  });
};
