import { describe, expect, it } from 'vitest';
import type { CallOptions, Client } from './client.ts';
import { NUMBERS, samtykke, tilgangsbegrensning } from './fixtures.ts';
import { idIn, issuesOf, type Reply, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const SYSTEM = { as: 'system' } as const;
const PROFILE = 'https://nordic-fhir-facade.dev/fhir/StructureDefinition/PvkConsent';
const R4 = 'http://hl7.org/fhir/StructureDefinition';
const UNKNOWN = '0193b5b2-7c1e-7000-8000-000000000000';
const hospital = { resourceType: 'Organization', name: 'Nytt sykehus' };

const parameters = (...parameter: readonly object[]) => ({ resourceType: 'Parameters', parameter });

/** Severity and code of each finding; every one of them came with 200. */
const told = (reply: Reply): readonly string[] => {
  expect([reply.status, reply.text.slice(0, 200)]).toEqual([200, expect.any(String)]);
  return issuesOf(reply).map(({ severity, code }) => `${severity} ${code}`);
};

const WELL = ['information informational'];

const nothingHappened = async (server: Client): Promise<void> => {
  expect(await server.exchanges()).toEqual([]);
  const counted = await server.get('/fhir/Patient?_summary=count', SYSTEM);
  expect(resourceIn(counted, 'Bundle').total).toBe(0);
};

export const validateOperation: Theme = (open) => {
  describe('$validate of what a create would store', () => {
    const server = useServer(open, { HEADER_RULES: 'report' });
    const validate = (query: string, body: unknown, options: CallOptions = {}) =>
      server.post(`/fhir/Consent/$validate${query}`, body, options);

    it.each([
      ['in the URL', `?mode=create&profile=${PROFILE}`, samtykke(NUMBERS.line)],
      [
        'in Parameters',
        '',
        parameters(
          { name: 'mode', valueCode: 'create' },
          { name: 'profile', valueUri: PROFILE },
          { name: 'resource', resource: samtykke(NUMBERS.line) },
        ),
      ],
      [
        'in both, the same',
        '?mode=create',
        parameters(
          { name: 'mode', valueCode: 'create' },
          { name: 'resource', resource: samtykke(NUMBERS.line) },
        ),
      ],
    ])('takes mode and profile %s', async (_where, query, body) => {
      expect(told(await validate(query, body))).toEqual(WELL);
      await nothingHappened(server);
    });

    it.each([
      ['mode', '?mode=create', { name: 'mode', valueCode: 'profile' }],
      ['profile', `?profile=${PROFILE}`, { name: 'profile', valueUri: `${R4}/Consent` }],
    ])('refuses by 400 a %s that URL and body tell differently', async (name, query, given) => {
      const body = parameters(given, { name: 'resource', resource: samtykke(NUMBERS.line) });
      const refused = await validate(query, body);
      expect([refused.status, issuesOf(refused)[0]?.diagnostics]).toEqual([
        400,
        expect.stringContaining(name),
      ]);
    });

    it.each([
      ['a mode that R4 does not have', '?mode=patch', 'http.mode'],
      ['mode=profile without a profile', '?mode=profile', 'http.profile'],
      ['mode=update without an instance', '?mode=update', 'http.mode'],
      ['mode=delete without an instance', '?mode=delete', 'http.mode'],
      ['a parameter that it does not have', '?modus=create', 'http.modus'],
      ['remote=true without a create', `?remote=true&profile=${PROFILE}`, 'http.remote'],
    ])('refuses %s by 400', async (_what, query, location) => {
      const refused = await validate(query, samtykke(NUMBERS.line));
      expect([refused.status, issuesOf(refused)[0]?.location]).toEqual([400, [location]]);
    });

    it('needs one resource', async () => {
      expect((await validate('', parameters())).status).toBe(400);
      const resource = { name: 'resource', resource: samtykke(NUMBERS.line) };
      expect((await validate('', parameters(resource, resource))).status).toBe(400);
      expect((await validate('', parameters(resource, { name: 'colour', valueCode: 'red' }))).status).toBe(
        400,
      );
    });

    it('says that a profile is unknown, and which ones there are', async () => {
      const reply = await validate('?profile=https://example.org/unknown', samtykke(NUMBERS.line));
      expect(told(reply)).toEqual(['error not-found']);
      expect(issuesOf(reply)[0]?.diagnostics).toContain(PROFILE);
    });

    it.each([`${R4}/Consent`, `${R4}/Consent|4.0.1`, `${R4}/DomainResource`, `${PROFILE}|0.1.0`])(
      'knows the profile %s',
      async (profile) => {
        const query = `?mode=profile&profile=${encodeURIComponent(profile)}`;
        expect(told(await validate(query, samtykke(NUMBERS.line)))).toEqual(WELL);
      },
    );

    it('with mode=profile looks at the profile alone, no rule of PVK', async () => {
      const unmapped = { ...samtykke(NUMBERS.line), provision: { type: 'deny' } };
      expect(told(await validate(`?mode=profile&profile=${R4}/Consent`, unmapped))).toEqual(WELL);
      expect(told(await validate(`?mode=create&profile=${R4}/Consent`, unmapped))[0]).toMatch(/^error/);
    });

    it('with remote=true says that this system has no check of its own', async () => {
      const reply = await validate('?mode=create&remote=true', samtykke(NUMBERS.line));
      expect(told(reply)).toEqual(WELL);
      expect(issuesOf(reply)[0]?.diagnostics).toContain('no check of its own');
      await nothingHappened(server);
    });

    it('tells that there is one already', async () => {
      await server.post('/fhir/Consent', tilgangsbegrensning());
      const issues = told(await validate('', { ...tilgangsbegrensning(), dateTime: '2020-01-01' }));
      expect(issues).toContain('error duplicate');
    });

    it('is for those who may write', async () => {
      expect((await validate('', samtykke(), { as: 'pharmacist' })).status).toBe(403);
      expect((await validate('', samtykke(), { as: null })).status).toBe(401);
      expect((await server.get('/fhir/Consent/$validate')).status).toBe(405);
    });
  });

  describe('$validate on an instance', () => {
    const server = useServer(open);
    const made = async (): Promise<string> => idIn(await server.post('/fhir/Organization', hospital, SYSTEM));
    const at = (id: string, query = ''): string => `/fhir/Organization/${id}/$validate${query}`;

    it('by GET, or by POST without a resource, looks at what is stored', async () => {
      const id = await made();
      expect(told(await server.get(at(id), SYSTEM))).toEqual(WELL);
      expect(told(await server.call('POST', at(id), SYSTEM))).toEqual(WELL);
      expect(told(await server.get(at(id, `?mode=profile&profile=${R4}/Organization`), SYSTEM))).toEqual(
        WELL,
      );
      expect(told(await server.get(at(id, `?profile=${R4}/Patient`), SYSTEM))[0]).toMatch(/^error/);
      expect((await server.get(at(UNKNOWN), SYSTEM)).status).toBe(404);
      await server.delete(`/fhir/Organization/${id}`, SYSTEM);
      expect((await server.get(at(id), SYSTEM)).status).toBe(410);
      expect((await server.put(at(id), hospital, SYSTEM)).status).toBe(405);
    });

    it('checks an update: the id, what is there, the version that was seen', async () => {
      const id = await made();
      const update = (body: object, to = id, headers: Readonly<Record<string, string>> = {}) =>
        server.post(at(to, '?mode=update'), body, { ...SYSTEM, headers });
      expect(told(await update({ ...hospital, id, name: 'Annet' }))).toEqual(WELL);
      expect(told(await update({ ...hospital, id: 'other' }))).toEqual(['error value']);
      expect(told(await update({ ...hospital, id: UNKNOWN }, UNKNOWN))).toEqual(['error not-supported']);
      expect(told(await update({ ...hospital, id }, id, { 'If-Match': 'W/"7"' }))).toEqual([
        'error conflict',
      ]);
      expect(told(await update({ resourceType: 'Organization', id }))[0]).toMatch(/^error/);
      expect((await server.call('POST', at(id, '?mode=update'), SYSTEM)).status).toBe(400);
      const read = await server.get(`/fhir/Organization/${id}`, { as: null });
      expect(resourceIn(read, 'Organization').meta?.versionId).toBe('1');
    });

    it('without a mode takes what is sent for an update', async () => {
      const id = await made();
      expect(told(await server.post(at(id), { ...hospital, id: 'other' }, SYSTEM))).toEqual(['error value']);
    });

    it('checks a delete, and deletes nothing', async () => {
      const id = await made();
      const remove = (to: string) => server.get(at(to, '?mode=delete'), SYSTEM);
      expect(told(await remove(id))).toEqual(WELL);
      await server.post(
        '/fhir/Organization',
        { ...hospital, partOf: { reference: `Organization/${id}` } },
        SYSTEM,
      );
      expect(told(await remove(id))).toEqual(['error conflict']);
      expect(told(await remove(UNKNOWN))).toEqual(WELL);
      expect((await server.get(`/fhir/Organization/${id}`, { as: null })).status).toBe(200);
    });

    it('asks the scopes of what is tried', async () => {
      const id = await made();
      const reader = { as: { role: 'system', scope: 'system/Organization.rs' } } as const;
      expect(told(await server.get(at(id), reader))).toEqual(WELL);
      expect((await server.get(at(id, '?mode=delete'), reader)).status).toBe(403);
      expect((await server.post(at(id, '?mode=update'), { ...hospital, id }, reader)).status).toBe(403);
    });

    it('tells a private person nothing of somebody else’s', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke(NUMBERS.line)));
      const own = await server.patient(NUMBERS.synthetic);
      const citizen = { as: { role: 'citizen', patient: own } } as const;
      expect((await server.get(`/fhir/Consent/${id}/$validate`, citizen)).status).toBe(403);
      expect((await server.get(`/fhir/Consent/${UNKNOWN}/$validate`, citizen)).status).toBe(403);
    });
  });
};
