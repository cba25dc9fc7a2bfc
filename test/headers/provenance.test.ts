import { describe, expect, it } from 'vitest';
import { checkProvenanceFor, parseProvenance } from '../../src/headers/provenance.ts';
import { DEFAULT_HEADER_SETTINGS } from '../../src/headers/settings.ts';
import { base64, check, DANISH_PROVENANCE, errors, GOOD, PROVENANCE, PROVENANCE_13_4 } from './examples.ts';

const settings = DEFAULT_HEADER_SETTINGS;
const agent = PROVENANCE.agent[0];

const faults = (json: unknown) => {
  const result = parseProvenance(base64(json), settings);
  return result.ok ? [] : result.failure.map((fault) => `${fault.kind} ${fault.code ?? '-'}`);
};

describe('X-Provenance', () => {
  it('is accepted as printed, and is what it encodes', () => {
    const result = parseProvenance(PROVENANCE_13_4, settings);
    expect(result.ok && result.value).toEqual({ value: PROVENANCE, warnings: [] });
  });

  it('is accepted with a person, a role and an organisation, as FMK needs it', () => {
    const result = parseProvenance(base64(DANISH_PROVENANCE), settings);
    expect(result.ok && result.value.value).toEqual(DANISH_PROVENANCE);
  });

  it('target and recorded are ignored with a warning, because the server says when and of what', () => {
    const json = { ...PROVENANCE, target: [{ reference: 'Consent/1' }], recorded: '2020-01-01T00:00:00Z' };
    const result = parseProvenance(base64(json), settings);
    expect(result.ok && result.value.value).toEqual(PROVENANCE);
    expect(result.ok && result.value.warnings.map((fault) => fault.kind)).toEqual([
      'provenance-invalid',
      'provenance-invalid',
    ]);
    const strict = parseProvenance(base64(json), { ...settings, strictProvenance: true });
    expect(!strict.ok && strict.failure.map((fault) => fault.code)).toEqual(['value', 'value']);
  });

  it.each<[string, unknown, readonly string[]]>([
    ['another type', { ...PROVENANCE, resourceType: 'Consent' }, ['provenance-invalid value']],
    ['no agent', { ...PROVENANCE, agent: undefined }, ['provenance-invalid required']],
    ['an empty list of agents', { ...PROVENANCE, agent: [] }, ['provenance-invalid required']],
    ['agent that is no list', { ...PROVENANCE, agent }, ['provenance-invalid value']],
    [
      'an agent without type',
      { ...PROVENANCE, agent: [{ who: agent?.who }] },
      ['provenance-invalid required'],
    ],
    [
      'a type without coding',
      { ...PROVENANCE, agent: [{ ...agent, type: { text: 'author' } }] },
      ['provenance-invalid required'],
    ],
    [
      'an agent without who',
      { ...PROVENANCE, agent: [{ type: agent?.type }] },
      ['provenance-invalid required'],
    ],
    [
      'a who that is not contained',
      { ...PROVENANCE, agent: [{ ...agent, who: { reference: 'Practitioner/123' } }] },
      ['provenance-invalid value'],
    ],
    [
      'a who that does not resolve',
      { ...PROVENANCE, agent: [{ ...agent, who: { reference: '#nobody' } }] },
      ['provenance-invalid value'],
    ],
    [
      'a who that is an identifier alone',
      { ...PROVENANCE, agent: [{ ...agent, who: { identifier: { value: '1' } } }] },
      ['provenance-invalid value'],
    ],
    [
      'a who that is an organisation',
      { ...DANISH_PROVENANCE, agent: [{ ...agent, who: { reference: '#org' } }] },
      ['provenance-invalid value'],
    ],
    [
      'on behalf of a person',
      { ...PROVENANCE, agent: [{ ...agent, onBehalfOf: { reference: '#author' } }] },
      ['provenance-invalid value'],
    ],
    [
      'contained that is no list',
      { ...PROVENANCE, contained: PROVENANCE.contained[0] },
      ['provenance-invalid value'],
    ],
    [
      'two contained resources with one id',
      { ...PROVENANCE, contained: [PROVENANCE.contained[0], PROVENANCE.contained[0]] },
      ['provenance-invalid value'],
    ],
    ['an element Provenance does not have', { ...PROVENANCE, foo: 1 }, ['provenance-invalid structure']],
    [
      'a reason of 257 characters',
      { ...PROVENANCE, reason: [{ text: 'å'.repeat(257) }] },
      ['provenance-invalid too-long'],
    ],
    [
      'a user acronym of 21 characters',
      {
        ...PROVENANCE,
        contained: [
          {
            resourceType: 'Practitioner',
            id: 'author',
            extension: [{ url: 'http://x/userAcronym', valueString: 'x'.repeat(21) }],
          },
        ],
      },
      ['provenance-invalid too-long'],
    ],
  ])('with %s is refused', (_, json, expected) => {
    expect(faults(json)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['a reason of 256 characters', { ...PROVENANCE, reason: [{ text: 'å'.repeat(256) }] }],
    ['no activity', { ...PROVENANCE, activity: undefined }],
    ['an author and an enterer', { ...PROVENANCE, agent: [agent, agent] }],
    [
      'on behalf of an identifier',
      { ...PROVENANCE, agent: [{ ...agent, onBehalfOf: { identifier: { value: '1' } } }] },
    ],
    ['a contained Patient', { ...PROVENANCE, contained: [{ resourceType: 'Patient', id: 'author' }] }],
    [
      'a contained PractitionerRole',
      { ...PROVENANCE, contained: [{ resourceType: 'PractitionerRole', id: 'author' }] },
    ],
    ['a signature, which is kept and not verified', { ...PROVENANCE, signature: [{ data: 'x' }] }],
  ])('with %s is accepted', (_, json) => {
    expect(faults(json)).toEqual([]);
  });

  it('every fault is in the one answer, and what a person’s number was is not', () => {
    const json = {
      ...PROVENANCE,
      foo: 1,
      agent: [{ who: { reference: 'Patient/191212121212' } }],
      reason: [{ text: 'x'.repeat(300) }],
    };
    const answer = check('2.3', { ...GOOD, 'X-Provenance': base64(json) });
    expect(errors(answer)).toEqual([
      'X-Provenance provenance-invalid structure',
      'X-Provenance provenance-invalid required',
      'X-Provenance provenance-invalid value',
      'X-Provenance provenance-invalid too-long',
    ]);
    expect(JSON.stringify(answer.issues)).not.toContain('191212121212');
  });

  it('is frozen to its depth, because calls share it', () => {
    const result = parseProvenance(PROVENANCE_13_4, settings);
    expect(result.ok && Object.isFrozen(result.value.value.agent?.[0]?.type?.coding?.[0])).toBe(true);
  });

  it('is checked against R4 when there is something to check it with, completed by the server’s part', () => {
    const seen: unknown[] = [];
    const result = parseProvenance(PROVENANCE_13_4, {
      ...settings,
      validateProvenance: (provenance) => {
        seen.push(provenance.recorded, provenance.target?.length);
        return [
          { severity: 'error', code: 'structure', diagnostics: 'no', expression: ['Provenance.agent'] },
          { severity: 'warning', code: 'informational', diagnostics: 'well' },
        ];
      },
    });
    expect(seen).toEqual(['2020-01-01T00:00:00Z', 1]);
    expect(!result.ok && result.failure).toEqual([
      { kind: 'provenance-invalid', code: 'structure', text: 'X-Provenance: no', detail: 'Provenance.agent' },
    ]);
  });
});

describe('activity and reason by what is written', () => {
  const codes = (
    json: Parameters<typeof checkProvenanceFor>[0],
    kind?: Parameters<typeof checkProvenanceFor>[1],
  ) => checkProvenanceFor(json, kind).map((fault) => fault.code);
  const base = { resourceType: 'Provenance', agent: [] } as const;
  const activity = { coding: [{ code: 'CREATE' }] };
  const reason = [{ text: 'x' }];

  it('what this server writes may have both or neither', () => {
    expect(codes({ ...base, agent: [] })).toEqual([]);
    expect(codes({ ...base, agent: [], activity, reason })).toEqual([]);
  });

  it('an access consent needs an activity and has no reason', () => {
    expect(codes({ ...base, agent: [], activity, reason }, 'access-consent')).toEqual(['business-rule']);
    expect(codes({ ...base, agent: [] }, 'access-consent')).toEqual(['required']);
  });

  it('a data lock has no reason, a stopped prescription must have one', () => {
    expect(codes({ ...base, agent: [], activity, reason }, 'data-lock')).toEqual(['business-rule']);
    expect(codes({ ...base, agent: [], activity }, 'prescription-stopped')).toEqual(['required']);
  });

  it('is judged after the value was remembered, so one text may be good here and bad there', () => {
    const raw = base64({ ...PROVENANCE, reason });
    const sent = { ...GOOD, 'X-Provenance': raw };
    expect(errors(check('2.3', sent))).toEqual([]);
    expect(errors(check('2.3', sent, { resourceKind: 'access-consent' }))).toEqual([
      'X-Provenance provenance-invalid business-rule',
    ]);
  });
});
