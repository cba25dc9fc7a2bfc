import { describe, expect, it } from 'vitest';
import { idIn, issuesOf, linkIn, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const SYSTEM = { as: 'system' } as const;
const hospital = { resourceType: 'Organization', name: 'Nytt sykehus' };

export const readParameters: Theme = (open) => {
  describe('a parameter of a read', () => {
    const server = useServer(open);
    const paths = async (): Promise<readonly string[]> => {
      const path = `/fhir/Organization/${idIn(await server.post('/fhir/Organization', hospital, SYSTEM))}`;
      return [path, `${path}/_history/1`];
    };

    it.each([
      '_format=json',
      '_pretty=true',
      '_summary=true',
      '_elements=name',
      '_summary=false&_format=json',
    ])('of R4 is taken, on read and vread: %s', async (query) => {
      for (const path of await paths()) {
        expect((await server.get(`${path}?${query}`, { as: null })).status).toBe(200);
      }
    });

    it.each(['_element=name', 'name=x', '_=1700000000000', '_include=Organization:partof'])(
      'that is none of a read is refused by name, unless handling is lenient: %s',
      async (query) => {
        const [name = ''] = query.split('=');
        for (const path of await paths()) {
          const refused = await server.get(`${path}?${query}`, { as: null });
          expect([refused.status, issuesOf(refused)[0]?.location]).toEqual([400, [`http.${name}`]]);
          const headers = { Prefer: 'handling=lenient' };
          expect((await server.get(`${path}?${query}`, { as: null, headers })).status).toBe(200);
        }
      },
    );

    it('that could be a value is not repeated', async () => {
      const [path = ''] = await paths();
      const refused = await server.get(`${path}?1234567`, { as: null });
      expect([refused.status, refused.text.includes('1234567')]).toEqual([400, false]);
    });

    it('is judged on an AuditEvent, too', async () => {
      expect((await server.get('/fhir/AuditEvent/x?colour=red', { as: 'auditor' })).status).toBe(400);
    });
  });

  describe('_sort of AuditEvent', () => {
    const server = useServer(open);
    const ask = (query: string) => server.get(`/fhir/AuditEvent?${query}`, { as: 'auditor' });

    it.each(['-date', '-_lastUpdated', '-date,-_lastUpdated'])(
      '%s is how the audit is told',
      async (sort) => {
        expect((await ask(`_sort=${sort}`)).status).toBe(200);
      },
    );

    it.each([
      ['date', 'date'],
      ['-action', '-action'],
      ['-date,patient', 'patient'],
      ['bogus', 'bogus'],
    ])('%s is refused by name, with the way out', async (sort, named) => {
      const refused = await ask(`_sort=${sort}`);
      expect([refused.status, issuesOf(refused)[0]?.location]).toEqual([400, ['http._sort']]);
      expect(issuesOf(refused)[0]?.diagnostics).toContain(`${named} is not offered`);
      const lenient = { as: 'auditor', headers: { Prefer: 'handling=lenient' } } as const;
      const passed = await server.get(`/fhir/AuditEvent?_sort=${sort}`, lenient);
      expect(linkIn(resourceIn(passed, 'Bundle'), 'self')).not.toContain('_sort');
    });
  });
};
