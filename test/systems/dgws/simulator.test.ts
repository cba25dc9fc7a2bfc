import { describe, expect, it } from 'vitest';
import { type CardSigner, certificateHash, signCard } from '../../../src/systems/dgws/card-signature.ts';
import { selfSignedCard } from '../../../src/systems/dgws/client-sts.ts';
import { DGWS_FAULTS } from '../../../src/systems/dgws/faults.ts';
import type { IdCard } from '../../../src/systems/dgws/message-card.ts';
import { readEnvelope, writeEnvelope } from '../../../src/systems/dgws/message-envelope.ts';
import { writeTokenRequest } from '../../../src/systems/dgws/message-sts.ts';
import { openSigner } from '../../../src/systems/dgws/settings.ts';
import { DGWS_FAULT_KINDS, forcedCode } from '../../../src/systems/dgws/simulator-layer.ts';
import { elementsIn } from '../../../src/xml/tree.ts';
import { CVR, type DanishOptions, danishWorld, HOLDER } from './danish-world.ts';

const URL = 'https://brs.invalid/brs-nsp/service/brs';
const body = elementsIn('urn:nothing', '')('nothing');
const header = { securityLevel: 3, linking: { messageId: 'm-1' } };

const setUp = async (options: DanishOptions = {}) => {
  const world = await danishWorld(options);
  const got = await world.sts.card(world.context());
  if (!got.ok) throw new Error('a card was expected');
  const post = async (text: string, init: RequestInit = {}) => {
    const request = new Request(URL, {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '"x"' },
      body: text,
      ...init,
    });
    const response = await world.brsSimulator.fetch(request);
    const read = readEnvelope(await response.text());
    if (!read.ok) throw new Error(read.failure);
    const { fault, header: reply } = read.value;
    return { status: response.status, code: fault?.code, answers: reply?.linking.inResponseTo };
  };
  const withCard = (card: string) => writeEnvelope({ created: world.clock(), card, header, body });
  return { ...world, card: got.value.xml, post, withCard };
};

describe('the checks of a DGWS service, in their order', () => {
  it('let a good card through to the body, and a fault names the question', async () => {
    const { post, withCard, card } = await setUp();
    expect(await post(withCard(card))).toEqual({ status: 500, code: 'processing_problem', answers: 'm-1' });
  });

  it('demand POST, SOAP, both headers, a MessageID and a card', async () => {
    const { post, withCard, card, clock } = await setUp();
    expect(await post('', { method: 'PUT' })).toMatchObject({ code: 'illegal_http_method' });
    expect(await post('<html/>')).toMatchObject({ code: 'syntax_error' });
    expect(await post(withCard(card), { headers: { 'content-type': 'application/json' } })).toMatchObject({
      code: 'syntax_error',
    });
    const created = clock();
    const withoutId = { linking: {} };
    for (const text of [
      writeEnvelope({ created, card, body }),
      writeEnvelope({ created, header, body }),
      writeEnvelope({ created, card, header: withoutId, body }),
      withCard(card).replace(/<wsse:Security>.*<\/wsse:Security>/s, ''),
    ]) {
      expect(await post(text)).toMatchObject({ code: 'missing_required_header' });
    }
  });

  it('refuse a card that was changed, indented, wrapped or doubled', async () => {
    const { post, withCard, card } = await setUp();
    const unsigned = card.replace(/<ds:Signature .*<\/ds:Signature>/s, '');
    for (const bad of [
      card.replace(`>${CVR}</saml:AttributeValue>`, '>87654321</saml:AttributeValue>'),
      card.replaceAll('<saml:Attribute ', '\n<saml:Attribute '),
      unsigned,
      `${unsigned.replace(CVR, '87654321')}${card}`,
      card.replace('</saml:Issuer>', `</saml:Issuer>${card}`),
    ]) {
      expect(await post(withCard(bad))).toMatchObject({
        code: expect.stringMatching(/^(invalid_idcard|missing_required_header)$/),
      });
    }
    expect(await post(withCard(card.replace('SIM-STS', 'SIM<!-- -->-STS')))).toMatchObject({
      code: 'syntax_error',
    });
  });

  it('refuse a card that its holder signed itself, and one that has ended', async () => {
    const { post, withCard, card, stsSettings, clock, moveTo } = await setUp();
    const signer = await openSigner(stsSettings);
    if (!signer.ok) throw new Error(signer.failure);
    const certHash = await certificateHash(signer.value.certificate, 'SHA-256');
    const own = selfSignedCard(stsSettings, undefined, { now: clock(), id: 'x', certHash });
    expect(await post(withCard(await signCard(own, signer.value)))).toMatchObject({ code: 'invalid_idcard' });
    moveTo('2026-03-04T07:00:00Z');
    expect(await post(withCard(card))).toMatchObject({ code: 'expired_idcard' });
  });

  it('refuse a user card where a system card is needed, with the fault that is configured', async () => {
    for (const wrongCard of ['invalid_idcard', 'security_level_failed'] as const) {
      const { post, withCard, stsSimulator } = await setUp({ brsSimulator: { wrongCard } });
      const card = await stsSimulator.userCard({ cpr: '2401010001', role: '7170' }, CVR, 'Eksempel Apotek');
      expect(await post(withCard(card))).toMatchObject({ code: wrongCard });
    }
  });

  it('ask for SOAPAction where that is configured, and answer faults with 200 where that is', async () => {
    const { post, withCard, card } = await setUp({
      brsSimulator: { soapAction: 'must-be-present', faultStatus: 200, faultCodeStyle: 'soap:Server' },
    });
    const headers = { 'content-type': 'text/xml' };
    expect(await post(withCard(card), { headers })).toMatchObject({ status: 200, code: 'syntax_error' });
  });
});

describe('the fault kinds of DGWS', () => {
  it('are every code of the table in kebab-case, and odd forms of answers', () => {
    const codes = new Set(DGWS_FAULT_KINDS.map(forcedCode));
    for (const code of Object.keys(DGWS_FAULTS)) {
      if (code !== 'illegal_HTTP_method') expect(codes).toContain(code);
    }
    expect(forcedCode('multipart')).toBeUndefined();
    expect(forcedCode(undefined)).toBeUndefined();
  });
});

describe('the STS', () => {
  const ask = async (
    change: (card: IdCard) => IdCard,
    mend: (request: string) => string = (text) => text,
  ) => {
    const world = await danishWorld();
    const opened = await openSigner(world.stsSettings);
    if (!opened.ok) throw new Error(opened.failure);
    const signer: CardSigner = opened.value;
    const certHash = await certificateHash(signer.certificate, 'SHA-256');
    const own = selfSignedCard(world.stsSettings, undefined, { now: world.clock(), id: 'x', certHash });
    const text = writeTokenRequest(await signCard(change(own), signer), 'fhir-facade', world.clock());
    const request = new Request(world.stsSettings.url, { method: 'POST', body: mend(text) });
    const read = readEnvelope(await (await world.stsSimulator.fetch(request)).text());
    if (!read.ok) return read.failure;
    const { fault } = read.value;
    return fault === undefined ? 'issued' : `${fault.faultCode} ${fault.actor ?? ''}`.trim();
  };

  it('issues a card for a good one', async () => {
    expect(await ask((card) => card)).toBe('issued');
  });

  it('refuses what is not good, each with its fault', async () => {
    const other = { format: 'medcom:cvrnumber', value: '87654321' } as const;
    expect(await ask((card) => ({ ...card, system: { ...card.system, careProviderId: other } }))).toBe(
      'FailedAuthentication dk:sosi:sts:cvrridcpr',
    );
    expect(await ask((card) => ({ ...card, certHash: 'hJgzp878rXBgIb3SkPlwaIuQ8Z4=' }))).toBe(
      'InvalidRequest',
    );
    expect(await ask((card) => ({ ...card, notOnOrAfter: card.notOnOrAfter + 1000 }))).toBe('InvalidRequest');
    const changed = (text: string) => text.replace('>Eksempel Apotek<', '>Andet<');
    expect(await ask((card) => card, changed)).toBe('FailedAuthentication');
    expect(
      await ask(
        (card) => card,
        (text) => text.replace('assertion:</wst', 'assertion</wst'),
      ),
    ).toBe('InvalidRequest');
    expect(
      await ask(
        (card) => card,
        () => 'no xml',
      ),
    ).toBe('InvalidRequest');
    expect(
      await ask(
        (card) => card,
        (text) => text.replace(/<wsu:Timestamp>.*<\/wsu:Timestamp>/, ''),
      ),
    ).toBe('InvalidRequest');
  });

  it('keeps its key and the holder’s over a reset of the simulators', async () => {
    const { stsSimulator } = await danishWorld();
    expect((await stsSimulator.holder(CVR, 'x', 'y')).certificate).toBe(HOLDER.certificate);
  });
});
