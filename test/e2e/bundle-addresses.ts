import type { Organization } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const system = { as: 'system' } as const;
const clinic: Organization = { resourceType: 'Organization', name: 'Klinik' };

export const bundleAddresses: Theme = (open) => {
  describe('an entry of a Bundle', () => {
    const server = useServer(open);
    const batch = (request: object, resource?: object) => ({
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request, ...(resource === undefined ? {} : { resource }) }],
    });

    it.each([
      '../sandbox/exchanges',
      'Organization/../../sandbox/exchanges',
      '%2e%2e/sandbox/exchanges',
      '..\\sandbox\\exchanges',
      '/',
      './',
      '?name=x',
    ])('that leads out of the base, or to it, is refused by 400: %s', async (url) => {
      for (const type of ['batch', 'transaction']) {
        const body = { ...batch({ method: 'GET', url }), type };
        const refused = await server.post('/fhir', body, system);
        expect([refused.status, issuesOf(refused)[0]?.expression]).toEqual([
          400,
          ['Bundle.entry[0].request.url'],
        ]);
      }
    });

    it('that says what no header can hold is refused by 400; criteria may be in any letters', async () => {
      const line = batch({ method: 'GET', url: 'Organization', ifNoneMatch: 'W/"Ł"' });
      const refused = await server.post('/fhir', line, system);
      expect([refused.status, issuesOf(refused)[0]?.expression]).toEqual([
        400,
        ['Bundle.entry[0].request.ifNoneMatch'],
      ]);
      const once = batch(
        { method: 'POST', url: 'Organization', ifNoneExist: 'name=Łódź' },
        { ...clinic, name: 'Łódź' },
      );
      for (const status of ['201', '200']) {
        const reply = await server.post('/fhir', once, system);
        expect(resourceIn(reply, 'Bundle').entry?.[0]?.response?.status?.slice(0, 3)).toBe(status);
      }
    });
  });

  describe('a Bundle behind a gateway', () => {
    const base = 'https://gateway.example/nordic';
    const server = useServer(open, { SANDBOX: 'on', BASE_URL: base });

    it('reaches what its entries name, by relative and by public addresses', async () => {
      const entry = ['Organization/kolind-apotek', `${base}/fhir/Organization/kolind-apotek`].map((url) => ({
        request: { method: 'GET', url },
      }));
      const reply = await server.post('/fhir', { resourceType: 'Bundle', type: 'batch', entry }, system);
      const statuses = resourceIn(reply, 'Bundle').entry?.map(({ response }) => response?.status);
      expect(statuses).toEqual(['200 OK', '200 OK']);
      expect(reply.text).toContain(`${base}/fhir/Organization/kolind-apotek/_history/1`);
    });
  });
};
