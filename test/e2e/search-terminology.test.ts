import type { CodeSystem, Condition, Observation, Resource, ValueSet } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { headersFor } from './headers.ts';
import { openOnNode } from './node.ts';
import { idIn, idsIn, issuesOf } from './reply.ts';
import { useServer } from './server.ts';

const system = { as: 'system' } as const;
const CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const DEPARTMENTS = 'https://hospital.example/CodeSystem/departments';

const condition = (code: string): Condition => ({
  resourceType: 'Condition',
  subject: { reference: 'Patient/a' },
  clinicalStatus: { coding: [{ system: CLINICAL, code }] },
});

const observation = (code: string): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: DEPARTMENTS, code }] },
});

const codeSystem = (given: Partial<CodeSystem>): CodeSystem => ({
  resourceType: 'CodeSystem',
  url: DEPARTMENTS,
  status: 'active',
  content: 'complete',
  concept: [
    { code: 'medicine', concept: [{ code: 'cardiology', concept: [{ code: 'arrhythmia' }] }] },
    { code: 'surgery', concept: [{ code: 'heart-surgery' }] },
    // A department of two: the second one is told by a property.
    { code: 'transplants', property: [{ code: 'parent', valueCode: 'heart-surgery' }] },
  ],
  ...given,
});

const valueSet = (given: Partial<ValueSet>): ValueSet => ({
  resourceType: 'ValueSet',
  url: 'https://hospital.example/ValueSet/heart',
  status: 'active',
  compose: {
    include: [{ system: DEPARTMENTS, filter: [{ property: 'concept', op: 'is-a', value: 'cardiology' }] }],
  },
  ...given,
});

describe('search along code systems', () => {
  const server = useServer(openOnNode, {
    FACADE_EXTRA_TYPES: 'Condition,Observation,CodeSystem,ValueSet',
  });

  // Kept in the store, CodeSystem and ValueSet follow the header rules of any extra type.
  const headers = () => headersFor({ method: 'POST', path: '/fhir/Observation', role: 'system' });
  const put = async (resource: Resource): Promise<string> =>
    idIn(await server.post(`/fhir/${resource.resourceType}`, resource, { ...system, headers: headers() }));

  const ask = async (query: string) => idsIn(await server.get(`/fhir/${query}`, system)).toSorted();
  const refusal = async (query: string) => {
    const reply = await server.get(`/fhir/${query}`, system);
    return [reply.status, issuesOf(reply)[0]?.diagnostics];
  };

  it('finds by :below and :above what a code of R4 is subsumed by, and subsumes', async () => {
    const active = await put(condition('active'));
    const relapse = await put(condition('relapse'));
    const resolved = await put(condition('resolved'));
    expect(await ask(`Condition?clinical-status:below=${CLINICAL}|active`)).toEqual(
      [active, relapse].toSorted(),
    );
    expect(await ask(`Condition?clinical-status:above=${CLINICAL}|relapse`)).toEqual(
      [active, relapse].toSorted(),
    );
    expect(await ask(`Condition?clinical-status:below=${CLINICAL}|inactive`)).toEqual([resolved]);
  });

  it('finds along a code system that was stored, nested concepts and parent properties alike', async () => {
    await put(codeSystem({}));
    const ids = new Map<string, string>();
    for (const code of ['medicine', 'cardiology', 'arrhythmia', 'surgery', 'transplants']) {
      ids.set(code, await put(observation(code)));
    }
    const named = (...codes: readonly string[]) => codes.map((code) => ids.get(code)).toSorted();
    expect(await ask(`Observation?code:below=${DEPARTMENTS}|medicine`)).toEqual(
      named('medicine', 'cardiology', 'arrhythmia'),
    );
    expect(await ask(`Observation?code:above=${DEPARTMENTS}|arrhythmia`)).toEqual(
      named('medicine', 'cardiology', 'arrhythmia'),
    );
    expect(await ask(`Observation?code:below=${DEPARTMENTS}|surgery`)).toEqual(
      named('surgery', 'transplants'),
    );
    expect(await ask(`Observation?code:below=${DEPARTMENTS}|surgery,${DEPARTMENTS}|arrhythmia`)).toEqual(
      named('surgery', 'transplants', 'arrhythmia'),
    );
  });

  it('finds by :in and :not-in a stored value set, by its url or its id', async () => {
    await put(codeSystem({}));
    const id = await put(valueSet({}));
    const inside = await put(observation('arrhythmia'));
    const outside = await put(observation('surgery'));
    expect(await ask('Observation?code:in=https://hospital.example/ValueSet/heart')).toEqual([inside]);
    expect(await ask(`Observation?code:in=ValueSet/${id}`)).toEqual([inside]);
    expect(await ask('Observation?code:not-in=https://hospital.example/ValueSet/heart')).toEqual([outside]);
  });

  it('follows a value set into those that it includes', async () => {
    await put(codeSystem({}));
    await put(valueSet({}));
    const url = 'https://hospital.example/ValueSet/all-hearts';
    const include = [
      { valueSet: ['https://hospital.example/ValueSet/heart'] },
      { system: DEPARTMENTS, concept: [{ code: 'heart-surgery' }] },
    ];
    await put(valueSet({ url, compose: { include } }));
    const ids = [await put(observation('arrhythmia')), await put(observation('heart-surgery'))].toSorted();
    await put(observation('surgery'));
    expect(await ask(`Observation?code:in=${url}`)).toEqual(ids);
  });

  it('refuses a code system whose hierarchy it does not know, and says so', async () => {
    expect(await refusal('Observation?code:below=http://snomed.info/sct|73211009')).toEqual([
      400,
      expect.stringContaining('whose hierarchy is not known here'),
    ]);
    // A fragment: what else may lie below is not in it.
    await put(codeSystem({ content: 'fragment' }));
    expect(await refusal(`Observation?code:below=${DEPARTMENTS}|medicine`)).toEqual([
      400,
      expect.stringContaining('whose hierarchy is not known here'),
    ]);
    expect(await refusal('Observation?code:above=cardiology')).toEqual([
      400,
      expect.stringContaining('takes system|code'),
    ]);
    expect(await refusal('Observation?code:in=https://hospital.example/ValueSet/none')).toEqual([
      400,
      expect.stringContaining('not served here'),
    ]);
  });
});
