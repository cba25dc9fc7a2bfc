import type { Clock } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Certificate } from '../../xml/certificate.ts';
import { DGWS_ALGORITHMS, verifyCard } from './card-signature.ts';
import { DGWS_FAULTS } from './faults.ts';
import { type IdCard, readCard } from './message-card.ts';
import { type Envelope, readEnvelope } from './message-envelope.ts';
import { type AnsweredCall, REPLY_DEFAULTS, type ReplySettings } from './simulator-replies.ts';

/** The switches of the DGWS layer that a service's own page leaves open. */
export interface LayerSettings extends ReplySettings {
  readonly verifySignatures: 'on' | 'off';
  readonly badSignature: 'invalid_idcard' | 'invalid_signature';
  /** Fault for a card of the wrong kind (user instead of system, or the other way round). */
  readonly wrongCard: 'invalid_idcard' | 'security_level_failed';
  readonly soapAction: 'any' | 'must-be-present';
  /** Lowest authentication level, and the type of card that may call. */
  readonly level: 3 | 4;
  readonly cardType: 'system' | 'user' | 'any';
}

export const LAYER_DEFAULTS: LayerSettings = {
  ...REPLY_DEFAULTS,
  verifySignatures: 'on',
  badSignature: 'invalid_idcard',
  wrongCard: 'invalid_idcard',
  soapAction: 'any',
  level: 3,
  cardType: 'system',
};

/** A call that DGWS lets through to the service. */
export interface CheckedCall extends AnsweredCall {
  readonly envelope: Envelope;
  readonly card: IdCard;
  /** CVR of the card: who is calling. */
  readonly cvr: string;
  /** Without quotes; undefined when there is none. */
  readonly soapAction: string | undefined;
}

/** A fault to answer with. */
export interface LayerFault {
  readonly call: AnsweredCall;
  readonly code: string;
  readonly text: string;
}

export interface LayerOptions {
  readonly settings: LayerSettings;
  readonly clock: Clock;
  /** Certificates of the STS whose cards are accepted. */
  readonly trusted: () => Promise<readonly Certificate[]>;
  /** Whether this CVR may call; by the path and action the service has more than one list. */
  readonly whitelist: (cvr: string, request: Request) => Promise<boolean>;
}

/** `expired_idcard` → `expired-idcard`. */
const kebab = (code: string): string => code.replaceAll('_', '-').toLowerCase();

const CODE_KINDS: ReadonlyMap<string, string> = new Map(
  // Of two spellings of one code the first in the table holds.
  Object.keys(DGWS_FAULTS)
    .toReversed()
    .map((code) => [kebab(code), code] as const),
);

/** Fault kinds of every DGWS service, besides the common ones: each code, and odd forms of answers. */
export const DGWS_FAULT_KINDS: readonly string[] = [
  ...CODE_KINDS.keys(),
  'plain-fault',
  'fault-200',
  'second-detail',
  'multipart',
  'wrong-in-response-to',
  'no-message-id',
];

const FORCED_FAULTS = new Set(['plain-fault', 'fault-200', 'second-detail']);

/** The fault code that a kind asks for; undefined: the call is answered, perhaps in an odd form. */
export const forcedCode = (kind: string | undefined): string | undefined => {
  if (kind === undefined) return undefined;
  return CODE_KINDS.get(kind) ?? (FORCED_FAULTS.has(kind) ? 'processing_problem' : undefined);
};

const actionOf = (request: Request): string | undefined => {
  const given = request.headers.get('soapaction')?.trim();
  return given === undefined ? undefined : given.replace(/^"(.*)"$/, '$1');
};

const SIGNATURE_TEXT = 'The signature of the ID card could not be verified';

/** The checks before the service is asked, in this order; each failure is the fault to answer with. */
export const createLayer = (options: LayerOptions) => {
  const { settings, clock } = options;

  const cardOf = async (envelope: Envelope): Promise<Result<IdCard, readonly [string, string]>> => {
    const assertion = envelope.security?.card;
    if (assertion === undefined) return fail(['missing_required_header', 'There is no ID card']);
    const claimed = readCard(assertion);
    if (!claimed.ok) return fail(['invalid_idcard', 'The ID card is not well-formed']);
    const now = clock();
    if (settings.verifySignatures === 'on') {
      const trusted = await options.trusted();
      const card = await verifyCard(envelope.document, assertion, {
        trusted,
        algorithms: DGWS_ALGORITHMS,
        now,
      });
      if (card.ok) return card;
      const { kind } = card.failure;
      if (kind === 'signature') return fail([settings.badSignature, SIGNATURE_TEXT]);
      if (kind === 'structure') return fail(['invalid_idcard', 'The ID card is not well-formed']);
      return fail(['expired_idcard', 'The ID card is not valid at this time']);
    }
    return now >= claimed.value.notOnOrAfter || now < claimed.value.notBefore
      ? fail(['expired_idcard', 'The ID card is not valid at this time'])
      : claimed;
  };

  const judgeCard = (card: IdCard): readonly [string, string] | undefined => {
    if (settings.cardType !== 'any' && card.type !== settings.cardType) {
      return [settings.wrongCard, `A ${settings.cardType} ID card is needed`];
    }
    return card.level < settings.level
      ? ['security_level_failed', 'The authentication level is too low']
      : undefined;
  };

  return {
    async check(request: Request): Promise<Result<CheckedCall, LayerFault>> {
      const refuse = (code: string, text: string, call: AnsweredCall = {}) => fail({ call, code, text });
      if (request.method !== 'POST') return refuse('illegal_http_method', 'Only POST is allowed');
      const type = request.headers.get('content-type') ?? '';
      if (!/^\s*(?:text\/xml|application\/soap\+xml)\b/i.test(type)) {
        return refuse('syntax_error', 'The content type is not that of SOAP 1.1');
      }
      const read = readEnvelope(await request.text());
      if (!read.ok) return refuse('syntax_error', 'The message is not a SOAP 1.1 envelope');
      const envelope = read.value;
      const soapAction = actionOf(request);
      const { flowId, messageId } = envelope.header?.linking ?? {};
      const call: AnsweredCall = { flowId, messageId };
      if (settings.soapAction === 'must-be-present' && (soapAction ?? '') === '') {
        return refuse('syntax_error', 'SOAPAction is missing', call);
      }
      const { medcom, security } = envelope.hasHeader;
      if (!medcom || !security || envelope.security === undefined || (messageId ?? '') === '') {
        return refuse('missing_required_header', 'A required header is missing', call);
      }
      const card = await cardOf(envelope);
      if (!card.ok) return refuse(...card.failure, call);
      const refused = judgeCard(card.value);
      if (refused !== undefined) return refuse(...refused, call);
      const cvr = card.value.system.careProviderId.value;
      if (!(await options.whitelist(cvr, request))) {
        return refuse('not_authorized', 'The CVR number is not whitelisted', call);
      }
      return ok({ ...call, envelope, card: card.value, cvr, soapAction });
    },
  };
};
