import type { Vocabulary } from '../../xml/codec.ts';
import { elementsIn, type XmlElement } from '../../xml/tree.ts';
import { writeEnvelope } from './message-envelope.ts';
import { type FaultParts, writeFault } from './message-fault.ts';
import { type DgwsHeader, FINALIZED } from './message-header.ts';

/** The switches of a DGWS service's answers, first value of the documented row first. */
export interface ReplySettings {
  readonly faultStatus: 500 | 200;
  readonly faultCodeStyle: 'Server' | 'soap:Server' | 'Client';
  readonly headerOrder: 'schema' | 'flow-status-first';
  readonly replyHeader: 'full' | 'empty';
  readonly prefixes: 'soapenv' | 'ns';
}

export const REPLY_DEFAULTS: ReplySettings = {
  faultStatus: 500,
  faultCodeStyle: 'Server',
  headerOrder: 'schema',
  replyHeader: 'full',
  prefixes: 'soapenv',
};

/** What a reply refers to. */
export interface AnsweredCall {
  readonly flowId?: string | undefined;
  readonly messageId?: string | undefined;
}

const XML = 'text/xml; charset=utf-8';

const headerFor = (call: AnsweredCall, fault: string | undefined, done: boolean): DgwsHeader => {
  const answered = fault === 'wrong-in-response-to' ? crypto.randomUUID() : call.messageId;
  return {
    securityLevel: 1,
    linking: {
      ...(call.flowId === undefined ? {} : { flowId: call.flowId }),
      ...(fault === 'no-message-id' ? {} : { messageId: crypto.randomUUID() }),
      ...(answered === undefined ? {} : { inResponseTo: answered }),
    },
    ...(done ? { flowStatus: FINALIZED } : {}),
  };
};

const FLOW_STATUS = /<medcom:FlowStatus>[^<]*<\/medcom:FlowStatus>/;

const reshaped = (envelope: string, settings: ReplySettings): string => {
  let text = envelope;
  const status = FLOW_STATUS.exec(text)?.[0];
  if (settings.headerOrder === 'flow-status-first' && status !== undefined) {
    text = text.replace(status, '').replace('<medcom:Header>', `<medcom:Header>${status}`);
  }
  if (settings.replyHeader === 'empty') {
    text = text.replace(/<soapenv:Header>.*<\/soapenv:Header>/s, '<soapenv:Header/>');
  }
  if (settings.prefixes === 'soapenv') return text;
  const renamed: readonly (readonly [string, string])[] = [
    ['soapenv', 'ns2'],
    ['medcom', 'ns12'],
  ];
  return renamed.reduce(
    (all, [from, to]) => all.replaceAll(`xmlns:${from}=`, `xmlns:${to}=`).replaceAll(`${from}:`, `${to}:`),
    text,
  );
};

const multipart = (text: string): Response => {
  const boundary = `uuid:${crypto.randomUUID()}`;
  const lines = [
    `--${boundary}`,
    'Content-Type: application/xop+xml; charset=UTF-8; type="text/xml"',
    'Content-Transfer-Encoding: binary',
    'Content-ID: <root.message@cxf.apache.org>',
    '',
    text,
    `--${boundary}--`,
    '',
  ];
  const type = `multipart/related; type="application/xop+xml"; boundary="${boundary}"; start="<root.message@cxf.apache.org>"; start-info="text/xml"`;
  return new Response(lines.join('\r\n'), { status: 200, headers: { 'content-type': type } });
};

/** How a DGWS service answers: the faults that concern the form of an answer are played here. */
export const createReplies = (settings: ReplySettings, clock: () => number) => ({
  reply(call: AnsweredCall, body: XmlElement, fault?: string, declare: readonly Vocabulary[] = []): Response {
    const header = headerFor(call, fault, true);
    const text = reshaped(writeEnvelope({ created: clock(), header, body, declare }), settings);
    return fault === 'multipart'
      ? multipart(text)
      : new Response(text, { status: 200, headers: { 'content-type': XML } });
  },
  fault(call: AnsweredCall, parts: Omit<FaultParts, 'faultCode'>, fault?: string): Response {
    const header = headerFor(call, fault, false);
    const detail = elementsIn('urn:sim:detail', 'sim')('Messages', [], ['schema messages']);
    const style = settings.faultCodeStyle === 'soap:Server' ? 'soapenv:Server' : settings.faultCodeStyle;
    const { code, ...rest } = parts;
    const body = writeFault({
      ...rest,
      ...(fault === 'plain-fault' || code === undefined ? {} : { code }),
      faultCode: style,
      ...(fault === 'second-detail' ? { detail: [detail] } : {}),
    });
    const status = fault === 'fault-200' ? 200 : settings.faultStatus;
    const text = reshaped(writeEnvelope({ created: clock(), header, body }), settings);
    return new Response(text, { status, headers: { 'content-type': XML } });
  },
});
