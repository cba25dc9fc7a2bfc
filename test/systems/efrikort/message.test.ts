import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseMail } from '../../../src/mail/parse.ts';
import { readConnection } from '../../../src/systems/efrikort/mapping.ts';
import { composeMail, mailText, readMailText, SUBJECT } from '../../../src/systems/efrikort/message.ts';
import type { Connection } from '../../../src/systems/efrikort/model.ts';
import { CONTEXT, draft, example, NOW, SETTINGS, system, value } from './fixture.ts';

const golden = (name: string): string => readFileSync(`test/systems/efrikort/golden/${name}`, 'utf8');

const connection = (name = 'test'): Connection => {
  const read = readConnection(example(name), CONTEXT).connection;
  if (read === undefined) throw new Error('unreadable');
  return { ...read, reference: 'EFK-000001' };
};

const headOf = (message: string): string => message.split('\n\n')[0] ?? '';

/** The example folds its body at 78 columns, ours at the 76 of RFC 2045. */
const expectExample = (message: string): void => {
  const sent = message.replaceAll('\r\n', '\n');
  expect(headOf(sent)).toBe(headOf(golden('request.eml')));
  expect(parseMail(message)?.text).toBe(parseMail(golden('request.eml'))?.text);
  for (const line of sent.split('\n\n').slice(1).join('\n').split('\n'))
    expect(line.length).toBeLessThanOrEqual(76);
};

describe('the mail to region and CGI', () => {
  it('has the text of the template, field by field', () => {
    expect(`${mailText(connection(), SETTINGS)}\n`).toBe(golden('request.txt'));
  });
  it('is, as sent, the example of the domain: its head octet for octet, its body decoded', async () => {
    const facade = await system();
    const { message } = value(await facade.mail(draft(facade, 'test')));
    expectExample(message);
    expect(message.replaceAll('\r\n', '')).not.toMatch(/[\r\n]|[^\x20-\x7e]/);
  });
  it('is read back equal', async () => {
    const facade = await system();
    const parsed = parseMail(value(await facade.mail(draft(facade, 'test'))).message);
    expect(parsed?.header('subject')).toBe(SUBJECT);
    expect(readMailText(parsed?.text ?? '')).toEqual({
      system: 'Exempeljournal',
      contact: 'Alva Exempel, alva.exempel@exempelsystem.example, +46 70 174 06 05',
      environment: 'TEST',
      region: 'Västra Götalandsregionen',
      serial: 'SE5599990016-EX01',
      careProviders: ['Exempelvårdcentralen Göteborg', 'Exempelkliniken Borås'],
      reference: 'EFK-000001',
      furtherRegion: false,
    });
  });
  it("carries the source's own example values", () => {
    const seed = {
      ...connection(),
      system: 'G-Medical',
      contact: { name: 'Göthe Alfonso', email: 'gothe@gmedical.se', phone: '+46 (0)70 1231231' },
      region: { hsaId: 'SE2321000016-39KJ', name: 'Stockholms läns landsting' },
      serial: 'T_SERVICES_SE121212121212-121A',
      careProviders: [],
    };
    const text = mailText(seed, { ...SETTINGS, regionLabel: 'example', referenceLine: false });
    expect(text.split('\n').slice(4)).toEqual([
      'Namn på integrerande system: G-Medical',
      'Kontaktperson: Göthe Alfonso, gothe@gmedical.se, +46 (0)70 1231231',
      '',
      'Avser miljö för: TEST',
      'Avser vårdhuvudman: Stockholms läns landsting',
      '',
      'Serialnumber på certifikat: T_SERVICES_SE121212121212-121A',
    ]);
  });
  it('goes to every address of the region, with a copy to support', () => {
    const mail = composeMail(connection(), ['a@region.example', 'b@region.example'], SETTINGS, NOW);
    expect(mail.to.map(({ address }) => address)).toEqual(['a@region.example', 'b@region.example']);
    expect(mail.cc).toEqual([{ address: 'support.efrikort@cgi.com' }]);
  });
  it('needs no Reply-To where the contact person is the sender', () => {
    const from = { address: 'alva.exempel@exempelsystem.example' };
    expect(composeMail(connection(), ['a@b.example'], { ...SETTINGS, from }, NOW).replyTo).toBeUndefined();
  });
  it('continues the thread of the mails before it, under a Message-ID of its own', () => {
    const messageId = '<EFK-000001.1@exempelsystem.example>';
    const events = [
      { state: 'draft', time: '2026-03-03T07:00:00Z', kind: 'mail-attempt', messageId },
      { state: 'requested', time: '2026-03-03T07:00:00Z', messageId },
      { state: 'requested', time: '2026-03-03T07:00:01Z', kind: 'bounce', messageId: '<x@y.example>' },
    ] as const;
    const mail = composeMail({ ...connection(), events }, ['a@b.example'], SETTINGS, NOW);
    expect(mail.messageId).toBe('<EFK-000001.2@exempelsystem.example>');
    expect([mail.inReplyTo, mail.references]).toEqual([messageId, [messageId]]);
  });
  it('lists every care provider, one a line, however many', () => {
    const careProviders = Array.from({ length: 300 }, (_, n) => ({ name: `Vårdcentral ${n}` }));
    const text = mailText({ ...connection(), careProviders }, SETTINGS);
    expect(readMailText(text).careProviders).toHaveLength(300);
  });
  it('as a mailto URI says the same', async () => {
    const facade = await system();
    const { mailto } = value(await facade.mail(draft(facade, 'test')));
    expect(mailto).toMatch(/^mailto:efrikort@vgregion\.se\?cc=support\.efrikort@cgi\.com&subject=/);
    expect(`${new URL(mailto).searchParams.get('body')?.replaceAll('\r\n', '\n')}\n`).toBe(
      golden('request.txt'),
    );
  });
});

describe('the mail for a further region', () => {
  it('goes to that region alone, in its own words', () => {
    const further: Connection = {
      ...connection('further-region'),
      reference: 'EFK-000002',
      region: { hsaId: 'SE2321000115-O00001', name: 'Region Halland' },
      careProviders: [{ name: 'Exempelkliniken Halmstad' }],
    };
    expect(`${mailText(further, SETTINGS)}\n`).toBe(golden('further-region.txt'));
    expect(composeMail(further, ['a@b.example'], SETTINGS, NOW).cc).toBeUndefined();
  });
});

describe('$preview and $mail', () => {
  it('show the mail that would go out, and change nothing', async () => {
    const facade = await system();
    const { preview } = value(await facade.previewCreate(example('test')));
    expect(preview.method).toBe('MAIL');
    expect(preview.url).toBe('mailto:efrikort@vgregion.se,support.efrikort@cgi.com');
    expect(preview.headers['To']).toBe('efrikort@vgregion.se');
    expectExample(preview.body);
  });
  it('say at once that a region has no contact, and what the operator must load', async () => {
    const facade = await system();
    const halland = {
      ...example('test'),
      subject: { identifier: { system: 'urn:oid:1.2.752.29.4.19', value: 'SE2321000115-O00001' } },
    };
    const refused = await facade.previewCreate(halland);
    expect(refused.ok ? '' : refused.failure.issues[0]?.code).toBe('business-rule');
    expect(refused.ok ? '' : refused.failure.issues[0]?.diagnostics).toContain(
      'npm run regions -- import FILE',
    );
  });
});
