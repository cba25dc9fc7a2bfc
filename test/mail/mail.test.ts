import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { addressesIn, isAddress, parseMailbox } from '../../src/mail/address.ts';
import { decodeWords, headerWords } from '../../src/mail/encoded-word.ts';
import { mailtoOf } from '../../src/mail/mailto.ts';
import { type Mail, mailDate, offsetIn, writeMail } from '../../src/mail/message.ts';
import { messageIdsIn, parseMail } from '../../src/mail/parse.ts';
import { decodeQuotedPrintable, encodeQuotedPrintable } from '../../src/mail/quoted-printable.ts';

const MAIL: Mail = {
  from: { address: 'integration@exempelsystem.example', name: 'Exempelsystem AB' },
  to: [{ address: 'efrikort@vgregion.se' }],
  subject: 'Anslutningsförfrågan eFrikort',
  date: { at: Date.UTC(2026, 2, 3, 7), offset: 60 },
  messageId: '<EFK-000001.1@exempelsystem.example>',
  text: 'Hej!\n\nGöteborg',
};

const written = (changes: Partial<Mail> = {}): string => {
  const mail = writeMail({ ...MAIL, ...changes });
  if (!mail.ok) throw new Error(JSON.stringify(mail.failure));
  return mail.value;
};

/** Text without what may not stand in a header field or a line of text. */
const line = fc
  .string({ unit: 'grapheme', maxLength: 200 })
  .map((text) => text.replace(/\p{Cc}|[\u2028\u2029]|\p{Cs}/gu, ''));

describe('a header field (RFC 2047)', () => {
  it('encodes the words beyond ASCII and leaves the others readable', () => {
    expect(headerWords('Anslutningsförfrågan eFrikort').join(' ')).toBe(
      '=?utf-8?q?Anslutningsf=C3=B6rfr=C3=A5gan?= eFrikort',
    );
  });
  it('comes back the same for any text', () => {
    fc.assert(
      fc.property(line, (text) => {
        expect(decodeWords(headerWords(text).join(' '))).toBe(text);
      }),
    );
  });
  it('has no encoded word above 75 characters and none that splits a character', () => {
    fc.assert(
      fc.property(line, (text) => {
        for (const word of headerWords(`å${text}`)) {
          if (!word.startsWith('=?')) continue;
          expect(word.length).toBeLessThanOrEqual(75);
          expect(decodeWords(word)).not.toContain('\ufffd');
        }
      }),
    );
  });
  it('has no line above 76 characters where an encoded word stands (RFC 2047, 2)', () => {
    const name = 'Å'.repeat(200);
    const raw = written({ replyTo: { address: 'a@b.example', name }, subject: `x ${name}` });
    for (const one of raw.split('\r\n')) expect(one.length).toBeLessThanOrEqual(76);
    expect(parseMail(raw)?.header('subject')).toBe(`x ${name}`);
  });
  it.each([
    'Åsa <x@y.example>',
    'Åsa , x@y.example ,',
    'Åsa (x',
    'Åsa "x',
    'Åsa: x@y.example;',
    'Åsa x@y.example',
  ])('lets no display name say another address: %j', async (name) => {
    const raw = written({ replyTo: { address: 'a@b.example', name } });
    const { replyTo } = await simpleParser(raw);
    expect(replyTo?.value).toEqual([{ address: 'a@b.example', name }]);
    expect(raw.split('\r\n\r\n')[0]).not.toContain('x@y.example');
  });
  it('reads the B encoding and characters that a writer split between two words', () => {
    expect(decodeWords('=?UTF-8?B?R8O2dGVib3Jn?=')).toBe('Göteborg');
    expect(decodeWords('=?utf-8?q?G=C3?= =?utf-8?q?=B6teborg?=')).toBe('Göteborg');
    expect(decodeWords('=?iso-8859-1?q?G=F6teborg?= nu')).toBe('Göteborg nu');
    expect(decodeWords('=?no-such-charset?q?x?=')).toBe('=?no-such-charset?q?x?=');
  });
});

describe('a quoted-printable body (RFC 2045)', () => {
  it('comes back the same for any text, in ASCII lines of at most 76', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
        const encoded = encodeQuotedPrintable(lines.join('\n'));
        for (const one of encoded.split('\r\n')) expect(one).toMatch(/^[\t\x20-\x7e]{0,76}$/);
        expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(decodeQuotedPrintable(encoded))).toBe(
          lines.join('\r\n'),
        );
      }),
    );
  });
  it('keeps white space at the end of a line', () => {
    expect(encodeQuotedPrintable('a \nb')).toBe('a=20\r\nb');
  });
});

describe('a mail (RFC 5322)', () => {
  it('is read back equal', () => {
    const read = parseMail(written({ cc: [{ address: 'a@b.example', name: 'Åsa Öberg' }] }));
    expect(read?.header('subject')).toBe(MAIL.subject);
    expect(read?.header('FROM')).toBe('Exempelsystem AB <integration@exempelsystem.example>');
    expect(read?.header('cc')).toBe('Åsa Öberg <a@b.example>');
    expect(read?.text).toBe(`${MAIL.text}\n`);
  });
  it('is read back equal for any subject and name', () => {
    fc.assert(
      fc.property(line, line, (subject, name) => {
        const read = parseMail(written({ subject, to: [{ address: 'a@b.example', name }] }));
        expect(read?.header('subject')).toBe(subject);
        expect(addressesIn(read?.header('to') ?? '')).toContain('a@b.example');
      }),
      {
        examples: [
          [' ', ''],
          ['å', '=?utf-8?q?x?='],
          ['a', 'b" <c@d.example>, "e'],
        ],
      },
    );
  });
  it('has no line above 998 octets and folds addresses at 78', () => {
    const to = Array.from({ length: 30 }, (_, n) => ({ address: `nagon${n}@region.example`, name: 'Någon' }));
    for (const one of written({ to, text: 'å'.repeat(5000) }).split('\r\n')) {
      expect(one.length).toBeLessThanOrEqual(78);
    }
  });
  it.each([
    ['subject', { subject: 'a\r\nBcc: x@y.example' }],
    ['display name', { to: [{ address: 'a@b.example', name: 'A\nBcc: x@y.example' }] }],
    ['address', { to: [{ address: 'a@b.example\r\nBcc: x@y.example' }] }],
    ['sender', { from: { address: 'a@b.example', name: 'x\0' } }],
    ['Message-ID', { messageId: '<a@b>\r\nX: y' }],
    ['thread', { references: ['<a b@c>'] }],
    ['recipients', { to: [] }],
  ])('with a line break or nonsense in its %s is not written', (_field, changes) => {
    expect(writeMail({ ...MAIL, ...changes }).ok).toBe(false);
  });
  it('says the local time of the sender, summer and winter', () => {
    const at = (iso: string) => ({
      at: Date.parse(iso),
      offset: offsetIn('Europe/Stockholm', Date.parse(iso)),
    });
    expect(mailDate(at('2026-03-03T07:00:00Z'))).toBe('Tue, 03 Mar 2026 08:00:00 +0100');
    expect(mailDate(at('2026-07-01T22:30:05Z'))).toBe('Thu, 02 Jul 2026 00:30:05 +0200');
    expect(mailDate({ at: 0, offset: -210 })).toBe('Wed, 31 Dec 1969 20:30:00 -0330');
  });
  it('is read with its parts, and a delivery status report with its fields', () => {
    const raw = [
      'From: MAILER-DAEMON@mail.example',
      'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
      '',
      '--b1',
      'Content-Type: text/plain; charset=iso-8859-1',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Kunde inte levereras till mottagaren p=E5 servern.',
      '--b1',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mail.example',
      '',
      'Final-Recipient: rfc822; efrikort@vgregion.se',
      'Action: failed',
      'Status: 5.1.1',
      '--b1--',
      '',
    ].join('\r\n');
    const read = parseMail(raw);
    expect(read?.text.trim()).toBe('Kunde inte levereras till mottagaren på servern.');
    expect(read?.deliveryStatus).toContainEqual({ name: 'status', value: '5.1.1' });
  });
  it.each(['', 'no header at all', 'Subject: without a sender\r\n\r\nx'])('%j is no mail', (raw) => {
    expect(parseMail(raw)).toBeUndefined();
  });
  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (head, body) => {
        parseMail(`From: a@b.example\r\n${head}\r\n\r\n${body}`);
      }),
    );
  });
  it('made to be slow to read is read at once, and a huge one not at all', () => {
    const hostile = [
      ' '.repeat(400_000),
      '\n'.repeat(400_000),
      '=?'.repeat(200_000),
      '<('.repeat(200_000),
      `=?utf-8?q?${'a'.repeat(400_000)}?=`,
      '"\\'.repeat(200_000),
      '"'.repeat(400_001),
    ];
    const start = performance.now();
    for (const text of hostile) {
      const raw = `From: a@b.example\r\nSubject: ${text.replaceAll('\n', '')}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${text}x`;
      addressesIn(parseMail(raw)?.header('subject') ?? '');
    }
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(parseMail(`From: a@b.example\r\n\r\n${'x'.repeat(1024 * 1024)}`)).toBeUndefined();
  });
  it('names the mails of its thread', () => {
    expect(messageIdsIn('<a@b> <c@d>\r\n <e@f>')).toEqual(['<a@b>', '<c@d>', '<e@f>']);
    expect(messageIdsIn(undefined)).toEqual([]);
  });
  it.each(['<a\u0001@b>', '<a\ud800@b>', '<å@b>', `<${'a'.repeat(1000)}@b>`])(
    'takes no Message-ID that no mail can have: %#',
    (id) => expect(messageIdsIn(`${id} <c@d>`)).toEqual(['<c@d>']),
  );
  it('finds the address behind a quote that does not end', () => {
    expect(addressesIn('"Vera <a@b.se>')).toEqual(['a@b.se']);
    expect(addressesIn('"Vera\\')).toEqual([]);
  });
});

describe('an address', () => {
  it.each(['efrikort@vgregion.se', "o'brien+x@a-b.example", 'SE2321000016-39KJ@region.example'])(
    '%s is one',
    (a) => expect(isAddress(a)).toBe(true),
  );
  it.each([
    'a',
    'a@b',
    '@b.se',
    'a@b..se',
    'a b@c.se',
    'a@b.se;',
    'å@b.se',
    'a@-b.se',
    'a.@b.se',
    'a@b.se\r\nX: y',
  ])('%j is none', (a) => expect(isAddress(a)).toBe(false));
  it('is found in lists with names, comments and stray marks', () => {
    expect(addressesIn('"x, y@z.se" <a@b.se>, c@d.se; (f@g.se) h@i.se;')).toEqual([
      'a@b.se',
      'c@d.se',
      'h@i.se',
    ]);
  });
  it('is read with its display name', () => {
    expect(parseMailbox('"A \\"B\\"" <a@b.se>')).toEqual({ address: 'a@b.se', name: 'A "B"' });
    expect(parseMailbox('a@b.se')).toEqual({ address: 'a@b.se' });
    expect(parseMailbox('A <b>')).toBeUndefined();
  });
});

describe('a mailto URI (RFC 6068)', () => {
  it('carries recipients, copy, subject and text, and decodes to them', () => {
    const uri = mailtoOf({ ...MAIL, cc: [{ address: 'support@c.example' }], text: 'Hej & hå?\nrad 2' });
    expect(uri).toMatch(/^mailto:efrikort@vgregion\.se\?cc=support@c\.example&subject=/);
    const query = new URL(uri).searchParams;
    expect(query.get('subject')).toBe(MAIL.subject);
    expect(query.get('body')).toBe('Hej & hå?\r\nrad 2');
    expect(uri).not.toMatch(/[\r\n+ ]/);
  });
  it('lets no address start a field of its own', () => {
    const uri = mailtoOf({ ...MAIL, to: [{ address: 'a&bcc=x?y@b.example' }] });
    expect([...new URL(uri).searchParams.keys()]).toEqual(['subject', 'body']);
  });
});
