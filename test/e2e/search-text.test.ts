import type { Observation } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { FNR, NUMBERS } from './fixtures.ts';
import { openOnNode } from './node.ts';
import { idIn, idsIn, issuesOf, resourceIn } from './reply.ts';
import { useServer } from './server.ts';

const system = { as: 'system' } as const;

const observation = (note: string, given: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Røntgen' },
  note: [{ text: note }],
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Brudd i håndledd</div>' },
  ...given,
});

describe('search by words', () => {
  const server = useServer(openOnNode, { FACADE_EXTRA_TYPES: 'Observation,Encounter' });
  const put = async (resource: Observation) => idIn(await server.post('/fhir/Observation', resource, system));
  const ask = async (query: string) => idsIn(await server.get(`/fhir/Observation?${query}`, system));

  it('finds by the narrative, and by all that a resource says', async () => {
    const id = await put(observation('Kontroll om to uker'));
    expect(await ask('_text=handledd')).toEqual([id]);
    expect(await ask('_text=kontroll')).toEqual([]);
    expect(await ask('_content=kontroll rontgen')).toEqual([id]);
    expect(await ask('_content=kontroll&status=amended')).toEqual([]);
    const both = await server.get('/fhir?_type=Observation,Encounter&_content=uker', system);
    expect(idsIn(both)).toEqual([id]);
  });

  it('is offered for the types that it works for, and refused for the others', async () => {
    const statement = resourceIn(await server.get('/fhir/metadata', { as: null }), 'CapabilityStatement');
    const offered = (statement.rest?.[0]?.resource ?? [])
      .filter(({ searchParam }) => searchParam?.some(({ name }) => name === '_content'))
      .map(({ type }) => type);
    expect(offered.toSorted()).toEqual(['Encounter', 'Observation']);
    const patient = await server.patient(NUMBERS.documented);
    expect((await server.get('/fhir/Consent?_content=a', { patient })).status).toBe(400);
    for (const query of ['_content=(a', '_content:exact=a', '_sort=_text', '_text=not a']) {
      expect([query, (await server.get(`/fhir/Observation?${query}`, system)).status]).toEqual([query, 400]);
    }
  });

  it('never knows a national identity number', async () => {
    const number = NUMBERS.documented;
    const id = await put(
      observation(`Gjelder ${number}.`, {
        performer: [{ identifier: { system: FNR, value: number }, display: 'Kari' }],
      }),
    );
    expect(await ask('_content=gjelder kari')).toEqual([id]);
    const refused = await server.get(`/fhir/Observation?_content=${number}`, system);
    expect([refused.status, issuesOf(refused)[0]?.code, refused.text.includes(number)]).toEqual([
      400,
      'security',
      false,
    ]);
    const posted = await server.search('Observation', { _content: number }, system);
    expect([posted.status, idsIn(posted)]).toEqual([200, []]);
  });

  it('forgets the words when the sandbox is reset', async () => {
    await put(observation('Kontroll'));
    await server.reset();
    expect(await ask('_content=kontroll')).toEqual([]);
    const id = await put(observation('Kontroll'));
    expect(await ask('_content=kontroll')).toEqual([id]);
  });
});
