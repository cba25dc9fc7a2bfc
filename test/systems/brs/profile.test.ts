import type { Basic, CodeSystem } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import answered from '../../../profiles/examples/Basic-treatment-relation-answered.json' with {
  type: 'json',
};
import question from '../../../profiles/examples/Basic-treatment-relation-question.json' with {
  type: 'json',
};
import definitions from '../../../src/fhir/definitions/search-parameters.generated.json' with {
  type: 'json',
};
import { indexRows } from '../../../src/fhir/search/index-rows.ts';
import { createSearchParameters } from '../../../src/fhir/search/parameters.ts';
import { createValidator } from '../../../src/fhir/validate/index.ts';
import {
  BRS_MAPPING_ISSUES,
  FOLLOWUP_STATES,
  SOURCES,
  TREATMENT_RELATION_PROFILE,
  toQuestion,
  withAlarm,
} from '../../../src/systems/brs/mapping.ts';
import { MINIMUM_RELATIONS } from '../../../src/systems/brs/relations.ts';
import { BRS_DEFAULTS } from '../../../src/systems/brs/settings.ts';
import { DGWS_FAULTS, STS_FAULTS } from '../../../src/systems/dgws/faults.ts';
import { PROFILES } from '../artefacts.ts';
import { basic, FIELDS } from './samples.ts';

const validator = createValidator(PROFILES);
const faults = (resource: unknown) =>
  validator.validate(resource, TREATMENT_RELATION_PROFILE).filter(({ severity }) => severity === 'error');

describe('the profile TreatmentRelation', () => {
  it('takes both examples', () => {
    expect(faults(question)).toEqual([]);
    expect(faults(answered)).toEqual([]);
  });

  it('takes an answer with its alarm', () => {
    const alarm = {
      serialNumber: 42,
      creationTimestamp: '2026-06-01T08:05:00+02:00',
      externalReferenceId: 'facade-000001',
    };
    const alarmed = withAlarm(answered as Basic, alarm, Date.parse('2026-06-01T06:10:00Z'));
    expect(alarmed).toBeDefined();
    expect(faults(alarmed)).toEqual([]);
  });

  it('refuses another kind, a category nobody knows, a value of another type and no subject', () => {
    const { subject: _subject, ...without } = basic();
    const minimum = {
      ...FIELDS.minimum,
      valueCoding: { system: FIELDS.minimum.valueCoding.system, code: 'F' },
    };
    for (const bad of [
      { ...basic(), code: { text: 'x' } },
      basic({ minimum }),
      basic({ followup: { url: FIELDS.followup.url, valueString: 'yes' } }),
      without,
    ]) {
      expect(faults(bad).length).toBeGreaterThan(0);
    }
  });

  it('has an example that is the question of its answer', () => {
    // The examples are of R4; JSON has no narrower type.
    const mapped = toQuestion(question as Basic, {
      settings: { ...BRS_DEFAULTS, url: '', notificationUrl: '', cvr: '12345674' },
      now: Date.parse('2026-03-03T07:00:00Z'),
      newReference: () => 'none',
    });
    expect(mapped).toMatchObject({ ok: true, value: { question: { externalReferenceId: 'facade-000001' } } });
  });
});

describe('the code systems hold the codes of the code', () => {
  const codesOf = (id: string) => {
    const found = PROFILES.find(
      (one): one is CodeSystem => one.resourceType === 'CodeSystem' && one.id === id,
    );
    return found?.concept?.map(({ code }) => code);
  };

  it.each([
    ['brs-mapping-issue', Object.keys(BRS_MAPPING_ISSUES)],
    ['dgws-fault', [...Object.keys(DGWS_FAULTS), ...Object.keys(STS_FAULTS)]],
    ['brs-relation', [...MINIMUM_RELATIONS]],
    ['brs-source', [...SOURCES]],
    ['brs-followup-state', [...FOLLOWUP_STATES]],
  ])('%s', (id, codes) => {
    expect(codesOf(id)).toEqual(codes);
  });
});

describe('the search parameters', () => {
  const OWN = [
    'practitioner',
    'organization',
    'lookup-interval',
    'sufficient-relation',
    'actual-relation',
    'followup-state',
  ];
  const own = PROFILES.flatMap((artefact) =>
    artefact.resourceType === 'SearchParameter' &&
    artefact.base.includes('Basic') &&
    OWN.includes(artefact.code)
      ? [{ ...artefact, expression: artefact.expression ?? '' }]
      : [],
  );

  it('find an answered question by its fields', () => {
    expect(own.map(({ code }) => code).toSorted()).toEqual(OWN.toSorted());
    const rows = indexRows(answered as Basic, createSearchParameters([...definitions, ...own])('Basic'), {
      baseUrl: 'https://facade.example/fhir',
      isPrivateSystem: () => false,
    });
    const base = 'https://nordic-fhir-facade.dev/fhir/CodeSystem';
    expect(rows.token).toEqual(
      expect.arrayContaining([
        { param: 'actual-relation', system: `${base}/brs-relation`, code: 'D' },
        { param: 'followup-state', system: `${base}/brs-followup-state`, code: 'ordered' },
        expect.objectContaining({ param: 'sufficient-relation', code: 'false' }),
      ]),
    );
    const text = JSON.stringify(rows);
    for (const param of ['practitioner', 'organization', 'lookup-interval']) {
      expect(text).toContain(`"${param}"`);
    }
  });
});
