import type { Organization } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { NUMBERS, samtykke } from './fixtures.ts';
import { etagIn, idIn, issuesOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const system = { as: 'system' } as const;

/** Seconds between what If-Modified-Since says and when the version was made; undefined: not sent. */
interface Condition {
  readonly tags?: string;
  readonly since?: number;
}

/** https://hl7.org/fhir/R4/http.html#cread; If-None-Match decides alone when it is there (RFC 9110, 13.1.3). */
const READ_CONDITIONS: readonly (readonly [about: string, condition: Condition, status: number])[] = [
  ['If-None-Match of this version', { tags: 'W/"1"' }, 304],
  ['If-None-Match of this version as a strong tag', { tags: '"1"' }, 304],
  ['If-None-Match of several, this one among them', { tags: 'W/"7", W/"1"' }, 304],
  ['If-None-Match *', { tags: '*' }, 304],
  ['If-None-Match of another version', { tags: 'W/"2"' }, 200],
  ['If-None-Match that is no entity tag', { tags: '1' }, 200],
  ['If-Modified-Since when it was made', { since: 0 }, 304],
  ['If-Modified-Since later', { since: 5 }, 304],
  ['If-Modified-Since earlier', { since: -5 }, 200],
  ['both, of this version and earlier', { tags: 'W/"1"', since: -5 }, 304],
  ['both, of another version and later', { tags: 'W/"2"', since: 5 }, 200],
];

const headersOf = ({ tags, since }: Condition, modified: string): Readonly<Record<string, string>> => ({
  ...(tags === undefined ? {} : { 'If-None-Match': tags }),
  ...(since === undefined
    ? {}
    : { 'If-Modified-Since': new Date(Date.parse(modified) + since * 1000).toUTCString() }),
});

interface WriteCase {
  readonly about: string;
  readonly tags: string | null;
  /** Is the write let through? Else this status. */
  readonly refused?: number;
}

/** The resource is at version 2. */
const WRITE_CONDITIONS: readonly WriteCase[] = [
  { about: 'no If-Match', tags: null },
  { about: 'the right one', tags: 'W/"2"' },
  { about: 'the right one as a strong tag', tags: '"2"' },
  { about: 'a list that names it', tags: 'W/"1", W/"2"' },
  { about: '*', tags: '*' },
  { about: 'a stale one', tags: 'W/"1"', refused: 412 },
  { about: 'one that is yet to be', tags: 'W/"3"', refused: 412 },
  { about: 'a list without it', tags: 'W/"1", W/"3"', refused: 412 },
  { about: 'a bare number', tags: '2', refused: 400 },
  { about: 'an unclosed one', tags: 'W/"2', refused: 400 },
  { about: 'nothing', tags: ',', refused: 400 },
];

const clinic = (name: string): Organization => ({ resourceType: 'Organization', name });

const WRITES = ['PUT', 'PATCH', 'DELETE'] as const;

const writeOf = (method: (typeof WRITES)[number], id: string) => {
  if (method === 'PUT') return { body: { ...clinic('Ny'), id }, type: 'application/fhir+json', status: 200 };
  if (method === 'DELETE') return { status: 204 };
  const body = JSON.stringify([{ op: 'replace', path: '/name', value: 'Ny' }]);
  return { body, type: 'application/json-patch+json', status: 200 };
};

export const preconditions: Theme = (open) => {
  describe('a conditional read', () => {
    const server = useServer(open);

    it.each(READ_CONDITIONS)('with %s: %j is %i for read, HEAD and vread', async (_, condition, status) => {
      const made = await server.post('/fhir/Consent', samtykke());
      const patient = await server.patient(NUMBERS.documented);
      const headers = headersOf(condition, made.headers.get('Last-Modified') ?? '');
      const path = `/fhir/Consent/${idIn(made)}`;
      for (const [method, at] of [
        ['GET', path],
        ['HEAD', path],
        ['GET', `${path}/_history/1`],
      ] as const) {
        const read = await server.call(method, at, { patient, headers });
        expect([method, at, read.status, etagIn(read)]).toEqual([method, at, status, 'W/"1"']);
        expect(read.headers.get('Last-Modified')).toBe(made.headers.get('Last-Modified'));
        expect(read.headers.get('Content-Location')).toBe(made.headers.get('Content-Location'));
        if (status === 304) expect([read.text, read.headers.get('Content-Type')]).toEqual(['', null]);
      }
    });

    it.each(READ_CONDITIONS)('with %s: %j is a search all the same', async (_, condition) => {
      const made = await server.post('/fhir/Consent', samtykke());
      const patient = await server.patient(NUMBERS.documented);
      const headers = headersOf(condition, made.headers.get('Last-Modified') ?? '');
      const found = await server.get('/fhir/Consent?status=active', { patient, headers });
      expect([found.status, found.headers.get('ETag')]).toEqual([200, null]);
      expect(found.text).toContain(idIn(made));
    });
  });

  describe.each(WRITES)('%s with If-None-Match', (method) => {
    const server = useServer(open);

    it.each([
      ['*, while any version is there', '*', 412],
      ['the version that is there', 'W/"1"', 412],
      ['another version', 'W/"2"', undefined],
      ['no entity tag', '1', 400],
    ] as const)('of %s: %s', async (_, tags, refused) => {
      const id = idIn(await server.post('/fhir/Organization', clinic('Först'), system));
      const { body, type, status } = writeOf(method, id);
      const reply = await server.call(method, `/fhir/Organization/${id}`, {
        ...system,
        headers: { 'If-None-Match': tags, ...(type === undefined ? {} : { 'Content-Type': type }) },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      expect(reply.status).toBe(refused ?? status);
      if (refused === undefined) return;
      expect(issuesOf(reply)[0]?.location).toEqual(['http.If-None-Match']);
      expect(etagIn(await server.get(`/fhir/Organization/${id}`, system))).toBe('W/"1"');
    });
  });

  describe.each(WRITES)('%s with If-Match', (method) => {
    const server = useServer(open);

    it.each(WRITE_CONDITIONS)('that is $about: $tags', async ({ tags, refused }) => {
      const id = idIn(await server.post('/fhir/Organization', clinic('Först'), system));
      await server.put(`/fhir/Organization/${id}`, { ...clinic('Sedan'), id }, system);
      const { body, type, status } = writeOf(method, id);
      const reply = await server.call(method, `/fhir/Organization/${id}`, {
        ...system,
        headers: { 'If-Match': tags, ...(type === undefined ? {} : { 'Content-Type': type }) },
        body,
      });
      expect(reply.status).toBe(refused ?? status);
      const now = await server.get(`/fhir/Organization/${id}`);
      if (refused === undefined) {
        expect(now.status).toBe(method === 'DELETE' ? 410 : 200);
        expect(reply.headers.get('ETag')).toBe('W/"3"');
      } else {
        expect(issuesOf(reply)).toMatchObject([{ location: ['http.If-Match'] }]);
        expect([now.status, etagIn(now)]).toEqual([200, 'W/"2"']);
      }
    });

    it('is refused by 412 for what is deleted: no version of it is there', async () => {
      if (method === 'DELETE') return;
      const id = idIn(await server.post('/fhir/Organization', clinic('Borta'), system));
      await server.delete(`/fhir/Organization/${id}`, system);
      const { body, type } = writeOf(method, id);
      const reply = await server.call(method, `/fhir/Organization/${id}`, {
        ...system,
        headers: { 'If-Match': '*', ...(type === undefined ? {} : { 'Content-Type': type }) },
        body,
      });
      expect([method, reply.status]).toEqual([method, method === 'PUT' ? 412 : 410]);
    });
  });

  describe('the preconditions of a Bundle’s call', () => {
    const server = useServer(open);

    it('are no matter of its entries, which have their own', async () => {
      const name = 'Ensam';
      const post = { resource: clinic(name), request: { method: 'POST', url: 'Organization' } };
      const read = { request: { method: 'GET', url: 'Organization/kolind-apotek' } };
      const own = { request: { ...read.request, ifNoneMatch: 'W/"1"' } };
      const batch = { resourceType: 'Bundle', type: 'batch', entry: [post, post, read, own] };
      const headers = {
        'If-None-Exist': `name=${name}`,
        'If-None-Match': '*',
        'If-Modified-Since': new Date(Date.now() + 60_000).toUTCString(),
        'If-Match': 'W/"7"',
      };
      const reply = await server.post('/fhir', batch, { ...system, headers });
      const statuses = resourceIn(reply, 'Bundle').entry?.map(({ response }) =>
        response?.status?.slice(0, 3),
      );
      expect(statuses).toEqual(['201', '201', '200', '304']);
    });
  });
};
