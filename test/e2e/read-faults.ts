import { describe, expect, it } from 'vitest';
import { expectNoForeignText } from './faults.ts';
import { BIOBANK, NUMBERS, samtykke } from './fixtures.ts';
import { idIn, issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

/** How often a kind must strike so that every try of one call meets it. */
const ALL_TRIES = 3;

export const readFaults: Theme = (open) => {
  describe('a read that must ask PVK while it fails', () => {
    const server = useServer(open, { UPSTREAM_DEADLINE: '700ms' });
    const HOUR = 3_600_000;

    it.each([
      ['timeout', ALL_TRIES, 504, 'timeout'],
      ['reset', ALL_TRIES, 503, 'transient'],
      ['http-500', ALL_TRIES, 502, 'transient'],
      ['truncated', ALL_TRIES, 502, 'processing'],
      ['wrong-content-type', ALL_TRIES, 502, 'processing'],
      ['no-grant', 1, 403, 'forbidden'],
    ] as const)('is refused for %s, ×%i: %i %s', async (kind, count, status, code) => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const patient = await server.patient(NUMBERS.documented);
      await server.advance(HOUR);
      await server.fault('helsenorge', kind, count);
      const refused = await server.get(`/fhir/Consent/${id}`, { patient });
      expect(refused.status).toBe(status);
      expect(issuesOf(refused)).toMatchObject([{ code }]);
      await expectNoForeignText(server, refused);
    });

    it.each(['page-fails', 'page-loops'])(
      'takes a list with %s for no list: 502, and nobody counts as withdrawn',
      async (kind) => {
        const id = idIn(await server.post('/fhir/Consent', samtykke()));
        const patient = await server.patient(NUMBERS.documented);
        await server.fault('helsenorge', kind, ALL_TRIES);
        const path = `/fhir/Consent?definition=${BIOBANK}`;
        let reply = await server.get(path, { as: 'system' });
        for (let page = 0; reply.status === 200 && page < 3; page += 1) {
          const next = resourceIn(reply, 'Bundle').link?.find(({ relation }) => relation === 'next')?.url;
          if (next === undefined) break;
          reply = await server.get(new URL(next).pathname + new URL(next).search, { as: 'system' });
        }
        expect(reply.status).toBe(502);
        const read = resourceIn(await server.get(`/fhir/Consent/${id}`, { patient }), 'Consent');
        expect(read.status).toBe('active');
      },
    );

    it('refuses a status code that nobody knows by 502', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const patient = await server.patient(NUMBERS.documented);
      await server.advance(HOUR);
      await server.fault('helsenorge', 'unknown-status-code', ALL_TRIES);
      const refused = await server.get(`/fhir/Consent/${id}`, { patient });
      expect(refused.status).toBe(502);
    });
  });
};
