import { describe, expect, it } from 'vitest';
import { NUMBERS, samtykke } from './fixtures.ts';
import { idIn, issuesOf } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const FHIR_JSON = 'application/fhir+json; charset=utf-8';
const FHIR_XML = 'application/fhir+xml; charset=utf-8';

export const mediaTypes: Theme = (open) => {
  describe('media types', () => {
    const server = useServer(open);

    it.each([
      undefined,
      '*/*',
      'application/json',
      'application/fhir+json',
      'application/fhir+json; fhirVersion=4.0',
      'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'text/plain;q=0.1, application/fhir+json',
    ])('answers JSON to Accept: %s', async (accept) => {
      const headers = { Accept: accept ?? null };
      const found = await server.get('/fhir/Organization/kolind-apotek', { as: null, headers });
      expect([found.status, found.headers.get('Content-Type')]).toEqual([200, FHIR_JSON]);
    });

    it.each([
      ['/fhir/Organization/kolind-apotek', 'text/csv'],
      ['/fhir/Organization/kolind-apotek', 'application/fhir+json; fhirVersion=3.0'],
      ['/fhir/metadata', 'image/png'],
      ['/fhir/Organization?_format=csv', '*/*'],
    ])('refuses %s for Accept: %s by 406, in JSON', async (path, Accept) => {
      const refused = await server.get(path, { as: null, headers: { Accept } });
      expect([refused.status, refused.headers.get('Content-Type')]).toEqual([406, FHIR_JSON]);
      expect(issuesOf(refused)).toMatchObject([{ code: 'not-supported' }]);
    });

    it('judges the media type before the token and the headers', async () => {
      const refused = await server.get('/fhir/Consent/x', {
        as: null,
        headers: { Accept: 'text/csv', 'X-Request-ID': null },
      });
      expect(refused.status).toBe(406);
    });

    it.each([
      'application/fhir+json',
      'application/json',
      'application/fhir+json; charset=UTF-8; fhirVersion=4.0',
      null,
    ])('takes a body sent as %s', async (type) => {
      const made = await server.post('/fhir/Consent', samtykke(), { headers: { 'Content-Type': type } });
      expect(made.status).toBe(201);
    });

    it('answers XML to who asks for it, refusals included', async () => {
      const read = await server.get('/fhir/Organization/kolind-apotek', {
        as: null,
        headers: { Accept: 'application/fhir+xml' },
      });
      expect([read.status, read.headers.get('Content-Type')]).toEqual([200, FHIR_XML]);
      expect(read.text).toContain('<Organization xmlns="http://hl7.org/fhir">');
      expect(read.text).toContain('<name value="Kolind Apotek"/>');
      const byFormat = await server.get('/fhir/Organization/kolind-apotek?_format=xml', { as: null });
      expect(byFormat.text).toBe(read.text);
      const refused = await server.get('/fhir/Organization', {
        as: null,
        headers: { Accept: 'application/fhir+xml', 'X-Request-ID': null },
      });
      expect([refused.status, refused.headers.get('Content-Type')]).toEqual([400, FHIR_XML]);
      expect(refused.text).toContain('<OperationOutcome xmlns="http://hl7.org/fhir">');
    });

    it('takes a Consent in XML and sends PVK the same as for the JSON', async () => {
      const json = await server.post('/fhir/Consent', samtykke(NUMBERS.line));
      const path = `/fhir/Consent/${idIn(json)}`;
      const patient = await server.patient(NUMBERS.line);
      const xml = await server.get(path, { patient, headers: { Accept: 'application/fhir+xml' } });
      await server.delete(path);
      const made = await server.post('/fhir/Consent', xml.text, {
        headers: { 'Content-Type': 'application/fhir+xml' },
      });
      expect(made.status).toBe(201);
      const [first, , last] = await server.sent('SettInnbyggersPersonvernInnstilling');
      expect(last).toEqual(first);
      const broken = await server.post('/fhir/Consent', '<Consent xmlns="http://hl7.org/fhir"><status', {
        headers: { 'Content-Type': 'application/fhir+xml' },
      });
      expect([broken.status, issuesOf(broken)[0]?.code]).toEqual([400, 'structure']);
    });

    it('takes a body with a byte order mark', async () => {
      const made = await server.post('/fhir/Consent', `\ufeff${JSON.stringify(samtykke())}`);
      expect(made.status).toBe(201);
    });
  });

  describe('every answer that is no success', () => {
    const server = useServer(open);

    it('is an OperationOutcome, on every kind of path under /fhir', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const patient = await server.patient(NUMBERS.documented);
      const calls = [
        ['GET', '/fhir'],
        ['GET', '/fhir/'],
        ['GET', '/fhir/Nonsense'],
        ['GET', '/fhir/Consent/'],
        ['GET', '/fhir/Consent/a/b/c/d'],
        ['GET', `/fhir/Consent/${id}/_history/x`],
        ['GET', `/fhir/Consent/${'x'.repeat(65)}`],
        ['GET', '/fhir/Consent/%00'],
        ['GET', '/fhir/Consent/%E0%A4%A'],
        ['GET', '/fhir/Consent?%E0%A4%A=1'],
        ['POST', '/fhir/Consent/_search/x'],
        ['PATCH', `/fhir/Consent/${id}`],
        ['POST', '/fhir'],
      ] as const;
      for (const [method, path] of calls) {
        const refused = await server.call(method, path, { patient });
        expect([path, refused.status >= 400 && refused.status < 500]).toEqual([path, true]);
      }
    });

    it('lets a browser of another origin read headers in the sandbox', async () => {
      const headers = { Origin: 'https://app.example', 'Access-Control-Request-Method': 'PUT' };
      const asked = await server.call('OPTIONS', '/fhir/Consent/x', { as: null, headers });
      expect(asked.status).toBe(204);
      expect(asked.headers.get('Access-Control-Allow-Origin')).toBe('*');
      const found = await server.get('/fhir/Organization', {
        as: null,
        headers: { Origin: 'https://app.example' },
      });
      expect(found.headers.get('Access-Control-Expose-Headers')).toContain('ETag');
    });
  });
};
