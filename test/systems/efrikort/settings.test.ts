import { describe, expect, it } from 'vitest';
import { transportOf } from '../../../src/systems/efrikort/client-transport.ts';
import {
  EFRIKORT_DEFAULTS,
  EFRIKORT_SETTING_NAMES,
  parseEfrikortSettings,
} from '../../../src/systems/efrikort/settings.ts';

const FROM = { EFRIKORT_MAIL_FROM: 'Exempelsystem AB <integration@exempelsystem.example>' };

describe('the settings', () => {
  it('are absent without a sender: eFrikort is not configured', () => {
    expect(parseEfrikortSettings({})).toEqual({ ok: true, value: undefined });
  });
  it('have a default each, and mails are written for sending by hand', () => {
    const read = parseEfrikortSettings(FROM);
    expect(read.ok && read.value).toEqual({
      ...EFRIKORT_DEFAULTS,
      from: { address: 'integration@exempelsystem.example', name: 'Exempelsystem AB' },
    });
    expect(EFRIKORT_DEFAULTS.transport).toBe('render-only');
  });
  it('are read', () => {
    const read = parseEfrikortSettings({
      ...FROM,
      EFRIKORT_MAIL: 'http',
      EFRIKORT_MAIL_URL: 'https://mail.example/send/',
      EFRIKORT_TEST_GATE: 'per-system-and-region',
      EFRIKORT_REFERENCE_LINE: 'off',
      EFRIKORT_CERTIFICATE_ISSUERS: 'SITHS, Exempel CA',
    });
    expect(read.ok && read.value).toMatchObject({
      transport: 'http',
      mailUrl: 'https://mail.example/send',
      testGate: 'per-system-and-region',
      referenceLine: false,
      certificateIssuers: ['SITHS', 'Exempel CA'],
    });
  });
  it.each([
    ['EFRIKORT_MAIL_FROM', 'nobody'],
    ['EFRIKORT_SUPPORT', 'nobody'],
    ['EFRIKORT_MAIL', 'post'],
    ['EFRIKORT_MAIL_URL', 'mail.example'],
    ['EFRIKORT_TEST_GATE', 'never'],
    ['EFRIKORT_SAME_SYSTEM', 'x'],
    ['EFRIKORT_REFERENCE_LINE', 'yes'],
    ['EFRIKORT_REGION_LABEL', 'x'],
    ['EFRIKORT_TIME_ZONE', 'Mars/Base'],
    ['EFRIKORT_URL', 'ftp://x'],
    ['EFRIKORT_CERTIFICATE_ISSUERS', ' , '],
  ])('refuse %s=%s by name', (name, text) => {
    expect(EFRIKORT_SETTING_NAMES).toContain(name);
    const read = parseEfrikortSettings({ ...FROM, [name]: text });
    expect(read.ok ? '' : read.failure).toMatch(new RegExp(`^${name} must be .+\\.$`));
  });
  it('that need another one say which', () => {
    const http = parseEfrikortSettings({ ...FROM, EFRIKORT_MAIL: 'http' });
    expect(http.ok ? '' : http.failure).toContain('EFRIKORT_MAIL_URL is missing');
    const alone = parseEfrikortSettings({ EFRIKORT_MAIL: 'http' });
    expect(alone.ok ? '' : alone.failure).toContain('EFRIKORT_MAIL_FROM is missing');
  });
});

describe('the way the mail goes', () => {
  const ports = { fetch: () => Promise.reject(new Error('called')), clock: () => 0 };
  const smtp = { send: async () => ({ fate: 'accepted' }) as const };
  it('is by hand, SMTP where the platform has it, or HTTP', () => {
    expect(transportOf({ transport: 'render-only' }, ports)).toEqual({ ok: true, value: undefined });
    expect(transportOf({ transport: 'smtp' }, { ...ports, smtp })).toEqual({ ok: true, value: smtp });
    expect(transportOf({ transport: 'http', mailUrl: 'https://mail.example' }, ports).ok).toBe(true);
  });
  it('that is not there stops the start, by the name of the setting', () => {
    const none = transportOf({ transport: 'smtp' }, ports);
    expect(none.ok ? '' : none.failure).toContain('EFRIKORT_MAIL=smtp');
    const nowhere = transportOf({ transport: 'http' }, ports);
    expect(nowhere.ok ? '' : nowhere.failure).toContain('EFRIKORT_MAIL_URL');
  });
});
