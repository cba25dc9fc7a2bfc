import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient, type Who } from '../e2e/client.ts';
import { NUMBERS, samtykke } from '../e2e/fixtures.ts';
import { idIn, issuesOf, type Reply } from '../e2e/reply.ts';
import { openHere } from './open.ts';

let client: Client;
let patient: string;
let there: string;
const nowhere = crypto.randomUUID();

beforeAll(async () => {
  const opened = await openHere();
  client = createClient((request) => opened.fetch(request));
  patient = await client.patient(NUMBERS.line);
  there = idIn(await client.post('/fhir/Consent', samtykke(NUMBERS.line)));
});

/** All that a caller can see of an answer. */
const shown = ({ status, headers, text }: Reply) => [
  status,
  [...headers].filter(([name]) => name !== 'x-request-id'),
  text,
];

type Refused = readonly [
  rule: string,
  who: () => Who,
  headers: Readonly<Record<string, string>>,
  detail: string,
];

const REFUSED: readonly Refused[] = [
  [
    'care staff with a private person’s purpose',
    () => 'prescriber',
    { 'X-Purpose': 'SIM_EGNA_UPPGIFTER', 'X-Access': 'SIM_PATIENT' },
    'combination-not-allowed',
  ],
  [
    'a private person with the purpose of care',
    () => ({ role: 'citizen', patient }),
    { 'X-Purpose': 'VARD', 'X-Access': 'NODATKOMST' },
    'combination-not-allowed',
  ],
  ['a ticket of too low a level', () => ({ role: 'nurse', fault: 'loa-2' }), {}, 'loa-too-low'],
];

describe('what role, purpose and access do not allow', () => {
  it.each(REFUSED)('%s: 403, the same whether or not there are data', async (_rule, who, headers, detail) => {
    const read = (id: string) => client.get(`/fhir/Consent/${id}`, { as: who(), patient, headers });
    const found = await read(there);
    const missing = await read(nowhere);
    expect(found.status).toBe(403);
    expect(issuesOf(found)).toMatchObject([{ detail }]);
    expect(shown(missing)).toEqual(shown(found));
  });

  it('a search is refused the same way, with matches and without', async () => {
    const headers = { 'X-Purpose': 'SIM_EXPEDIERING', 'X-Access': 'UTAN_KRAV_SAMTYCKE' };
    const empty = await client.patient(NUMBERS.synthetic40);
    const [some, none] = await Promise.all(
      [patient, empty].map((one) => client.get(`/fhir/Consent?patient=${one}`, { patient: one, headers })),
    );
    expect(some?.status).toBe(403);
    expect(some && none && shown(some)).toEqual(none && shown(none));
  });
});
