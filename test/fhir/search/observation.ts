import type { Resource } from '@medplum/fhirtypes';
import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';

/** R4's own search parameters of types that carry numbers, quantities and composites, as R4 spells them. */
export const OBSERVATION_PARAMETERS: readonly SearchParameterDefinition[] = [
  { code: '_id', type: 'token', base: ['Resource'], expression: 'Resource.id' },
  { code: '_lastUpdated', type: 'date', base: ['Resource'], expression: 'Resource.meta.lastUpdated' },
  { code: '_profile', type: 'uri', base: ['Resource'], expression: 'Resource.meta.profile' },
  { code: '_tag', type: 'token', base: ['Resource'], expression: 'Resource.meta.tag' },
  { code: 'status', type: 'token', base: ['Observation'], expression: 'Observation.status' },
  { code: 'code', type: 'token', base: ['Observation'], expression: 'Observation.code' },
  {
    code: 'identifier',
    type: 'token',
    base: ['Observation', 'Patient'],
    expression: 'Observation.identifier | Patient.identifier',
  },
  {
    code: 'subject',
    type: 'reference',
    base: ['Observation'],
    expression: 'Observation.subject',
    target: ['Patient', 'Group', 'Device', 'Location'],
  },
  {
    code: 'patient',
    type: 'reference',
    base: ['Observation'],
    expression: 'Observation.subject.where(resolve() is Patient)',
    target: ['Patient'],
  },
  {
    code: 'performer',
    type: 'reference',
    base: ['Observation'],
    expression: 'Observation.performer',
    target: ['Practitioner', 'Organization'],
  },
  {
    code: 'encounter',
    type: 'reference',
    base: ['Observation'],
    expression: 'Observation.encounter',
    target: ['Encounter'],
  },
  { code: 'date', type: 'date', base: ['Observation'], expression: 'Observation.effective' },
  {
    code: 'value-quantity',
    type: 'quantity',
    base: ['Observation'],
    expression: 'Observation.value.ofType(Quantity) | Observation.value.ofType(SampledData)',
  },
  {
    code: 'value-string',
    type: 'string',
    base: ['Observation'],
    expression: 'Observation.value.ofType(string) | (Observation.value.ofType(CodeableConcept)).text',
  },
  {
    code: 'value-concept',
    type: 'token',
    base: ['Observation'],
    expression: 'Observation.value.ofType(CodeableConcept)',
  },
  {
    code: 'value-date',
    type: 'date',
    base: ['Observation'],
    expression: 'Observation.value.ofType(dateTime) | Observation.value.ofType(Period)',
  },
  {
    code: 'component-code',
    type: 'token',
    base: ['Observation'],
    expression: 'Observation.component.code',
  },
  {
    code: 'component-value-quantity',
    type: 'quantity',
    base: ['Observation'],
    expression: 'Observation.component.value.ofType(Quantity)',
  },
  {
    code: 'code-value-quantity',
    type: 'composite',
    base: ['Observation'],
    expression: 'Observation',
    components: [
      { definition: 'http://hl7.org/fhir/SearchParameter/clinical-code', expression: 'code' },
      {
        definition: 'http://hl7.org/fhir/SearchParameter/Observation-value-quantity',
        expression: 'value.ofType(Quantity)',
      },
    ],
  },
  {
    code: 'code-value-date',
    type: 'composite',
    base: ['Observation'],
    expression: 'Observation',
    components: [
      { definition: 'http://hl7.org/fhir/SearchParameter/clinical-code', expression: 'code' },
      {
        definition: 'http://hl7.org/fhir/SearchParameter/Observation-value-date',
        expression: 'value.ofType(DateTime) | value.ofType(Period)',
      },
    ],
  },
  {
    code: 'component-code-value-quantity',
    type: 'composite',
    base: ['Observation'],
    expression: 'Observation.component',
    components: [
      {
        definition: 'http://hl7.org/fhir/SearchParameter/Observation-component-code',
        expression: 'code',
      },
      {
        definition: 'http://hl7.org/fhir/SearchParameter/Observation-component-value-quantity',
        expression: 'value.ofType(Quantity)',
      },
    ],
  },
  {
    code: 'probability',
    type: 'number',
    base: ['RiskAssessment'],
    expression: 'RiskAssessment.prediction.probability.ofType(decimal)',
  },
  { code: 'name', type: 'string', base: ['Patient'], expression: 'Patient.name' },
  { code: 'gender', type: 'token', base: ['Patient'], expression: 'Patient.gender' },
  {
    code: 'general-practitioner',
    type: 'reference',
    base: ['Patient'],
    expression: 'Patient.generalPractitioner',
    target: ['Practitioner', 'Organization', 'PractitionerRole'],
  },
  {
    code: 'name',
    type: 'string',
    base: ['Organization', 'Practitioner'],
    expression: 'Organization.name | Practitioner.name',
  },
  {
    code: 'partof',
    type: 'reference',
    base: ['Organization'],
    expression: 'Organization.partOf',
    target: ['Organization'],
  },
  {
    code: 'subject',
    type: 'reference',
    base: ['Encounter'],
    expression: 'Encounter.subject',
    target: ['Patient', 'Group'],
  },
  { code: 'class', type: 'token', base: ['Encounter'], expression: 'Encounter.class' },
  { code: 'target', type: 'reference', base: ['Provenance'], expression: 'Provenance.target' },
];

/** Foreign data, as it would come out of a parser. */
export const resourceOf = (json: object): Resource => JSON.parse(JSON.stringify(json)) as Resource;

const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';

export const coded = (code: string, more: object = {}) => ({ coding: [{ system: LOINC, code }], ...more });

export const quantity = (value: number, code = 'mm[Hg]', more: object = {}) => ({
  value,
  system: UCUM,
  code,
  ...more,
});
