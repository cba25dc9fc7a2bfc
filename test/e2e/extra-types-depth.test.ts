import type {
  Bundle,
  CodeSystem,
  Condition,
  Observation,
  Patient,
  Resource,
  ValueSet,
} from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { FNR, NUMBERS } from './fixtures.ts';
import { headersFor } from './headers.ts';
import { openOnNode } from './node.ts';
import { idIn, idsIn, issuesOf, type Reply, resourceIn } from './reply.ts';
import { useServer } from './server.ts';

const system = { as: 'system' } as const;
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const WARDS = 'https://hospital.example/CodeSystem/wards';

const observation = (given: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Vekt' },
  ...given,
});

const condition = (clinicalStatus: Condition['clinicalStatus']): Condition => ({
  resourceType: 'Condition',
  subject: { reference: 'Patient/a' },
  ...(clinicalStatus === undefined ? {} : { clinicalStatus }),
});

describe('types of FACADE_EXTRA_TYPES, in depth', () => {
  const server = useServer(openOnNode, {
    FACADE_EXTRA_TYPES: 'Patient,Observation,Condition,ValueSet,CodeSystem',
  });
  // Writing a ValueSet follows the header rules of any write, though reading one follows none.
  const headers = () => headersFor({ method: 'POST', path: '/fhir/Observation', role: 'system' });
  const put = async (resource: Resource): Promise<string> =>
    idIn(await server.post(`/fhir/${resource.resourceType}`, resource, { ...system, headers: headers() }));
  const bundle = (type: Bundle['type'], entry: readonly object[]) =>
    server.post('/fhir', { resourceType: 'Bundle', type, entry }, system);
  const statusesIn = (reply: Reply) =>
    (resourceIn(reply, 'Bundle').entry ?? []).map(({ response }) => response?.status?.slice(0, 3));

  it.each<[string, Condition['clinicalStatus'], number]>([
    ['a code of the value set', { coding: [{ system: CLINICAL, code: 'active' }] }, 201],
    [
      'one of several',
      {
        coding: [
          { system: 'urn:x', code: 'a' },
          { system: CLINICAL, code: 'active' },
        ],
      },
      201,
    ],
    ['nothing but an extension', { extension: [{ url: 'urn:x', valueCode: 'unknown' }] }, 201],
    ['another code', { coding: [{ system: CLINICAL, code: 'dormant' }] }, 400],
    ['the code of another system', { coding: [{ system: 'urn:x', code: 'active' }] }, 400],
    ['a code without system', { coding: [{ code: 'active' }] }, 400],
    ['a text alone', { text: 'active' }, 400],
  ])('holds a CodeableConcept to its required binding: %s', async (_, clinicalStatus, status) => {
    const reply = await server.post('/fhir/Condition', condition(clinicalStatus), system);
    expect(reply.status).toBe(status);
    if (status === 400) {
      expect(issuesOf(reply)[0]).toMatchObject({
        code: 'code-invalid',
        expression: ['Condition.clinicalStatus'],
      });
    }
  });

  it('are searched as any type, Patients too, by whatever identifier', async () => {
    const kari: Patient = {
      resourceType: 'Patient',
      identifier: [{ system: 'urn:mrn', value: 'A1' }],
      name: [{ family: 'Åsen' }],
      gender: 'female',
    };
    const id = await put(kari);
    await put({ ...kari, identifier: [{ system: 'urn:mrn', value: 'A2' }] });
    for (const query of [
      'identifier=urn:mrn|A1',
      'identifier=A1',
      'identifier=urn:mrn|A1&family=asen',
      'identifier=urn:mrn|A1,urn:other|A1',
      'identifier=urn:mrn|&identifier=A1',
    ]) {
      expect([query, idsIn(await server.get(`/fhir/Patient?${query}`, system))]).toEqual([query, [id]]);
    }
  });

  it('name each search parameter once in the CapabilityStatement', async () => {
    const statement = resourceIn(await server.get('/fhir/metadata', { as: null }), 'CapabilityStatement');
    for (const { type, searchParam = [] } of statement.rest?.[0]?.resource ?? []) {
      const names = searchParam.map(({ name }) => name);
      expect([type, names.filter((name, at) => names.indexOf(name) !== at)]).toEqual([type, []]);
    }
  });

  it('find a Patient by its number and what else is known of it', async () => {
    const numbered = { resourceType: 'Patient', identifier: [{ system: FNR, value: NUMBERS.documented }] };
    const id = idIn(await server.post('/fhir/Patient', numbered, system));
    const ask = async (body: string) =>
      idsIn(await server.call('POST', '/fhir/Patient/_search', { ...system, headers: FORM, body }));
    const number = `identifier=${encodeURIComponent(`${FNR}|${NUMBERS.documented}`)}`;
    expect(await ask(`${number}&_id=${id}`)).toEqual([id]);
    expect(await ask(`${number}&gender=male`)).toEqual([]);
  });

  it('answer a POST _search as its body asks', async () => {
    await put(observation());
    const ask = (body: string) =>
      server.call('POST', '/fhir/Observation/_search', { ...system, headers: FORM, body });
    const xml = await ask('_format=xml&_pretty=true');
    expect(xml.headers.get('Content-Type')).toContain('application/fhir+xml');
    expect(xml.text).toMatch(/<Bundle[^>]*>\n/);
    expect((await ask('_pretty=true')).text).toContain('\n  "type": "searchset"');
    expect((await ask('_format=pdf')).status).toBe(406);
    for (const [path, body] of [
      ['/fhir/_search', '_type=ValueSet&_format=xml'],
      ['/fhir/StructureDefinition/_search', '_format=xml'],
    ] as const) {
      const reply = await server.call('POST', path, { as: null, headers: FORM, body });
      expect([path, reply.status, reply.text.includes('<Bundle')]).toEqual([path, 200, true]);
    }
  });

  it('find a number of more digits than are kept', async () => {
    for (const value of ['123456789012345678', '3.141592653589793238']) {
      const body = `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":${value}}}`;
      const id = idIn(await server.post('/fhir/Observation', body, system));
      expect(idsIn(await server.get(`/fhir/Observation?value-quantity=${value}`, system))).toEqual([id]);
    }
  });

  it('tell a reference to what is not served from one that is closed', async () => {
    const reply = await server.get('/fhir/Observation?_include=Observation:subject:Group', system);
    expect([reply.status, issuesOf(reply)[0]?.code]).toEqual([400, 'not-supported']);
  });

  it('are searched together without a token where each is open to all', async () => {
    await put({ resourceType: 'ValueSet', url: 'urn:x:vs', status: 'active' });
    const open = await server.get('/fhir?_type=ValueSet,CodeSystem&url=urn:x:vs', { as: null });
    expect([open.status, idsIn(open).length]).toEqual([200, 1]);
    expect((await server.get('/fhir?_type=ValueSet,Observation', { as: null })).status).toBe(401);
  });

  it('bring ValueSets and CodeSystems that the terminology operations know', async () => {
    const wards: CodeSystem = {
      resourceType: 'CodeSystem',
      url: WARDS,
      status: 'active',
      content: 'complete',
      concept: [{ code: 'a', display: 'A', concept: [{ code: 'a1', display: 'A 1' }] }, { code: 'b' }],
    };
    const some: ValueSet = {
      resourceType: 'ValueSet',
      url: `${WARDS}-some`,
      status: 'active',
      compose: { include: [{ system: WARDS, filter: [{ property: 'concept', op: 'is-a', value: 'a' }] }] },
    };
    const [cs, vs] = [await put(wards), await put(some)];
    const codes = async (path: string) => {
      const reply = await server.get(path, { as: null });
      return (resourceIn(reply, 'ValueSet').expansion?.contains ?? []).map(({ code }) => code);
    };
    expect(await codes(`/fhir/ValueSet/$expand?url=${some.url}`)).toEqual(['a', 'a1']);
    expect(await codes(`/fhir/ValueSet/${vs}/$expand`)).toEqual(['a', 'a1']);
    const result = async (path: string) =>
      resourceIn(await server.get(path, { as: null }), 'Parameters').parameter?.find(
        ({ name }) => name === 'result' || name === 'display',
      );
    expect(await result(`/fhir/ValueSet/${vs}/$validate-code?system=${WARDS}&code=b`)).toMatchObject({
      valueBoolean: false,
    });
    expect(await result(`/fhir/CodeSystem/${cs}/$validate-code?code=a1`)).toMatchObject({
      valueBoolean: true,
    });
    expect(await result(`/fhir/CodeSystem/$lookup?system=${WARDS}&code=a1`)).toMatchObject({
      valueString: 'A 1',
    });
    const brought = { ...some, url: 'urn:x:brought' };
    const expanded = await server.post('/fhir/ValueSet/$expand', brought, { as: null });
    expect(resourceIn(expanded, 'ValueSet').expansion?.total).toBe(2);
    await server.delete(`/fhir/ValueSet/${vs}`, { ...system, headers: headers() });
    expect((await server.get(`/fhir/ValueSet/${vs}/$expand`, { as: null })).status).toBe(404);
  });

  it('settle an entry of a batch that has no resource by itself: a POST may be a search', async () => {
    await put(observation());
    const reply = await bundle('batch', [
      { request: { method: 'POST', url: 'Observation' } },
      { request: { method: 'POST', url: 'Observation/_search?status=final' } },
      { request: { method: 'GET', url: 'Observation?_summary=count' } },
    ]);
    expect(statusesIn(reply)).toEqual(['400', '200', '200']);
    const refused = await bundle('transaction', [{ request: { method: 'POST', url: 'Observation' } }]);
    expect([refused.status, issuesOf(refused)[0]?.expression]).toEqual([400, ['Bundle.entry[0].resource']]);
  });

  it('are linked in a transaction by relative references to full URLs of another server', async () => {
    const root = 'https://other.example/fhir';
    const reply = await bundle('transaction', [
      {
        fullUrl: `${root}/Observation/o`,
        resource: observation({
          subject: { reference: 'Patient/p' },
          derivedFrom: [{ reference: `${root}/Observation/q` }, { reference: 'Observation/kept' }],
        }),
        request: { method: 'POST', url: 'Observation' },
      },
      {
        fullUrl: `${root}/Patient/p`,
        resource: { resourceType: 'Patient' },
        request: { method: 'POST', url: 'Patient' },
      },
      {
        fullUrl: `${root}/Observation/q`,
        resource: observation(),
        request: { method: 'POST', url: 'Observation' },
      },
    ]);
    const [first, patient, other] = resourceIn(reply, 'Bundle').entry ?? [];
    expect(first?.resource).toMatchObject({
      subject: { reference: `Patient/${patient?.resource?.id}` },
      derivedFrom: [{ reference: `Observation/${other?.resource?.id}` }, { reference: 'Observation/kept' }],
    });
  });

  it('are counted, and not shown, by a history with _count=0', async () => {
    const id = await put(observation());
    const history = resourceIn(
      await server.get(`/fhir/Observation/${id}/_history?_count=0`, system),
      'Bundle',
    );
    expect([history.total, history.entry]).toEqual([1, undefined]);
  });

  it('are asked for by ids of the shape of an identity number, which no audit keeps', async () => {
    const number = NUMBERS.documented;
    for (const method of ['GET', 'DELETE', 'PUT']) {
      const body = method === 'PUT' ? { ...observation(), id: number } : undefined;
      await server.call(method, `/fhir/Observation/${number}`, {
        ...system,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/fhir+json' } }),
      });
    }
    const audit = await server.get('/fhir/AuditEvent?_count=50', { as: 'auditor' });
    expect([audit.status, audit.text.includes(number)]).toEqual([200, false]);
    expect(audit.text).toContain('Observation/withheld');
  });
});
