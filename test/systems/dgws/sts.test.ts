import { describe, expect, it } from 'vitest';
import { createStsClient } from '../../../src/systems/dgws/client-sts.ts';
import {
  checkSts,
  openSigner,
  parseStsSettings,
  STS_SETTING_NAMES,
} from '../../../src/systems/dgws/settings.ts';
import { STS_FAULT_KINDS } from '../../../src/systems/dgws/simulator-sts.ts';
import { makeKeys } from '../../xml/make-certificate.ts';
import { CVR, danishWorld, HOLDER, STS_CERTIFICATE } from './danish-world.ts';

describe('the STS exchange', () => {
  it('gives a card of the STS, which goes out byte for byte as it came', async () => {
    const { sts, context } = await danishWorld();
    const card = await sts.card(context());
    if (!card.ok) throw new Error(card.failure.issues[0]?.diagnostics);
    expect(card.value.card).toMatchObject({ issuer: 'SIM-STS', type: 'system', level: 3 });
    expect(card.value.card.nameId.value).toContain('2.5.4.97=NTRDK-12345674');
    expect(card.value.xml).toMatch(/^<saml:Assertion .*<\/saml:Assertion>$/s);
  });

  it('happens once for two hundred who ask at the same time', async () => {
    const { sts, context, callsTo } = await danishWorld();
    const all = await Promise.all(Array.from({ length: 200 }, () => sts.card(context())));
    expect(all.every(({ ok }) => ok)).toBe(true);
    expect(callsTo('sts')).toBe(1);
  });

  it('happens again shortly before the card ends, not before', async () => {
    const { sts, context, callsTo, moveTo } = await danishWorld();
    await sts.card(context());
    moveTo('2026-03-04T06:40:00Z');
    await sts.card(context());
    expect(callsTo('sts')).toBe(1);
    moveTo('2026-03-04T06:46:00Z');
    await sts.card(context());
    expect(callsTo('sts')).toBe(2);
  });

  it('renews a card once, however many found it expired', async () => {
    const { sts, context, callsTo } = await danishWorld();
    const card = await sts.card(context());
    if (!card.ok) throw new Error('a card was expected');
    await Promise.all([sts.renew(card.value, context()), sts.renew(card.value, context())]);
    await sts.renew(card.value, context());
    expect(callsTo('sts')).toBe(2);
  });

  it('takes names that the STS has changed, on a user card', async () => {
    const { stsSettings, stsSimulator, clock, faults, context } = await danishWorld();
    const sts = createStsClient({
      settings: stsSettings,
      user: { cpr: '2401010001', givenName: 'A', surName: 'B', role: '7170' },
      fetch: stsSimulator.fetch,
      clock,
    });
    await faults.add('sts', 'other-names');
    expect(await sts.card(context())).toMatchObject({
      value: {
        level: 4,
        card: { user: { givenName: 'Andet', surName: 'Navn', authorizationCode: 'BCD12' } },
      },
    });
  });

  it('works with RSA-SHA1 on our side and RSA-SHA256 on theirs', async () => {
    const { sts, context } = await danishWorld({
      sts: { algorithm: 'rsa-sha1' },
      stsSimulator: { algorithm: 'rsa-sha256' },
    });
    expect((await sts.card(context())).ok).toBe(true);
  });
});

describe('what goes wrong at the STS', () => {
  const failing = async (kind: string, count = 1, allowed = 5000) => {
    const { sts, faults, context } = await danishWorld();
    expect((await faults.add('sts', kind, count)).ok).toBe(true);
    const result = await sts.card(context(allowed));
    if (result.ok) return 'a card';
    const [issue] = result.failure.issues;
    return `${result.failure.kind} ${issue?.code} ${issue?.details?.code ?? ''}`;
  };

  it.each([
    ['failed-authentication', 1, 'upstream-refused security FailedAuthentication'],
    ['invalid-request', 1, 'upstream-refused exception InvalidRequest'],
    ['request-failed', 1, 'upstream-refused exception RequestFailed'],
    ['fault-200', 1, 'upstream-refused exception RequestFailed'],
    ['reformatted-card', 1, 'upstream-refused exception broken-answer'],
    ['short-validity', 1, 'a card'],
    ['other-names', 1, 'a card'],
    ['garbage', 1, 'a card'],
    ['truncated', 1, 'a card'],
    ['lost-reply', 1, 'a card'],
    ['slow', 1, 'a card'],
    ['garbage', 9, 'upstream-refused exception server-error'],
    ['truncated', 9, 'upstream-refused exception broken-answer'],
    ['reset', 9, 'unavailable transient no-connection'],
    ['http-503', 9, 'upstream-refused exception server-error'],
    ['timeout', 9, 'upstream-timeout timeout timed-out'],
  ])('%s × %i', async (kind, count, expected) => {
    expect(await failing(kind, count, kind === 'timeout' ? 300 : 5000)).toBe(expected);
  });

  it('knows every kind of its list', () => {
    expect(STS_FAULT_KINDS).toHaveLength(7);
  });

  it('refuses a card of an STS with another key, or with a clock that runs ahead of the skew', async () => {
    const other = await danishWorld({ sts: { trusted: HOLDER.certificate } });
    expect(await other.sts.card(other.context())).toMatchObject({ failure: { kind: 'upstream-refused' } });
    const ahead = await danishWorld({ stsSimulator: { backdating: -10 * 60_000 } });
    expect(await ahead.sts.card(ahead.context())).toMatchObject({ failure: { kind: 'upstream-refused' } });
    const alittle = await danishWorld({ stsSimulator: { backdating: -30_000 } });
    expect((await alittle.sts.card(alittle.context())).ok).toBe(true);
  });

  it('is told when our organisation is not that of our certificate', async () => {
    const { sts, context } = await danishWorld({ sts: { cvr: '87654321' } });
    expect(await sts.card(context())).toMatchObject({
      failure: { kind: 'upstream-refused', issues: [{ code: 'security' }] },
    });
  });
});

describe('the settings', () => {
  const GOOD = {
    STS_URL: 'https://sts.invalid/sts/services/NewSecurityTokenService',
    STS_KEY: HOLDER.privateKey,
    STS_CERTIFICATE: HOLDER.certificate,
    STS_TRUSTED: STS_CERTIFICATE,
    STS_CVR: CVR,
    STS_CARE_PROVIDER_NAME: 'Eksempel Apotek',
  };

  it('are absent when none is given, complete with defaults otherwise', () => {
    expect(parseStsSettings({})).toEqual({ ok: true, value: undefined });
    expect(parseStsSettings(GOOD)).toMatchObject({
      ok: true,
      value: { algorithm: 'rsa-sha256', margin: 600_000 },
    });
    expect(STS_SETTING_NAMES).toContain('STS_ACCEPTED_ALGORITHMS');
  });

  it('name what is missing or wrong, never a secret', () => {
    const faults = (more: Readonly<Record<string, string>>) => {
      const result = parseStsSettings({ ...GOOD, ...more });
      return result.ok ? '' : result.failure;
    };
    expect(faults({ STS_CVR: '1234' })).toBe('STS_CVR must be a CVR of 8 digits.');
    expect(faults({ STS_URL: '' })).toContain('STS_URL is missing');
    expect(faults({ STS_ALGORITHM: 'hmac' })).toContain('STS_ALGORITHM');
  });

  it('are checked at the start: key, certificate, and what the runtime can verify', async () => {
    const { stsSettings } = await danishWorld();
    expect(await checkSts(stsSettings)).toEqual({ ok: true, value: undefined });
    expect(await checkSts({ ...stsSettings, key: 'AAAA' })).toMatchObject({ ok: false });
    const curve = await makeKeys({ kind: 'EC' });
    expect(await checkSts({ ...stsSettings, trusted: curve.certificatePem })).toEqual({
      ok: false,
      failure: 'STS_ACCEPTED_ALGORITHMS: this runtime cannot verify rsa-sha256 with STS_TRUSTED.',
    });
  });

  it('are refused when the key is not that of the certificate', async () => {
    const settings = {
      key: HOLDER.privateKey,
      certificate: STS_CERTIFICATE,
      algorithm: 'rsa-sha256',
    } as const;
    expect(await openSigner(settings)).toEqual({
      ok: false,
      failure: 'STS_KEY is not the key of STS_CERTIFICATE.',
    });
  });
});
