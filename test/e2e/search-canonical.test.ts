import type { Questionnaire, QuestionnaireResponse, Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { openOnNode } from './node.ts';
import { idIn, type Reply, resourceIn } from './reply.ts';
import { useServer } from './server.ts';

const system = { as: 'system' } as const;
const URL = 'https://hospital.example/Questionnaire/pain';

const questionnaire = (
  version: string,
  title: string,
  given: Partial<Questionnaire> = {},
): Questionnaire => ({
  resourceType: 'Questionnaire',
  url: URL,
  version,
  title,
  status: 'active',
  ...given,
});

const response = (canonical: string, given: Partial<QuestionnaireResponse> = {}): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  status: 'completed',
  questionnaire: canonical,
  ...given,
});

const found = (reply: Reply, mode: 'match' | 'include' = 'match'): readonly string[] =>
  (resourceIn(reply, 'Bundle').entry ?? [])
    .filter(({ search }) => search?.mode === mode)
    .map(({ resource }) => `${resource?.resourceType}/${resource?.id}`)
    .toSorted();

describe('canonical references', () => {
  const server = useServer(openOnNode, { FACADE_EXTRA_TYPES: 'Questionnaire,QuestionnaireResponse' });

  const put = async (resource: Resource): Promise<string> =>
    `${resource.resourceType}/${idIn(await server.post(`/fhir/${resource.resourceType}`, resource, system))}`;

  const seed = async () => ({
    old: await put(questionnaire('1', 'Smerte')),
    current: await put(questionnaire('2', 'Smerte og søvn')),
    other: await put(
      questionnaire('1', 'Allergi', { url: 'https://hospital.example/Questionnaire/allergy' }),
    ),
    toOld: await put(response(`${URL}|1`)),
    toCurrent: await put(response(`${URL}|2`, { status: 'in-progress' })),
    toAny: await put(response(URL)),
    astray: await put(response('https://elsewhere.example/Questionnaire/none|1')),
  });

  const ask = async (query: string, mode: 'match' | 'include' = 'match') =>
    found(await server.get(`/fhir/${query}`, system), mode);

  it('lead a chain to what has their url, and their version if they name one', async () => {
    const { toOld, toCurrent, toAny } = await seed();
    expect(await ask('QuestionnaireResponse?questionnaire.title=smerte og')).toEqual(
      [toCurrent, toAny].toSorted(),
    );
    expect(await ask('QuestionnaireResponse?questionnaire:Questionnaire.version=1')).toEqual(
      [toOld, toAny].toSorted(),
    );
    expect(await ask('QuestionnaireResponse?questionnaire.title=allergi')).toEqual([]);
    // What is not here has no title either.
    expect(await ask('QuestionnaireResponse?questionnaire.title:missing=true')).toEqual([]);
  });

  it('lead a reverse chain from what they name', async () => {
    const { old, current } = await seed();
    const has = 'Questionnaire?_has:QuestionnaireResponse:questionnaire';
    expect(await ask(`${has}:status=in-progress`)).toEqual([current]);
    expect(await ask(`${has}:status=completed`)).toEqual([old, current].toSorted());
  });

  it('bring along what they name, and are brought along by it', async () => {
    const { old, current, toOld, toCurrent, toAny } = await seed();
    const include = '_include=QuestionnaireResponse:questionnaire';
    expect(await ask(`QuestionnaireResponse?status=in-progress&${include}`, 'include')).toEqual([current]);
    expect(await ask(`QuestionnaireResponse?${include}`, 'include')).toEqual([old, current].toSorted());
    const revinclude = '_revinclude=QuestionnaireResponse:questionnaire';
    expect(await ask(`Questionnaire?title=smerte og&${revinclude}`, 'include')).toEqual(
      [toCurrent, toAny].toSorted(),
    );
    expect(await ask(`Questionnaire?title:exact=Smerte&${revinclude}`, 'include')).toEqual(
      [toOld, toAny].toSorted(),
    );
  });

  it('are found by what they say', async () => {
    const { toOld, toCurrent, toAny } = await seed();
    expect(await ask(`QuestionnaireResponse?questionnaire=${URL}|1`)).toEqual([toOld]);
    expect(await ask(`QuestionnaireResponse?questionnaire=${URL}`)).toEqual(
      [toOld, toCurrent, toAny].toSorted(),
    );
  });
});
