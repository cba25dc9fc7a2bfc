import { describe, expect, it } from 'vitest';
import type { Client } from './client.ts';
import { FNR, NUMBERS, reservasjon, samtykke, tilgangsbegrensning } from './fixtures.ts';
import { headersFor } from './headers.ts';
import { idIn, issuesOf, linkIn, pathOf, type Reply, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

/** `Type/id` of the matches, in order. */
const found = (reply: Reply): readonly string[] =>
  (resourceIn(reply, 'Bundle').entry ?? [])
    .filter(({ search }) => search?.mode === 'match')
    .map(({ resource }) => `${resource?.resourceType}/${resource?.id}`);

const seed = async (server: Client) => {
  const consent = idIn(await server.post('/fhir/Consent', samtykke()));
  const restriction = idIn(await server.post('/fhir/Consent', tilgangsbegrensning()));
  await server.post('/fhir/Consent', reservasjon(NUMBERS.line));
  return { consent, restriction, patient: await server.patient(NUMBERS.documented) };
};

/** The headers of the strictest pattern of these searches. */
const strict = (patient: string) =>
  headersFor({ method: 'GET', path: '/fhir/Consent', role: 'prescriber', patient });

export const searchSystem: Theme = (open) => {
  describe('search over several types', () => {
    const server = useServer(open);

    it('finds by what the types have in common, in the order of _type, in the URL and in a POST alike', async () => {
      const { consent, restriction, patient } = await seed(server);
      const headers = strict(patient);
      const all = [...[consent, restriction].toSorted().map((id) => `Consent/${id}`), `Patient/${patient}`];
      const got = await server.get('/fhir?_type=Consent,Patient&_lastUpdated=ge2020-01-01', { headers });
      expect([got.status, found(got)]).toEqual([200, all]);
      const [self = ''] = [linkIn(resourceIn(got, 'Bundle'), 'self')];
      expect(decodeURIComponent(self)).toMatch(/\/fhir\?_type=Consent,Patient&_lastUpdated=ge2020-01-01$/);
      const body = new URLSearchParams({ _type: 'Consent,Patient', _lastUpdated: 'ge2020-01-01' });
      const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const posted = await server.post('/fhir/_search', body, { headers: { ...strict(patient), ...form } });
      expect([posted.status, found(posted)]).toEqual([200, all]);
      const one = await server.get(`/fhir?_type=Patient,Consent&_id=${consent}`, {
        headers: strict(patient),
      });
      expect(found(one)).toEqual([`Consent/${consent}`]);
    });

    it('sorts over all types, counts them together, and pages through them once', async () => {
      const { consent, restriction, patient } = await seed(server);
      const query = '_type=Patient,Consent&_sort=-_lastUpdated&_count=1&_total=accurate';
      const seen: string[] = [];
      let path: string | undefined = `/fhir?${query}`;
      while (path !== undefined) {
        const reply = await server.get(path, { headers: strict(patient) });
        const bundle = resourceIn(reply, 'Bundle');
        expect([reply.status, bundle.total, bundle.entry?.length]).toEqual([200, 3, 1]);
        seen.push(...found(reply));
        const next = linkIn(bundle, 'next');
        path = next === undefined ? undefined : pathOf(next);
      }
      expect(seen.toSorted()).toEqual(
        [`Consent/${consent}`, `Consent/${restriction}`, `Patient/${patient}`].toSorted(),
      );
      expect(seen.indexOf(`Consent/${restriction}`)).toBeLessThan(seen.indexOf(`Consent/${consent}`));
      const counted = await server.get('/fhir?_type=Patient,Consent&_summary=count', {
        headers: strict(patient),
      });
      expect(resourceIn(counted, 'Bundle')).toMatchObject({ total: 3 });
    });

    it('opens a cursor for the same caller and types alone, with no criteria beside it', async () => {
      const { patient } = await seed(server);
      const first = await server.get('/fhir?_type=Patient,Consent&_count=1', { headers: strict(patient) });
      const next = pathOf(linkIn(resourceIn(first, 'Bundle'), 'next') ?? '');
      const headers = () => strict(patient);
      expect((await server.get(next, { headers: headers() })).status).toBe(200);
      const others = next.replace(/_type=[^&]*/, '_type=Consent');
      expect((await server.get(others, { headers: headers() })).status).toBe(400);
      expect((await server.get(`${next}&status=active`, { headers: headers() })).status).toBe(400);
      expect((await server.get(next, { as: 'nurse', headers: headers() })).status).toBe(400);
    });

    it('follows the strictest header pattern of the types', async () => {
      const { patient } = await seed(server);
      const loose = headersFor({ method: 'GET', path: '/fhir/Provenance', role: 'prescriber' });
      const refused = await server.get('/fhir?_type=Organization,Consent', { headers: loose });
      expect(refused.status).toBe(400);
      expect(issuesOf(refused).flatMap(({ location }) => location ?? [])).toContain('http.X-Purpose');
      const open = headersFor({ method: 'GET', path: '/fhir/Organization', role: 'prescriber' });
      const organizations = await server.get('/fhir?_type=Organization&_count=1', {
        as: null,
        headers: open,
      });
      expect([organizations.status, found(organizations).length]).toEqual([200, 1]);
      const together = await server.get('/fhir?_type=Organization,Consent&_count=100', {
        headers: strict(patient),
      });
      expect(new Set(found(together).map((one) => one.split('/')[0]))).toEqual(
        new Set(['Organization', 'Consent']),
      );
      expect((await server.get('/fhir?_type=Organization,Consent', { as: null })).status).toBe(401);
    });

    it('is closed as a whole by one type that the caller may not search', async () => {
      const { patient } = await seed(server);
      const citizen = { role: 'citizen', patient } as const;
      const headers = () => headersFor({ method: 'GET', path: '/fhir/Consent', role: 'citizen', patient });
      const own = await server.get('/fhir?_type=Consent,Patient', { as: citizen, headers: headers() });
      expect([own.status, found(own).length]).toEqual([200, 3]);
      const refused = await server.get('/fhir?_type=Consent,Provenance', { as: citizen, headers: headers() });
      expect(refused.status).toBe(403);
    });

    it('asks for _type, and names what may stand there', async () => {
      const reply = await server.get('/fhir?_lastUpdated=ge2020-01-01', {});
      expect([reply.status, issuesOf(reply)[0]]).toEqual([
        400,
        expect.objectContaining({ location: ['http._type'], code: 'required' }),
      ]);
      expect(issuesOf(reply)[0]?.diagnostics).toContain('Consent');
      for (const type of ['Consent,Conzent', 'AuditEvent', '']) {
        expect([type, (await server.get(`/fhir?_type=${type}`, {})).status]).toEqual([type, 400]);
      }
    });

    it('refuses a parameter that the types do not share, or leaves it out when handling is lenient', async () => {
      const { patient } = await seed(server);
      const path = '/fhir?_type=Consent,Patient&status=active';
      const refused = await server.get(path, { headers: strict(patient) });
      expect([refused.status, issuesOf(refused)[0]?.diagnostics]).toEqual([
        400,
        expect.stringMatching(/status is unknown for all of the types asked for.*_lastUpdated/),
      ]);
      const lenient = await server.get(path, { headers: { ...strict(patient), Prefer: 'handling=lenient' } });
      expect([lenient.status, found(lenient).length]).toEqual([200, 3]);
      expect(resourceIn(lenient, 'Bundle').entry?.at(-1)?.search?.mode).toBe('outcome');
    });

    it('includes each resource once, and none that is a match', async () => {
      const { consent, patient } = await seed(server);
      const query = `_type=Consent,Patient&_id=${consent},${patient}&_include=Consent:patient&_revinclude=Provenance:target`;
      const bundle = resourceIn(await server.get(`/fhir?${query}`, { headers: strict(patient) }), 'Bundle');
      expect(
        bundle.entry?.map(({ resource, search: { mode } = {} }) => `${mode} ${resource?.resourceType}`),
      ).toEqual(['match Consent', 'match Patient', 'include Provenance']);
    });

    it('takes no person number in its URL, and is not what GET of the bare base asks for', async () => {
      const number = NUMBERS.documented;
      for (const value of [`${FNR}|${number}`, number]) {
        const reply = await server.get(`/fhir?_type=Patient&identifier=${encodeURIComponent(value)}`, {});
        expect([reply.status, issuesOf(reply)[0]?.code]).toEqual([400, 'security']);
      }
      expect((await server.get('/fhir', {})).status).toBe(405);
      expect((await server.get('/fhir?_format=json', {})).status).toBe(405);
      expect((await server.get('/fhir/_search?_type=Consent', {})).status).toBe(405);
    });
  });
};
