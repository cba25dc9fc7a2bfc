import { codeSystem } from '../../canonical.ts';
import { type Failure, type FailureKind, failure, type IssueCode } from '../../failure.ts';
import type { SoapFault } from './message-fault.ts';

/** Whose card the call was made with: only a caller who brought its own can repair it. */
export type CardHolder = 'facade' | 'caller';

interface FaultRule {
  readonly kind: FailureKind;
  readonly code: IssueCode;
  /** What it says of the card, when it is about the card: then it is the caller's when the card was. */
  readonly about?: 'card';
  /** Text of CodeSystem dgws-fault. */
  readonly display: string;
}

const card = (code: 'expired' | 'security', display: string): FaultRule => ({
  kind: 'upstream-refused',
  code,
  about: 'card',
  display,
});
const defect = (display: string): FaultRule => ({ kind: 'upstream-refused', code: 'exception', display });
const gateway = (display: string): FaultRule => ({ kind: 'upstream-refused', code: 'security', display });
const problem = (display: string): FaultRule => ({ kind: 'upstream-refused', code: 'processing', display });

/**
 * `medcom:FaultCode` and what each means here: the library's own codes, what other servers add, the SOSI gateway's.
 * A code that is not in the table counts as `processing_problem` and is told as it came.
 */
export const DGWS_FAULTS: Readonly<Record<string, FaultRule>> = {
  expired_idcard: card('expired', 'The ID card has expired'),
  invalid_idcard: card('security', 'The ID card is not valid'),
  invalid_signature: card('security', 'The signature is not valid'),
  invalid_certificate: card('security', 'The certificate is not valid'),
  invalid_username_password: card('security', 'Wrong user name or password'),
  security_level_failed: card('security', 'The security level is too low'),
  not_authorized: { kind: 'forbidden', code: 'forbidden', display: 'Not authorized' },
  missing_required_header: defect('A required header is missing'),
  syntax_error: defect('The message is not well-formed'),
  illegal_http_method: defect('HTTP method not allowed'),
  illegal_HTTP_method: defect('HTTP method not allowed'),
  nonrepudiation_not_supported: defect('Receipts of non-repudiation are not supported'),
  processing_problem: problem('The service could not process the request'),
  request_payload_validation_error: {
    ...problem('The request breaks the schema of the service'),
    code: 'invalid',
  },
  response_payload_validation_error: defect('The answer of the service breaks its own schema'),
  server_error: defect('Error in the service'),
  sosigw_no_valid_idcard_in_request: gateway('Gateway: no valid ID card in the request'),
  sosigw_missing_signinginfo_in_request: gateway('Gateway: signing information is missing'),
  sosigw_syntax_error_in_request: defect('Gateway: the request is not well-formed'),
  sosigw_awaiting_signing: gateway('Gateway: the ID card waits for its signature'),
  sosigw_no_valid_idcard_in_cache: gateway('Gateway: no valid ID card in the cache'),
  sosigw_access_denied: gateway('Gateway: access denied'),
  sosigw_internal_error: defect('Gateway: internal error'),
  sosigw_proxy_error: defect('Gateway: no answer from the service'),
};

/** Faults of the STS, which have no `medcom:FaultCode`: the local part of their faultcode. */
export const STS_FAULTS: Readonly<Record<string, FaultRule>> = {
  FailedAuthentication: card('security', 'The STS does not accept the card'),
  InvalidRequest: defect('The STS does not understand the request'),
  RequestFailed: defect('The STS could not issue a card'),
};

const PLAIN: FaultRule = problem('A SOAP fault without a DGWS code');

/** A code may be told again if it looks like one: never long enough to hide a number in. */
const CODE = /^[A-Za-z][A-Za-z_]{2,59}$/;

const ruleOf = (
  table: Readonly<Record<string, FaultRule>>,
  code: string | undefined,
): FaultRule | undefined => (code !== undefined && Object.hasOwn(table, code) ? table[code] : undefined);

/** Whether the service says that the card has ended: worth one renewal. */
export const isExpiredCard = ({ code }: SoapFault): boolean => code === 'expired_idcard';

const ABOUT_REQUEST: ReadonlySet<IssueCode> = new Set(['processing', 'invalid']);

/** Whether the service has judged the request itself; a fault without a code comes from before it. */
export const isAboutRequest = ({ code }: SoapFault): boolean =>
  code !== undefined && ABOUT_REQUEST.has((ruleOf(DGWS_FAULTS, code) ?? PLAIN).code);

const failing = (service: string, rule: FaultRule, code: string | undefined, holder: CardHolder): Failure => {
  const callers = holder === 'caller' && rule.about === 'card';
  const told = code !== undefined && CODE.test(code) ? code : undefined;
  const whose = rule.about === 'card' ? (callers ? " about the caller's card" : ' about our own card') : '';
  const tail = told === undefined ? 'without a code that is known' : `with ${told}`;
  return failure(
    callers ? 'unauthenticated' : rule.kind,
    rule.code,
    `${service} answered with a fault${whose}, ${tail}. Its text is left out, because it may name a person.`,
    {
      ...(told === undefined ? {} : { details: { system: codeSystem('dgws-fault'), code: told } }),
      ...(callers ? { challenge: 'Bearer error="invalid_token"' } : {}),
    },
  );
};

/**
 * The failure of a fault of a DGWS service. Decided by the code alone: `processing_problem` for bad input and for
 * an outage look the same, so what the facade can judge itself it judges before it calls.
 */
export const faultFailure = (service: string, { code }: SoapFault, holder: CardHolder): Failure =>
  failing(
    service,
    ruleOf(DGWS_FAULTS, code) ?? (code === undefined ? PLAIN : problem('unknown')),
    code,
    holder,
  );

/** The failure of a fault of the STS. */
export const stsFailure = (fault: SoapFault, holder: CardHolder): Failure => {
  const rule = ruleOf(DGWS_FAULTS, fault.code) ?? ruleOf(STS_FAULTS, fault.faultCode);
  const code = fault.code ?? (Object.hasOwn(STS_FAULTS, fault.faultCode) ? fault.faultCode : undefined);
  return failing('The STS', rule ?? PLAIN, code, holder);
};
