import { describe, expect, it } from 'vitest';
import { samtykke } from './fixtures.ts';
import { idIn, idsIn, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

export const headerReports: Theme = (open) => {
  describe('header rules that only report', () => {
    const server = useServer(open, { HEADER_RULES: 'report' });
    const bare = {
      'X-Request-ID': null,
      'X-User-Agent': null,
      'X-Org-Info': null,
      'X-Purpose': null,
      'X-Access': null,
      'X-Provenance': null,
    };

    it('let a call without headers through and tell what is missing in X-Header-Findings', async () => {
      const made = await server.post('/fhir/Consent', samtykke(), { headers: bare });
      expect(made.status).toBe(201);
      const findings = JSON.parse(atob(made.headers.get('X-Header-Findings') ?? ''));
      expect(findings).toMatchObject({
        resourceType: 'OperationOutcome',
        issue: expect.arrayContaining([
          expect.objectContaining({ severity: 'error', location: ['http.X-Provenance'] }),
        ]),
      });
      const read = await server.get(`/fhir/Consent/${idIn(made)}`, { headers: bare });
      expect(read.status).toBe(200);
    });

    it('are told to a call that is refused for its rights, too', async () => {
      const refused = await server.get('/fhir/Consent?status=active', {
        as: { role: 'nurse', fault: 'loa-2' },
        headers: bare,
      });
      expect(refused.status).toBe(403);
      expect(JSON.parse(atob(refused.headers.get('X-Header-Findings') ?? ''))).toMatchObject({
        issue: expect.arrayContaining([expect.objectContaining({ location: ['http.X-Purpose'] })]),
      });
    });

    it('still ask for a token', async () => {
      expect((await server.get('/fhir/Consent/x', { as: null, headers: bare })).status).toBe(401);
    });
  });

  describe('an open sandbox', () => {
    const server = useServer(open, { SANDBOX_OPEN: 'on' });
    const bare = {
      as: null,
      headers: {
        'X-Request-ID': null,
        'X-User-Agent': null,
        'X-Org-Info': null,
        'X-Provenance': null,
        'X-Purpose': null,
        'X-Access': null,
      },
    };

    it('lets a bare call act as system: create, read, search, history, update, delete', async () => {
      const made = await server.post('/fhir/Consent', samtykke(), bare);
      expect(made.status).toBe(201);
      const id = idIn(made);
      expect((await server.get(`/fhir/Consent/${id}`, bare)).status).toBe(200);
      expect(idsIn(await server.get('/fhir/Consent?status=active', bare))).toEqual([id]);
      expect(resourceIn(await server.get(`/fhir/Consent/${id}/_history`, bare), 'Bundle').total).toBe(1);
      expect((await server.put(`/fhir/Consent/${id}`, made.json, bare)).status).toBe(200);
      expect((await server.delete(`/fhir/Consent/${id}`, bare)).status).toBe(204);
    });

    it('still verifies a token that is sent', async () => {
      const refused = await server.get('/fhir/Consent', {
        as: null,
        headers: { Authorization: 'Bearer rubbish' },
      });
      expect(refused.status).toBe(401);
    });
  });
};
