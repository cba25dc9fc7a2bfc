import { describe, expect, it } from 'vitest';
import { parseDanish } from '../src/connect/denmark-settings.ts';
import { danishWorld } from './systems/dgws/danish-world.ts';

const failureOf = (environment: Readonly<Record<string, string>>, sandbox: boolean): string => {
  const parsed = parseDanish(environment, sandbox);
  return parsed.ok ? '' : parsed.failure;
};

describe('the settings of BRS, FMK and the STS', () => {
  it('of a simulated STS what is open can be set, and is looked at', () => {
    const parsed = parseDanish({ STS_MARGIN: 'PT1M', STS_ALGORITHM: 'rsa-sha1' }, true);
    expect(parsed).toMatchObject({
      ok: true,
      value: { simulatedSts: { margin: 60_000, algorithm: 'rsa-sha1', systemName: 'fhir-facade' } },
    });
    expect(failureOf({ STS_MARGIN: 'soon' }, true)).toBe('STS_MARGIN must be a duration such as PT10M.');
    expect(failureOf({ STS_ALGORITHM: 'hmac' }, true)).toContain('STS_ALGORITHM must be one of');
  });

  it('alarms are those of the CVR number in the ID card', async () => {
    const { stsSettings } = await danishWorld();
    const live = {
      STS_URL: stsSettings.url,
      STS_KEY: stsSettings.key,
      STS_CERTIFICATE: stsSettings.certificate,
      STS_TRUSTED: stsSettings.trusted,
      STS_CVR: stsSettings.cvr,
      STS_CARE_PROVIDER_NAME: 'Eksempel Apotek',
      BRS_URL: 'https://brs.example/brs',
      BRS_NOTIFICATION_URL: 'https://brs.example/notification',
    };
    expect(failureOf(live, false)).toBe('');
    expect(failureOf({ ...live, BRS_CVR: '46837428' }, false)).toContain('BRS_CVR contradicts STS_CVR');
  });

  it('BRS without the STS is refused by what is missing', () => {
    expect(failureOf({ BRS_URL: 'https://brs.example/brs' }, false)).toBe(
      'STS_URL is missing: BRS_URL is reached with ID cards of the STS.',
    );
  });
});
