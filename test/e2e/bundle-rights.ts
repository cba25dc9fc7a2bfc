import type { BundleEntry, Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import type { CallOptions, Client } from './client.ts';
import { NUMBERS, reservasjon, samtykke, withdrawn } from './fixtures.ts';
import { idIn, issuesOf, type Reply, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const MADE_HERE = 'urn:uuid:0b7c1f7e-6f0d-4e1c-9a55-0f2b6d1f7a10';
const JOURNAL = 'https://journal.example/consents';

const entry = (method: string, url: string, resource?: unknown, more: object = {}): object => ({
  ...(resource === undefined ? {} : { resource }),
  request: { method, url, ...more },
});
const organization = (name: string) => ({ resourceType: 'Organization', name });
const post = (
  resource: Resource | { readonly resourceType: string; readonly [name: string]: unknown },
): object => entry('POST', resource.resourceType, resource);
const bundle = (type: 'batch' | 'transaction', ...entries: readonly object[]): object => ({
  resourceType: 'Bundle',
  type,
  entry: entries,
});
const transaction = (...entries: readonly object[]): object => bundle('transaction', ...entries);
const batch = (...entries: readonly object[]): object => bundle('batch', ...entries);

const named = (number: string = NUMBERS.documented) => ({
  ...samtykke(number),
  identifier: [{ system: JOURNAL, value: 'k-17' }],
});
const IF_NONE = { ifNoneExist: `identifier=${encodeURIComponent(`${JOURNAL}|k-17`)}` };

const entriesIn = (reply: Reply): readonly BundleEntry[] => resourceIn(reply, 'Bundle').entry ?? [];
const statusesIn = (reply: Reply) => entriesIn(reply).map(({ response }) => response?.status?.slice(0, 3));
const system = { as: 'system' } as const;

/** Outcomes of the AuditEvents about this Consent (or any), oldest first. */
const auditOf = async (server: Client, id?: string): Promise<readonly (string | undefined)[]> => {
  const query = id === undefined ? '?subtype=create' : `?entity=Consent/${id}`;
  const found = resourceIn(await server.get(`/fhir/AuditEvent${query}`, { as: 'auditor' }), 'Bundle');
  return (found.entry ?? [])
    .flatMap(({ resource }) => (resource?.resourceType === 'AuditEvent' ? [resource.outcome] : []))
    .toReversed();
};

const again = (): Pick<CallOptions, 'headers'> => ({ headers: { 'X-Request-ID': crypto.randomUUID() } });

export const bundleRights: Theme = (open) => {
  describe('a transaction is authorised and audited entry by entry', () => {
    const server = useServer(open);

    it('also when it is repeated: the scopes of now decide, and the answer is audited', async () => {
      const call = { ...system, ...again() };
      const body = transaction(post(samtykke()));
      const first = await server.post('/fhir', body, call);
      const id = entriesIn(first)[0]?.resource?.id ?? '';
      const before = await auditOf(server, id);
      const narrow = { role: 'system', scope: 'user/Organization.r' } as const;
      const refused = await server.post('/fhir', body, { ...call, as: narrow });
      expect(refused.status).toBe(403);
      expect(refused.text).not.toContain(id);
      const bare = { ...call, headers: { ...call.headers, 'X-Provenance': null } };
      expect((await server.post('/fhir', body, bare)).status).toBe(400);
      const repeated = await server.post('/fhir', body, call);
      expect(entriesIn(repeated)).toEqual(entriesIn(first));
      expect((await auditOf(server, id)).length).toBe(before.length + 1);
    });

    it('tells a refusal of the national system again, at its place', async () => {
      await server.fault('helsenorge', 'epvk-101500');
      const call = { ...system, ...again() };
      const body = transaction(post(organization('A')), post(samtykke()));
      const first = await server.post('/fhir', body, call);
      const repeated = await server.post('/fhir', body, call);
      expect([first.status, repeated.status]).toEqual([422, 422]);
      expect(issuesOf(first)[0]?.expression?.[0]).toMatch(/^Bundle\.entry\[1\]/);
      // The journal keeps no text of the national system's.
      const places = (reply: Reply) => issuesOf(reply).map(({ code, expression }) => ({ code, expression }));
      expect(places(repeated)).toEqual(places(first));
    });

    it('when a conditional create matches: what it answers is audited', async () => {
      const id = idIn(await server.post('/fhir/Consent', named()));
      const before = await auditOf(server, id);
      const reply = await server.post(
        '/fhir',
        transaction(entry('POST', 'Consent', named(), IF_NONE)),
        system,
      );
      expect(statusesIn(reply)).toEqual(['200']);
      expect(entriesIn(reply)[0]?.resource?.id).toBe(id);
      expect(await auditOf(server, id)).toEqual([...before, '0']);
    });

    it('when an entry is refused while it is planned: outcome 4', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const before = await auditOf(server, id);
      const reply = await server.post('/fhir', transaction(post(withdrawn(samtykke()))), system);
      expect(reply.status).toBe(409);
      expect(await auditOf(server, id)).toEqual([...before, '4']);
    });

    it('tells a header’s fault once, by the header', async () => {
      const reply = await server.post(
        '/fhir',
        transaction(post(organization('A')), post(organization('B'))),
        { ...system, headers: { 'X-Provenance': null } },
      );
      expect(reply.status).toBe(400);
      expect(issuesOf(reply)).toMatchObject([{ location: ['http.X-Provenance'] }]);
      expect(issuesOf(reply)[0]).not.toHaveProperty('expression');
    });

    it('answers with the status that weighs most, whatever the order of the faults', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const duplicate = post(withdrawn(samtykke()));
      const broken = post({ resourceType: 'Organization', active: 'yes' });
      for (const entries of [
        [duplicate, broken],
        [broken, duplicate],
      ]) {
        const reply = await server.post('/fhir', transaction(...entries), system);
        expect(reply.status).toBe(400);
        expect(reply.text).toContain(id);
      }
      const unfit = { ...samtykke(NUMBERS.line), provision: { type: 'deny' } };
      const both = await server.post('/fhir', transaction(post(unfit), post(organization('A'))));
      expect(both.status).toBe(403);
    });
  });

  describe('the entries of a transaction', () => {
    const server = useServer(open);

    it.each([[5], ['x'], [null], [[]]])('need a resource that is an object, not %j', async (resource) => {
      for (const type of ['transaction', 'batch'] as const) {
        const reply = await server.post(
          '/fhir',
          bundle(type, entry('POST', 'Organization', resource)),
          system,
        );
        expect(reply.status).toBe(400);
        expect(reply.text).toContain('Bundle.entry[0].resource');
      }
    });

    it('refer by urn:uuid to entries only', async () => {
      const child = { ...organization('Barn'), partOf: { reference: MADE_HERE } };
      const reply = await server.post('/fhir', transaction(post(child)), system);
      expect(reply.status).toBe(422);
      expect(issuesOf(reply)).toMatchObject([
        { code: 'not-found', expression: ['Bundle.entry[0].resource.partOf.reference'] },
      ]);
    });

    it('answer by Prefer', async () => {
      const preferring = (value: string) => ({ ...system, headers: { Prefer: `return=${value}` } });
      const body = (name: string) => transaction(post(organization(name)));
      const minimal = await server.post('/fhir', body('A'), preferring('minimal'));
      expect(entriesIn(minimal)).toMatchObject([{ response: { status: '201 Created', etag: 'W/"1"' } }]);
      expect(entriesIn(minimal)[0]).not.toHaveProperty('resource');
      const outcome = await server.post('/fhir', body('B'), preferring('OperationOutcome'));
      expect(entriesIn(outcome)[0]).not.toHaveProperty('resource');
      expect(entriesIn(outcome)).toMatchObject([{ response: { outcome: { issue: [{}] } } }]);
    });

    it('may be patches: a JSON Patch as Binary, a FHIRPath Patch as Parameters', async () => {
      const id = idIn(await server.post('/fhir/Organization', organization('Klinik'), system));
      const consent = idIn(await server.post('/fhir/Consent', samtykke()));
      const operations = [
        { op: 'replace', path: '/name', value: 'Ny' },
        { op: 'add', path: '/partOf', value: { reference: MADE_HERE } },
      ];
      const binary = {
        resourceType: 'Binary',
        contentType: 'application/json-patch+json',
        data: btoa(JSON.stringify(operations)),
      };
      const withdraw = {
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'operation',
            part: [
              { name: 'type', valueCode: 'replace' },
              { name: 'path', valueString: 'Consent.status' },
              { name: 'value', valueCode: 'inactive' },
            ],
          },
          {
            name: 'operation',
            part: [
              { name: 'type', valueCode: 'delete' },
              { name: 'path', valueString: 'Consent.provision' },
            ],
          },
        ],
      };
      const reply = await server.post(
        '/fhir',
        transaction(
          entry('PATCH', `Organization/${id}`, binary),
          entry('PATCH', `Consent/${consent}`, withdraw),
          { ...post(organization('Ägare')), fullUrl: MADE_HERE },
        ),
        system,
      );
      expect(reply.text).not.toContain('OperationOutcome');
      expect(statusesIn(reply)).toEqual(['200', '200', '201']);
      const owner = entriesIn(reply)[2]?.resource?.id;
      expect(entriesIn(reply).map(({ resource }) => resource)).toMatchObject([
        { name: 'Ny', partOf: { reference: `Organization/${owner}` } },
        { status: 'inactive' },
        {},
      ]);
    });
  });

  describe('an X-Request-ID', () => {
    const server = useServer(open);

    it('acts once, be it sent with a batch or with a call of its own', async () => {
      const first = { ...system, ...again() };
      expect(statusesIn(await server.post('/fhir', batch(post(samtykke())), first))).toEqual(['201']);
      const single = await server.post('/fhir/Consent', reservasjon(), first);
      expect(single.status).toBe(409);
      const other = { ...system, ...again() };
      expect((await server.post('/fhir/Consent', reservasjon(), other)).status).toBe(201);
      const later = await server.post('/fhir', batch(post(organization('A'))), other);
      expect(later.status).toBe(409);
      expect(issuesOf(later)).toMatchObject([{ detail: 'request-id-reused' }]);
    });

    it('may be used again for a batch of which nothing was done', async () => {
      const call = { ...system, ...again() };
      const broken = { resourceType: 'Organization', active: 'yes' };
      expect(statusesIn(await server.post('/fhir', batch(post(broken)), call))).toEqual(['400']);
      expect(statusesIn(await server.post('/fhir', batch(post(organization('A'))), call))).toEqual(['201']);
    });
  });

  describe('a Bundle without a token', () => {
    const server = useServer(open);
    const anonymous = { as: null };

    it('is looked at only when it is a batch, and not a long one', async () => {
      for (const body of ['{', transaction({}), { resourceType: 'Bundle', type: 'collection' }]) {
        const refused = await server.post('/fhir', body, anonymous);
        expect(refused.status).toBe(401);
        expect(issuesOf(refused)).toHaveLength(1);
      }
      const many = (count: number) =>
        batch(...Array.from({ length: count }, () => entry('GET', 'Organization')));
      expect((await server.post('/fhir', many(50), anonymous)).status).toBe(200);
      const refused = await server.post('/fhir', many(51), anonymous);
      expect(refused.status).toBe(413);
      expect(issuesOf(refused)).toMatchObject([{ code: 'too-costly' }]);
    });

    it('is none when the token is bad: 401 alone', async () => {
      const refused = await server.post('/fhir', batch({}), {
        as: null,
        headers: { Authorization: 'Bearer rubbish' },
      });
      expect(refused.status).toBe(401);
      expect(issuesOf(refused)).toHaveLength(1);
    });
  });

  describe('a batch answered in XML', () => {
    const server = useServer(open);

    it('holds the outcome of an entry', async () => {
      const reply = await server.post('/fhir', batch(post({ resourceType: 'Consent' })), {
        ...system,
        headers: { Accept: 'application/fhir+xml' },
      });
      expect(reply.status).toBe(200);
      expect(reply.text).toContain('<outcome><OperationOutcome>');
    });
  });

  describe('a Bundle under header rules that only report', () => {
    const server = useServer(open, { HEADER_RULES: 'report' });

    it.each(['batch', 'transaction'] as const)('tells the findings of a %s, each once', async (type) => {
      const reply = await server.post(
        '/fhir',
        bundle(type, post(organization('A')), post(organization('B'))),
        { ...system, headers: { 'X-Provenance': null } },
      );
      expect(statusesIn(reply)).toEqual(['201', '201']);
      const findings = JSON.parse(atob(reply.headers.get('X-Header-Findings') ?? ''));
      const places = findings.issue.map(({ location }: { location?: string[] }) => location?.[0]);
      expect(places).toEqual(['http.X-Provenance']);
    });
  });
};
