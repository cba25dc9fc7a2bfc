import { describe, expect, it } from 'vitest';
import { NUMBERS, samtykke, tilgangsbegrensning, withdrawn } from './fixtures.ts';
import { etagIn, idIn, idsIn, issuesOf, linkIn, pathOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const UNKNOWN = '0193b5b2-7c1e-7000-8000-000000000000';

export const reads: Theme = (open) => {
  describe('read and vread', () => {
    const server = useServer(open);

    it('reads what was made, with its version’s ETag, Last-Modified and Content-Location', async () => {
      const made = await server.post('/fhir/Consent', samtykke());
      const patient = await server.patient(NUMBERS.documented);
      const read = await server.get(`/fhir/Consent/${idIn(made)}`, { patient });
      expect(read.status).toBe(200);
      expect(read.json).toEqual(made.json);
      for (const name of ['ETag', 'Last-Modified', 'Content-Location']) {
        expect(read.headers.get(name)).toBe(made.headers.get(name));
      }
      expect(read.headers.get('Cache-Control')).toBe('no-store');
    });

    it('answers HEAD as GET, without the body', async () => {
      const made = await server.post('/fhir/Consent', samtykke());
      const patient = await server.patient(NUMBERS.documented);
      const head = await server.call('HEAD', `/fhir/Consent/${idIn(made)}`, { patient });
      expect([head.status, head.text, etagIn(head)]).toEqual([200, '', etagIn(made)]);
      const bare = await server.call('HEAD', `/fhir/Consent/${idIn(made)}`, { as: null });
      expect(bare.status).toBe(401);
    });

    it('keeps the earlier version for vread, and knows no version that never was', async () => {
      const made = await server.post('/fhir/Consent', samtykke());
      const id = idIn(made);
      const patient = await server.patient(NUMBERS.documented);
      await server.put(`/fhir/Consent/${id}`, { ...withdrawn(samtykke()), id });
      const first = await server.get(`/fhir/Consent/${id}/_history/1`, { patient });
      expect([first.status, etagIn(first)]).toEqual([200, 'W/"1"']);
      expect(first.json).toEqual(made.json);
      for (const version of ['3', '0', '01', 'x']) {
        expect((await server.get(`/fhir/Consent/${id}/_history/${version}`, { patient })).status).toBe(404);
      }
    });

    it('answers 404 not-found for an id that never was', async () => {
      const patient = await server.patient(NUMBERS.documented);
      for (const path of [`/fhir/Consent/${UNKNOWN}`, `/fhir/Consent/${UNKNOWN}/_history`]) {
        const missing = await server.get(path, { patient });
        expect(missing.status).toBe(404);
        expect(issuesOf(missing)).toMatchObject([{ code: 'not-found' }]);
      }
    });

    it('reads indented with _pretty, and takes _format and _summary of FHIR', async () => {
      const made = await server.post('/fhir/Consent', samtykke());
      const patient = await server.patient(NUMBERS.documented);
      const pretty = await server.get(`/fhir/Consent/${idIn(made)}?_pretty=true&_format=json`, { patient });
      expect(pretty.text).toContain('\n  "resourceType": "Consent"');
    });
  });

  describe('instance history', () => {
    const server = useServer(open);

    it('lists every version newest first, with request and response of each', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const patient = await server.patient(NUMBERS.documented);
      await server.put(`/fhir/Consent/${id}`, { ...withdrawn(samtykke()), id });
      const history = resourceIn(await server.get(`/fhir/Consent/${id}/_history`, { patient }), 'Bundle');
      expect(history).toMatchObject({ type: 'history', total: 2 });
      expect(
        history.entry?.map(({ request, response }) => [request, response?.status, response?.etag]),
      ).toEqual([
        [{ method: 'PUT', url: `Consent/${id}` }, '200', 'W/"2"'],
        [{ method: 'POST', url: 'Consent' }, '201', 'W/"1"'],
      ]);
    });

    it('pages by _count until the end, and narrows by _since', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const patient = await server.patient(NUMBERS.documented);
      await server.put(`/fhir/Consent/${id}`, { ...withdrawn(samtykke()), id });
      await server.put(`/fhir/Consent/${id}`, { ...samtykke(), id });
      const etags: string[] = [];
      let path: string | undefined = `/fhir/Consent/${id}/_history?_count=1`;
      for (let page = 0; path !== undefined && page < 5; page += 1) {
        const bundle = resourceIn(await server.get(path, { patient }), 'Bundle');
        etags.push(...(bundle.entry ?? []).map(({ response }) => response?.etag ?? ''));
        const next = linkIn(bundle, 'next');
        path = next === undefined ? undefined : pathOf(next);
      }
      expect(etags).toEqual(['W/"3"', 'W/"2"', 'W/"1"']);
      const future = await server.get(`/fhir/Consent/${id}/_history?_since=2999-01-01T00:00:00Z`, {
        patient,
      });
      expect(resourceIn(future, 'Bundle').entry).toBeUndefined();
      expect((await server.get(`/fhir/Consent/${id}/_history?_since=soon`, { patient })).status).toBe(400);
      expect((await server.get(`/fhir/Consent/${id}/_history?status=active`, { patient })).status).toBe(400);
      const lenient = await server.get(`/fhir/Consent/${id}/_history?status=active&_count=1`, {
        patient,
        headers: { Prefer: 'handling=lenient' },
      });
      expect(lenient.status).toBe(200);
      expect(linkIn(resourceIn(lenient, 'Bundle'), 'self')).not.toContain('status');
    });
  });

  describe('a Consent that may have changed at Helsenorge', () => {
    const server = useServer(open);
    const HOUR = 3_600_000;

    it('is asked about by Sjekk on a read when it was last confirmed too long ago, else not', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const patient = await server.patient(NUMBERS.documented);
      await server.get(`/fhir/Consent/${id}`, { patient });
      expect(await server.sent('SjekkInnbyggersPiStatus')).toEqual([]);
      await server.advance(HOUR);
      const read = await server.get(`/fhir/Consent/${id}`, { patient });
      expect([read.status, etagIn(read)]).toEqual([200, 'W/"1"']);
      expect(await server.sent('SjekkInnbyggersPiStatus')).toEqual([
        {
          innbyggerFnr: '***',
          definisjonGuid: '3fe2a80a-4200-42e2-817b-da8a6236708a',
          definisjonNavn: 'Samtykke til oppbevaring av biomateriale',
          partKode: 'NFS',
        },
      ]);
      await server.get(`/fhir/Consent/${id}`, { patient });
      expect(await server.sent('SjekkInnbyggersPiStatus')).toHaveLength(1);
    });

    it('is asked about by Sjekk on a search by patient and definition', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const patient = await server.patient(NUMBERS.documented);
      const query = `patient=${patient}&definition=3fe2a80a-4200-42e2-817b-da8a6236708a`;
      const found = await server.get(`/fhir/Consent?${query}`, { patient });
      expect(idsIn(found)).toEqual([id]);
      expect(await server.sent('SjekkInnbyggersPiStatus')).toHaveLength(1);
    });

    it('is asked about by HentInnbyggersPiForPart on a search by patient and part', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const patient = await server.patient(NUMBERS.documented);
      const part = encodeURIComponent('https://nordic-fhir-facade.dev/fhir/NamingSystem/pvk-part|NFS');
      const query = `patient=${patient}&organization:identifier=${part}`;
      const found = await server.get(`/fhir/Consent?${query}`, { patient });
      expect(idsIn(found)).toEqual([id]);
      expect(await server.sent('HentInnbyggersPiForPart')).toEqual([
        { innbyggerFnr: '***', partKode: 'NFS' },
      ]);
    });

    it('is asked about by HentInnbyggereAktivePiForDefinisjon when a system searches by definition', async () => {
      const one = idIn(await server.post('/fhir/Consent', samtykke()));
      const two = idIn(await server.post('/fhir/Consent', samtykke(NUMBERS.line)));
      const found = await server.get('/fhir/Consent?definition=3fe2a80a-4200-42e2-817b-da8a6236708a', {
        as: 'system',
      });
      expect(found.status).toBe(200);
      expect(idsIn(found).toSorted()).toEqual([one, two].toSorted());
      const [query] = await server.sent('HentInnbyggereAktivePiForDefinisjon');
      expect(query).toContain('definisjonGuid=3fe2a80a-4200-42e2-817b-da8a6236708a');
      expect(query).toContain('pagingReference=0');
    });

    it('asks nothing about what PVK cannot be asked for: a search by patient alone', async () => {
      await server.post('/fhir/Consent', tilgangsbegrensning());
      const patient = await server.patient(NUMBERS.documented);
      await server.get(`/fhir/Consent?patient=${patient}`, { patient });
      expect(await server.sent('Sjekk')).toEqual([]);
      expect(await server.sent('Hent')).toEqual([]);
    });

    it('warns that inactive settings are only those the server knows', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const found = await server.get(`/fhir/Consent?patient=${patient}&status=inactive`, { patient });
      const outcome = resourceIn(found, 'Bundle').entry?.find(({ search }) => search?.mode === 'outcome');
      expect(outcome?.resource).toMatchObject({ issue: [{ severity: 'warning', code: 'incomplete' }] });
    });
  });
};
