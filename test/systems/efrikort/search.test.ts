import { expect, it } from 'vitest';
import definitions from '../../../src/fhir/definitions/search-parameters.generated.json' with {
  type: 'json',
};
import { indexRows } from '../../../src/fhir/search/index-rows.ts';
import { createSearchParameters } from '../../../src/fhir/search/parameters.ts';
import { PROFILES } from '../artefacts.ts';
import { draft, system } from './fixture.ts';

const own = PROFILES.flatMap((artefact) =>
  artefact.resourceType === 'SearchParameter' && ['connection-state', 'environment'].includes(artefact.code)
    ? [{ ...artefact, expression: artefact.expression ?? '' }]
    : [],
);

it('a connection is found by state, environment, code, identifier and region', async () => {
  expect(own).toHaveLength(2);
  const params = createSearchParameters([...definitions, ...own])('Basic');
  const rows = indexRows(draft(await system(), 'test'), params, {
    baseUrl: 'https://facade.example/fhir',
    isPrivateSystem: () => false,
  });
  const base = 'https://nordic-fhir-facade.dev/fhir';
  expect(rows.token).toEqual(
    expect.arrayContaining([
      { param: 'connection-state', system: `${base}/CodeSystem/efrikort-state`, code: 'draft' },
      { param: 'environment', system: `${base}/CodeSystem/efrikort-environment`, code: 'TEST' },
      { param: 'code', system: `${base}/CodeSystem/basic-kind`, code: 'efrikort-connection' },
      { param: 'identifier', system: `${base}/NamingSystem/efrikort-connection`, code: 'EFK-000001' },
    ]),
  );
  expect(JSON.stringify(rows.reference)).toContain('SE2321000131-E000000000001');
});
