import { describe, expect, it } from 'vitest';
import { readConnection } from '../../../src/systems/efrikort/mapping.ts';
import { interpretReply } from '../../../src/systems/efrikort/replies.ts';
import { CONTEXT, draft, SETTINGS, system, value } from './fixture.ts';

const REGION = 'efrikort@vgregion.se';
const TEMPLATE =
  'Hej!\n\nVi vill ha access till eFrikort för integration av följande system. Innan CGI tilldelar behörighet måste CGI få ett skriftligt godkännande av regionen att anslutningen är ok.';

const facade = await system();
const submitted = value(await facade.submit(draft(facade, 'test'), undefined, []));
const { connection } =
  submitted.kind === 'send' ? readConnection(submitted.sent, CONTEXT) : { connection: undefined };

/** An answer to the connection's mail. */
const answer = (text: string, from = REGION, head: readonly string[] = []) =>
  interpretReply(
    [
      `From: ${from}`,
      'In-Reply-To: <EFK-000001.1@exempelsystem.example>',
      'Content-Type: text/plain; charset=utf-8',
      ...head,
      '',
      text,
    ].join('\r\n'),
    {
      connections: connection === undefined ? [] : [connection],
      regionOf: (address) => (address === REGION ? connection?.region.hsaId : undefined),
      support: SETTINGS.support,
    },
  );

describe('what an answer seems to say', () => {
  it.each([
    ['Vi godkänner anslutningen.', 'approve'],
    ['Anslutningen är ok från oss.', 'approve'],
    ['Vi kan inte godkänna anslutningen.', 'reject'],
    ['Anslutningen är inte ännu godkänd.', 'unclear'],
    ['Det är ok för TEST, men inte för PRODUKTION.', 'unclear'],
    ['Nej. Det blir godkänt först nästa år.', 'unclear'],
    ['Kan ni ringa oss?', 'unclear'],
  ])('%j: %s', (text, suggestion) => expect(answer(text)?.suggestion).toBe(suggestion));

  it.each([
    `Vi återkommer.\n\nFrån: Exempelsystem AB\nSkickat: den 3 mars\n\n${TEMPLATE}`,
    `Vi återkommer.\n\n-----Ursprungligt meddelande-----\n${TEMPLATE}`,
    `Vi återkommer.\n\nDen 3 mars 2026 skrev Exempelsystem AB:\n${TEMPLATE}`,
    `Vi återkommer.\n${TEMPLATE}`,
    `Vi återkommer.\n\n> ${TEMPLATE.replaceAll('\n', '\n> ')}`,
  ])('is not what our own mail below it says: %#', (text) => {
    expect(answer(text)?.suggestion).toBe('unclear');
    expect(answer(text.replace('Vi återkommer.', 'Vi godkänner detta.'))?.suggestion).toBe('approve');
  });

  it('is nobody’s word when the address is in the display name alone', () => {
    expect(answer('Vi godkänner.', `"${REGION}" <nagon@okand.example>`)?.sender).toBe('unknown');
  });

  it('has no Message-ID that a resource could not hold', () => {
    expect(answer('Ja', REGION, ['Message-ID: <a\u0001@b.example>'])).not.toHaveProperty('messageId');
    expect(answer('Ja', REGION, ['Message-ID: <a@b.example>'])?.messageId).toBe('<a@b.example>');
  });
});
