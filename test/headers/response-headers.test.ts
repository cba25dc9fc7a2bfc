import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from '../e2e/client.ts';
import { NUMBERS, samtykke, withdrawn } from '../e2e/fixtures.ts';
import { etagIn, idIn, type Reply } from '../e2e/reply.ts';
import { openHere } from './open.ts';

const NMI_ID = 'EHM-AT21-v6,EHM-VT21-v6';

let client: Client;
let patient: string;
let made: Reply;

beforeAll(async () => {
  const opened = await openHere({ HEADER_NMI_ID: NMI_ID });
  client = createClient((request) => opened.fetch(request));
  patient = await client.patient(NUMBERS.line);
  made = await client.post('/fhir/Consent', samtykke(NUMBERS.line));
});

const path = (): string => `/fhir/Consent/${idIn(made)}`;
const versioned = (): string => expect.stringMatching(new RegExp(`${path()}/_history/1$`));
const header = (reply: Reply, name: string): string | null => reply.headers.get(name);

describe('the handbook’s table 6', () => {
  it('a create has location, content-location, etag and last-modified of the version made', () => {
    expect(made.status).toBe(201);
    expect([header(made, 'Location'), header(made, 'Content-Location')]).toEqual([versioned(), versioned()]);
    expect(etagIn(made)).toBe('W/"1"');
    expect(Date.parse(header(made, 'Last-Modified') ?? '')).not.toBeNaN();
  });

  it('a read has them but for location', async () => {
    const read = await client.get(path(), { patient });
    expect(read.status).toBe(200);
    expect([etagIn(read), header(read, 'Last-Modified')]).toEqual(['W/"1"', header(made, 'Last-Modified')]);
    expect(header(read, 'Content-Location')).toEqual(versioned());
    expect(header(read, 'Location')).toBeNull();
  });

  it('an update that changes nothing answers 200 with the ETag and the time that were there', async () => {
    const same = await client.put(path(), { ...samtykke(NUMBERS.line), id: idIn(made) });
    expect([same.status, etagIn(same), header(same, 'Last-Modified')]).toEqual([
      200,
      'W/"1"',
      header(made, 'Last-Modified'),
    ]);
  });

  it('a search has neither etag nor last-modified', async () => {
    const found = await client.get(`/fhir/Consent?patient=Patient/${patient}`, { patient });
    expect([found.status, header(found, 'ETag'), header(found, 'Last-Modified')]).toEqual([200, null, null]);
  });

  it('an update that changes something has the new version’s', async () => {
    const changed = await client.put(path(), {
      ...withdrawn(samtykke(NUMBERS.line)),
      id: idIn(made),
    });
    expect([changed.status, etagIn(changed)]).toEqual([200, 'W/"2"']);
  });

  it('a delete has no last-modified: it is for read, vread, create and update', async () => {
    const other = await client.post('/fhir/Consent', samtykke(NUMBERS.documented));
    const gone = await client.delete(`/fhir/Consent/${idIn(other)}`);
    expect([gone.status, header(gone, 'Last-Modified')]).toEqual([204, null]);
    const again = await client.delete(`/fhir/Consent/${idIn(other)}`);
    expect([again.status, header(again, 'Last-Modified')]).toEqual([204, null]);
  });
});

describe('on every answer, whatever it is', () => {
  const ids = { 'X-Request-ID': crypto.randomUUID().toUpperCase(), 'X-Context-ID': crypto.randomUUID() };
  const calls: readonly (readonly [string, () => Promise<Reply>, number])[] = [
    ['read', () => client.get(path(), { patient, headers: ids }), 200],
    ['search', () => client.get(`/fhir/Consent?patient=${patient}`, { patient, headers: ids }), 200],
    ['metadata', () => client.get('/fhir/metadata', { as: null, headers: ids }), 200],
    ['$ping', () => client.get('/fhir/$ping', { as: null, headers: ids }), 200],
    ['$header-check', () => client.get('/fhir/$header-check?pattern=2.1', { as: null, headers: ids }), 200],
    ['400', () => client.get(path(), { patient, headers: { ...ids, 'X-Purpose': 'x' } }), 400],
    ['401', () => client.get(path(), { as: null, headers: ids }), 401],
    ['403', () => client.get(path(), { as: 'pharmacist', patient, headers: ids }), 403],
    ['404', () => client.get('/fhir/Organization/none', { as: null, headers: ids }), 404],
    ['404 of a path', () => client.get('/fhir/Nothing', { as: null, headers: ids }), 404],
    ['405', () => client.call('DELETE', '/fhir/metadata', { as: null, headers: ids }), 405],
    ['406', () => client.get(path(), { patient, headers: { ...ids, Accept: 'text/plain' } }), 406],
    ['422', () => client.post('/fhir/Consent', { ...samtykke(), status: 'draft' }, { headers: ids }), 422],
    ['431', () => client.get(path(), { patient, headers: { ...ids, 'X-Big': 'x'.repeat(9000) } }), 431],
  ];

  it.each(calls)('%s', async (_name, call, status) => {
    const reply = await call();
    expect(reply.status, reply.text.slice(0, 300)).toBe(status);
    expect(header(reply, 'X-Request-ID')).toBe(ids['X-Request-ID']);
    expect(header(reply, 'X-Context-ID')).toBe(ids['X-Context-ID']);
    expect(header(reply, 'nmi-id')).toBe(NMI_ID);
  });

  it('no id is made up, and nmi-id is not sent unless it is set', async () => {
    const opened = await openHere();
    const reply = await opened.fetch(new Request('http://127.0.0.1:8787/fhir/Organization'));
    expect(reply.status).toBe(400);
    for (const name of ['X-Request-ID', 'X-Context-ID', 'nmi-id']) expect(reply.headers.get(name)).toBeNull();
  });
});
