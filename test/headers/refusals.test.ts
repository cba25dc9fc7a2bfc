import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from '../e2e/client.ts';
import { FNR, NUMBERS, samtykke } from '../e2e/fixtures.ts';
import { idIn, issuesOf, type Reply } from '../e2e/reply.ts';
import { openHere } from './open.ts';

const RULES = 'PAT-1 and PAT-2';

let client: Client;
let patient: string;
let other: string;
let consent: string;

beforeAll(async () => {
  const opened = await openHere({ HEADER_PATIENT_RULES: RULES });
  client = createClient((request) => opened.fetch(request));
  patient = await client.patient(NUMBERS.line);
  other = await client.patient(NUMBERS.synthetic);
  consent = `/fhir/Consent/${idIn(await client.post('/fhir/Consent', samtykke(NUMBERS.line)))}`;
});

describe('a refusal about the patient names the rules as HEADER_PATIENT_RULES does', () => {
  const citizen = () => ({ role: 'citizen', patient: other }) as const;

  it.each<[string, () => Promise<Reply>]>([
    ['a read of another patient’s', () => client.get(consent, { patient: other })],
    [
      'a search for another patient’s',
      () => client.get(`/fhir/Consent?patient=${patient}`, { patient: other }),
    ],
    ['a patient that is none', () => client.get('/fhir/Consent', { patient: crypto.randomUUID() })],
    [
      'a search by number for another patient',
      () => client.search('Patient', { identifier: `${FNR}|${NUMBERS.line}` }, { patient: other }),
    ],
    ['a token that does not reach', () => client.get(consent, { as: citizen(), patient: other })],
    ['a token and nothing there', () => client.get(`${consent}0`, { as: citizen(), patient: other })],
  ])('%s', async (_, call) => {
    const refused = await call();
    expect(refused.status).toBe(403);
    const [issue] = issuesOf(refused);
    expect(issue?.detail).toBe('patient-mismatch');
    expect(refused.text).toContain(`(${RULES})`);
    expect(refused.text).not.toContain('VR09');
  });
});

describe('a header block beyond its size is 431', () => {
  const big = { 'X-Filler': 'x'.repeat(9000) };

  it.each(['GET', 'POST'])('also for %s $ping, with a token and without', async (method) => {
    for (const as of [null, 'prescriber'] as const) {
      const refused = await client.call(method, '/fhir/$ping', { as, headers: big });
      expect(refused.status).toBe(431);
      expect(issuesOf(refused)).toMatchObject([{ code: 'too-long', detail: 'header-too-large' }]);
    }
  });
});

describe('HEADER_MAX_VALUE and HEADER_MAX_TOTAL', () => {
  it('move the sizes that are refused', async () => {
    const opened = await openHere({ HEADER_MAX_VALUE: '12KiB', HEADER_MAX_TOTAL: '20KiB' });
    const status = async (...sizes: readonly number[]) => {
      const filler = sizes.map((size, at) => [`X-Filler-${at}`, 'x'.repeat(size)]);
      const headers = Object.fromEntries(filler);
      const asked = createClient((request) => opened.fetch(request));
      return (await asked.get('/fhir/Organization', { headers })).status;
    };
    expect([await status(12_288), await status(12_289)]).toEqual([200, 431]);
    expect([await status(9000, 10_000), await status(9000, 12_000)]).toEqual([200, 431]);
  });

  it('that contradict each other stop the start', async () => {
    await expect(openHere({ HEADER_MAX_VALUE: '32KiB' })).rejects.toThrow(/^HEADER_MAX_VALUE /);
  });
});
