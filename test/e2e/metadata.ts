import type { CapabilityStatementRestResource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { basic } from '../systems/brs/samples.ts';
import { OCES3_PEM } from '../systems/certificates/vectors.ts';
import type { Client, Who } from './client.ts';
import { NUMBERS, PVK_TYPE, samtykke } from './fixtures.ts';
import { idIn, idsIn, issuesOf, linkIn, pathOf, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const statementOf = async (server: Client) =>
  resourceIn(await server.get('/fhir/metadata', { as: null }), 'CapabilityStatement');

/** A caller that the role table lets read the type, and one that it lets write it. */
const READERS: Readonly<Record<string, Who>> = { AuditEvent: 'auditor' };
const WRITERS: Readonly<Record<string, Who>> = { Organization: 'system' };

/** Something to ask each search parameter for, by its kind. */
const VALUES: Readonly<Record<string, string>> = {
  token: 'x',
  reference: 'Organization/x',
  date: '2024-01-01',
  string: 'x',
  uri: 'urn:x',
};

interface Stage {
  readonly patient: string;
  readonly ids: Readonly<Record<string, string>>;
}

const setTheStage = async (server: Client): Promise<Stage> => {
  const patient = await server.patient(NUMBERS.documented);
  const Consent = idIn(await server.post('/fhir/Consent', samtykke()));
  const [Provenance = ''] = idsIn(await server.get('/fhir/Provenance'));
  const [AuditEvent = ''] = idsIn(await server.get('/fhir/AuditEvent', { as: 'auditor' }));
  const ids = { Consent, Provenance, AuditEvent, Patient: patient, Organization: 'eksempel-sykehus' };
  return { patient, ids };
};

const INTERACTIONS = [
  'read',
  'vread',
  'history-instance',
  'search-type',
  'create',
  'update',
  'delete',
] as const;
type Interaction = (typeof INTERACTIONS)[number];

const BODIES: Readonly<Record<string, object>> = {
  Consent: samtykke(NUMBERS.line),
  Organization: { resourceType: 'Organization', name: 'Eksempel' },
  Basic: basic({ followup: undefined }),
};

/** Operations that take something else than their type, and those that only some may call. */
const OPERATION_BODIES: Readonly<Record<string, object>> = {
  'from-certificate': {
    resourceType: 'Parameters',
    parameter: [{ name: 'certificate', valueString: OCES3_PEM }],
  },
};
const CALLERS: Readonly<Record<string, Who>> = {
  'poll-notifications': 'system',
  'test-connection': 'system',
};

/** Operations of one resource, which the theme of that resource tries. */
const ON_INSTANCES: ReadonlySet<string> = new Set([
  'mail',
  'submit',
  'region-approve',
  'region-reject',
  'grant',
  'test-passed',
  'revoke',
  'cancel',
]);

const KIND = { system: PVK_TYPE, code: 'samtykke' };

/** Parameters of the operations that take no resource. */
const INPUTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'CodeSystem validate-code': { url: PVK_TYPE, code: KIND.code },
  'CodeSystem lookup': KIND,
  'ValueSet expand': { url: PVK_TYPE.replace('CodeSystem', 'ValueSet') },
  'ValueSet validate-code': { url: PVK_TYPE.replace('CodeSystem', 'ValueSet'), ...KIND },
};

/** The call that each interaction is. */
const attempt = (server: Client, type: string, interaction: Interaction, { patient, ids }: Stage) => {
  const id = ids[type] ?? 'x';
  const reading = { as: READERS[type] ?? 'prescriber', patient } as const;
  const writing = { as: WRITERS[type] ?? 'prescriber' } as const;
  const body = BODIES[type] ?? { resourceType: type };
  const calls: Readonly<Record<Interaction, () => ReturnType<Client['call']>>> = {
    read: () => server.get(`/fhir/${type}/${id}`, reading),
    vread: () => server.get(`/fhir/${type}/${id}/_history/1`, reading),
    'history-instance': () => server.get(`/fhir/${type}/${id}/_history`, reading),
    'search-type': () => server.get(`/fhir/${type}?_count=1`, reading),
    create: () => server.post(`/fhir/${type}`, body, writing),
    update: () =>
      server.put(`/fhir/${type}/${id}`, { ...(type === 'Consent' ? samtykke() : body), id }, writing),
    delete: () => server.delete(`/fhir/${type}/${id}`, writing),
  };
  return calls[interaction]();
};

const named = (resource: CapabilityStatementRestResource, interaction: string): boolean =>
  resource.interaction?.some(({ code }) => code === interaction) === true;

/** One search for each parameter that the resource names. */
const queriesOf = ({ type, searchParam = [] }: CapabilityStatementRestResource, patient: string) =>
  searchParam
    // The patient index is asked for a number by POST only.
    .filter(({ name }) => !(type === 'Patient' && name === 'identifier'))
    .map(({ name, type: kind }) => {
      if (type === 'AuditEvent' && name === 'agent') return 'agent:identifier=urn:x%7Cy';
      const special: Readonly<Record<string, string>> = { _lastUpdated: '2024-01-01', patient };
      return `${name}=${encodeURIComponent(special[name] ?? VALUES[kind] ?? 'x')}`;
    });

export const metadata: Theme = (open) => {
  describe('the CapabilityStatement', () => {
    const server = useServer(open);

    it('is had without token and headers, with the base and version it was asked at', async () => {
      const statement = await statementOf(server);
      expect(statement).toMatchObject({
        status: 'active',
        kind: 'instance',
        fhirVersion: '4.0.1',
        implementation: { url: 'http://127.0.0.1:8787/fhir' },
      });
      expect(statement.format).toContain('application/fhir+json');
      expect(statement.patchFormat).toContain('application/json-patch+json');
      expect((await server.post('/fhir/metadata', {}, { as: null })).status).toBe(405);
    });

    it('is cut down by _summary and _elements, and passes over parameters that are none of R4', async () => {
      const ask = async (query: string) => server.get(`/fhir/metadata?${query}`, { as: null });
      const some = resourceIn(await ask('_elements=fhirVersion'), 'CapabilityStatement');
      expect([some.fhirVersion, some.rest, some.status]).toEqual(['4.0.1', undefined, 'active']);
      expect(some.meta?.tag?.[0]?.code).toBe('SUBSETTED');
      expect(resourceIn(await ask('_summary=true'), 'CapabilityStatement').kind).toBe('instance');
      expect((await ask('_summary=some')).status).toBe(400);
      expect(resourceIn(await ask('mode=full&_=17'), 'CapabilityStatement').rest).toHaveLength(1);
    });

    it.each(INTERACTIONS)('names %s exactly where it works', async (interaction) => {
      const stage = await setTheStage(server);
      for (const resource of (await statementOf(server)).rest?.[0]?.resource ?? []) {
        if (!(resource.type in stage.ids)) continue;
        const reply = await attempt(server, resource.type, interaction, stage);
        const works = [200, 201, 204].includes(reply.status);
        expect([resource.type, interaction, works, reply.status]).toEqual([
          resource.type,
          interaction,
          named(resource, interaction),
          reply.status,
        ]);
        if (!works) expect([404, 405]).toContain(reply.status);
      }
    });

    it('names every search parameter that works, and no other', async () => {
      const { patient } = await setTheStage(server);
      for (const resource of (await statementOf(server)).rest?.[0]?.resource ?? []) {
        const { type } = resource;
        const ask = (query: string) =>
          server.get(`/fhir/${type}?${query}`, {
            as: READERS[type] ?? 'prescriber',
            patient,
            // A search of Basic that names no kind follows the strictest pattern.
            ...(type === 'Basic' ? { pattern: '2.2.2' } : {}),
          });
        for (const query of queriesOf(resource, patient)) {
          expect([type, query, (await ask(query)).status]).toEqual([type, query, 200]);
        }
        expect([type, (await ask('no-such-parameter=x')).status]).toEqual([type, 400]);
      }
    });

    it('names the interactions of the whole system that work', async () => {
      const [rest] = (await statementOf(server)).rest ?? [];
      for (const { code } of rest?.interaction ?? []) {
        const reply =
          code === 'history-system'
            ? await server.get('/fhir/_history?_count=1', {
                as: 'system',
              })
            : code === 'search-system'
              ? await server.get('/fhir?_type=Organization', { as: 'system' })
              : await server.post('/fhir', { resourceType: 'Bundle', type: code });
        expect([code, reply.status]).toEqual([code, 200]);
      }
    });

    it('says the same as OpenAPI, with the headers of each pattern', async () => {
      const reply = await server.get('/openapi.json', { as: null });
      const api = reply.json as {
        readonly paths: Readonly<
          Record<string, Readonly<Record<string, { readonly parameters: readonly object[] }>>>
        >;
        readonly components: {
          readonly parameters: Readonly<Record<string, { readonly required: boolean }>>;
        };
      };
      const [rest] = (await statementOf(server)).rest ?? [];
      const types = (rest?.resource ?? []).filter(({ documentation }) =>
        documentation?.includes('Pattern of reads'),
      );
      for (const { type, interaction } of types) {
        const told = new Set(
          Object.entries(api.paths)
            .filter(([path]) => path === `/fhir/${type}` || path.startsWith(`/fhir/${type}/`))
            .flatMap(([, methods]) => Object.values(methods))
            .map((operation) => Object(operation).summary.split(',')[0])
            .filter((name) => !name.startsWith('$')),
        );
        expect([type, [...told].toSorted()]).toEqual([
          type,
          [...new Set(interaction?.map(({ code }) => code))].toSorted(),
        ]);
      }
      const mandatory = (path: string, method: string) =>
        (api.paths[path]?.[method]?.parameters ?? []).flatMap((parameter) => {
          const name = '$ref' in parameter ? String(parameter.$ref).split('/').at(-1) : undefined;
          return name !== undefined && api.components.parameters[name]?.required === true ? [name] : [];
        });
      expect(mandatory('/fhir/Organization', 'get')).toEqual(['2.1.X-User-Agent', '2.1.X-Request-ID']);
      expect(mandatory('/fhir/Consent/{id}', 'get')).toEqual([
        '2.2.2.X-Purpose',
        '2.2.2.X-Access',
        '2.2.2.X-User-Agent',
        '2.2.2.X-Request-ID',
      ]);
      expect(mandatory('/fhir/Consent', 'post')).toContain('2.3.X-Provenance');
    });

    it('names operations that work', async () => {
      const [rest] = (await statementOf(server)).rest ?? [];
      for (const { type, operation } of rest?.resource ?? []) {
        for (const { name } of (operation ?? []).filter((one) => !ON_INSTANCES.has(one.name))) {
          const input = INPUTS[`${type} ${name}`];
          const reply =
            input === undefined
              ? await server.post(`/fhir/${type}/$${name}`, OPERATION_BODIES[name] ?? BODIES[type], {
                  as: CALLERS[name] ?? WRITERS[type] ?? 'prescriber',
                  patient: await server.patient('2512489996', 'urn:oid:1.2.208.176.1.2'),
                })
              : await server.get(`/fhir/${type}/$${name}?${new URLSearchParams(input)}`, { as: null });
          expect([type, name, reply.status]).toEqual([type, name, 200]);
        }
      }
      for (const { name } of rest?.operation ?? []) {
        const reply = await server.get(`/fhir/$${name}?pattern=2.1`, { as: null });
        expect([name, reply.status]).toEqual([name, 200]);
      }
    });

    it('names the types it serves without a token, and profiles and definitions that can be read', async () => {
      const [rest] = (await statementOf(server)).rest ?? [];
      const types = (rest?.resource ?? []).map(({ type }) => type as string);
      for (const type of [
        'StructureDefinition',
        'CodeSystem',
        'ValueSet',
        'SearchParameter',
        'OperationDefinition',
        'NamingSystem',
      ]) {
        expect(types).toContain(type);
      }
      const canonicals = (rest?.resource ?? []).flatMap(({ profile, operation }) => [
        ...(profile === undefined ? [] : [['StructureDefinition', profile] as const]),
        ...(operation ?? []).map(({ definition }) => ['OperationDefinition', definition] as const),
      ]);
      for (const [type, url] of canonicals) {
        if (!url.startsWith('https://nordic-fhir-facade.dev/')) continue;
        expect([url, idsIn(await server.get(`/fhir/${type}?url=${url}`, { as: null })).length]).toEqual([
          url,
          1,
        ]);
      }
    });

    it('is all there is: another type or path is 404, another method 405 with Allow', async () => {
      for (const path of [
        '/fhir/Observation',
        '/fhir/Observation/x',
        '/fhir/Consent/x/$nothing',
        '/fhir/$nothing',
      ]) {
        const missing = await server.get(path);
        expect([path, missing.status]).toEqual([path, 404]);
        expect(issuesOf(missing)).toHaveLength(1);
      }
      for (const [method, path] of [
        ['PATCH', '/fhir/Patient/x'],
        ['DELETE', '/fhir/Provenance'],
        ['POST', '/fhir/Consent/x'],
        ['PUT', '/fhir/StructureDefinition/PvkConsent'],
        ['GET', '/fhir/Consent/$preview'],
        ['DELETE', '/fhir/$ping'],
      ] as const) {
        const refused = await server.call(method, path);
        expect([method, path, refused.status, refused.headers.has('Allow')]).toEqual([
          method,
          path,
          405,
          true,
        ]);
      }
    });
  });

  describe('the definitions it serves', () => {
    const server = useServer(open);

    it.each([
      ['StructureDefinition', 'PvkConsent'],
      ['CodeSystem', 'pvk-type'],
      ['CodeSystem', 'pvk-definition'],
      ['CodeSystem', 'basic-kind'],
      ['NamingSystem', 'pvk-part'],
      ['SearchParameter', 'Consent-definition'],
    ])('has %s %s, by id and by search, without a token', async (type, id) => {
      const read = await server.get(`/fhir/${type}/${id}`, { as: null });
      expect([read.status, idIn(read)]).toEqual([200, id]);
      expect(idsIn(await server.get(`/fhir/${type}?_id=${id}`, { as: null }))).toEqual([id]);
      expect((await server.get(`/fhir/${type}/none`, { as: null })).status).toBe(404);
      expect((await server.get(`/fhir/${type}?colour=red`, { as: null })).status).toBe(400);
      expect((await server.get(`/fhir/${type}/${id}?colour=red`, { as: null })).status).toBe(400);
    });

    it('are searched like any other type: modifiers, several values, AND', async () => {
      const found = async (query: string) =>
        idsIn(await server.get(`/fhir/StructureDefinition?${query}`, { as: null })).toSorted();
      const base = 'https://nordic-fhir-facade.dev/fhir';
      expect(await found('_id=PvkConsent,TreatmentRelation')).toEqual(['PvkConsent', 'TreatmentRelation']);
      expect(await found('name:exact=PvkConsent')).toEqual(['PvkConsent']);
      expect(await found('name:exact=pvkconsent')).toEqual([]);
      expect(await found('name:contains=consent&type=Consent')).toEqual(['PvkConsent']);
      expect(await found(`url:below=${base}/StructureDefinition/Pvk`)).toEqual(['PvkConsent']);
      expect(await found('status:not=active')).toEqual([]);
      expect(await found('url:missing=true')).toEqual([]);
      expect((await found('kind=resource&status=active')).length).toBeGreaterThan(3);
    });

    it('are sorted, paged, counted and cut down', async () => {
      const asked = '/fhir/StructureDefinition?kind=resource';
      const all = idsIn(await server.get(`${asked}&_sort=-name`, { as: null }));
      expect(all).toEqual(all.toSorted().toReversed());
      const seen: string[] = [];
      let path: string | undefined = `${asked}&_sort=-name&_count=2`;
      while (path !== undefined) {
        const page = await server.get(path, { as: null });
        expect(resourceIn(page, 'Bundle').total).toBe(all.length);
        seen.push(...idsIn(page));
        const next = linkIn(resourceIn(page, 'Bundle'), 'next');
        path = next === undefined ? undefined : pathOf(next);
      }
      expect(seen).toEqual(all);
      const counted = resourceIn(await server.get(`${asked}&_summary=count`, { as: null }), 'Bundle');
      expect([counted.total, counted.entry]).toEqual([all.length, undefined]);
      const some = resourceIn(await server.get(`${asked}&_elements=url`, { as: null }), 'Bundle');
      expect(some.entry?.[0]?.resource).not.toHaveProperty('description');
      const read = await server.get('/fhir/StructureDefinition/PvkConsent?_elements=url', { as: null });
      expect(read.json).not.toHaveProperty('differential');
      expect(read.text).toContain('SUBSETTED');
    });

    it('are found by POST _search, and go on without what is unknown when handling is lenient', async () => {
      const form = await server.call('POST', '/fhir/ValueSet/_search', {
        as: null,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: 'name:contains=pvk&_format=json',
      });
      expect([form.status, idsIn(form).length > 0]).toEqual([200, true]);
      const lenient = await server.get('/fhir/StructureDefinition?colour=red&_id=PvkConsent', {
        as: null,
        headers: { Prefer: 'handling=lenient' },
      });
      const bundle = resourceIn(lenient, 'Bundle');
      expect(linkIn(bundle, 'self')).not.toContain('colour');
      expect(bundle.entry?.map(({ search }) => search?.mode)).toEqual(['match', 'outcome']);
    });
  });
};
