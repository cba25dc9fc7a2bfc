import { isDeepStrictEqual } from 'node:util';
import type { Consent } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameJson } from '../../../../src/systems/helsenorge/mapping/compare.ts';
import {
  createPlan,
  definitionOf,
  facadeHeldDiffers,
  judgePerformersBy,
  normaliseConsent,
  sameContent,
  sameSetting,
  uniqueKeyOf,
} from '../../../../src/systems/helsenorge/mapping.ts';
import type { SystemWrite } from '../../../../src/systems/system.ts';
import {
  actor,
  BIOBANK,
  context,
  FNR_SYSTEM,
  LINE,
  NOW,
  OMFANG,
  PVK_DEFINITION,
  PVK_PART,
  RESERVATION,
  request,
  restriction,
  SEKVENSNUMMER,
  samtykke,
  told,
} from './samples.ts';

const { catalogue, settings } = context();
const plan = createPlan({ catalogue, settings, now: () => NOW });
const planned = (write: SystemWrite<Consent>) => {
  const result = plan(write);
  if (!result.ok) throw new Error(told(result.failure.issues).join('; '));
  return result.value;
};
const refused = (write: SystemWrite<Consent>) => {
  const result = plan(write);
  if (result.ok) throw new Error('was planned');
  return { kind: result.failure.kind, found: told(result.failure.issues) };
};
const stored = (consent: Consent): Consent => ({
  ...normaliseConsent(consent, catalogue),
  id: 'c1',
  meta: { versionId: '3', lastUpdated: '2026-03-01T00:00:00Z' },
});
const update = (resource: Consent, current: Consent) => planned({ interaction: 'update', resource, current });

describe('a create', () => {
  it('sends the setting and commits even when PVK already had it', () => {
    const found = planned({ interaction: 'create', resource: samtykke() });
    expect(found.request).toEqual(request(samtykke()));
    expect(found.onUnchanged).toBe('commit');
    expect(found.resource).toEqual(normaliseConsent(samtykke(), catalogue));
  });

  it('is refused as unprocessable with all its faults', () => {
    const resource = samtykke({ status: 'draft', sourceReference: { reference: 'Consent/1' } });
    const { kind, found } = refused({ interaction: 'create', resource });
    expect(kind).toBe('unprocessable');
    expect(found).toHaveLength(2);
  });

  it('stores no extension that only the server writes', () => {
    const resource = samtykke({ extension: [{ url: SEKVENSNUMMER, valueInteger: 7 }] });
    const found = planned({ interaction: 'create', resource });
    expect(found.resource).not.toHaveProperty('extension');
    expect(told(found.issues)).toEqual(['warning informational server-written @ Consent.extension[0]']);
  });
});

describe('an update', () => {
  it('of nothing at all is still sent, and keeps the version when PVK has it so', () => {
    const found = update(samtykke({ id: 'c1' }), stored(samtykke()));
    expect(found.request).toEqual(request(samtykke()));
    expect(found.onUnchanged).toBe('keep');
  });

  it.each<[string, Partial<Consent>]>([
    ['an identifier', { identifier: [{ system: 'http://example.org', value: '1' }] }],
    ['the language', { language: 'nn' }],
    ['a tag', { meta: { tag: [{ code: 'x' }] } }],
    ['a performer', { performer: [{ reference: 'Patient/p1' }] }],
    ['the wording of the rule', { provision: { type: 'permit' } }],
  ])('of %s alone is stored and not sent', (_what, change) => {
    const found = update(samtykke(change), stored(samtykke()));
    expect(found.request).toBeUndefined();
    expect(found.resource).toEqual(normaliseConsent(samtykke(change), catalogue));
  });

  it('from inactive to entered-in-error is stored and not sent: to PVK both are withdrawn', () => {
    const found = update(samtykke({ status: 'entered-in-error' }), stored(samtykke({ status: 'inactive' })));
    expect(found.request).toBeUndefined();
    expect(found.resource?.status).toBe('entered-in-error');
  });

  it('of the moment or the proof keeps the version when PVK says that nothing changed', () => {
    const change = {
      dateTime: '2026-01-01T00:00:00Z',
      sourceAttachment: { contentType: 'image/png', data: 'AAAA' },
    };
    const found = update(samtykke(change), stored(samtykke()));
    expect(found.request).toEqual(request(samtykke(change)));
    expect(found.onUnchanged).toBe('keep');
  });

  it('of the status or the list commits whatever PVK says', () => {
    expect(update(samtykke({ status: 'inactive' }), stored(samtykke())).onUnchanged).toBe('commit');
    const longer = restriction([actor('9000001', 'Kari Eksempel'), actor('900000002', 'Ola')]);
    expect(update(longer, stored(restriction())).onUnchanged).toBe('commit');
  });

  it('of the moment together with a tag is sent and commits', () => {
    const change = { dateTime: '2026-01-01T00:00:00Z', language: 'nb' };
    const found = update(samtykke(change), stored(samtykke()));
    expect(found.request).toBeDefined();
    expect(found.onUnchanged).toBe('commit');
  });

  it('of the order of the list is sent, and keeps the version when PVK has the same set', () => {
    const [kari, ola] = [actor('9000001', 'Kari'), actor('900000002', 'Ola')];
    const found = update(restriction([ola, kari]), stored(restriction([kari, ola])));
    expect(found.request).toEqual(request(restriction([ola, kari])));
    expect(found.onUnchanged).toBe('keep');
  });

  it('cannot move to another patient or definition', () => {
    const resource = samtykke({
      patient: { identifier: { system: FNR_SYSTEM, value: '01817500168' } },
      category: [
        {
          coding: [
            { system: 'https://nordic-fhir-facade.dev/fhir/CodeSystem/pvk-type', code: 'reservasjon' },
          ],
        },
      ],
      policyRule: { coding: [{ system: PVK_DEFINITION, code: RESERVATION }] },
    });
    expect(refused({ interaction: 'update', resource, current: stored(samtykke()) })).toEqual({
      kind: 'unprocessable',
      found: [
        'error business-rule patient-changed @ Consent.patient',
        'error business-rule definition-changed @ Consent.policyRule',
      ],
    });
  });

  it('knows the patient under another system of the same number', () => {
    const patient = { identifier: { system: 'http://hl7.no/fhir/NamingSystem/FNR', value: LINE } };
    expect(
      plan({ interaction: 'update', resource: samtykke({ patient }), current: stored(samtykke()) }).ok,
    ).toBe(true);
  });

  describe('of a Consent that PVK has told about', () => {
    const omfang = { url: OMFANG, extension: [{ url: 'omfang-kode', valueString: 'OF' }] };
    const sequence = { url: SEKVENSNUMMER, valueInteger: 3 };
    const current = { ...stored(samtykke()), extension: [sequence, omfang] };

    it('may send back what it read', () => {
      const found = update({ ...current, language: 'nb' }, current);
      expect(found.request).toBeUndefined();
      expect(found.issues).toEqual([]);
      expect(found.resource?.extension).toEqual([sequence, omfang]);
    });

    it('keeps the fixed metadata and drops the outdated sequence number when it is sent', () => {
      const found = update(samtykke({ status: 'inactive' }), current);
      expect(found.resource?.extension).toEqual([omfang]);
    });

    it('cannot change the fixed metadata', () => {
      const resource = samtykke({ extension: [{ ...omfang, extension: [] }] });
      const { found } = refused({ interaction: 'update', resource, current });
      expect(found).toEqual(['error not-supported element-not-supported @ Consent.extension[0]']);
    });
  });
});

describe('a delete', () => {
  it.each(['active', 'inactive'] as const)('withdraws the setting without metadata (stored %s)', (status) => {
    const current = stored(status === 'active' ? restriction() : restriction([], { status }));
    const found = planned({
      interaction: 'delete',
      current: { ...current, dateTime: '2026-01-01T00:00:00Z' },
    });
    expect(found).not.toHaveProperty('resource');
    expect(found.request).toEqual({
      innbyggerFnr: LINE,
      definisjonGuid: '3f7457b8-821c-45a8-ae04-d3e4a0dac0f0',
      definisjonNavn: 'Begrensning av helsepersonells tilgang til legemiddelliste',
      partKode: 'RF',
      typePi: 'tilgangsbegrensning',
      aktiv: false,
    });
  });

  it('of an active setting is a conflict where the operator refuses it', () => {
    const strict = createPlan({ catalogue, settings: { ...settings, delete: 'refuse' }, now: () => NOW });
    const active = strict({ interaction: 'delete', current: stored(samtykke()) });
    expect(!active.ok && active.failure.kind).toBe('conflict');
    expect(strict({ interaction: 'delete', current: stored(samtykke({ status: 'inactive' })) }).ok).toBe(
      true,
    );
  });
});

describe('the stored form', () => {
  it('has the definition lowered and named, the part, and emitted systems', () => {
    const given = restriction(
      [
        {
          ...actor('9000001', 'K'),
          reference: { identifier: { system: 'http://hl7.no/fhir/NamingSystem/HPR', value: '9000001' } },
        },
      ],
      {
        policyRule: { coding: [{ system: PVK_DEFINITION, code: '3F7457B8-821C-45A8-AE04-D3E4A0DAC0F0' }] },
        patient: {
          reference: 'Patient/p1',
          identifier: { use: 'official', system: 'http://hl7.no/fhir/NamingSystem/FNR', value: LINE },
        },
      },
    );
    const normal = normaliseConsent(given, catalogue);
    expect(normal.policyRule?.coding?.[0]).toEqual({
      system: PVK_DEFINITION,
      code: '3f7457b8-821c-45a8-ae04-d3e4a0dac0f0',
      display: 'Begrensning av helsepersonells tilgang til legemiddelliste',
    });
    expect(normal.organization).toEqual([{ identifier: { system: PVK_PART, value: 'RF' } }]);
    expect(normal.patient?.identifier).toEqual({ use: 'official', system: FNR_SYSTEM, value: LINE });
    expect(normal.provision?.actor?.[0]?.reference.identifier?.system).toBe('urn:oid:2.16.578.1.12.4.1.4.4');
    expect(normaliseConsent(normal, catalogue)).toEqual(normal);
  });

  it('keeps a definition that stands in policy.uri where it is', () => {
    const { policyRule: _rule, ...given } = samtykke({
      policy: [{ uri: `urn:uuid:${BIOBANK.toUpperCase()}` }],
    });
    const normal = normaliseConsent(given, catalogue);
    expect(normal).not.toHaveProperty('policyRule');
    expect(normal.policy).toEqual(given.policy);
    expect(definitionOf(normal)).toBe(BIOBANK);
  });
});

describe('comparisons', () => {
  it('of JSON see every difference, and neither order of members nor undefined ones', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(sameJson(a, structuredClone(a))).toBe(true);
        // `-0` is `0` in JSON, and vitest tells them apart.
        expect(sameJson(a, b)).toBe(
          isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b))),
        );
      }),
    );
    expect(sameJson({ a: 1, b: undefined, c: [2] }, { c: [2], a: 1 })).toBe(true);
    expect(sameJson({ a: 1 }, { b: 1 })).toBe(false);
    expect(sameJson([], {})).toBe(false);
  });

  it('content is the same whatever the server wrote into it', () => {
    const other = {
      ...samtykke(),
      id: 'x',
      meta: { versionId: '9' },
      extension: [{ url: SEKVENSNUMMER, valueInteger: 1 }],
    };
    expect(sameContent(samtykke(), other)).toBe(true);
    expect(sameContent(samtykke(), samtykke({ language: 'nb' }))).toBe(false);
    expect(sameContent(samtykke(), samtykke({ status: 'inactive' }))).toBe(false);
  });

  it('settings are the same by state and set, not by moment, name or proof', () => {
    const base = request(restriction([actor('9000001', 'K'), actor('2', 'O')]));
    expect(sameSetting(base, request(restriction([actor('02', 'Ola'), actor('9000001', 'Kari')])))).toBe(
      true,
    );
    expect(sameSetting(base, { ...base, tidspunkt: '2026-01-01T00:00:00Z' })).toBe(true);
    expect(sameSetting(base, request(restriction([actor('9000001', 'K')])))).toBe(false);
    expect(sameSetting(base, { ...base, aktiv: false })).toBe(false);
    expect(sameSetting(base, { ...base, innbyggerMetadata: { perioder: [] } })).toBe(false);
  });

  it('a changed setting alone is nothing the facade holds', () => {
    expect(facadeHeldDiffers(samtykke(), samtykke({ status: 'inactive', dateTime: '2026-01-01' }))).toBe(
      false,
    );
    const proof = { contentType: 'image/png', data: 'AAAA' };
    expect(facadeHeldDiffers(samtykke(), samtykke({ sourceAttachment: proof }))).toBe(false);
    expect(facadeHeldDiffers(samtykke(), samtykke({ sourceAttachment: { ...proof, title: 'x' } }))).toBe(
      true,
    );
    expect(
      facadeHeldDiffers(restriction(), restriction([{ ...actor('9000001'), role: { text: 'x' } }])),
    ).toBe(true);
  });

  it('one key per patient and definition, in any letter case', () => {
    expect(uniqueKeyOf('p1', BIOBANK.toUpperCase())).toBe(uniqueKeyOf('p1', BIOBANK));
    expect(uniqueKeyOf('p1', BIOBANK)).not.toBe(uniqueKeyOf('p2', BIOBANK));
  });
});

describe('a RelatedPerson as performer', () => {
  const related = { system: FNR_SYSTEM, value: '01817500168' };
  const resource = samtykke({ performer: [{ type: 'RelatedPerson', identifier: related }] });
  const found = (role: string, person?: { system: string; value: string }) =>
    told(judgePerformersBy(resource, { role, person }));

  it('is the guardian or agent who writes', () => {
    expect(found('guardian', related)).toEqual([]);
    expect(found('agent', { system: 'http://hl7.no/fhir/NamingSystem/FNR', value: '01817500168' })).toEqual(
      [],
    );
  });

  it('is nobody else than the person of the token', () => {
    const element = 'error business-rule performer-not-caller @ Consent.performer[0]';
    expect(found('guardian', { system: FNR_SYSTEM, value: LINE })).toEqual([element]);
    expect(found('agent')).toEqual([element]);
  });

  it('needs the token of a guardian or agent', () => {
    const element = 'error not-supported performer-not-supported @ Consent.performer[0]';
    expect(found('prescriber', related)).toEqual([element]);
  });

  it('is no question when the patient is the performer', () => {
    const own = samtykke({ performer: [{ reference: 'Patient/p1' }] });
    expect(judgePerformersBy(own, { role: 'prescriber' })).toEqual([]);
  });
});
