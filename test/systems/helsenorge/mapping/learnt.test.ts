import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  asWithdrawn,
  fromAktive,
  fromForPart,
  fromStatus,
  refreshConsent,
} from '../../../../src/systems/helsenorge/mapping.ts';
import {
  parseAktiveAnswer,
  parseForPartAnswer,
  parseSjekkAnswer,
} from '../../../../src/systems/helsenorge/message-answers.ts';
import {
  actor,
  context,
  entry,
  FNR_SYSTEM,
  findings,
  LINE,
  OMFANG,
  PVK_PART,
  RESERVATION,
  RESTRICTION,
  restriction,
  SEKVENSNUMMER,
  samtykke,
  told,
} from './samples.ts';

const { catalogue } = context();
const golden = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'));
const value = <T>(result: { ok: true; value: { value: T } } | { ok: false; failure: string }): T => {
  if (!result.ok) throw new Error(result.failure);
  return result.value.value;
};
const extensions = [
  { url: SEKVENSNUMMER, valueInteger: 3 },
  {
    url: SEKVENSNUMMER.replace('sekvensnummer', 'opprettet-tidspunkt'),
    valueDateTime: '2024-02-01T09:12:00Z',
  },
  {
    url: SEKVENSNUMMER.replace('sekvensnummer', 'sist-endret-tidspunkt'),
    valueDateTime: '2025-11-20T14:03:27Z',
  },
];

describe('a Consent first learnt from PVK', () => {
  it('by Sjekk has the catalogue’s names, PVK’s times, and maps back', () => {
    const answer = value(parseSjekkAnswer(golden('sjekk-answer')));
    const { consent, issues } = fromStatus(answer, { entry: entry(RESERVATION, {}), innbyggerFnr: LINE });
    expect(issues).toEqual([]);
    expect(consent).toMatchObject({
      status: 'active',
      dateTime: '2024-02-01T09:12:00Z',
      extension: extensions,
      patient: { identifier: { system: FNR_SYSTEM, value: LINE } },
      organization: [{ identifier: { system: PVK_PART, value: 'PDMR' } }],
      provision: { type: 'deny' },
    });
    expect(findings(asWithdrawn(consent)).filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('by Sjekk says when the list of a restriction is not told', () => {
    const about = { entry: entry(RESTRICTION, {}), innbyggerFnr: LINE };
    expect(told(fromStatus({ aktiv: true }, about).issues)).toEqual([
      'warning incomplete personnel-not-told @ Consent.provision.actor',
    ]);
    expect(fromStatus({ aktiv: false }, about).issues).toEqual([]);
  });

  it('by HentInnbyggersPiForPart is the same as by Sjekk', () => {
    const items = value(parseForPartAnswer(golden('for-part-answer')));
    const { consents, issues } = fromForPart(items, LINE, catalogue);
    const answer = value(parseSjekkAnswer(golden('sjekk-answer')));
    const { consent } = fromStatus(answer, { entry: entry(RESERVATION, {}), innbyggerFnr: LINE });
    expect(consents).toEqual([consent]);
    expect(issues).toEqual([]);
  });

  it('by HentInnbyggereAktive carries the fixed metadata of its definition', () => {
    const page = value(parseAktiveAnswer(golden('aktive-answer')));
    const { consents } = fromAktive(page, catalogue);
    expect(consents).toHaveLength(1);
    expect(consents[0]?.extension?.at(-1)).toEqual({
      url: OMFANG,
      extension: [
        { url: 'omfang-kode', valueString: 'OF' },
        { url: 'logisk-omfang', valueString: 'Angitte' },
        { url: 'presisering', valueString: 'Direkte personidentifiserende opplysninger' },
      ],
    });
    expect(consents[0]?.organization?.[0]?.identifier?.value).toBe('norpreg');
  });

  it('an unknown typePi is taken from the catalogue, and a setting of no known kind left out and said', () => {
    const items = [
      { definisjonGuid: RESERVATION.toUpperCase(), typePi: 'noe', aktiv: true },
      { definisjonGuid: '00000000-0000-4000-8000-000000000000', typePi: 'noe', aktiv: true },
    ];
    const { consents, issues } = fromForPart(items, LINE, catalogue);
    expect(consents).toHaveLength(1);
    expect(consents[0]?.policyRule?.coding?.[0]?.code).toBe(RESERVATION);
    expect(told(issues)).toEqual(['warning incomplete type-not-told @ Consent.category']);
  });

  it('a D-number gets its own system', () => {
    const about = { entry: entry(RESERVATION, {}), innbyggerFnr: '41817500151' };
    const { consent } = fromStatus({ aktiv: true }, about);
    expect(consent.patient?.identifier?.system).toBe('urn:oid:2.16.578.1.12.4.1.4.2');
  });
});

describe('a stored Consent after PVK was asked again', () => {
  const moved = { sekvensnummer: 4 };
  const known = { ...samtykke(), extension: [{ url: SEKVENSNUMMER, valueInteger: 3 }] };

  it('with nothing new is left as it is', () => {
    expect(refreshConsent(known, { aktiv: true, sekvensnummer: 3 })).toEqual({
      consent: known,
      change: 'none',
      issues: [],
    });
  });

  it('learns numbers and times without becoming another setting', () => {
    const { consent, change } = refreshConsent(samtykke(), { aktiv: true, sekvensnummer: 3 });
    expect(change).toBe('metadata');
    expect(consent.extension).toEqual([{ url: SEKVENSNUMMER, valueInteger: 3 }]);
  });

  it('with a moved sequence number is another setting', () => {
    const { consent, change } = refreshConsent(known, { aktiv: true, ...moved });
    expect(change).toBe('setting');
    expect(consent.extension).toEqual([{ url: SEKVENSNUMMER, valueInteger: 4 }]);
  });

  it('when withdrawn at Helsenorge is inactive without metadata, and can be sent again', () => {
    const stored = restriction(undefined, {
      sourceAttachment: { contentType: 'image/png', data: 'AAAA' },
    });
    const { consent, change } = refreshConsent(stored, { aktiv: false });
    expect(change).toBe('setting');
    expect(consent.status).toBe('inactive');
    expect(consent.provision).toEqual({ type: 'deny' });
    expect(consent).not.toHaveProperty('sourceAttachment');
    expect(findings(consent)).toEqual([]);
  });

  it('keeps its own word for inactive', () => {
    const stored = samtykke({ status: 'rejected' });
    expect(refreshConsent(stored, { aktiv: false })).toEqual({ consent: stored, change: 'none', issues: [] });
  });

  it('keeps the list of a restriction that Sjekk does not tell, and says so when it may be outdated', () => {
    const stored = { ...restriction(), extension: [{ url: SEKVENSNUMMER, valueInteger: 3 }] };
    const { consent, issues } = refreshConsent(stored, { aktiv: true, ...moved });
    expect(consent.provision).toEqual(stored.provision);
    expect(told(issues)).toEqual(['warning incomplete personnel-not-told @ Consent.provision.actor']);
  });

  it('takes over a list that PVK tells', () => {
    const navngittHelseperson = [{ nummer: '2', navn: 'Ola' }];
    const { consent, change } = refreshConsent(restriction(), { aktiv: true, navngittHelseperson });
    expect(change).toBe('setting');
    expect(consent.provision?.actor).toEqual([actor('2', 'Ola')]);
    const same = [{ nummer: '09000001', navn: 'Kari' }];
    expect(refreshConsent(restriction(), { aktiv: true, navngittHelseperson: same }).change).toBe('none');
  });
});
