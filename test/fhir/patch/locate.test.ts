import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { describe, expect, test } from 'vitest';
import { DEFINITIONS } from '../../../src/fhir/definitions/index.ts';
import { Locator } from '../../../src/fhir/patch/locate.ts';
import { parsePath } from '../../../src/fhir/patch/path.ts';
import { rich } from '../validate/corpus.ts';

const consent = rich.find(({ resourceType }) => resourceType === 'Consent') ?? {};

/** The values that a path leads to, by way of their places. */
const located = (path: string): readonly unknown[] => {
  const parsed = parsePath(path);
  if (!parsed.ok) throw new Error(parsed.failure);
  return new Locator({ ...consent }, DEFINITIONS, { left: 1000 })
    .find(parsed.value)
    .map(({ value, companion }) => value ?? companion);
};

/** What an engine that knows all of FHIRPath finds; FHIRPath's own types as the JSON they come from. */
const byFhirPath = (path: string): readonly unknown[] => {
  const found: unknown = fhirpath.evaluate(consent, path, undefined, r4);
  return JSON.parse(JSON.stringify(found));
};

describe('a path leads to what FHIRPath finds', () => {
  test.each([
    'Consent',
    'Consent.status',
    'status',
    'Resource.id',
    'Consent.category',
    'Consent.category[0].coding.code',
    'Consent.category.coding[0]',
    'Consent.extension',
    "Consent.extension('urn:x:nested').extension('b').value",
    "Consent.extension.where(url = 'urn:x:plain').value",
    "Consent.extension.where(url != 'urn:x:plain').extension.value.ofType(Quantity).code",
    'Consent.extension.where(value.exists()).url',
    'Consent.extension.where(value is string).value',
    "Consent.extension.where(extension.count() = 1 and url.startsWith('urn')).extension.url",
    'Consent.source',
    'Consent.source.ofType(Attachment).size',
    '(Consent.source as Attachment).contentType',
    'Consent.source.ofType(Reference)',
    'Consent.contained.name.given',
    'Consent.contained.where($this is Practitioner).name.family',
    'Consent.contained[0].name.given[1]',
    'Consent.contained.name.given.last()',
    "Consent.provision.actor.where(role.text = 'reader').reference.reference",
    'Consent.provision.provision.provision.purpose.code',
    'Consent.provision.provision.first().type',
    'Consent.provision.select(period.start)',
    'Consent.meta.tag.tail()',
    'Consent.provision.data.take(1).meaning',
    'Consent.performer.skip(1)',
    'Consent.nothing',
    'Patient.name',
    'Consent.`status`',
    'Consent.provision.period.where(start < @2027).end',
  ])('%s', (path) => {
    expect(located(path)).toEqual(byFhirPath(path));
  });

  test('also to what stands beside a primitive', () => {
    const beside = consent['_status'] as { extension: readonly object[]; id: string };
    expect(located('Consent.status.extension')).toEqual(beside.extension);
    expect(located("Consent.status.extension('urn:x:why').value")).toEqual(['known']);
    expect(located('Consent.status.id')).toEqual([beside.id]);
  });
});
