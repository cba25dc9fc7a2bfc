import { describe, expect, it } from 'vitest';
import { NUMBERS, PROVENANCE, samtykke } from './fixtures.ts';
import { encoded } from './headers.ts';
import { idIn, idsIn, issuesOf } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const MANDATORY: readonly (readonly [
  pattern: string,
  method: string,
  path: string,
  headers: readonly string[],
])[] = [
  ['2.1', 'GET', '/fhir/Organization', ['X-User-Agent', 'X-Request-ID']],
  ['2.2.1', 'GET', '/fhir/Provenance', ['X-User-Agent', 'X-Request-ID', 'X-Org-Info']],
  ['2.2.1', 'POST', '/fhir/Consent/$preview', ['X-User-Agent', 'X-Request-ID', 'X-Org-Info']],
  [
    '2.2.2',
    'GET',
    '/fhir/Consent?status=active',
    ['X-Purpose', 'X-Access', 'X-PatientRef', 'X-User-Agent', 'X-Request-ID', 'X-Org-Info'],
  ],
  ['2.3', 'POST', '/fhir/Consent', ['X-Provenance', 'X-User-Agent', 'X-Request-ID', 'X-Org-Info']],
];

const FAULTS: readonly (readonly [
  rule: string,
  header: string,
  value: string,
  code: string,
  detail: string,
])[] = [
  ['no UUID', 'X-Request-ID', 'not-a-uuid', 'invalid', 'header-malformed'],
  [
    'a UUID in braces',
    'X-Request-ID',
    '{5b0f6b1e-0c5e-4c0a-9a63-1d2f1a7f3c01}',
    'invalid',
    'header-malformed',
  ],
  ['no UUID', 'X-Context-ID', 'sequence-1', 'invalid', 'header-malformed'],
  ['plain text', 'X-User-Agent', 'MyApp/1.0', 'invalid', 'header-malformed'],
  ['no version', 'X-User-Agent', encoded({ name: 'x' }), 'invalid', 'header-malformed'],
  ['small letters', 'X-Call-Type', 'delayed', 'value', 'header-value'],
  ['DELAYED outside TA 10', 'X-Call-Type', 'DELAYED', 'business-rule', 'call-type-not-allowed'],
  ['Latin-1 bytes', 'X-Org-Info', btoa('{"orgenhetsOrt":"\xd6stersund"}'), 'invalid', 'header-malformed'],
  ['no base64', 'X-Provenance', '%%%', 'invalid', 'header-malformed'],
  ['another resource', 'X-Provenance', encoded({ resourceType: 'Patient' }), 'value', 'provenance-invalid'],
  ['no agent', 'X-Provenance', encoded({ ...PROVENANCE, agent: [] }), 'required', 'provenance-invalid'],
  [
    'an agent that is not contained',
    'X-Provenance',
    encoded({ ...PROVENANCE, agent: [{ ...PROVENANCE.agent[0], who: { reference: 'Practitioner/123' } }] }),
    'value',
    'provenance-invalid',
  ],
  [
    'a reason of 257 characters',
    'X-Provenance',
    encoded({ ...PROVENANCE, reason: [{ text: 'x'.repeat(257) }] }),
    'too-long',
    'provenance-invalid',
  ],
];

export const headerRules: Theme = (open) => {
  describe('header rules', () => {
    const server = useServer(open);

    it.each(MANDATORY)(
      'pattern %s: %s %s names every mandatory header that is missing, in one answer',
      async (_, method, path, names) => {
        const patient = await server.patient(NUMBERS.documented);
        const without = Object.fromEntries(names.map((name) => [name, null]));
        const refused = await server.call(method, path, {
          patient,
          headers: without,
          ...(method === 'POST' ? { body: samtykke() } : {}),
        });
        expect(refused.status).toBe(400);
        const faults = issuesOf(refused).map(({ code, detail, location }) => [code, detail, location?.[0]]);
        expect(faults.toSorted()).toEqual(
          names.map((name) => ['required', 'header-missing', `http.${name}`]).toSorted(),
        );
        expect(await server.exchanges()).toEqual([]);
      },
    );

    it.each(FAULTS)('%s in %s is refused by 400', async (_, header, value, code, detail) => {
      const refused = await server.post('/fhir/Consent', samtykke(), { headers: { [header]: value } });
      expect(refused.status).toBe(400);
      expect(issuesOf(refused)).toContainEqual(
        expect.objectContaining({ severity: 'error', code, detail, location: [`http.${header}`] }),
      );
      expect(await server.exchanges()).toEqual([]);
    });

    it('refuses an unknown purpose and access by 400 code-invalid', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const refused = await server.get('/fhir/Consent?status=active', {
        patient,
        headers: { 'X-Purpose': 'NONSENS', 'X-Access': 'NONSENS' },
      });
      expect(refused.status).toBe(400);
      expect(issuesOf(refused).map(({ code, location }) => [code, location?.[0]])).toEqual([
        ['code-invalid', 'http.X-Purpose'],
        ['code-invalid', 'http.X-Access'],
      ]);
    });

    it('lists several faults of one call together', async () => {
      const refused = await server.post('/fhir/Consent', samtykke(), {
        headers: { 'X-Request-ID': 'no', 'X-User-Agent': 'no', 'X-Provenance': null, 'X-Org-Info': null },
      });
      expect(issuesOf(refused).map(({ location }) => location?.[0])).toEqual([
        'http.X-Request-ID',
        'http.X-User-Agent',
        'http.X-Org-Info',
        'http.X-Provenance',
      ]);
    });

    it('never refuses for a header that the pattern ignores, however malformed', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const nonsense = { 'X-Provenance': '%%%', 'X-ProxyRef': '%%%' };
      expect((await server.get('/fhir/Consent?status=active', { patient, headers: nonsense })).status).toBe(
        200,
      );
      const written = await server.post('/fhir/Consent', samtykke(), {
        headers: { 'X-Purpose': 'NONSENS', 'X-Access': 'NONSENS', 'X-PatientRef': '%%%' },
      });
      expect(written.status).toBe(201);
    });

    it('does not ask for X-PatientRef when Patient is searched by number, and takes no wrong one', async () => {
      const id = await server.patient(NUMBERS.line);
      const other = await server.patient(NUMBERS.documented);
      const parameters = { identifier: `urn:oid:2.16.578.1.12.4.1.4.1|${NUMBERS.line}` };
      expect(idsIn(await server.search('Patient', parameters))).toEqual([id]);
      expect((await server.search('Patient', parameters, { patient: other })).status).toBe(403);
    });

    it('asks a pharmacy for no X-Org-Info, and a system for none', async () => {
      expect((await server.get('/fhir/Provenance', { as: 'pharmacist' })).status).toBe(200);
      const sent = await server.get('/fhir/Provenance', {
        as: 'pharmacist',
        headers: { 'X-Org-Info': encoded({ orgenhetsOrt: 'Sala' }) },
      });
      expect(sent.status).toBe(200);
      expect(sent.headers.has('X-Header-Findings')).toBe(true);
      expect((await server.post('/fhir/Consent', samtykke(), { as: 'system' })).status).toBe(201);
    });

    it('echoes X-Request-ID and X-Context-ID letter for letter on every answer, errors included', async () => {
      const headers = {
        'X-Request-ID': '5B0F6B1E-0C5E-4C0A-9A63-1D2F1A7F3C03',
        'X-Context-ID': '0d8f3f52-6c1e-4c1b-8f0e-5a7c9b1e2d10',
      };
      const calls = [
        ['GET', '/fhir/metadata'],
        ['GET', '/fhir/Organization'],
        ['GET', '/fhir/Consent/x'],
        ['GET', '/fhir/nothing'],
        ['DELETE', '/fhir/Patient/x'],
        ['GET', '/fhir/StructureDefinition/PvkConsent'],
        ['GET', '/fhir/$ping'],
        ['POST', '/fhir/Basic'],
      ] as const;
      for (const [method, path] of calls) {
        const reply = await server.call(method, path, { headers });
        expect([path, reply.headers.get('X-Request-ID'), reply.headers.get('X-Context-ID')]).toEqual([
          path,
          headers['X-Request-ID'],
          headers['X-Context-ID'],
        ]);
      }
    });

    it('echoes no request id that is none, and makes none up', async () => {
      const refused = await server.get('/fhir/Organization', { headers: { 'X-Request-ID': 'bad id' } });
      expect(refused.status).toBe(400);
      expect(refused.headers.has('X-Request-ID')).toBe(false);
    });

    it('refuses a header block beyond its size by 431', async () => {
      const refused = await server.get('/fhir/Organization', { headers: { 'X-Filler': 'x'.repeat(9000) } });
      expect(refused.status).toBe(431);
      expect(issuesOf(refused)).toMatchObject([{ code: 'too-long', detail: 'header-too-large' }]);
    });

    it('takes raw JSON as X-Provenance, R4’s own form, with a warning in X-Header-Findings', async () => {
      const { name: _, ...author } = PROVENANCE.contained[0] ?? {};
      const raw = JSON.stringify({ ...PROVENANCE, contained: [author] });
      const made = await server.post('/fhir/Consent', samtykke(NUMBERS.line), {
        headers: { 'X-Provenance': raw },
      });
      expect(made.status).toBe(201);
      const findings = JSON.parse(atob(made.headers.get('X-Header-Findings') ?? ''));
      expect(findings).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'warning' }] });
    });

    it('ignores a malformed Prefer on a read', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const patient = await server.patient(NUMBERS.documented);
      const read = await server.get(`/fhir/Consent/${id}`, {
        patient,
        headers: { Prefer: 'return=nonsense;;=' },
      });
      expect(read.status).toBe(200);
    });
  });
};
