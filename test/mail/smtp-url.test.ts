import { describe, expect, it } from 'vitest';
import { parseSmtpUrl } from '../../src/mail/smtp-url.ts';

describe('SMTP_URL', () => {
  it.each([
    ['smtp://mail.example', { host: 'mail.example', port: 587, tls: 'starttls' }],
    ['smtp://mail.example:25/?starttls=off', { host: 'mail.example', port: 25, tls: 'none' }],
    ['smtps://mail.example', { host: 'mail.example', port: 465, tls: 'implicit' }],
    ['smtp://localhost:2525', { host: 'localhost', port: 2525, tls: 'none' }],
    ['smtp://127.0.0.1:2525', { host: '127.0.0.1', port: 2525, tls: 'none' }],
    ['smtp://[::1]:2525', { host: '::1', port: 2525, tls: 'none' }],
    ['smtp://localhost?starttls=required', { host: 'localhost', port: 587, tls: 'starttls' }],
    [
      'smtp://user%40a.example:p%2F%3A%C3%A5@mail.example',
      {
        host: 'mail.example',
        port: 587,
        tls: 'starttls',
        login: { user: 'user@a.example', password: 'p/:å' },
      },
    ],
  ])('%s: server, port and encryption', (text, server) => {
    expect(parseSmtpUrl(text)).toEqual(server);
  });
  it.each([
    'mail.example:25',
    'http://mail.example',
    'smtp://',
    'smtp://mail.example/path',
    'smtp://mail.example#x',
    'smtp://mail.example?starttls=maybe',
    'smtp://mail.example?tls=off',
    'smtps://mail.example?starttls=off',
    'smtp://user@mail.example',
    'smtp://:password@mail.example',
    'smtp://user:%E5@mail.example',
    'smtp://localhost.mail.example:99999',
  ])('%s is none', (text) => {
    expect(parseSmtpUrl(text)).toBeUndefined();
  });
  it('takes a name that only begins like loopback for what it is', () => {
    expect(parseSmtpUrl('smtp://localhost.mail.example')?.tls).toBe('starttls');
    expect(parseSmtpUrl('smtp://127.0.0.1.mail.example')?.tls).toBe('starttls');
  });
});
