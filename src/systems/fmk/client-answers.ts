import { codeSystem } from '../../canonical.ts';
import { type Failure, failure, type Issue } from '../../failure.ts';
import type { Called } from '../dgws/client.ts';
import { outcomeFailure } from '../dgws/client-failures.ts';
import type { Envelope } from '../dgws/message-envelope.ts';
import type { SoapFault } from '../dgws/message-fault.ts';
import { maskPersonNumbers } from '../identifiers.ts';
import { TIMING_LIST } from './message.ts';
import {
  FMK_DETAIL,
  FMK_RESPONSE_HEADER,
  type FmkDetail,
  type FmkResponseHeader,
} from './message-headers.ts';

/** FMK's own fault codes, as received. */
export const FMK_FAULT = codeSystem('fmk-fault');

const LONGEST = 300;
const clean = (text: string): string => {
  const masked = maskPersonNumbers(text.replace(/\s+/g, ' ').trim());
  return masked.length > LONGEST ? `${masked.slice(0, LONGEST)}…` : masked;
};

/** A code may be told again if it looks like one, and not like a person's number. */
const codeOf = ({ FaultCode }: FmkDetail): string | undefined =>
  /^[\w.-]{1,40}$/.test(FaultCode) && maskPersonNumbers(FaultCode) === FaultCode ? FaultCode : undefined;

const describe = (detail: FmkDetail): string => {
  const sets = detail.FaultDetails?.KeyValueSet ?? [];
  const pairs = sets.slice(0, 20).map(({ Key, Value }) => `${clean(Key)} = ${clean(Value)}`);
  return [clean(detail.FaultText), ...pairs].filter((part) => part !== '').join('; ');
};

const detailsOf = (detail: FmkDetail) => {
  const code = codeOf(detail);
  return code === undefined ? {} : { details: { system: FMK_FAULT, code } };
};

/** The FMKDetail of a fault; undefined for a fault of the DGWS layer or of the older generations. */
export const detailOf = (fault: SoapFault): FmkDetail | undefined => {
  const element = fault.detail.find(FMK_DETAIL.is);
  const read = element === undefined ? undefined : FMK_DETAIL.read(element);
  return read?.ok === true ? read.value.value : undefined;
};

/** The code of a fault, FMK's or DGWS's. */
export const faultCodeOf = (fault: SoapFault): string | undefined => {
  const detail = detailOf(fault);
  return detail === undefined ? fault.code : codeOf(detail);
};

const refusedBy = (detail: FmkDetail): Failure =>
  failure(
    'unprocessable',
    'business-rule',
    `FMK refuses the request: ${describe(detail)}`,
    detailsOf(detail),
  );

/**
 * FMK's own code in the `medcom:FaultCode` of the older generations: DGWS's codes are words, FMK's have digits.
 * The service has judged the request, as with an FMKDetail; its text may name a person and is left out.
 */
const refusedByCode = (code: string): Failure =>
  failure('unprocessable', 'business-rule', `FMK refuses the request with its fault ${code}.`, {
    details: { system: FMK_FAULT, code },
  });

const ownCode = (code: string | undefined): string | undefined =>
  code !== undefined && /^(?=\D*\d)[\w.-]{1,40}$/.test(code) && maskPersonNumbers(code) === code
    ? code
    : undefined;

/** The failure of a call that was not answered in the affirmative. */
export const calledFailure = ({ outcome, holder }: Called): Failure => {
  if (outcome.kind === 'reply') throw new TypeError('a reply is no failure');
  const detail = outcome.kind === 'fault' ? detailOf(outcome.fault) : undefined;
  if (detail !== undefined) return refusedBy(detail);
  const code = outcome.kind === 'fault' ? ownCode(outcome.fault.code) : undefined;
  return code === undefined ? outcomeFailure('FMK', outcome, holder) : refusedByCode(code);
};

const headerOf = ({ blocks }: Envelope): FmkResponseHeader | undefined => {
  const block = blocks.find(FMK_RESPONSE_HEADER.is);
  const read = block === undefined ? undefined : FMK_RESPONSE_HEADER.read(block);
  return read?.ok === true ? read.value.value : undefined;
};

/** What FMK notes beside its answer. */
export interface Notes {
  readonly issues: readonly Issue[];
  /** True when more pages follow: the answer is not all there is. */
  readonly paged: boolean;
  /** What each system behind FMK took, the inner-most first: `system/service 42 ms`. */
  readonly times: readonly string[];
}

const timesOf = ({ blocks }: Envelope): Notes['times'] => {
  const block = blocks.find(TIMING_LIST.is);
  const read = block === undefined ? undefined : TIMING_LIST.read(block);
  const timings = read?.ok === true ? read.value.value.Timing : [];
  return timings.map(({ SystemName, ServiceName, TimeInMilliseconds }) =>
    clean(`${SystemName}/${ServiceName} ${TimeInMilliseconds} ms`),
  );
};

/** Warnings and information of FMK's response header, and its TimingList. */
export const notesOf = (envelope: Envelope): Notes => {
  const header = headerOf(envelope);
  const warnings = (header?.Warnings?.Warning ?? []).map(
    (detail): Issue => ({
      severity: 'warning',
      code: 'business-rule',
      diagnostics: `FMK warns: ${describe(detail)}`,
      ...detailsOf(detail),
    }),
  );
  const told = (header?.Informations?.Information ?? []).map(
    ({ Text }): Issue => ({
      severity: 'information',
      code: 'informational',
      diagnostics: `FMK notes: ${clean(Text)}`,
    }),
  );
  return {
    issues: [...warnings, ...told],
    paged: header?.Paging !== undefined,
    times: timesOf(envelope),
  };
};
