import type { Basic } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import issueCodes from '../../../profiles/code-systems/efrikort-issue.json' with { type: 'json' };
import stateCodes from '../../../profiles/code-systems/efrikort-state.json' with { type: 'json' };
import { createValidator } from '../../../src/fhir/validate/index.ts';
import { EFRIKORT_ISSUES } from '../../../src/systems/efrikort/findings.ts';
import { readConnection, writeConnection } from '../../../src/systems/efrikort/mapping.ts';
import { STATES } from '../../../src/systems/efrikort/states.ts';
import { PROFILES } from '../artefacts.ts';
import { CONTEXT, draft, example, system, withExtension } from './fixture.ts';
import { BASE, connection, contact, found, serial, WORKED } from './worked.ts';

const withoutMember = (name: 'subject' | 'author'): Basic => {
  const { [name]: _member, ...rest } = example('test');
  return rest;
};

describe('the published codes', () => {
  it('are those of the tables, word for word', () => {
    expect(issueCodes.concept).toEqual(
      Object.entries(EFRIKORT_ISSUES).map(([code, { display }]) => ({ code, display })),
    );
    expect(stateCodes.concept.map(({ code }) => code)).toEqual(Object.keys(STATES));
  });
});

describe('the profile', () => {
  const { validate } = createValidator(PROFILES);
  it.each(['test', 'production', 'further-region'])(
    'takes the example %s, before and after it is stored',
    async (name) => {
      const profile = `${BASE}/StructureDefinition/EfrikortConnection`;
      expect(validate(example(name), profile)).toEqual([]);
      expect(validate(draft(await system(), name), profile)).toEqual([]);
    },
  );
  it('takes the worked example', () => {
    expect(validate(WORKED, `${BASE}/StructureDefinition/EfrikortConnection`)).toEqual([]);
  });
});

describe('a Basic as a connection', () => {
  it('comes back the same, the worked example letter by letter', () => {
    expect(writeConnection(WORKED, connection(WORKED))).toEqual(WORKED);
  });
  it('says the same for any names', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .map((text) => text.replace(/[\p{Cc}\p{Cs}\p{Z}]/gu, 'x').trim());
    fc.assert(
      fc.property(name, fc.array(name, { maxLength: 4 }), (systemName, providers) => {
        const before = {
          ...connection(WORKED),
          system: systemName,
          careProviders: providers.map((one) => ({ name: one })),
        };
        expect(connection(writeConnection(WORKED, before))).toEqual(before);
      }),
    );
  });
  it('keeps the telephone number as people write it', () => {
    expect(connection(contact({})).contact?.phone).toBe('+46 (0)70 123 12 31');
  });
  it('takes the name of the region from the list by HSA-id, in any letter case, and not from the display', () => {
    const basic = example('test');
    const subject = {
      identifier: { system: 'urn:oid:1.2.752.129.2.1.4.1', value: 'se2321000016-4tm4' },
      display: 'Region Stockholm',
    };
    expect(connection({ ...basic, subject }).region.name).toBe('Region Gotland');
  });

  const test = example('test');
  it.each<[string, Basic, string]>([
    ['a missing region', withoutMember('subject'), 'error required region-missing Basic.subject'],
    [
      'a region without HSA-id',
      { ...test, subject: { reference: 'Organization/vgr' } },
      'error value region-hsa-id Basic.subject.identifier',
    ],
    [
      'an HSA-id of another form',
      { ...test, subject: { identifier: { system: 'urn:oid:1.2.752.29.4.19', value: 'SE13813023981' } } },
      'error value region-hsa-id Basic.subject.identifier',
    ],
    [
      'the reference of one region and the HSA-id of another',
      { ...test, subject: { ...test.subject, reference: 'Organization/region-uppsala' } },
      'error business-rule region-contradicts Basic.subject.reference',
    ],
    [
      'an unknown kind',
      withExtension(test, 'connection-kind', { valueCode: 'second' }),
      'error code-invalid kind-unknown Basic.extension[5]',
    ],
    [
      'a missing environment',
      withExtension(test, 'environment', undefined),
      'error required environment-missing Basic.extension',
    ],
    [
      'an unknown environment',
      withExtension(test, 'environment', {
        valueCoding: { system: `${BASE}/CodeSystem/efrikort-environment`, code: 'QA' },
      }),
      'error code-invalid environment-unknown Basic.extension[5]',
    ],
    [
      'an environment of another system',
      withExtension(test, 'environment', { valueCoding: { code: 'TEST' } }),
      'error code-invalid environment-unknown Basic.extension[5]',
    ],
    [
      'a missing system',
      withExtension(test, 'integrating-system', undefined),
      'error required system-missing Basic.extension',
    ],
    [
      'a long system name',
      withExtension(test, 'integrating-system', { valueString: 'x'.repeat(201) }),
      'error too-long text-too-long Basic.extension[5]',
    ],
    [
      'a line break in the system name',
      withExtension(test, 'integrating-system', { valueString: 'x\r\nBcc: a@b.example' }),
      'error value control-character Basic.extension[5]',
    ],
    [
      'a line break in a care provider',
      withExtension(test, 'care-provider', { valueString: 'x\nAvser miljö för: PRODUKTION' }),
      'error value control-character Basic.extension[4]',
    ],
    [
      'a line break in the contact name',
      contact({ name: [{ text: 'A\rB' }] }),
      'error value control-character Basic.contained[0].name',
    ],
    [
      'a line break in the telephone number',
      contact({
        telecom: [
          { system: 'email', value: 'a@b.example' },
          { system: 'phone', value: '1\u20282' },
        ],
      }),
      'error value control-character Basic.contained[0].telecom',
    ],
    [
      'a line break in the serial number',
      serial('SE5599990016-EX01\nX'),
      'error value control-character Basic.extension[5]',
    ],
    [
      'a line break in the display of an unknown region',
      {
        ...test,
        subject: {
          identifier: { system: 'urn:oid:1.2.752.29.4.19', value: 'SE2321000255-1' },
          display: 'a\nb',
        },
      },
      'error value control-character Basic.subject.display',
    ],
    ['no contact person', withoutMember('author'), 'error required contact-missing Basic.author'],
    [
      'a contact without a name',
      contact({ name: [] }),
      'error required contact-name-missing Basic.contained[0].name',
    ],
    [
      'a contact without a mail address',
      contact({ telecom: [{ system: 'phone', value: '1' }] }),
      'error required contact-email-missing Basic.contained[0].telecom',
    ],
    [
      'a contact without a telephone number',
      contact({ telecom: [{ system: 'email', value: 'a@b.example' }] }),
      'error required contact-phone-missing Basic.contained[0].telecom',
    ],
    [
      'an address that is none',
      contact({
        telecom: [
          { system: 'email', value: 'a@b' },
          { system: 'phone', value: '1' },
        ],
      }),
      'error value contact-email-malformed Basic.contained[0].telecom',
    ],
    [
      'a missing serial number',
      withExtension(test, 'certificate-serial-number', undefined),
      'error required serial-missing Basic.extension',
    ],
    [
      'a serial number that is too long',
      serial(`SE5599990016-${'1'.repeat(60)}`),
      'error too-long text-too-long Basic.extension[5]',
    ],
    [
      'a care provider without a name',
      withExtension(test, 'care-provider', { valueReference: { reference: 'Organization/1' } }),
      'error required care-provider-unnamed Basic.extension[4]',
    ],
    [
      'a care provider that reads like a field of the mail',
      withExtension(test, 'care-provider', { valueString: 'Avser miljö för: PRODUKTION' }),
      'error value label-forged Basic.extension[4]',
    ],
    [
      'one that does so to the eye alone',
      withExtension(test, 'care-provider', { valueString: '\u200bAvser\u00a0miljö för\uff1a PRODUKTION' }),
      'error value label-forged Basic.extension[4]',
    ],
    [
      'marks that turn the direction of reading',
      withExtension(test, 'integrating-system', { valueString: 'Journal \u202eNOITKUDORP' }),
      'error value control-character Basic.extension[5]',
    ],
    [
      'a modifier extension',
      { ...test, modifierExtension: [{ url: 'urn:x', valueString: 'x' }] },
      'error extension modifier-extension Basic.modifierExtension',
    ],
    [
      'an unknown extension',
      withExtension(test, 'no-such', { valueString: 'x' }),
      'error not-supported element-not-supported Basic.extension[6]',
    ],
    [
      'two system names',
      {
        ...test,
        extension: [
          ...(test.extension ?? []),
          { url: `${BASE}/StructureDefinition/integrating-system`, valueString: 'B' },
        ],
      },
      'error multiple-matches field-repeated Basic.extension[6]',
    ],
  ])('is refused with %s', (_what, basic, expected) => {
    expect(found(basic)).toContain(expected);
  });
  it.each<[string, Basic, string]>([
    [
      'an unknown region',
      { ...test, subject: { identifier: { system: 'urn:oid:1.2.752.29.4.19', value: 'SE2321000255-1' } } },
      'warning not-found region-unknown Basic.subject',
    ],
    [
      "the source's own dirty serial number",
      serial('T_SERVICES_SE121212121212-121A'),
      'warning value serial-not-hsa-id Basic.extension[5]',
    ],
    [
      'a serial number without hyphen',
      serial('SE13813023981'),
      'warning value serial-not-hsa-id Basic.extension[5]',
    ],
    [
      'a function as contact',
      contact({ name: [{ text: 'Supporten, Team Drift' }] }),
      'warning value contact-not-a-person Basic.contained[0].name',
    ],
    [
      'mojibake',
      withExtension(test, 'integrating-system', { valueString: 'GÃ¶teborgsjournalen' }),
      'warning value mojibake Basic.extension[5]',
    ],
  ])('is taken with a warning with %s', (_what, basic, expected) => {
    expect(found(basic)).toEqual([expected]);
  });
  it('takes the old form of an HSA-id, and says so', () => {
    const subject = { identifier: { system: 'urn:oid:1.2.752.29.4.19', value: 'SE162321000024-0001' } };
    expect(found({ ...test, subject })).toEqual([
      'information informational hsa-id-legacy Basic.subject.identifier',
    ]);
  });
  it('is not repaired where it looks like mojibake; the probable text is told', () => {
    const basic = withExtension(test, 'integrating-system', { valueString: 'GÃ¶teborg' });
    expect(connection(basic).system).toBe('GÃ¶teborg');
    expect(readConnection(basic, CONTEXT).issues[0]?.diagnostics).toContain('"Göteborg"');
  });
  it('tells all faults at once', () => {
    expect(found({ resourceType: 'Basic', code: test.code }).length).toBeGreaterThanOrEqual(5);
  });
});
