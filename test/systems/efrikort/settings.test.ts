import { describe, expect, it } from 'vitest';
import { clientFetchOf, type IdentityFault } from '../../../src/systems/efrikort/client-fetch.ts';
import { transportOf } from '../../../src/systems/efrikort/client-transport.ts';
import {
  EFRIKORT_DEFAULTS,
  EFRIKORT_SETTING_NAMES,
  parseEfrikortSettings,
} from '../../../src/systems/efrikort/settings.ts';
import { CERTIFICATE } from './fixture.ts';

/** Of the right form, and no key. */
const KEY = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n';

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
    ['SMTP_URL', 'mail.example:25'],
    ['EFRIKORT_CLIENT_CERTIFICATE', 'MIIB'],
    ['EFRIKORT_CLIENT_CERTIFICATE', `${CERTIFICATE}${KEY}`],
    ['EFRIKORT_CLIENT_KEY', KEY.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE')],
    ['EFRIKORT_CA', KEY],
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

const refusal = (environment: Readonly<Record<string, string>>): string => {
  const read = parseEfrikortSettings({ ...FROM, ...environment });
  return read.ok ? '' : read.failure;
};

const SMTP_URL = 'smtp://facade:hemligt@mail.example';
const EFRIKORT_MAIL_URL = 'https://mail.example/send';

describe('the settings that belong together', () => {
  it.each<[Readonly<Record<string, string>>, string]>([
    [{ SMTP_URL }, 'smtp'],
    [{ EFRIKORT_MAIL_URL }, 'http'],
    [{ EFRIKORT_MAIL: 'smtp', SMTP_URL }, 'smtp'],
    [{}, 'render-only'],
  ])('say by the address how mail leaves: %#', (given, transport) => {
    const read = parseEfrikortSettings({ ...FROM, ...given });
    expect(read.ok && read.value?.transport).toBe(transport);
  });
  it('say where answers are fetched, and how often', () => {
    const EFRIKORT_INBOX_URL = 'https://mail.example/inbox/';
    const read = (more: Readonly<Record<string, string>> = {}) =>
      parseEfrikortSettings({ ...FROM, EFRIKORT_INBOX_URL, ...more });
    const usual = read();
    expect(usual.ok && usual.value).toMatchObject({
      inboxUrl: 'https://mail.example/inbox',
      inboxInterval: 60_000,
    });
    const often = read({ EFRIKORT_INBOX_INTERVAL: 'PT1H30M5S' });
    expect(often.ok && often.value?.inboxInterval).toBe(5_405_000);
    expect(refusal({ EFRIKORT_INBOX_URL, EFRIKORT_INBOX_INTERVAL: 'PT' })).toContain(
      'EFRIKORT_INBOX_INTERVAL',
    );
  });
  it('take PEM texts with line ends, or with \\n for them', () => {
    const EFRIKORT_CLIENT_KEY = KEY.replaceAll('\n', '\\n');
    const given = { EFRIKORT_CLIENT_CERTIFICATE: CERTIFICATE, EFRIKORT_CLIENT_KEY, EFRIKORT_CA: CERTIFICATE };
    const read = parseEfrikortSettings({ ...FROM, ...given });
    expect(read.ok && read.value).toMatchObject({
      clientCertificate: CERTIFICATE,
      clientKey: KEY,
      ca: CERTIFICATE,
    });
  });
  it.each<[Readonly<Record<string, string>>, string]>([
    [{ EFRIKORT_MAIL: 'smtp' }, 'SMTP_URL is missing: EFRIKORT_MAIL=smtp needs it.'],
    [{ EFRIKORT_INBOX_TOKEN: 'x' }, 'EFRIKORT_INBOX_URL is missing: EFRIKORT_INBOX_TOKEN needs it.'],
    [
      { EFRIKORT_MAIL: 'render-only', SMTP_URL },
      'SMTP_URL is without effect with EFRIKORT_MAIL=render-only: take away one of them.',
    ],
    [
      { EFRIKORT_MAIL: 'smtp', SMTP_URL, EFRIKORT_MAIL_URL },
      'EFRIKORT_MAIL_URL is without effect with EFRIKORT_MAIL=smtp: take away one of them.',
    ],
    [
      { SMTP_URL, EFRIKORT_MAIL_URL },
      'SMTP_URL and EFRIKORT_MAIL_URL are two ways for the same mail: take away one of them.',
    ],
    [{ EFRIKORT_MAIL_TOKEN: 't' }, 'EFRIKORT_MAIL_URL is missing: EFRIKORT_MAIL_TOKEN needs it.'],
    [{ EFRIKORT_CLIENT_KEY: KEY }, 'EFRIKORT_CLIENT_CERTIFICATE is missing: EFRIKORT_CLIENT_KEY needs it.'],
    [{ EFRIKORT_CA: CERTIFICATE }, 'EFRIKORT_CLIENT_KEY is missing: EFRIKORT_CA needs it.'],
    [
      { EFRIKORT_CLIENT_CERTIFICATE: CERTIFICATE, EFRIKORT_URL: 'http://ws.example' },
      'EFRIKORT_URL must be https: EFRIKORT_CLIENT_CERTIFICATE is presented over TLS alone.',
    ],
  ])('stop the start in one sentence where one contradicts or lacks the other: %#', (given, sentence) => {
    expect(refusal(given)).toBe(sentence);
  });
  it('never show a secret in the sentence', () => {
    expect(refusal({ SMTP_URL: 'smtp://facade:hemligt@mail.example/x' })).not.toContain('hemligt');
    expect(refusal({ EFRIKORT_CLIENT_KEY: 'hemligt' })).not.toContain('hemligt');
  });
});

describe('the way to eFrikort with a client certificate', () => {
  const fetch = () => Promise.reject(new Error('called'));
  const identity = { clientCertificate: CERTIFICATE, clientKey: KEY };
  const sentence = (...[settings, ports]: Parameters<typeof clientFetchOf>): string => {
    const made = clientFetchOf(settings, ports);
    return made.ok ? '' : made.failure;
  };
  it('is the platform with the certificate of the settings, or the binding, or none', () => {
    const given: unknown[] = [];
    const presenting = (one: unknown) => {
      given.push(one);
      return { ok: true, value: fetch } as const;
    };
    expect(clientFetchOf({ ...identity, ca: CERTIFICATE }, { presenting })).toEqual({
      ok: true,
      value: fetch,
    });
    expect(given).toEqual([{ certificate: CERTIFICATE, key: KEY, ca: CERTIFICATE }]);
    expect(clientFetchOf({ clientCertificate: CERTIFICATE }, { binding: fetch })).toEqual({
      ok: true,
      value: fetch,
    });
    expect(clientFetchOf({}, { presenting })).toEqual({ ok: true, value: undefined });
  });
  it('that cannot be made stops the start, by the name of the setting', () => {
    const faulty = (failure: IdentityFault) => ({ presenting: () => ({ ok: false, failure }) as const });
    expect(sentence(identity, faulty('pair'))).toMatch(/^EFRIKORT_CLIENT_KEY is not the key of .+\.$/);
    expect(sentence(identity, faulty('ca'))).toMatch(/^EFRIKORT_CA cannot .+\.$/);
    expect(sentence({ clientCertificate: CERTIFICATE }, faulty('key'))).toContain(
      'EFRIKORT_CLIENT_KEY is missing',
    );
    expect(sentence(identity, {})).toContain('bind it');
    expect(sentence(identity, { binding: fetch })).toMatch(
      /^EFRIKORT_CLIENT_KEY is given, and the mTLS binding/,
    );
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
