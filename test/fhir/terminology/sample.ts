import type { CodeSystem, Resource, ValueSet } from '@medplum/fhirtypes';

const COLOURS: CodeSystem = {
  resourceType: 'CodeSystem',
  id: 'colours',
  url: 'urn:x:colours',
  version: '2',
  name: 'Colours',
  status: 'active',
  content: 'complete',
  property: [{ code: 'wave', type: 'integer' }],
  concept: [
    {
      code: 'red',
      display: 'Rød farge',
      definition: 'The colour of blood.',
      designation: [{ language: 'en', value: 'Red' }],
      property: [{ code: 'wave', valueInteger: 700 }],
      concept: [
        { code: 'crimson', display: 'Crimson' },
        { code: 'scarlet', display: 'Scarlet', property: [{ code: 'wave', valueInteger: 690 }] },
      ],
    },
    { code: 'blue', display: 'Blue', property: [{ code: 'wave', valueInteger: 470 }] },
    { code: 'plain' },
  ],
};

const FRAGMENT: CodeSystem = {
  resourceType: 'CodeSystem',
  id: 'parts',
  url: 'urn:x:parts',
  status: 'active',
  content: 'fragment',
  concept: [{ code: 'a', display: 'A' }],
};

export const valueSet = (
  id: string,
  compose: ValueSet['compose'],
  more: Partial<ValueSet> = {},
): ValueSet => ({
  resourceType: 'ValueSet',
  id,
  url: `urn:x:vs:${id}`,
  status: 'active',
  ...(compose === undefined ? {} : { compose }),
  ...more,
});

const system = 'urn:x:colours';

export const ARTEFACTS: readonly Resource[] = [
  COLOURS,
  FRAGMENT,
  valueSet('all', { include: [{ system }] }, { version: '7', text: { status: 'empty', div: '<div/>' } }),
  valueSet('reds', { include: [{ system, filter: [{ property: 'concept', op: 'is-a', value: 'red' }] }] }),
  valueSet('named', {
    include: [
      { system, concept: [{ code: 'blue', display: 'Blå' }, { code: 'red' }] },
      { system: 'urn:x:elsewhere', concept: [{ code: 'z' }] },
    ],
  }),
  valueSet('not-reds', { include: [{ system }], exclude: [{ valueSet: ['urn:x:vs:reds'] }] }),
  valueSet('red-and-named', { include: [{ valueSet: ['urn:x:vs:reds', 'urn:x:vs:named'] }] }),
  valueSet('fragment', { include: [{ system: 'urn:x:parts' }] }),
  valueSet('without-fragment', { include: [{ system }], exclude: [{ system: 'urn:x:parts' }] }),
  valueSet('absent', { include: [{ system: 'http://snomed.info/sct' }] }),
  valueSet('self', { include: [{ valueSet: ['urn:x:vs:self'] }] }),
  valueSet('silent', undefined),
  valueSet('odd-filter', { include: [{ system, filter: [{ property: 'code', op: 'regex', value: 'a' }] }] }),
];
