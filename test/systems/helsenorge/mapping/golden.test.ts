import { readdirSync, readFileSync } from 'node:fs';
import type { Consent } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { fromSett, normaliseConsent, toSett } from '../../../../src/systems/helsenorge/mapping.ts';
import { type SettRequest, serializeSett } from '../../../../src/systems/helsenorge/message.ts';
import { parseSettRequest } from '../../../../src/systems/helsenorge/message-answers.ts';
import { context, request } from './samples.ts';

const FOLDER = new URL('../golden/', import.meta.url);
const text = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
const consentOf = (name: string): Consent => JSON.parse(text(`${name}.consent.json`));
const payloadOf = (name: string): SettRequest => {
  const parsed = parseSettRequest(JSON.parse(text(`${name}.payload.json`)));
  if (!parsed.ok) throw new Error(parsed.failure);
  return parsed.value;
};
const lowered = (payload: SettRequest): SettRequest => ({
  ...payload,
  definisjonGuid: payload.definisjonGuid.toLowerCase(),
});

const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.payload.json'))
  .map((name) => name.replace('.payload.json', ''));

describe('the worked examples of SettInnbyggersPersonvernInnstilling', () => {
  it('are all here: three kinds set and withdrawn, and one with proof', () => {
    expect(NAMES).toHaveLength(7);
  });

  it.each(NAMES)('%s: the Consent becomes exactly the documented payload', (name) => {
    expect(request(consentOf(name))).toEqual(lowered(payloadOf(name)));
  });

  it.each(NAMES)('%s: the text on the wire has the members in the documented order', (name) => {
    const documented = JSON.stringify(JSON.parse(text(`${name}.payload.json`)));
    expect(serializeSett(request(consentOf(name))).toLowerCase()).toBe(documented.toLowerCase());
  });

  it.each(NAMES)('%s: the payload becomes the Consent', (name) => {
    expect(fromSett(payloadOf(name), context())).toEqual(consentOf(name));
  });

  it.each(NAMES)('%s: payload to Consent to payload changes nothing but the case of the GUID', (name) => {
    const result = toSett(fromSett(payloadOf(name), context()), context());
    expect(result.ok && result.value.request).toEqual(lowered(payloadOf(name)));
  });

  it.each(NAMES)('%s: only the check digits of the documentation’s number are worth a warning', (name) => {
    const result = toSett(consentOf(name), context());
    expect(result.ok && result.value.issues.map(({ details }) => details?.code)).toEqual([
      'patient-check-digits',
    ]);
  });

  it('the Consent with a date sends the moment in UTC', () => {
    expect(request(consentOf('restriction-with-date'))).toEqual({
      ...lowered(payloadOf('restriction-set')),
      tidspunkt: '2026-03-03T07:00:00Z',
    });
  });

  it('the stored Consent with proof is already in its stored form and sends the documented payload', () => {
    const stored = consentOf('stored-with-proof');
    expect(request(stored)).toEqual(lowered(payloadOf('consent-with-proof')));
    expect(normaliseConsent(stored, context().catalogue)).toEqual(stored);
  });
});
