import { describe, expect, it } from 'vitest';
import { DEFAULT_CATALOGUE, parseCatalogue } from '../../../src/systems/helsenorge/catalogue.ts';
import { DEFAULT_SETTINGS, parseSettings } from '../../../src/systems/helsenorge/settings.ts';

const GUID = '0f0e0d0c-0b0a-4900-8807-060504030201';

describe('the definition catalogue', () => {
  it('knows the public definitions by GUID in any letter case', () => {
    expect(DEFAULT_CATALOGUE.find('3F7457B8-821C-45A8-AE04-D3E4A0DAC0F0')).toEqual({
      guid: '3f7457b8-821c-45a8-ae04-d3e4a0dac0f0',
      navn: 'Begrensning av helsepersonells tilgang til legemiddelliste',
      partKode: 'RF',
      typePi: 'tilgangsbegrensning',
      metadata: 'required',
      periods: 'none',
      proof: 'allowed',
    });
    expect(DEFAULT_CATALOGUE.find('{3F7457B8-821C-45A8-AE04-D3E4A0DAC0F0}')).toBeUndefined();
    expect(DEFAULT_CATALOGUE.ofPart('norpreg')).toHaveLength(1);
    expect(DEFAULT_CATALOGUE.ofPart('NORPREG')).toHaveLength(0);
  });

  it('invents no part code that is not public', () => {
    expect(DEFAULT_CATALOGUE.find('fb922810-01f1-4b20-9999-bb25b47d1b44')).not.toHaveProperty('partKode');
    expect(DEFAULT_CATALOGUE.find('fb922810-01f1-4b20-9999-bb25b47d1b44')?.metadata).toBe('forbidden');
    expect(DEFAULT_CATALOGUE.find('07a49957-f6d8-4d2e-86e2-fe11997709e0')?.metadata).toBe('required');
  });

  it('is read from configuration, with defaults for what is left out', () => {
    const parsed = parseCatalogue(
      JSON.stringify([{ guid: GUID.toUpperCase(), navn: 'Prøve', typePi: 'samtykke', partKode: 'P' }]),
    );
    expect(parsed.ok && parsed.value.entries).toEqual([
      {
        guid: GUID,
        navn: 'Prøve',
        partKode: 'P',
        typePi: 'samtykke',
        metadata: 'forbidden',
        periods: 'none',
        proof: 'allowed',
      },
    ]);
    expect(parseCatalogue(JSON.stringify(DEFAULT_CATALOGUE.entries)).ok).toBe(true);
  });

  const good = { guid: GUID, navn: 'x', typePi: 'samtykke' };
  it.each([
    ['{', 'not a JSON list'],
    ['{}', 'not a JSON list'],
    [JSON.stringify([1]), 'is not an object'],
    [JSON.stringify([{ ...good, guid: `{${GUID}}` }]), '"guid"'],
    [JSON.stringify([{ ...good, navn: ' ' }]), '"navn"'],
    [JSON.stringify([{ ...good, partKode: 1 }]), '"partKode"'],
    [JSON.stringify([{ ...good, typePi: 'fullmakt' }]), '"typePi"'],
    [JSON.stringify([{ ...good, metadata: 'x' }]), '"metadata"'],
    [JSON.stringify([{ ...good, metadata: 'required' }]), 'no tilgangsbegrensning'],
    [JSON.stringify([{ ...good, periods: 'two' }]), '"periods"'],
    [JSON.stringify([{ ...good, typePi: 'tilgangsbegrensning', periods: 'one' }]), 'has periods'],
    [JSON.stringify([{ ...good, proof: true }]), '"proof"'],
    [JSON.stringify([{ ...good, part: 'x' }]), 'unknown member "part"'],
    [JSON.stringify([good, { ...good, guid: GUID.toUpperCase() }]), 'entry 2'],
  ])('%s is refused in one sentence', (text, why) => {
    const parsed = parseCatalogue(text);
    expect(!parsed.ok && parsed.failure).toContain(why);
  });
});

describe('the settings', () => {
  it('have a default each', () => {
    expect(parseSettings({})).toEqual({ ok: true, value: DEFAULT_SETTINGS });
    expect(DEFAULT_SETTINGS.timeLimits).toBeUndefined();
  });

  it('are read from the environment', () => {
    const limits = { objects: { reservasjon: 're' }, list: 'perioder', from: 'fra', to: 'til', ends: 'any' };
    const parsed = parseSettings({
      HELSENORGE_CHECK_DIGITS: 'refuse',
      HELSENORGE_DELETE: 'refuse',
      HELSENORGE_REFRESH_AGE: 'PT1H30M',
      HELSENORGE_TIME_LIMITS: JSON.stringify(limits),
    });
    expect(parsed).toEqual({
      ok: true,
      value: {
        ...DEFAULT_SETTINGS,
        checkDigits: 'refuse',
        delete: 'refuse',
        refreshAge: 5_400_000,
        timeLimits: limits,
      },
    });
  });

  it.each([
    ['HELSENORGE_CHECK_DIGITS', 'yes'],
    ['HELSENORGE_DELETE', 'maybe'],
    ['HELSENORGE_REFRESH_AGE', '5 minutes'],
    ['HELSENORGE_REFRESH_AGE', 'PT'],
    ['HELSENORGE_TIME_LIMITS', '{}'],
    ['HELSENORGE_TIME_LIMITS', '{"objects":{"samtykke":"aktiv"},"list":"p","from":"f","to":"t"}'],
    ['HELSENORGE_TIME_LIMITS', '{"objects":{"samtykke":"sa"},"list":"p","from":"f","to":"f"}'],
  ])('%s=%s is refused by name', (name, text) => {
    const parsed = parseSettings({ [name]: text });
    expect(!parsed.ok && parsed.failure).toContain(name);
  });
});
