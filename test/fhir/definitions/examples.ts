interface Example {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

/** One valid resource of each of some extra types, with elements of many kinds. */
export const EXAMPLES: readonly Example[] = [
  {
    resourceType: 'Patient',
    identifier: [{ system: 'urn:x', value: 'a' }],
    name: [{ use: 'official', family: 'Exempel', given: ['Åsa'] }],
    gender: 'female',
    birthDate: '1980-02-29',
    deceasedBoolean: false,
    generalPractitioner: [{ reference: 'PractitionerRole/1' }],
    link: [{ other: { reference: 'Patient/2' }, type: 'seealso' }],
  },
  {
    resourceType: 'Practitioner',
    active: true,
    name: [{ text: 'N' }],
    qualification: [{ code: { text: 'MD' }, issuer: { reference: 'Organization/1' } }],
  },
  {
    resourceType: 'PractitionerRole',
    practitioner: { reference: 'Practitioner/1' },
    availableTime: [
      { daysOfWeek: ['mon', 'tue'], availableStartTime: '08:30:00', availableEndTime: '16:00:00' },
    ],
  },
  {
    resourceType: 'RelatedPerson',
    patient: { reference: 'Patient/1' },
    relationship: [{ text: 'mother' }],
  },
  {
    resourceType: 'Encounter',
    status: 'finished',
    statusHistory: [{ status: 'arrived', period: { start: '2026-03-03T07:00:00Z' } }],
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: 'Patient/1' },
    participant: [{ individual: { reference: 'Practitioner/1' } }],
    period: { start: '2026-03-03T07:00:00Z', end: '2026-03-03T08:00:00Z' },
    length: { value: 60, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' },
    location: [{ location: { reference: 'Location/1' }, status: 'completed' }],
  },
  {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
    subject: { reference: 'Patient/1' },
    encounter: { reference: 'Encounter/1' },
    effectiveDateTime: '2026-03-03T07:00:05Z',
    component: [
      {
        code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
        valueQuantity: { value: 107, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
      },
    ],
    referenceRange: [{ low: { value: 90 }, high: { value: 120 } }],
  },
  {
    resourceType: 'Condition',
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    code: { text: 'asthma' },
    subject: { reference: 'Patient/1' },
    onsetAge: { value: 12, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' },
  },
  {
    resourceType: 'ValueSet',
    url: 'urn:x:vs',
    status: 'draft',
    compose: { include: [{ system: 'urn:x:cs', concept: [{ code: 'a', display: 'A' }] }] },
  },
  {
    resourceType: 'Medication',
    code: { text: 'm' },
    ingredient: [
      {
        itemCodeableConcept: { text: 'i' },
        strength: { numerator: { value: 1, unit: 'mg' }, denominator: { value: 1, unit: 'mL' } },
      },
    ],
  },
  {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    medicationReference: { reference: 'Medication/1' },
    subject: { reference: 'Patient/1' },
    authoredOn: '2026-03-03',
    dosageInstruction: [
      {
        sequence: 1,
        timing: { repeat: { frequency: 2, period: 1, periodUnit: 'd' } },
        doseAndRate: [{ doseQuantity: { value: 1, unit: 'tablet' } }],
      },
    ],
    substitution: { allowedBoolean: false },
  },
  {
    resourceType: 'Location',
    status: 'active',
    name: 'Ward',
    position: { longitude: 10.75, latitude: 59.91 },
    hoursOfOperation: [{ daysOfWeek: ['sun'], allDay: true }],
  },
  {
    resourceType: 'Device',
    udiCarrier: [{ deviceIdentifier: '1', entryType: 'barcode' }],
    deviceName: [{ name: 'pump', type: 'user-friendly-name' }],
    patient: { reference: 'Patient/1' },
  },
  {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    for: { reference: 'Patient/1' },
    authoredOn: '2026-03-03',
    lastModified: '2026-03-04',
    input: [{ type: { text: 'in' }, valueMoney: { value: 1, currency: 'NOK' } }],
  },
  {
    resourceType: 'DocumentReference',
    status: 'current',
    subject: { reference: 'Patient/1' },
    date: '2026-03-03T07:00:05Z',
    relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/2' } }],
    content: [{ attachment: { contentType: 'application/pdf', url: 'https://example.org/a.pdf' } }],
  },
  {
    resourceType: 'Questionnaire',
    status: 'active',
    subjectType: ['Patient'],
    item: [
      {
        linkId: '1',
        text: 'group',
        type: 'group',
        item: [
          {
            linkId: '1.1',
            text: 'q',
            type: 'boolean',
            enableWhen: [{ question: '2', operator: 'exists', answerBoolean: true }],
          },
          { linkId: '1.2', text: 'c', type: 'choice', answerOption: [{ valueString: 'a' }] },
        ],
      },
    ],
  },
  {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    questionnaire: 'urn:x:q',
    subject: { reference: 'Patient/1' },
    item: [
      {
        linkId: '1',
        item: [{ linkId: '1.1', answer: [{ valueBoolean: true, item: [{ linkId: '1.1.1' }] }] }],
      },
    ],
  },
];
