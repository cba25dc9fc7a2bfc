import { simpleParser } from 'mailparser';
import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { writeMail } from '../../../src/mail/message.ts';
import type { MailRefusal, OutgoingMail } from '../../../src/mail/transport.ts';
import { openSmtp } from '../../../src/runtime/node/smtp.ts';
import { makeKey } from '../../../src/systems/dgws/simulator-certificate.ts';
import { outgoingMail } from '../../../src/systems/efrikort/mail-request.ts';
import { draft, parameters, system, value } from '../../systems/efrikort/fixture.ts';
import { mailServer, type Script, scriptedServer, serverAt } from './mail-server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const open = async (options: SMTPServerOptions = {}) => {
  const server = await mailServer(options);
  closing.push(server.close);
  return server;
};

const scripted = async (script: Script) => {
  const server = await scriptedServer(script);
  closing.push(server.close);
  return server;
};

const LIMIT = 5_000;
const context = (limit = LIMIT) => ({ requestId: 'r', deadline: Date.now() + limit });

const send = async (
  url: string,
  mail: OutgoingMail,
  { limit = LIMIT, ca }: { limit?: number; ca?: string } = {},
) => {
  const smtp = await openSmtp(serverAt(url), { clock: Date.now, ...(ca === undefined ? {} : { ca }) });
  return smtp.send(mail, context(limit));
};

const requestOf = async (facade: Awaited<ReturnType<typeof system>>) => {
  const plan = value(await facade.submit(draft(facade, 'test'), parameters(), []));
  if (plan.kind !== 'send') throw new Error('by hand');
  return plan.request;
};

/** The request for a connection, as the client hands it to a transport. */
const efrikortMail = async (): Promise<OutgoingMail> => outgoingMail(await requestOf(await system()));

const refused = (why: MailRefusal) => ({ fate: 'refused', why });

const replying = (responseCode: number) => Object.assign(new Error('no'), { responseCode });

/** As `openssl x509` and mail servers write it. */
const pem = (label: string, base64: string) =>
  `-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`;

describe('a mail over SMTP', () => {
  it('arrives octet for octet, and a mail parser reads what was meant', async () => {
    const server = await open({ disabledCommands: ['STARTTLS', 'AUTH'] });
    const mail = await efrikortMail();
    expect(await send(`smtp://127.0.0.1:${server.port}`, mail)).toEqual({ fate: 'accepted' });
    const [one, ...more] = server.received;
    expect(more).toEqual([]);
    expect(one?.raw).toBe(mail.message);
    expect(one?.from).toBe('integration@exempelsystem.example');
    expect(one?.to).toEqual(['efrikort@vgregion.se', 'support.efrikort@cgi.com']);
    const read = await simpleParser(one?.raw ?? '');
    expect(read.subject).toBe('Anslutningsförfrågan eFrikort');
    expect([read.to, read.cc].flat().map((field) => field?.text)).toEqual([
      'efrikort@vgregion.se',
      'support.efrikort@cgi.com',
    ]);
    expect(read.from?.value).toEqual([
      { name: 'Exempelsystem AB', address: 'integration@exempelsystem.example' },
    ]);
    expect(read.replyTo?.value).toEqual([
      { name: 'Alva Exempel', address: 'alva.exempel@exempelsystem.example' },
    ]);
    expect(read.messageId).toBe(mail.messageId);
    expect(read.date?.toISOString()).toBe('2026-03-03T07:00:00.000Z');
    expect(read.text).toContain('Avser vårdhuvudman (region/landsting): Västra Götalandsregionen\n');
    expect(read.text).toContain('\nExempelkliniken Borås\n');
  });
  it('keeps thread, names beyond ASCII and a line that begins with a dot', async () => {
    const server = await open({ disabledCommands: ['STARTTLS'] });
    const text = 'Hej!\n\n.rad med punkt\n..två punkter\n.\nÅÄÖ – slut';
    const message = value(
      writeMail({
        from: { address: 'integration@exempelsystem.example' },
        to: [{ address: 'efrikort@vgregion.se', name: 'Västra Götalandsregionen' }],
        cc: [{ address: 'support.efrikort@cgi.com' }],
        subject:
          'Sv: Anslutningsförfrågan för Härjedalen, ett ämne så långt att det går över flera rader i huvudet',
        date: { at: Date.UTC(2026, 2, 3, 7), offset: 60 },
        messageId: '<EFK-000001.2@exempelsystem.example>',
        inReplyTo: '<b@vgregion.se>',
        references: ['<a@exempelsystem.example>', '<b@vgregion.se>'],
        text,
      }),
    );
    const mail = {
      sender: 'integration@exempelsystem.example',
      recipients: ['efrikort@vgregion.se', 'support.efrikort@cgi.com'],
      messageId: '<EFK-000001.2@exempelsystem.example>',
      message,
    };
    expect(await send(`smtp://127.0.0.1:${server.port}`, mail)).toEqual({ fate: 'accepted' });
    expect(server.received[0]?.raw).toBe(message);
    const read = await simpleParser(server.received[0]?.raw ?? '');
    expect(read.subject).toBe(
      'Sv: Anslutningsförfrågan för Härjedalen, ett ämne så långt att det går över flera rader i huvudet',
    );
    expect([read.to].flat()[0]?.value[0]).toEqual({
      address: 'efrikort@vgregion.se',
      name: 'Västra Götalandsregionen',
    });
    expect([read.messageId, read.inReplyTo]).toEqual([mail.messageId, '<b@vgregion.se>']);
    expect(read.references).toEqual(['<a@exempelsystem.example>', '<b@vgregion.se>']);
    expect(read.text?.trimEnd()).toBe(text);
  });
  it('is sent by eFrikort once: a repeat is answered from what is known', async () => {
    const server = await open({ disabledCommands: ['STARTTLS'] });
    const smtp = await openSmtp(serverAt(`smtp://127.0.0.1:${server.port}`), { clock: Date.now });
    const facade = await system({ transport: smtp, clock: Date.now });
    const request = await requestOf(facade);
    for (const repeat of [false, true]) {
      expect((await facade.send(request, { ...context(), repeat })).ok).toBe(true);
    }
    expect(server.received).toHaveLength(1);
  });
  it('introduces itself by the domain of its sender, not by the name of the machine', async () => {
    const server = await open({ disabledCommands: ['STARTTLS'] });
    await send(`smtp://127.0.0.1:${server.port}`, await efrikortMail());
    expect(server.received[0]?.name).toBe('exempelsystem.example');
  });
});

describe('a refusal is told as one, and nothing is delivered', () => {
  it.each<[string, SMTPServerOptions, MailRefusal]>([
    ['of the sender, for now', { onMailFrom: (_a, _s, done) => done(replying(451)) }, 'try-later'],
    ['of the sender', { onMailFrom: (_a, _s, done) => done(replying(550)) }, 'message'],
    ['for want of a login', { onMailFrom: (_a, _s, done) => done(replying(530)) }, 'credentials'],
    ['of every recipient', { onRcptTo: (_a, _s, done) => done(replying(550)) }, 'recipient'],
    ['of every recipient, for now', { onRcptTo: (_a, _s, done) => done(replying(450)) }, 'try-later'],
  ])('%s', async (_what, options, why) => {
    const server = await open({ disabledCommands: ['STARTTLS'], ...options });
    expect(await send(`smtp://127.0.0.1:${server.port}`, await efrikortMail())).toEqual(refused(why));
    expect(server.received).toEqual([]);
  });
  it.each([
    ['by a server that takes commands one by one', false],
    ['by one that takes them in a row', true],
  ])('of one recipient: the others do not get the mail either, %s', async (_what, pipelining) => {
    const server = await open({
      disabledCommands: ['STARTTLS'],
      hidePIPELINING: !pipelining,
      onRcptTo: ({ address }, _session, done) =>
        address.endsWith('@cgi.com') ? done(replying(553)) : done(),
    });
    expect(await send(`smtp://127.0.0.1:${server.port}`, await efrikortMail())).toEqual(refused('recipient'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.received).toEqual([]);
  });
  it.each<[number, MailRefusal]>([
    [451, 'try-later'],
    [554, 'message'],
  ])('of the message itself, %i', async (code, why) => {
    const server = await open({
      disabledCommands: ['STARTTLS'],
      onData(stream, _session, done) {
        stream.resume();
        stream.on('end', () => done(replying(code)));
      },
    });
    expect(await send(`smtp://127.0.0.1:${server.port}`, await efrikortMail())).toEqual(refused(why));
  });
  it('of a message larger than the server takes', async () => {
    const server = await open({ disabledCommands: ['STARTTLS'], size: 100 });
    expect(await send(`smtp://127.0.0.1:${server.port}`, await efrikortMail())).toEqual(refused('message'));
    expect(server.received).toEqual([]);
  });
});

describe('the login', () => {
  const auth: SMTPServerOptions = {
    disabledCommands: ['STARTTLS'],
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      username === 'facade@example' && password === 'hemligt/@:'
        ? done(null, { user: 'f' })
        : done(new Error('no')),
  };
  it('is that of the URL, percent-encoding read', async () => {
    const server = await open(auth);
    const url = `smtp://facade%40example:hemligt%2F%40%3A@127.0.0.1:${server.port}`;
    expect(await send(url, await efrikortMail())).toEqual({ fate: 'accepted' });
    expect(server.received).toHaveLength(1);
  });
  it('with a wrong password is refused, and the password is not repeated', async () => {
    const server = await open(auth);
    const fate = await send(`smtp://facade:fel-losenord@127.0.0.1:${server.port}`, await efrikortMail());
    expect(fate).toEqual(refused('credentials'));
    expect(JSON.stringify(fate)).not.toContain('fel-losenord');
    expect(server.received).toEqual([]);
  });
  it('that the server does not offer stops the mail: it would go out as nobody', async () => {
    const server = await open({ disabledCommands: ['STARTTLS', 'AUTH'] });
    const url = `smtp://facade:hemligt@127.0.0.1:${server.port}`;
    expect(await send(url, await efrikortMail())).toEqual(refused('credentials'));
    expect(server.received).toEqual([]);
  });
});

describe('TLS', async () => {
  const made = await makeKey([['2.5.4.3', 'localhost']]);
  const cert = pem('CERTIFICATE', made.certificate);
  const key = pem('PRIVATE KEY', made.privateKey);
  it('is required before anything is said, where the URL asks for it', async () => {
    const server = await open({ disabledCommands: ['STARTTLS'] });
    const url = `smtp://localhost:${server.port}?starttls=required`;
    expect(await send(url, await efrikortMail())).toEqual(refused('no-connection'));
    expect(server.received).toEqual([]);
  });
  it('is not begun with a server that nobody vouches for', async () => {
    const server = await open({ cert, key });
    const url = `smtp://localhost:${server.port}?starttls=required`;
    expect(await send(url, await efrikortMail())).toEqual(refused('no-connection'));
    expect(server.received).toEqual([]);
  });
  it.each([
    ['STARTTLS', false],
    ['smtps', true],
  ])('carries the mail by %s', async (_what, secure) => {
    const server = await open({ cert, key, secure });
    const url = secure
      ? `smtps://localhost:${server.port}`
      : `smtp://localhost:${server.port}?starttls=required`;
    expect(await send(url, await efrikortMail(), { ca: cert })).toEqual({ fate: 'accepted' });
    expect(server.received[0]?.secure).toBe(true);
  });
});

describe('a conversation that breaks off', () => {
  const run = async (script: Script, limit = LIMIT) => {
    const server = await scripted(script);
    return send(`smtp://127.0.0.1:${server.port}`, await efrikortMail(), { limit });
  };
  it.each(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA'])('at %s: nothing was sent', async (at) => {
    expect(await run({ [at]: 'drop' })).toEqual(refused('no-connection'));
  });
  it('after the message: it may have been taken', async () => {
    expect(await run({ '.': 'drop' })).toEqual({ fate: 'unknown' });
  });
  it('in silence after the message: it may have been taken', async () => {
    expect(await run({ '.': 'silence' }, 200)).toEqual({ fate: 'unknown' });
  });
  it.each(['greeting', 'RCPT'])('in silence at %s: nothing was sent', async (at) => {
    expect(await run({ [at]: 'silence' }, 200)).toEqual(refused('no-connection'));
  });
  it.each(['greeting', 'MAIL', 'DATA', '.'])('with 421 at %s: asked to come again', async (at) => {
    expect(await run({ [at]: '421 closing' })).toEqual(refused('try-later'));
  });
  it('after it was taken: it was taken', async () => {
    expect(await run({ QUIT: 'drop' })).toEqual({ fate: 'accepted' });
    expect(await run({ QUIT: 'silence' }, 200)).toEqual({ fate: 'accepted' });
  });
  it('is not begun anew', async () => {
    const server = await scripted({ '.': 'drop' });
    await send(`smtp://127.0.0.1:${server.port}`, await efrikortMail());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.heard).toEqual(['EHLO', 'MAIL', 'RCPT', 'RCPT', 'DATA', '.']);
  });
  it('never comes about: nobody listens, or there is no time', async () => {
    const server = await scriptedServer({});
    await new Promise((resolve) => {
      server.close().once('close', resolve);
    });
    const url = `smtp://127.0.0.1:${server.port}`;
    expect(await send(url, await efrikortMail())).toEqual(refused('no-connection'));
    expect(await send(url, await efrikortMail(), { limit: 0 })).toEqual(refused('try-later'));
  });
});
