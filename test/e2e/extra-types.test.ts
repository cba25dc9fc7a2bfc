import type { Encounter, Observation, Patient, Practitioner, Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { FNR, NUMBERS } from './fixtures.ts';
import { headersFor } from './headers.ts';
import { openOnNode } from './node.ts';
import { etagIn, idIn, issuesOf, linkIn, pathOf, type Reply, resourceIn } from './reply.ts';
import { useServer } from './server.ts';

const TYPES = 'Patient,Practitioner,PractitionerRole,Encounter,Observation,ValueSet';
const system = { as: 'system' } as const;
const LOINC = 'http://loinc.org';

const observation = (subject: string, weight: number, given: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: LOINC, code: '29463-7' }], text: 'Vekt' },
  subject: { reference: subject },
  effectiveDateTime: '2026-03-01T10:00:00+01:00',
  valueQuantity: { value: weight, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  ...given,
});

const found = (reply: Reply, mode: 'match' | 'include' = 'match'): readonly string[] =>
  (resourceIn(reply, 'Bundle').entry ?? [])
    .filter(({ search }) => search?.mode === mode)
    .map(({ resource }) => `${resource?.resourceType}/${resource?.id}`)
    .toSorted();

describe('FACADE_EXTRA_TYPES', () => {
  const server = useServer(openOnNode, { FACADE_EXTRA_TYPES: TYPES });

  const put = async (resource: Resource): Promise<string> =>
    `${resource.resourceType}/${idIn(await server.post(`/fhir/${resource.resourceType}`, resource, system))}`;

  it('names each type in the CapabilityStatement, with all its search parameters', async () => {
    const statement = resourceIn(await server.get('/fhir/metadata', { as: null }), 'CapabilityStatement');
    const resources = new Map((statement.rest?.[0]?.resource ?? []).map((one) => [one.type, one]));
    for (const type of TYPES.split(',')) expect([...resources.keys()]).toContain(type);
    expect(resources.size).toBe(statement.rest?.[0]?.resource?.length);
    const seen = resources.get('Observation');
    expect(seen?.searchParam?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['code', 'code-value-quantity', 'value-quantity', 'subject', '_profile']),
    );
    expect(seen?.searchInclude).toContain('Observation:encounter');
    expect(resources.get('Encounter')?.searchRevInclude).toContain('Observation:encounter');
  });

  it('carries a resource through its whole life', async () => {
    const path = `/fhir/${await put(observation('Patient/unknown-to-the-index', 80))}`;
    const read = await server.get(path, system);
    expect([read.status, etagIn(read)]).toEqual([200, 'W/"1"']);
    const stored = resourceIn(read, 'Observation');
    const updated = await server.put(
      path,
      { ...stored, status: 'amended' },
      { ...system, headers: { 'If-Match': 'W/"1"' } },
    );
    expect([updated.status, etagIn(updated)]).toEqual([200, 'W/"2"']);
    const patched = await server.call('PATCH', path, {
      ...system,
      headers: { 'Content-Type': 'application/json-patch+json' },
      body: JSON.stringify([{ op: 'replace', path: '/status', value: 'corrected' }]),
    });
    expect(resourceIn(patched, 'Observation').status).toBe('corrected');
    expect((await server.get(`${path}/_history/2`, system)).status).toBe(200);
    expect((await server.delete(path, system)).status).toBe(204);
    expect((await server.get(path, system)).status).toBe(410);
    const { id: _, ...body } = stored;
    const back = await server.put(path, { ...body, id: path.split('/').at(-1) }, system);
    expect([back.status, etagIn(back)]).toEqual([201, 'W/"5"']);
    const history = resourceIn(await server.get(`${path}/_history`, system), 'Bundle');
    expect(history.entry?.map(({ request }) => request?.method)).toEqual([
      'PUT',
      'DELETE',
      'PUT',
      'PUT',
      'POST',
    ]);
  });

  it('searches by number, quantity, composite, modifier and chain', async () => {
    const kari = await put({
      resourceType: 'Practitioner',
      name: [{ family: 'Åsen' }],
    } satisfies Practitioner);
    const visit = await put({
      resourceType: 'Encounter',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      participant: [{ individual: { reference: kari } }],
    } satisfies Encounter);
    const light = await put(observation('Patient/a', 60.5));
    const heavy = await put(observation('Patient/b', 95, { encounter: { reference: visit } }));
    const ask = async (query: string) => found(await server.get(`/fhir/Observation?${query}`, system));
    expect(await ask('value-quantity=gt90||kg')).toEqual([heavy]);
    expect(await ask(`code-value-quantity=${LOINC}|29463-7$lt61`)).toEqual([light]);
    expect(await ask('code:text=vekt&_sort=value-quantity')).toEqual([light, heavy].toSorted());
    expect(await ask('encounter:missing=true')).toEqual([light]);
    expect(await ask('encounter.class=AMB')).toEqual([heavy]);
    expect(await ask('encounter:Encounter.participant:Practitioner.family=asen')).toEqual([heavy]);
    const encounters = await server.get(`/fhir/Encounter?_has:Observation:encounter:code=29463-7`, system);
    expect(found(encounters)).toEqual([visit]);
    expect(await ask('status=http://hl7.org/fhir/observation-status|final')).toEqual(
      [light, heavy].toSorted(),
    );
    expect(await ask('status:in=http://hl7.org/fhir/ValueSet/observation-status')).toHaveLength(2);
    expect(await ask('status:not-in=http://hl7.org/fhir/ValueSet/observation-status')).toEqual([]);
  });

  it('brings along what is asked for, marked as included', async () => {
    const kari = await put({ resourceType: 'Practitioner', active: true } satisfies Practitioner);
    const visit = await put({
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'AMB' },
      participant: [{ individual: { reference: kari } }],
    } satisfies Encounter);
    const seen = await put(observation('Patient/b', 95, { encounter: { reference: visit } }));
    const query = '_include=Observation:encounter&_include:iterate=Encounter:participant';
    const forward = await server.get(`/fhir/Observation?${query}`, system);
    expect([found(forward), found(forward, 'include')]).toEqual([[seen], [visit, kari].toSorted()]);
    const back = await server.get('/fhir/Encounter?_revinclude=Observation:encounter', system);
    expect([found(back), found(back, 'include')]).toEqual([[visit], [seen]]);
  });

  it('leaves out what _summary and _elements do not ask for, and says so', async () => {
    await put(observation('Patient/a', 60.5, { note: [{ text: 'veid' }] }));
    const first = (reply: Reply) => resourceIn(reply, 'Bundle').entry?.[0]?.resource;
    const summary = first(await server.get('/fhir/Observation?_summary=true', system));
    expect(summary).not.toHaveProperty('note');
    expect(summary?.meta?.tag?.[0]?.code).toBe('SUBSETTED');
    const some = first(await server.get('/fhir/Observation?_elements=value', system));
    expect(Object.keys(some ?? {}).toSorted()).toEqual(
      ['code', 'id', 'meta', 'resourceType', 'status', 'valueQuantity'].toSorted(),
    );
    const count = resourceIn(await server.get('/fhir/Observation?_summary=count', system), 'Bundle');
    expect([count.total, count.entry]).toEqual([1, undefined]);
  });

  it('pages through everything once', async () => {
    for (let weight = 60; weight < 67; weight += 1) await put(observation('Patient/a', weight));
    const seen: string[] = [];
    let path: string | undefined = '/fhir/Observation?_count=3&_sort=-value-quantity';
    while (path !== undefined) {
      const page = resourceIn(await server.get(path, system), 'Bundle');
      for (const { resource } of page.entry ?? []) {
        seen.push(resource?.resourceType === 'Observation' ? String(resource.valueQuantity?.value) : '');
      }
      const next = linkIn(page, 'next');
      path = next === undefined ? undefined : pathOf(next);
    }
    expect(seen).toEqual(['66', '65', '64', '63', '62', '61', '60']);
  });

  it('validates against R4, invariants included', async () => {
    const bad = {
      ...observation('Patient/a', 60),
      status: 'done',
      dataAbsentReason: { text: 'both' },
      weight: 1,
    };
    const reply = await server.post('/fhir/Observation', bad, system);
    expect(reply.status).toBe(400);
    expect(issuesOf(reply).flatMap(({ expression }) => expression ?? [])).toEqual(
      expect.arrayContaining(['Observation.status', 'Observation.weight']),
    );
    const both = { ...observation('Patient/a', 60), dataAbsentReason: { text: 'both' } };
    const refused = await server.post('/fhir/Observation', both, system);
    expect([refused.status, issuesOf(refused)[0]?.diagnostics]).toEqual([
      422,
      expect.stringContaining('obs-6'),
    ]);
  });

  it('reads and writes XML', async () => {
    const path = `/fhir/${await put(observation('Patient/a', 60.5))}`;
    const xml = await server.get(path, { ...system, headers: { Accept: 'application/fhir+xml' } });
    expect(xml.text).toContain('<Observation xmlns="http://hl7.org/fhir">');
    const again = await server.post('/fhir/Observation', xml.text, {
      ...system,
      headers: { 'Content-Type': 'application/fhir+xml' },
    });
    expect([again.status, resourceIn(again, 'Observation').valueQuantity?.value]).toEqual([201, 60.5]);
  });

  it('is for systems alone', async () => {
    const path = `/fhir/${await put(observation('Patient/a', 60))}`;
    expect((await server.get(path, { as: 'prescriber' })).status).toBe(403);
    expect((await server.get(path, { as: null })).status).toBe(401);
    // Nobody learns by an include what they may not read.
    const included = await server.get('/fhir/Organization?_revinclude=Encounter:service-provider', {
      as: null,
    });
    expect(included.status).toBe(403);
  });

  it('makes the patient index a full store: a search makes nothing, and a number has one Patient', async () => {
    const numbered = { resourceType: 'Patient', identifier: [{ system: FNR, value: NUMBERS.documented }] };
    const asked = { identifier: `${FNR}|${NUMBERS.documented}` };
    const nobody = await server.search('Patient', asked, system);
    expect([nobody.status, resourceIn(nobody, 'Bundle').total]).toEqual([200, 0]);
    expect(nobody.text).not.toContain(NUMBERS.documented);
    const created = await server.post('/fhir/Patient', numbered, system);
    expect(created.status).toBe(201);
    const id = idIn(created);
    const second = await server.post('/fhir/Patient', numbered, system);
    expect([second.status, issuesOf(second)[0]?.code, second.text.includes(NUMBERS.documented)]).toEqual([
      409,
      'duplicate',
      false,
    ]);
    const [one, another] = await Promise.all(
      [1, 2].map(() =>
        server.post(
          '/fhir/Patient',
          { resourceType: 'Patient', identifier: [{ system: FNR, value: NUMBERS.line }] },
          system,
        ),
      ),
    );
    expect([one?.status, another?.status].toSorted()).toEqual([201, 409]);
    const stored = resourceIn(await server.get(`/fhir/Patient/${id}`, { ...system, patient: id }), 'Patient');
    const named: Patient = { ...stored, name: [{ family: 'Danser' }], identifier: stored.identifier ?? [] };
    const written = await server.put(`/fhir/Patient/${id}`, named, { ...system, patient: id });
    expect([written.status, resourceIn(written, 'Patient').name?.[0]?.family]).toEqual([200, 'Danser']);
    expect(await server.patient(NUMBERS.documented)).toBe(id);
    const byName = await server.get('/fhir/Patient?family=danser', { ...system, patient: id });
    expect(found(byName)).toEqual([`Patient/${id}`]);
    const { identifier: _, ...anonymous } = named;
    const taken = await server.put(`/fhir/Patient/${id}`, anonymous, { ...system, patient: id });
    expect([taken.status, issuesOf(taken)[0]?.expression]).toEqual([422, ['Patient.identifier']]);
    expect((await server.delete(`/fhir/Patient/${id}`, { ...system, patient: id })).status).toBe(405);
  });

  it("keeps the project's own value sets among those stored, read by everybody", async () => {
    const listed = found(await server.get('/fhir/ValueSet?_count=100', { as: null }));
    expect(listed.length).toBeGreaterThan(0);
    const expanded = await server.get(
      '/fhir/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/observation-status',
      {
        as: null,
      },
    );
    expect(expanded.status).toBe(200);
  });

  it('reads terminology without token and header rule, and writes it as a system by pattern 2.3', async () => {
    const writing = headersFor({ method: 'POST', path: '/fhir/Observation', role: 'system' });
    const valueSet = {
      resourceType: 'ValueSet',
      status: 'active',
      url: 'https://example.org/ValueSet/a',
      compose: { include: [{ system: LOINC, concept: [{ code: '29463-7' }] }] },
    };
    const made = await server.post('/fhir/ValueSet', valueSet, { ...system, headers: writing });
    expect(made.status).toBe(201);
    const path = `/fhir/ValueSet/${idIn(made)}`;
    const anybody = { as: null } as const;
    expect((await server.get(path, anybody)).status).toBe(200);
    expect((await server.get(`${path}/_history/1`, anybody)).status).toBe(200);
    expect(found(await server.get(`/fhir/ValueSet?url=${valueSet.url}`, anybody))).toEqual([path.slice(6)]);
    expect((await server.get(path, { as: null, headers: { Authorization: 'Bearer x' } })).status).toBe(200);
    expect((await server.post('/fhir/ValueSet', valueSet, anybody)).status).toBe(401);
    expect((await server.delete(path, anybody)).status).toBe(401);
    expect((await server.delete(path, { ...system, headers: {} })).status).toBe(400);
    const led = await server.get('/fhir/ValueSet?_has:Observation:code:status=final', anybody);
    expect([400, 403]).toContain(led.status);
  });

  it('is validated like the others, on the type and on an instance', async () => {
    const path = `/fhir/${await put(observation('Patient/a', 60))}`;
    const told = await server.post(
      '/fhir/Observation/$validate',
      { ...observation('Patient/a', 1), status: 'x' },
      system,
    );
    expect(issuesOf(told)[0]?.expression).toEqual(['Observation.status']);
    expect(issuesOf(await server.get(`${path}/$validate`, system))[0]?.severity).toBe('information');
  });
});

describe('FACADE_EXTRA_TYPES with FACADE_UPDATE_CREATE=on', () => {
  const server = useServer(openOnNode, { FACADE_EXTRA_TYPES: TYPES, FACADE_UPDATE_CREATE: 'on' });

  it('lets systems give the ids, but for those of Patients', async () => {
    const made = await server.put(
      '/fhir/Observation/vekt-1',
      { ...observation('Patient/a', 60), id: 'vekt-1' },
      system,
    );
    expect([made.status, idIn(made)]).toEqual([201, 'vekt-1']);
    const patient = { resourceType: 'Patient', id: 'egen-id', active: true };
    expect((await server.put('/fhir/Patient/egen-id', patient, system)).status).toBe(405);
  });
});

describe('FACADE_EXTRA_TYPES while header rules are reported', () => {
  const server = useServer(openOnNode, { FACADE_EXTRA_TYPES: TYPES, HEADER_RULES: 'report' });

  it('lets a search lead into Patient, whose pattern asks for more headers', async () => {
    const numbered = { resourceType: 'Patient', identifier: [{ system: FNR, value: NUMBERS.documented }] };
    const id = idIn(await server.post('/fhir/Patient', numbered, system));
    const stored = resourceIn(await server.get(`/fhir/Patient/${id}`, { ...system, patient: id }), 'Patient');
    await server.put(
      `/fhir/Patient/${id}`,
      { ...stored, name: [{ family: 'Danser' }] },
      { ...system, patient: id },
    );
    await server.post('/fhir/Observation', observation(`Patient/${id}`, 70), system);
    const query = 'subject:Patient.family=danser&_include=Observation:patient';
    const reply = await server.get(`/fhir/Observation?${query}`, system);
    expect([found(reply).length, found(reply, 'include')]).toEqual([1, [`Patient/${id}`]]);
  });
});

describe('FACADE_EXTRA_TYPES with a type that is not bundled', () => {
  it('stops the start with a sentence that names it', async () => {
    await expect(openOnNode({ FACADE_EXTRA_TYPES: 'Observation, Obsevation' })).rejects.toThrow(
      /FACADE_EXTRA_TYPES names Obsevation, which is not bundled/,
    );
  });
});
