import { describe, expect, it } from 'vitest';
import type { Client } from './client.ts';
import { FNR, HPR, NUMBERS, PVK_PART, reservasjon, samtykke, tilgangsbegrensning } from './fixtures.ts';
import { idIn, idsIn, issuesOf, linkIn, pathOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

/** Two Consents of one citizen, one of another. */
const seed = async (server: Client) => {
  const identifier = [{ system: 'https://journal.example/consents', value: 'k-17' }];
  const dated = { ...samtykke(), identifier, dateTime: '2023-12-07T09:05:39+01:00' };
  const consent = idIn(await server.post('/fhir/Consent', dated));
  const restriction = idIn(await server.post('/fhir/Consent', tilgangsbegrensning()));
  const other = idIn(await server.post('/fhir/Consent', reservasjon(NUMBERS.line)));
  return { consent, restriction, other, patient: await server.patient(NUMBERS.documented) };
};

const CRITERIA: readonly (readonly [query: string, of: 'consent' | 'restriction' | 'both' | 'none'])[] = [
  ['_id={consent}', 'consent'],
  ['identifier=https://journal.example/consents|k-17', 'consent'],
  ['identifier=k-17', 'consent'],
  ['status=active', 'both'],
  ['status=inactive', 'none'],
  ['status:not=inactive', 'both'],
  ['category=https://nordic-fhir-facade.dev/fhir/CodeSystem/pvk-type|samtykke', 'consent'],
  ['category=tilgangsbegrensning', 'restriction'],
  ['category=samtykke,tilgangsbegrensning', 'both'],
  ['date=2023-12-07', 'consent'],
  ['date=ge2023-12-07T08:05:39Z', 'consent'],
  ['date=lt2023-12-07', 'none'],
  ['date:missing=true', 'restriction'],
  [`actor:identifier=${HPR}|9000001`, 'restriction'],
  [`actor:identifier=${HPR}|9000002`, 'none'],
  [`organization:identifier=${PVK_PART}|NFS`, 'consent'],
  ['definition=3fe2a80a-4200-42e2-817b-da8a6236708a', 'consent'],
  [
    'definition=https://nordic-fhir-facade.dev/fhir/CodeSystem/pvk-definition|3f7457b8-821c-45a8-ae04-d3e4a0dac0f0',
    'restriction',
  ],
  ['_lastUpdated=ge2020-01-01', 'both'],
  ['_lastUpdated=ge2999-01-01', 'none'],
  ['patient={patient}', 'both'],
  ['patient=Patient/{patient}', 'both'],
  ['patient:Patient={patient}&status=active&category=samtykke', 'consent'],
  ['status=http://hl7.org/fhir/consent-state-codes|active', 'both'],
  ['patient._id={patient}', 'both'],
  ['_has:Provenance:target:recorded=ge2020-01-01', 'both'],
  ['_has:Provenance:target:recorded=lt2020-01-01', 'none'],
];

export const search: Theme = (open) => {
  describe('search Consent', () => {
    const server = useServer(open);

    it("brings along the Patient and the caller's own Provenances, as included", async () => {
      const { consent, patient } = await seed(server);
      const query = `_id=${consent}&_include=Consent:patient&_revinclude=Provenance:target`;
      const bundle = resourceIn(await server.get(`/fhir/Consent?${query}`, { patient }), 'Bundle');
      expect(
        bundle.entry?.map(({ resource, search: { mode } = {} }) => [resource?.resourceType, mode]),
      ).toEqual([
        ['Consent', 'match'],
        ...[
          ['Patient', 'include'],
          ['Provenance', 'include'],
        ].toSorted(),
      ]);
      // A nurse did not write it: R4 leaves out what the caller may not see.
      const other = await server.get(`/fhir/Consent?${query}`, { as: 'nurse', patient });
      expect(resourceIn(other, 'Bundle').entry?.map(({ resource }) => resource?.resourceType)).toEqual([
        'Consent',
        'Patient',
      ]);
    });

    it('gives a part of each resource by _summary and _elements, marked SUBSETTED', async () => {
      const { consent, patient } = await seed(server);
      const one = async (query: string) =>
        resourceIn(await server.get(`/fhir/Consent?_id=${consent}&${query}`, { patient }), 'Bundle')
          .entry?.[0]?.resource;
      const elements = await one('_elements=dateTime');
      expect(elements).toMatchObject({ dateTime: '2023-12-07T09:05:39+01:00', status: 'active' });
      expect(elements).not.toHaveProperty('identifier');
      expect(elements?.meta?.tag?.[0]?.code).toBe('SUBSETTED');
      const summary = await one('_summary=true');
      expect(summary?.meta?.tag?.[0]?.code).toBe('SUBSETTED');
      const read = resourceIn(
        await server.get(`/fhir/Consent/${consent}?_elements=dateTime`, { patient }),
        'Consent',
      );
      expect([read.meta?.tag?.[0]?.code, read.identifier]).toEqual(['SUBSETTED', undefined]);
    });

    it.each(CRITERIA)('finds by %s, in the URL and in a POST _search alike', async (template, of) => {
      const { consent, restriction, patient } = await seed(server);
      const query = template.replaceAll('{consent}', consent).replaceAll('{patient}', patient);
      const parameters = [...new URLSearchParams(query.replaceAll('+', '%2B'))];
      const url = new URLSearchParams(parameters).toString();
      const expected = {
        consent: [consent],
        restriction: [restriction],
        both: [consent, restriction],
        none: [],
      }[of];
      const got = await server.get(`/fhir/Consent?${url}`, { patient });
      const posted = await server.search('Consent', parameters, { patient });
      expect([got.status, idsIn(got).toSorted()]).toEqual([200, expected.toSorted()]);
      expect([posted.status, idsIn(posted).toSorted()]).toEqual([200, expected.toSorted()]);
    });

    it('answers an empty searchset for a miss, with a self link and no entry', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const found = await server.get(`/fhir/Consent?patient=${patient}&_total=accurate`, { patient });
      expect(found.status).toBe(200);
      const bundle = resourceIn(found, 'Bundle');
      expect(bundle).toMatchObject({ type: 'searchset', total: 0 });
      expect(bundle.entry).toBeUndefined();
      expect(linkIn(bundle, 'self')).toContain(`/fhir/Consent?patient=${patient}`);
    });

    it('finds by patient:identifier in a POST body only, and writes the Patient’s id into the links', async () => {
      const { consent, restriction, patient } = await seed(server);
      const found = await server.search(
        'Consent',
        { 'patient:identifier': `${FNR}|${NUMBERS.documented}` },
        { patient },
      );
      expect(idsIn(found).toSorted()).toEqual([consent, restriction].toSorted());
      const self = decodeURIComponent(linkIn(resourceIn(found, 'Bundle'), 'self') ?? '');
      expect(self).toContain(`patient=Patient/${patient}`);
    });

    it('narrows to the patient of X-PatientRef', async () => {
      const { other, patient } = await seed(server);
      expect(idsIn(await server.get('/fhir/Consent?status=active', { patient }))).not.toContain(other);
      const mismatch = await server.get(`/fhir/Consent?patient=${await server.patient(NUMBERS.line)}`, {
        patient,
      });
      expect(mismatch.status).toBe(403);
      expect(issuesOf(mismatch)).toMatchObject([{ code: 'business-rule', detail: 'patient-mismatch' }]);
    });

    it('makes no Patient of an unknown number, and finds nothing by it', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const found = await server.search(
        'Consent',
        { 'patient:identifier': `${FNR}|${NUMBERS.line}` },
        { patient },
      );
      expect([200, 403]).toContain(found.status);
      if (found.status === 200) expect(idsIn(found)).toEqual([]);
    });

    it('refuses an unknown parameter by 400 that lists the valid ones', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const refused = await server.get('/fhir/Consent?colour=red&shape=round', { patient });
      expect(refused.status).toBe(400);
      const issues = issuesOf(refused);
      expect(issues.map(({ location }) => location?.[0])).toEqual(['http.colour', 'http.shape']);
      expect(issues[0]?.diagnostics).toMatch(/patient.*status|status.*patient/);
    });

    it('goes on without it under handling=lenient, says so in the Bundle, and keeps the self link truthful', async () => {
      const { patient } = await seed(server);
      const found = await server.get('/fhir/Consent?colour=red&status=active', {
        patient,
        headers: { Prefer: 'handling=lenient' },
      });
      expect(found.status).toBe(200);
      const bundle = resourceIn(found, 'Bundle');
      const outcome = bundle.entry?.find(({ search: how }) => how?.mode === 'outcome');
      expect(outcome?.resource).toMatchObject({
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'warning' }],
      });
      expect(linkIn(bundle, 'self')).toContain('status=active');
      expect(linkIn(bundle, 'self')).not.toContain('colour');
    });

    it('refuses a malformed value and an unknown modifier by 400, even when lenient', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const options = { patient, headers: { Prefer: 'handling=lenient' } };
      for (const query of ['date=soon', 'status:fuzzy=active', '_lastUpdated=2024-13-01', '_count=many']) {
        expect([query, (await server.get(`/fhir/Consent?${query}`, options)).status]).toEqual([query, 400]);
      }
    });

    it('pages by next links until the end, each entry once', async () => {
      const { consent, restriction, patient } = await seed(server);
      const seen: string[] = [];
      let path: string | undefined = `/fhir/Consent?patient=${patient}&_count=1`;
      for (let page = 0; path !== undefined && page < 5; page += 1) {
        const found = await server.get(path, { patient });
        seen.push(...idsIn(found));
        const next = linkIn(resourceIn(found, 'Bundle'), 'next');
        path = next === undefined ? undefined : pathOf(next);
      }
      expect(seen.toSorted()).toEqual([consent, restriction].toSorted());
    });

    it('keeps to the size of a page, which may be said anew beside the cursor, but nothing else may', async () => {
      const first = resourceIn(await server.get('/fhir/Organization?_count=2&_sort=_id'), 'Bundle');
      const next = pathOf(linkIn(first, 'next') ?? '');
      const second = resourceIn(await server.get(next), 'Bundle');
      expect(second.entry).toHaveLength(2);
      const other = new URL(next, 'http://127.0.0.1');
      other.searchParams.set('_count', '1');
      const smaller = resourceIn(await server.get(other.pathname + other.search), 'Bundle');
      expect(smaller.entry?.map(({ fullUrl }) => fullUrl)).toEqual([second.entry?.[0]?.fullUrl]);
      const refused = await server.get(`${next}&name=x`);
      expect([refused.status, issuesOf(refused)[0]?.location]).toEqual([400, ['http._cursor']]);
    });

    it('opens a cursor for the caller it was made for, within the hour, and nobody else', async () => {
      const { patient } = await seed(server);
      const found = await server.get(`/fhir/Consent?patient=${patient}&_count=1`, { patient });
      const next = pathOf(linkIn(resourceIn(found, 'Bundle'), 'next') ?? '');
      const stranger = await server.get(next, { patient, as: 'nurse' });
      expect(stranger.status).toBe(400);
      expect(issuesOf(stranger)).toMatchObject([{ location: ['http._cursor'] }]);
      expect((await server.get(`${next.slice(0, -4)}AAAA`, { patient })).status).toBe(400);
      await server.advance(3_601_000);
      expect((await server.get(next, { patient })).status).toBe(400);
    });

    it('carries no number in its links, also when the search was by number', async () => {
      const { patient } = await seed(server);
      const parameters = { 'patient:identifier': `${FNR}|${NUMBERS.documented}`, _count: '1' };
      const found = await server.search('Consent', parameters, { patient });
      const links = JSON.stringify(resourceIn(found, 'Bundle').link);
      expect(links).not.toContain(NUMBERS.documented);
      expect(
        atob((/_cursor=([\w-]+)/.exec(links)?.[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')),
      ).not.toContain(NUMBERS.documented);
    });

    it('takes a search body as a form only', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const refused = await server.call('POST', '/fhir/Consent/_search', {
        patient,
        body: { status: 'active' },
      });
      expect(refused.status).toBe(415);
    });
  });

  describe('a national identity number in a URL', () => {
    const server = useServer(open);
    const number = NUMBERS.documented;
    const fnr = encodeURIComponent(FNR);
    const bar = '%7C';

    it.each([
      `/fhir/Consent?patient:identifier=${fnr}${bar}${number}`,
      `/fhir/Consent?identifier=${fnr}${bar}${number}`,
      `/fhir/Consent?patient.identifier=${fnr}${bar}${number}`,
      `/fhir/Consent?patient=${number}`,
      `/fhir/Consent?patient=Patient/${number}`,
      `/fhir/Consent?actor:identifier=${number}`,
      `/fhir/Consent?patient:identifier=http://hl7.no/fhir/NamingSystem/FNR${bar}${number}`,
      `/fhir/Consent?status=active&_has:Provenance:patient:agent:identifier=${fnr}${bar}${number}`,
      `/fhir/Patient?identifier=${fnr}${bar}${number}`,
      `/fhir/Patient?identifier=${number}`,
      `/fhir/Patient?_id=${number}`,
      `/fhir/Patient/${number}`,
      `/fhir/AuditEvent?patient=${number}`,
      `/fhir/Provenance?agent:identifier=${fnr}${bar}${number}`,
      `/fhir/Organization?identifier=${fnr}${bar}${number}`,
      `/fhir/Consent/_search?patient:identifier=${fnr}${bar}${number}`,
    ])('is refused by 400 security and not repeated: %s', async (path) => {
      const method = path.includes('_search') ? 'POST' : 'GET';
      const refused = await server.call(method, path, { as: 'system' });
      expect(refused.status).toBe(400);
      expect(issuesOf(refused)).toMatchObject([{ code: 'security' }]);
      expect(refused.text).not.toContain(number);
    });

    it('is refused whoever asks, also without a token', async () => {
      const refused = await server.get(`/fhir/Patient/${number}`, { as: null });
      expect(refused.status).toBe(400);
    });

    it('is no matter of organisation numbers, which are allowed', async () => {
      const found = await server.get(
        '/fhir/Organization?identifier=urn:oid:2.16.578.1.12.4.1.4.101%7C912159523',
        { as: null },
      );
      expect(idsIn(found)).toEqual(['eksempel-sykehus']);
    });
  });
};
