import type { Clock } from '../../ports.ts';
import { printXml } from '../../xml/print.ts';
import { elementsIn, type XmlElement } from '../../xml/tree.ts';
import { type AnsweredCall, createReplies, REPLY_DEFAULTS } from '../dgws/simulator-replies.ts';
import { FMK_160, TIMING_LIST } from './message.ts';
import { FMK_DETAIL, FMK_RESPONSE_HEADER, type FmkResponseHeader } from './message-headers.ts';
import type { Operation } from './simulator-faults.ts';
import type { FmkSimulatorSettings, SimFault } from './simulator-settings.ts';

/** A refusal of the simulated FMK. */
export interface Refusal {
  readonly code: SimFault;
  /** What it is about, and the value at fault. */
  readonly sets: readonly { readonly Key: string; readonly Value: string }[];
}

const fmk = elementsIn(FMK_160, '');

/** As of a list that continues; nothing here asks for the next page. */
const PAGING = fmk(
  'Paging',
  [],
  [
    fmk('PagingObject', [], ['FocesWhitelistings']),
    fmk('ParentObjectIdentifier', [['type', 'CVR']], ['12345674']),
    fmk('PageSize', [], ['1']),
    fmk('TotalSize', [], ['2']),
    fmk('LastReceived', [], [fmk('Field', [['name', 'FocesId']], ['1'])]),
  ],
);

const WARNING = {
  FaultCode: 'SIM-0900',
  FaultText: 'simuleret advarsel',
  FaultDetails: { KeyValueSet: [{ Key: 'FocesWhitelisting/CertHash', Value: '' }] },
};

/** The response header of an answer that misbehaves in this way, if at all. */
export const responseHeader = (fault: string | undefined): FmkResponseHeader => ({
  ...(fault === 'paged-answer' ? { Paging: PAGING } : {}),
  ...(fault === 'response-warnings'
    ? {
        Warnings: { Warning: [WARNING] },
        Informations: { Information: [{ Text: 'simuleret information', KeyValuePair: [] }] },
      }
    : {}),
});

const END_OF_HEADER = /<\/(\w+):Header>(?=\s*<\1:Body>)/;

/** FMK's header blocks stand after those of DGWS. */
const withBlocks = async (response: Response, blocks: readonly XmlElement[]): Promise<Response> => {
  const text = await response.text();
  const printed = blocks.map((block) => printXml(block)).join('');
  const body = text.replace(END_OF_HEADER, (end) => printed + end);
  return new Response(body, { status: response.status, headers: response.headers });
};

/** How the simulated FMK answers. */
export const createFmkAnswers = (settings: FmkSimulatorSettings, clock: Clock) => {
  const replies = createReplies({ ...REPLY_DEFAULTS, faultStatus: 500 }, clock);
  const isOld = settings.version === '1.4.6-E6';

  const withStatus = (response: Response): Response =>
    response.status === 500 && settings.faultStatus !== 500
      ? new Response(response.body, { status: settings.faultStatus, headers: response.headers })
      : response;

  return {
    reply(
      call: AnsweredCall,
      operation: Operation,
      body: XmlElement,
      fault: string | undefined,
    ): Promise<Response> {
      const timing = { SystemName: 'FMK', ServiceName: operation, TimeInMilliseconds: 42 };
      const blocks = [
        ...(fault === 'no-timing-list' ? [] : [TIMING_LIST.write({ Timing: [timing] })]),
        ...(isOld ? [] : [FMK_RESPONSE_HEADER.write(responseHeader(fault))]),
      ];
      return withBlocks(replies.reply(call, body, fault), blocks);
    },
    /** A fault of the DGWS layer, or one of FMK's that has no detail of its own. */
    layer: (call: AnsweredCall, code: string | undefined, text: string, fault?: string): Response =>
      withStatus(replies.fault(call, { ...(code === undefined ? {} : { code }), text }, fault)),
    refuse(call: AnsweredCall, { code, sets }: Refusal): Response {
      const text = settings.faultTexts[code] ?? 'simuleret fejltekst';
      if (isOld) return withStatus(replies.fault(call, { code, text }));
      const detail = FMK_DETAIL.write({
        FaultCode: code,
        FaultText: text,
        FaultDetails: { KeyValueSet: sets.length === 0 ? [{ Key: 'fault', Value: code }] : sets },
      });
      return withStatus(replies.fault(call, { text, detail: [detail] }));
    },
  };
};
