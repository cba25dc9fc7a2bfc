import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CatalogueEntry } from '../../../../src/systems/helsenorge/catalogue.ts';
import {
  fromSett,
  normaliseConsent,
  sameSetting,
  toSett,
} from '../../../../src/systems/helsenorge/mapping.ts';
import type { SettRequest } from '../../../../src/systems/helsenorge/message.ts';
import { serializeSett } from '../../../../src/systems/helsenorge/message.ts';
import { parseSettRequest } from '../../../../src/systems/helsenorge/message-answers.ts';
import { BIOBANK, context, entry } from './samples.ts';

const given = context(
  {
    timeLimits: {
      objects: { samtykke: 'saInnbyggerMetadata' },
      list: 'perioder',
      from: 'fra',
      to: 'til',
      ends: 'both',
    },
  },
  [entry(BIOBANK, { periods: 'one' })],
);

const number = fc.stringMatching(/^[0-7]\d{10}$/);
const person = fc.record({
  nummer: fc.stringMatching(/^\d{1,9}$/),
  navn: fc.string({ minLength: 1, maxLength: 30 }),
});
const moment = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`);
const period = fc
  .tuple(moment, moment)
  .map(([a, b]) => ({ saInnbyggerMetadata: { perioder: [{ fra: a < b ? a : b, til: a < b ? b : a }] } }));
const proof = fc
  .tuple(fc.constantFrom('image/png', 'application/pdf'), fc.uint8Array({ minLength: 1, maxLength: 40 }))
  .map(([signertBevisMimeType, bytes]) => ({
    signertBevisMimeType,
    signertBevisInnhold: Buffer.from(bytes).toString('base64'),
  }));
const personnel = fc
  .uniqueArray(person, { minLength: 1, maxLength: 6, selector: ({ nummer }) => Number(nummer) })
  .map((list) => ({ TbInnbyggerMetadata: { detaljertAngivelse: { navngittHelseperson: list } } }));

const nothing = fc.constant({});
const metadata = (of: CatalogueEntry) => {
  if (of.metadata !== 'forbidden') return personnel;
  return of.periods === 'none' ? nothing : fc.oneof(nothing, period);
};

/** Any request that PVK's documentation allows. */
const setting: fc.Arbitrary<SettRequest> = fc.constantFrom(...given.catalogue.entries).chain((of) =>
  fc
    .record({
      innbyggerFnr: number,
      aktiv: fc.boolean(),
      tidspunkt: fc.oneof(
        nothing,
        moment.map((tidspunkt) => ({ tidspunkt })),
      ),
      metadata: metadata(of),
      proof: fc.oneof(nothing, proof),
      upper: fc.boolean(),
    })
    .map(({ innbyggerFnr, aktiv, tidspunkt, metadata: more, proof: signed, upper }) => ({
      innbyggerFnr,
      definisjonGuid: upper ? of.guid.toUpperCase() : of.guid,
      definisjonNavn: of.navn,
      partKode: of.partKode ?? 'PART',
      typePi: of.typePi,
      aktiv,
      ...tidspunkt,
      ...(aktiv ? more : {}),
      ...(aktiv ? signed : {}),
    })),
);

describe('for every setting that PVK can hold', () => {
  it('payload to Consent to payload changes nothing but the case of the GUID', () => {
    fc.assert(
      fc.property(setting, (payload) => {
        const result = toSett(fromSett(payload, given), given);
        expect(result.ok && result.value.request).toEqual({
          ...payload,
          definisjonGuid: payload.definisjonGuid.toLowerCase(),
        });
      }),
    );
  });

  it('Consent to payload to Consent changes nothing', () => {
    fc.assert(
      fc.property(setting, (payload) => {
        const consent = fromSett(payload, given);
        const result = toSett(consent, given);
        expect(result.ok && fromSett(result.value.request, given)).toEqual(consent);
      }),
    );
  });

  it('a Consent made from PVK is already in its stored form, and the stored form says the same', () => {
    fc.assert(
      fc.property(setting, (payload) => {
        const consent = fromSett(payload, given);
        expect(normaliseConsent(consent, given.catalogue)).toEqual(consent);
      }),
    );
  });

  it('the text on the wire reads back as the request', () => {
    fc.assert(
      fc.property(setting, (payload) => {
        const parsed = parseSettRequest(JSON.parse(serializeSett(payload)));
        expect(parsed).toEqual({ ok: true, value: payload });
        expect(sameSetting(payload, payload)).toBe(true);
      }),
    );
  });

  it('mapping changes neither the Consent nor the request it is given', () => {
    fc.assert(
      fc.property(setting, (payload) => {
        const before = structuredClone(payload);
        const consent = fromSett(payload, given);
        const copy = structuredClone(consent);
        toSett(consent, given);
        normaliseConsent(consent, given.catalogue);
        expect(consent).toEqual(copy);
        expect(payload).toEqual(before);
      }),
    );
  });
});
