import type { Observation, Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { FNR, NUMBERS } from './fixtures.ts';
import { headersFor } from './headers.ts';
import { openOnNode } from './node.ts';
import { idIn, linkIn, pathOf, type Reply, resourceIn } from './reply.ts';
import { useServer } from './server.ts';

const found = (reply: Reply): readonly string[] =>
  (resourceIn(reply, 'Bundle').entry ?? []).map(
    ({ resource }) => `${resource?.resourceType}/${resource?.id}`,
  );

const observation = (when: string): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Vekt' },
  effectiveDateTime: when,
});

describe('search over several types of FACADE_EXTRA_TYPES', () => {
  const server = useServer(openOnNode, { FACADE_EXTRA_TYPES: 'Patient,Observation,Procedure,Encounter' });
  const system = { as: 'system' } as const;
  const put = async (resource: Resource): Promise<string> =>
    `${resource.resourceType}/${idIn(await server.post(`/fhir/${resource.resourceType}`, resource, system))}`;

  it('sorts by a parameter that they share, those without it last, over pages of any size', async () => {
    const third = await put(observation('2026-03-03'));
    const first = await put(observation('2026-03-01'));
    const second = await put({
      resourceType: 'Procedure',
      status: 'completed',
      subject: { reference: 'Patient/a' },
      performedDateTime: '2026-03-02',
    });
    const undated = await put({
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'AMB' },
    });
    for (const [sort, order] of [
      ['date', [first, second, third, undated]],
      ['-date', [third, second, first, undated]],
    ] as const) {
      for (const count of [1, 2, 3, 10]) {
        const seen: string[] = [];
        let path: string | undefined =
          `/fhir?_type=Encounter,Procedure,Observation&_sort=${sort}&_count=${count}`;
        while (path !== undefined) {
          const reply = await server.get(path, system);
          seen.push(...found(reply));
          const next = linkIn(resourceIn(reply, 'Bundle'), 'next');
          path = next === undefined ? undefined : pathOf(next);
        }
        expect([sort, count, seen]).toEqual([sort, count, order]);
      }
    }
  });

  it('refuses to sort by what they have not in common', async () => {
    const reply = await server.get('/fhir?_type=Observation,Encounter&_sort=value-quantity', system);
    expect(reply.status).toBe(400);
  });

  it('writes no national identity number into a link, whichever type comes first', async () => {
    const number = NUMBERS.documented;
    const patient = idIn(
      await server.post(
        '/fhir/Patient',
        { resourceType: 'Patient', identifier: [{ system: FNR, value: number }] },
        system,
      ),
    );
    for (const types of ['Observation,Patient', 'Patient,Observation']) {
      const reply = await server.post(
        '/fhir/_search',
        new URLSearchParams({ _type: types, identifier: number }),
        {
          ...system,
          headers: {
            ...headersFor({ method: 'GET', path: '/fhir/Consent', role: 'system', patient }),
            'Content-Type': 'application/x-www-form-urlencoded',
          },
        },
      );
      expect([reply.status, reply.text.includes(number)]).toEqual([200, false]);
    }
  });
});
