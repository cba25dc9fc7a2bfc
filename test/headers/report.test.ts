import type { OperationOutcome } from '@medplum/fhirtypes';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from '../e2e/client.ts';
import { NUMBERS, samtykke } from '../e2e/fixtures.ts';
import { idIn, idsIn, type Reply } from '../e2e/reply.ts';
import { type OpenedHere, openHere } from './open.ts';

let opened: OpenedHere;
let client: Client;
let patient: string;
let other: string;
let consent: string;

const BARE = {
  'X-Request-ID': null,
  'X-User-Agent': null,
  'X-Org-Info': null,
  'X-Provenance': null,
  'X-Purpose': null,
  'X-Access': null,
  'X-PatientRef': null,
};

beforeAll(async () => {
  opened = await openHere({ HEADER_RULES: 'report' });
  client = createClient((request) => opened.fetch(request));
  patient = await client.patient(NUMBERS.line);
  other = await client.patient(NUMBERS.synthetic);
  consent = idIn(await client.post('/fhir/Consent', samtykke(NUMBERS.line)));
});

const findingsIn = (reply: Reply): readonly string[] => {
  const value = reply.headers.get('X-Header-Findings');
  if (value === null) return [];
  const outcome = JSON.parse(Buffer.from(value, 'base64').toString('utf8')) as OperationOutcome;
  return outcome.issue.map(
    ({ severity, location, details }) => `${severity} ${location?.[0]} ${details?.coding?.[0]?.code}`,
  );
};

describe('HEADER_RULES=report', () => {
  it('lets a call without any header of NLL through, and tells every fault', async () => {
    const reply = await client.get(`/fhir/Consent/${consent}`, { headers: BARE });
    expect(reply.status).toBe(200);
    expect(findingsIn(reply)).toEqual([
      'error http.X-Request-ID header-missing',
      'error http.X-User-Agent header-missing',
      'error http.X-Purpose header-missing',
      'error http.X-Access header-missing',
      'error http.X-Org-Info header-missing',
      'error http.X-PatientRef header-missing',
    ]);
    expect((reply.headers.get('X-Header-Findings') ?? '').length).toBeLessThanOrEqual(4096);
  });

  it('lets a write without X-Provenance through', async () => {
    const reply = await client.post('/fhir/Consent', samtykke(NUMBERS.line), { headers: BARE });
    expect(reply.status).toBe(200);
    expect(findingsIn(reply)).toContain('error http.X-Provenance header-missing');
  });

  it('counts what it let through, by header and code, in a log without values', async () => {
    const before = opened.logged.length;
    await client.get('/fhir/Organization', {
      as: null,
      headers: { ...BARE, 'X-User-Agent': 'SecretApp/1.0' },
    });
    await client.get('/fhir/$ping', { as: null, headers: { ...BARE, 'X-User-Agent': 'SecretApp/1.0' } });
    const lines = opened.logged.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
    const counts = lines.map((line) => line['http.X-User-Agent header-malformed']);
    expect(lines).toMatchObject([{ level: 'info' }, { level: 'info' }]);
    expect(counts).toEqual([1, 2]);
    expect(JSON.stringify(lines)).not.toContain('SecretApp');
  });

  it('tells the faults of a $ping, with a token and without', async () => {
    const bare = await client.get('/fhir/$ping', { as: null, headers: BARE });
    const missing = ['error http.X-Request-ID header-missing', 'error http.X-User-Agent header-missing'];
    expect([bare.status, findingsIn(bare)]).toEqual([200, missing]);
    const known = await client.get('/fhir/$ping', { headers: BARE });
    expect([known.status, findingsIn(known)]).toEqual([
      200,
      [...missing, 'error http.X-Org-Info header-missing'],
    ]);
  });

  it('keeps 401, 403 and 406', async () => {
    const path = `/fhir/Consent/${consent}`;
    expect((await client.get(path, { as: null, headers: BARE })).status).toBe(401);
    expect((await client.get(path, { as: 'auditor', headers: BARE })).status).toBe(403);
    expect((await client.get(path, { headers: { ...BARE, Accept: 'text/plain' } })).status).toBe(406);
    const big = { ...BARE, 'X-Big': 'x'.repeat(9000) };
    expect((await client.get(path, { headers: big })).status).toBe(431);
    const low = { role: 'nurse', fault: 'loa-2' } as const;
    expect((await client.get(path, { as: low, headers: BARE })).status).toBe(403);
  });

  it('keeps patient scoping: an X-PatientRef that is sent must agree', async () => {
    const reply = await client.get(`/fhir/Consent/${consent}`, { patient: other });
    expect(reply.status).toBe(403);
  });

  it('finds without X-PatientRef only what the token allows', async () => {
    const stranger = { role: 'citizen', patient: other } as const;
    const own = { role: 'citizen', patient } as const;
    const read = await client.get(`/fhir/Consent/${consent}`, { as: stranger, headers: BARE });
    expect([403, 404]).toContain(read.status);
    const found = await client.get('/fhir/Consent', { as: stranger, headers: BARE });
    expect([found.status, idsIn(found)]).toEqual([200, []]);
    const mine = await client.get('/fhir/Consent', { as: own, headers: BARE });
    expect([mine.status, idsIn(mine)]).toEqual([200, [consent]]);
  });
});

describe('HEADER_RULES=enforce', () => {
  it.each(['/fhir/Organization', '/fhir/$ping'])(
    'uses the same header for the warnings of a call that went well: %s',
    async (path) => {
      const strict = await openHere();
      const caller = createClient((request) => strict.fetch(request));
      const headers = { 'X-Correlation-ID': crypto.randomUUID() };
      const reply = await caller.get(path, { as: null, headers });
      expect(reply.status).toBe(200);
      expect(findingsIn(reply)).toEqual(['warning http.X-Correlation-ID header-lenient']);
      const quiet = await caller.get(path, { as: null });
      expect([quiet.status, quiet.headers.has('X-Header-Findings')]).toEqual([200, false]);
    },
  );
});
