import type { AuditEvent } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import type { Client } from './client.ts';
import { NUMBERS, PROVENANCE, samtykke, withdrawn } from './fixtures.ts';
import { encoded } from './headers.ts';
import { idIn, idsIn, issuesOf, linkIn, pathOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const AUDITOR = { as: 'auditor' } as const;

const eventsIn = async (server: Client, query: string): Promise<readonly AuditEvent[]> => {
  const found = await server.get(`/fhir/AuditEvent${query}`, AUDITOR);
  const entries = resourceIn(found, 'Bundle').entry ?? [];
  return entries.flatMap(({ resource }) => (resource?.resourceType === 'AuditEvent' ? [resource] : []));
};

/** `interaction outcome` of each event, oldest first. */
const told = (events: readonly AuditEvent[]): readonly string[] =>
  events.map(({ subtype, outcome }) => `${subtype?.[0]?.code} ${outcome}`).toReversed();

export const provenanceAndAudit: Theme = (open) => {
  describe('Provenance', () => {
    const server = useServer(open);

    it('is stored from X-Provenance and targets the version that the call made', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      await server.put(`/fhir/Consent/${id}`, { ...withdrawn(samtykke()), id });
      const found = await server.get(`/fhir/Provenance?target=Consent/${id}`);
      const targets = (resourceIn(found, 'Bundle').entry ?? []).map(({ resource }) =>
        resource?.resourceType === 'Provenance' ? resource.target[0]?.reference : undefined,
      );
      expect(targets.toSorted()).toEqual([`Consent/${id}/_history/1`, `Consent/${id}/_history/2`]);
      const first = await server.get(`/fhir/Provenance?target=Consent/${id}/_history/1`);
      expect(idsIn(first)).toHaveLength(1);
    });

    it('holds who and why as they were sent, and the server’s own when', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const [entry] =
        resourceIn(await server.get(`/fhir/Provenance?target=Consent/${id}`), 'Bundle').entry ?? [];
      expect(entry?.resource).toMatchObject({
        resourceType: 'Provenance',
        contained: PROVENANCE.contained,
        activity: PROVENANCE.activity,
        agent: PROVENANCE.agent,
      });
      const provenance = entry?.resource?.resourceType === 'Provenance' ? entry.resource : undefined;
      expect(Math.abs(Date.parse(provenance?.recorded ?? '') - Date.now())).toBeLessThan(60_000);
      const read = await server.get(`/fhir/Provenance/${provenance?.id}`);
      expect(read.json).toEqual(provenance);
    });

    it('keeps the server’s target and recorded, whatever X-Provenance says', async () => {
      const value = encoded({
        ...PROVENANCE,
        target: [{ reference: 'Consent/x' }],
        recorded: '2001-01-01T00:00:00Z',
      });
      const made = await server.post('/fhir/Consent', samtykke(), { headers: { 'X-Provenance': value } });
      expect(made.status).toBe(201);
      const found = await server.get(`/fhir/Provenance?target=Consent/${idIn(made)}`);
      expect(resourceIn(found, 'Bundle').entry?.[0]?.resource).not.toMatchObject({
        recorded: '2001-01-01T00:00:00Z',
      });
    });

    it('is seen by who wrote it and by an auditor; to others it is not there', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const [own] = idsIn(await server.get(`/fhir/Provenance?target=Consent/${id}`));
      expect(own).toBeDefined();
      expect(idsIn(await server.get(`/fhir/Provenance?target=Consent/${id}`, { as: 'nurse' }))).toEqual([]);
      expect((await server.get(`/fhir/Provenance/${own}`, { as: 'nurse' })).status).toBe(404);
      expect(idsIn(await server.get(`/fhir/Provenance?target=Consent/${id}`, AUDITOR))).toEqual([own]);
      expect((await server.get(`/fhir/Provenance/${own}`, AUDITOR)).status).toBe(200);
    });

    it('is written by nobody but the server', async () => {
      const refused = await server.post('/fhir/Provenance', { ...PROVENANCE });
      expect(refused.status).toBe(405);
      expect(refused.headers.get('Allow')).toBe('GET, HEAD');
    });

    it('is not made by a write that is refused', async () => {
      await server.fault('helsenorge', 'ikke-ok');
      expect((await server.post('/fhir/Consent', samtykke())).status).toBe(502);
      expect(idsIn(await server.get('/fhir/Provenance'))).toEqual([]);
    });
  });

  describe('AuditEvent', () => {
    const server = useServer(open);

    it('is there for every access to a patient’s data before the answer leaves: write, read, search, history', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      await server.get(`/fhir/Consent/${id}`, { patient });
      await server.get(`/fhir/Consent/${id}/_history/1`, { patient });
      await server.get(`/fhir/Consent/${id}/_history`, { patient });
      await server.get('/fhir/Consent?status=active', { patient });
      await server.put(`/fhir/Consent/${id}`, { ...withdrawn(samtykke()), id });
      await server.delete(`/fhir/Consent/${id}`);
      expect(told(await eventsIn(server, `?patient=${patient}&_count=50`))).toEqual([
        'search-type 0',
        'create 0',
        'read 0',
        'vread 0',
        'history-instance 0',
        'search-type 0',
        'update 0',
        'delete 0',
      ]);
    });

    it('is there for what was refused, too, and for what was not found', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const other = await server.patient(NUMBERS.line);
      const nothing = '0193b5b2-7c1e-7000-8000-000000000000';
      const since = (await eventsIn(server, '?_count=50')).length;
      await server.get(`/fhir/Consent/${id}`, { patient: other });
      await server.get(`/fhir/Consent/${nothing}`, { patient: other });
      await server.get('/fhir/Consent?status=inactive', { patient: other });
      await server.post('/fhir/Consent', { ...samtykke(), status: 'bogus' });
      await server.get(`/fhir/Consent/${id}`, { as: 'pharmacist', patient: other });
      await server.get(`/fhir/Consent/${id}`, { headers: { 'X-Purpose': 'NONSENS' }, patient: other });
      const events = (await eventsIn(server, '?_count=50')).filter(
        ({ entity }) => entity?.[0]?.type?.code === 'Consent',
      );
      expect(since).toBeGreaterThan(0);
      expect(told(events)).toEqual([
        'create 0',
        'read 4',
        'read 4',
        'search-type 0',
        'create 4',
        'read 4',
        'read 4',
      ]);
    });

    it('tells failures of the national service apart from refusals: outcome 8', async () => {
      await server.fault('helsenorge', 'ikke-ok');
      await server.post('/fhir/Consent', samtykke());
      expect(told(await eventsIn(server, '?subtype=create'))).toEqual(['create 8']);
    });

    it('says who, for whom, why and with what, and holds no identity number', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const requestId = crypto.randomUUID();
      await server.get(`/fhir/Consent/${id}`, { patient, headers: { 'X-Request-ID': requestId } });
      const [event] = await eventsIn(server, '?subtype=read');
      expect(event).toMatchObject({
        action: 'R',
        outcome: '0',
        entity: expect.arrayContaining([
          expect.objectContaining({ what: { reference: `Consent/${id}/_history/1` } }),
          expect.objectContaining({ what: { reference: `Patient/${patient}` } }),
        ]),
      });
      const text = JSON.stringify(event);
      for (const said of [
        'prescriber',
        'VARD',
        'TILLFALLIGT_SAMTYCKE',
        '5599990016',
        'Exempeljournal',
        requestId,
      ]) {
        expect(text).toContain(said);
      }
      expect(JSON.stringify(await eventsIn(server, '?_count=50'))).not.toContain(NUMBERS.documented);
    });

    it('is searched by each of its parameters, and read by id', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const today = new Date().toISOString().slice(0, 10);
      for (const query of [
        'action=C',
        'outcome=0',
        'type=rest',
        'subtype=create',
        `date=${today}`,
        `entity=Consent/${id}`,
        `patient=${patient}`,
        'agent:identifier=urn:oid:2.5.4.97%7C5599990016',
        `_lastUpdated=ge${today}`,
      ]) {
        const events = await eventsIn(server, `?${query}`);
        expect([query, events.some(({ subtype }) => subtype?.[0]?.code === 'create')]).toEqual([query, true]);
      }
      const [event] = await eventsIn(server, '?subtype=create');
      expect((await server.get(`/fhir/AuditEvent/${event?.id}`, AUDITOR)).json).toEqual(event);
      expect(await eventsIn(server, '?action=D')).toEqual([]);
      expect((await server.get('/fhir/AuditEvent?colour=red', AUDITOR)).status).toBe(400);
    });

    it('pages, newest first', async () => {
      await server.post('/fhir/Consent', samtykke());
      await server.post('/fhir/Consent', samtykke(NUMBERS.line));
      const first = resourceIn(
        await server.get('/fhir/AuditEvent?subtype=create&_count=1', AUDITOR),
        'Bundle',
      );
      const next = linkIn(first, 'next');
      const second = await server.get(pathOf(next ?? 'http://none/'), AUDITOR);
      expect(second.status).toBe(200);
      const at = (bundle: typeof first) =>
        bundle.entry?.map(({ resource }) => resource?.meta?.lastUpdated ?? '');
      const [newer = ''] = at(first) ?? [];
      const [older = ''] = at(resourceIn(second, 'Bundle')) ?? [];
      expect(newer >= older && older !== '').toBe(true);
      expect(idsIn(second)).not.toEqual((first.entry ?? []).map(({ resource }) => resource?.id));
    });

    it('audits the auditor, and is written by nobody', async () => {
      await eventsIn(server, '');
      expect(told(await eventsIn(server, ''))).toContain('search-type 0');
      const refused = await server.post('/fhir/AuditEvent', { resourceType: 'AuditEvent' }, AUDITOR);
      expect(refused.status).toBe(405);
      expect(issuesOf(refused)).toMatchObject([{ code: 'not-supported' }]);
    });
  });
};
