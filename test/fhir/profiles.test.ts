import { evalFhirPath } from '@medplum/core';
import type { CodeSystem } from '@medplum/fhirtypes';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { describe, expect, test } from 'vitest';
import { CANONICAL } from '../../src/canonical.ts';
import { WRITE_ISSUES } from '../../src/delivery/failures.ts';
import { PROFILES } from '../../src/fhir/definitions/artefacts.ts';
import { createValidator } from '../../src/fhir/validate/index.ts';
import { HEADER_ISSUES } from '../../src/headers/faults.ts';
import { ROLES } from '../../src/security/caller.ts';
import { DEFAULT_CATALOGUE } from '../../src/systems/helsenorge/catalogue.ts';
import { MAPPING_ISSUES } from '../../src/systems/helsenorge/mapping/findings.ts';
import { UPSTREAM_ISSUES } from '../../src/systems/upstream/issues.ts';
import { artefacts, examples } from './validate/corpus.ts';

const { validate } = createValidator(PROFILES);
const PVK_CONSENT = `${CANONICAL}/StructureDefinition/PvkConsent`;

describe('the artefacts', () => {
  test.each([...artefacts])('%s is valid R4', (_path, resource) => {
    expect(validate(resource)).toEqual([]);
  });

  test.each([...artefacts])('%s is named after its id', (path, resource) => {
    const file = path.slice(path.indexOf('/') + 1, -'.json'.length);
    const prefix = path.startsWith('examples/') ? `${resource['resourceType']}-` : '';
    expect(`${prefix}${resource['id']}`).toBe(file);
  });

  test('each canonical one has the URL of its type and id', () => {
    for (const artefact of PROFILES) {
      if (!('url' in artefact)) continue;
      expect(artefact.url).toBe(`${CANONICAL}/${artefact.resourceType}/${artefact.id}`);
    }
  });

  test('no canonical URL of the project is used that is not defined here', () => {
    const defined = new Set(PROFILES.map(({ resourceType, id }) => `${CANONICAL}/${resourceType}/${id}`));
    const used = JSON.stringify(PROFILES).match(new RegExp(`${CANONICAL}/[A-Za-z]+/[A-Za-z-]+`, 'g')) ?? [];
    for (const url of used) expect(defined).toContain(url);
  });
});

describe('PvkConsent', () => {
  const consents = examples.filter(({ resourceType }) => resourceType === 'Consent');

  test.each(consents.map((example) => [example['id'], example] as const))('takes %s', (_id, example) => {
    expect(validate(example, PVK_CONSENT)).toEqual([]);
  });

  const [consent = {}] = consents;
  const expressions = (changes: object) =>
    validate({ ...consent, ...changes }, PVK_CONSENT).map(
      ({ code, expression, malformed }) => `${malformed ? 400 : 422} ${code} ${expression}`,
    );

  test('asks for one pvk-type category; further categories are free', () => {
    const loinc = { coding: [{ system: 'http://loinc.org', code: '59284-0' }] };
    const type = (code: string) => ({ coding: [{ system: `${CANONICAL}/CodeSystem/pvk-type`, code }] });
    expect(expressions({ category: [type('samtykke')] })).toEqual([]);
    expect(expressions({ category: [loinc, type('samtykke'), { text: 'x' }] })).toEqual([]);
    expect(expressions({ category: [loinc] })).toEqual(['422 required Consent.category']);
    expect(expressions({ category: [type('samtykke'), type('reservasjon')] })).toEqual([
      '422 structure Consent.category',
    ]);
    expect(expressions({ category: [type('annet')] })).toEqual(['422 code-invalid Consent.category[0]']);
  });

  test('asks for a patient', () => {
    expect(expressions({ patient: undefined })).toEqual(['422 required Consent.patient']);
  });

  test('takes policy.uri in place of policyRule, and asks for one of them', () => {
    const policy = [{ uri: 'urn:uuid:3f7457b8-821c-45a8-ae04-d3e4a0dac0f0' }];
    expect(expressions({ policy, policyRule: undefined })).toEqual([]);
    expect(expressions({ policyRule: undefined })).toEqual(['422 invariant Consent']);
  });

  test('leaves a definition outside the public list to the catalogue', () => {
    const coding = [
      { system: `${CANONICAL}/CodeSystem/pvk-definition`, code: '00000000-0000-4000-8000-000000000000' },
    ];
    expect(expressions({ policyRule: { coding } })).toEqual([]);
  });

  test('says that a delete withdraws upstream', () => {
    const profile = PROFILES.find(({ id }) => id === 'PvkConsent');
    expect(JSON.stringify(profile)).toContain('withdraws the setting upstream');
  });

  test.each([
    ['sekvensnummer', { valueInteger: 3 }, { valueString: '3' }],
    ['opprettet-tidspunkt', { valueDateTime: '2023-12-07T08:05:39Z' }, { valueDate: '2023-12-07' }],
    ['sist-endret-tidspunkt', { valueInstant: '2023-12-07T08:05:39Z' }, { valueBoolean: true }],
    [
      'omfang-element',
      {
        extension: [
          { url: 'omfang-kode', valueString: 'OF' },
          { url: 'presisering', valueString: 'x' },
        ],
      },
      { extension: [{ url: 'omfang-kode', valueInteger: 1 }] },
    ],
  ])('the extension %s', (id, good, bad) => {
    const url = `${CANONICAL}/StructureDefinition/${id}`;
    expect(expressions({ extension: [{ url, ...good }] })).toEqual([]);
    expect(expressions({ extension: [{ url, ...bad }] }).join()).toContain(
      '422 structure Consent.extension[0]',
    );
  });
});

describe('code systems say what the code says', () => {
  const codesOf = (id: string) => {
    const found = PROFILES.find(
      (artefact): artefact is CodeSystem => artefact.id === id && artefact.resourceType === 'CodeSystem',
    );
    return Object.fromEntries((found?.concept ?? []).map(({ code, display }) => [code, display]));
  };
  const displays = (table: Readonly<Record<string, { readonly display: string }>>) =>
    Object.fromEntries(Object.entries(table).map(([code, { display }]) => [code, display]));

  test('header-issue', () => expect(codesOf('header-issue')).toEqual(displays(HEADER_ISSUES)));
  test('upstream-issue', () => expect(codesOf('upstream-issue')).toEqual(displays(UPSTREAM_ISSUES)));
  test('write-issue', () => expect(codesOf('write-issue')).toEqual(WRITE_ISSUES));
  test('mapping-issue', () => {
    expect(Object.keys(codesOf('mapping-issue')).sort()).toEqual(Object.keys(MAPPING_ISSUES).sort());
  });
  test('caller-role', () => expect(Object.keys(codesOf('caller-role')).sort()).toEqual([...ROLES].sort()));
  test('pvk-definition', () => {
    expect(Object.keys(codesOf('pvk-definition'))).toEqual(
      expect.arrayContaining(DEFAULT_CATALOGUE.entries.map(({ guid }) => guid)),
    );
  });
});

test('the search parameter definition finds the definition by policyRule and by policy.uri, in both engines', () => {
  const parameter = PROFILES.find(
    (artefact) => artefact.resourceType === 'SearchParameter' && artefact.code === 'definition',
  );
  const expression = parameter?.resourceType === 'SearchParameter' ? (parameter.expression ?? '') : '';
  const guid = '3f7457b8-821c-45a8-ae04-d3e4a0dac0f0';
  const coding = { system: `${CANONICAL}/CodeSystem/pvk-definition`, code: guid };
  const consent = {
    resourceType: 'Consent',
    policyRule: { coding: [coding] },
    policy: [{ uri: `urn:uuid:${guid}` }, { uri: 'https://example.org' }],
  };
  expect(evalFhirPath(expression, consent)).toEqual([coding, guid]);
  expect(fhirpath.evaluate(consent, expression, {}, r4, { async: false })).toEqual([coding, guid]);
});
