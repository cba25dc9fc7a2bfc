import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskEnvelope } from '../../../src/systems/dgws/mask.ts';
import { readEnvelope, writeEnvelope } from '../../../src/systems/dgws/message-envelope.ts';
import { writeFault } from '../../../src/systems/dgws/message-fault.ts';
import { rootPart } from '../../../src/systems/dgws/message-multipart.ts';
import { elementsIn, isNamed } from '../../../src/xml/tree.ts';
import { VECTOR_A } from '../../xml/dgws-vectors.ts';

const CREATED = Date.parse('2026-03-03T07:00:05.600Z');
const body = elementsIn('urn:x', '')('question', [], ['Århus & <omegn>']);
const header = {
  securityLevel: 3,
  linking: {
    flowId: '11111111-1111-4111-8111-111111111111',
    messageId: '22222222-2222-4222-8222-222222222222',
  },
  priority: 'RUTINE',
  nonRepudiationReceipt: 'no',
} as const;

/** Section 6 of the domain page, on one line, with vector A for the card. */
const GOLDEN = [
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"',
  ' xmlns:medcom="http://www.medcom.dk/dgws/2006/04/dgws-1.0.xsd"',
  ' xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"',
  ' xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">',
  '<soapenv:Header><wsse:Security>',
  '<wsu:Timestamp><wsu:Created>2026-03-03T07:00:05Z</wsu:Created></wsu:Timestamp>',
  VECTOR_A,
  '</wsse:Security><medcom:Header><medcom:SecurityLevel>3</medcom:SecurityLevel><medcom:Linking>',
  '<medcom:FlowID>11111111-1111-4111-8111-111111111111</medcom:FlowID>',
  '<medcom:MessageID>22222222-2222-4222-8222-222222222222</medcom:MessageID></medcom:Linking>',
  '<medcom:Priority>RUTINE</medcom:Priority>',
  '<medcom:RequireNonRepudiationReceipt>no</medcom:RequireNonRepudiationReceipt>',
  '</medcom:Header></soapenv:Header>',
  '<soapenv:Body><question xmlns="urn:x">Århus &amp; &lt;omegn&gt;</question></soapenv:Body></soapenv:Envelope>',
].join('');

describe('an envelope', () => {
  it('is written in the order of the schema, the card character by character', () => {
    expect(writeEnvelope({ created: CREATED, card: VECTOR_A, header, body })).toBe(GOLDEN);
  });

  it('is read back', () => {
    const read = readEnvelope(GOLDEN);
    expect(read).toMatchObject({ ok: true, value: { header, hasHeader: { medcom: true, security: true } } });
    expect(read.ok && isNamed(read.value.body, 'urn:x', 'question')).toBe(true);
    expect(read.ok && read.value.security?.card?.local).toBe('Assertion');
  });

  it('is read whatever its prefixes, the order of its headers and what else is in them', () => {
    const strange = `<?xml version="1.0" encoding="UTF-8"?>
      <ns2:Envelope xmlns:ns2="http://schemas.xmlsoap.org/soap/envelope/" xmlns:un="urn:used">
        <ns2:Header><un:known/><ns12:Header xmlns:ns12="http://www.medcom.dk/dgws/2006/04/dgws-1.0.xsd" un:x="1">
          <ns12:FlowStatus>flow_finalized_succesfully</ns12:FlowStatus><ns12:SecurityLevel>1</ns12:SecurityLevel>
          <ns12:Linking><ns12:InResponseToMessageID> abc </ns12:InResponseToMessageID></ns12:Linking>
        </ns12:Header></ns2:Header>
        <ns2:Body><q xmlns="urn:x"/></ns2:Body></ns2:Envelope>`;
    expect(readEnvelope(strange)).toMatchObject({
      ok: true,
      value: { header: { securityLevel: 1, linking: { inResponseTo: 'abc' } } },
    });
  });

  it('is read with an empty header, or none', () => {
    const empty = GOLDEN.replace(/<soapenv:Header>.*<\/soapenv:Header>/, '<soapenv:Header/>');
    expect(readEnvelope(empty)).toMatchObject({ ok: true, value: { hasHeader: { medcom: false } } });
    expect(readEnvelope(empty.replace('<soapenv:Header/>', '')).ok).toBe(true);
  });

  it.each([
    ['HTML', '<html><body>502</body></html>', 'not-soap'],
    ['a doctype', `<!DOCTYPE a [<!ENTITY b "c">]>${GOLDEN}`, 'not-xml'],
    ['half a message', GOLDEN.slice(0, 900), 'not-xml'],
    [
      'SOAP 1.2',
      GOLDEN.replace(/http:\/\/schemas[^"]*/, 'http://www.w3.org/2003/05/soap-envelope'),
      'not-soap',
    ],
    ['a namespace with a line break', GOLDEN.replace('soap/envelope/', 'soap/\nenvelope/'), 'not-soap'],
    ['no body', GOLDEN.replace(/<soapenv:Body>.*<\/soapenv:Body>/, ''), 'no-body'],
  ])('is refused when it is %s', (_what, text, failure) => {
    expect(readEnvelope(text)).toEqual({ ok: false, failure });
  });
});

describe('a fault', () => {
  const faultOf = (inner: string) => {
    const text = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://www.medcom.dk/dgws/2006/04/dgws-1.0.xsd"><s:Body><s:Fault>${inner}</s:Fault></s:Body></s:Envelope>`;
    const read = readEnvelope(text);
    return read.ok ? read.value.fault : undefined;
  };

  it('is read with any spelling of its faultcode, without a detail, with two of them', () => {
    expect(faultOf('<faultcode>s:Server</faultcode><faultstring>x</faultstring>')).toMatchObject({
      faultCode: 'Server',
      detail: [],
    });
    expect(
      faultOf(
        '<faultcode>Client</faultcode><faultstring/><detail><a xmlns="urn:a"/><m:FaultCode> expired_idcard </m:FaultCode></detail>',
      ),
    ).toMatchObject({ faultCode: 'Client', code: 'expired_idcard' });
    expect(faultOf('<s:faultcode>Server</s:faultcode>')).toMatchObject({ faultCode: 'Server' });
  });

  it('is written so that it reads back', () => {
    const fault = writeFault({
      faultCode: 'wst:FailedAuthentication',
      text: 'no',
      actor: 'dk:sosi:sts:cvrridcpr',
    });
    const read = readEnvelope(writeEnvelope({ created: CREATED, header, body: fault }));
    expect(read).toMatchObject({
      value: { fault: { faultCode: 'FailedAuthentication', actor: 'dk:sosi:sts:cvrridcpr' } },
    });
  });
});

describe('a multipart answer', () => {
  const TYPE = 'multipart/related; type="text/xml"; boundary="uuid:1"; start="<root>"';
  const part = (id: string, text: string) =>
    `--uuid:1\r\nContent-Type: text/xml\r\nContent-ID: <${id}>\r\n\r\n${text}\r\n`;
  const close = '--uuid:1--\r\n';

  it('gives the part that start names', () => {
    expect(rootPart(TYPE, `preamble\r\n${part('other', '<b/>')}${part('root', '<a>\r\n</a>')}${close}`)).toBe(
      '<a>\r\n</a>',
    );
  });

  it('gives the first when start names none of them, whatever the line ends', () => {
    const unix = `${part('x', '<a/>')}${part('y', '<b/>')}${close}`.replaceAll('\r\n', '\n');
    expect(rootPart(TYPE, unix)).toBe('<a/>');
  });

  it('is nothing without a boundary or a part; what is not multipart comes back as it is', () => {
    expect(rootPart('multipart/related', part('root', '<a/>'))).toBeUndefined();
    expect(rootPart(TYPE, 'nothing here')).toBeUndefined();
    expect(rootPart('text/xml', '<a/>')).toBe('<a/>');
  });
});

describe('an exchange record', () => {
  it('shows neither signature values nor certificates, and the rest as it was', () => {
    const masked = maskEnvelope(GOLDEN);
    expect(masked).toContain('<ds:SignatureValue>***</ds:SignatureValue>');
    expect(masked).toContain('<ds:X509Certificate>***</ds:X509Certificate>');
    expect(masked).not.toMatch(/[A-Za-z0-9+/]{60}/);
    expect(readEnvelope(masked).ok).toBe(true);
    expect(maskEnvelope('<a:SignatureValue Id="x">\nabc=\n</a:SignatureValue>')).toBe(
      '<a:SignatureValue Id="x">***</a:SignatureValue>',
    );
  });
});

describe('whatever comes', () => {
  it('is refused as a value, never thrown at', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(GOLDEN.length), (noise, at) => {
        readEnvelope(noise);
        readEnvelope(GOLDEN.slice(0, at) + noise + GOLDEN.slice(at));
        rootPart(`multipart/related; boundary="${noise}"`, noise + GOLDEN);
      }),
    );
  });
});
