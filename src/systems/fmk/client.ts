import { type Failure, failure, type Issue } from '../../failure.ts';
import type { Log } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import { printXml } from '../../xml/print.ts';
import { elementsIn, type XmlElement } from '../../xml/tree.ts';
import { type CallContext, type Called, createDgwsClient, type DgwsClientOptions } from '../dgws/client.ts';
import { fateUnknown } from '../dgws/client-failures.ts';
import { JUDGEMENTS } from '../dgws/client-outcome.ts';
import type { Envelope } from '../dgws/message-envelope.ts';
import { SAML } from '../dgws/message-names.ts';
import type { Accepted, JsonValue, NotAccepted, Preview, SendContext } from '../system.ts';
import { upstreamFailure } from '../upstream/issues.ts';
import { calledFailure, faultCodeOf, type Notes, notesOf } from './client-answers.ts';
import type { FmkCards } from './client-cards.ts';
import { entryKey, judgeEcho, type Listed } from './mapping/entries.ts';
import { finding } from './mapping/findings.ts';
import { FMK_MESSAGES, type FmkOperation, type FocesWhitelisting, soapAction } from './message.ts';
import { requestHeader } from './message-headers.ts';
import { type FmkRequest, unpackRequest } from './request.ts';
import type { FmkPlace, FmkSettings } from './settings.ts';

/** FMK's list of one organisation, and what it noted. */
export type Asked = Listed & { readonly issues: readonly Issue[] };

/** FMK's services for FOCES whitelisting. */
export interface FmkClient {
  /**
   * Create or Delete; `request` is a planned one. Never done twice in the dark: before a try that follows one
   * without an answer, GetFocesWhitelistings is asked whether it was done. Fits `NationalSystem.send`.
   */
  send(request: JsonValue, context: SendContext): Promise<Result<Accepted, NotAccepted>>;
  /** GetFocesWhitelistings: what FMK has for a CVR. `cpr`: on whose behalf, where a person asks. */
  list(cvr: string, context: CallContext & Pick<FmkRequest, 'cpr' | 'card'>): Promise<Result<Asked, Failure>>;
  /** FMK's own check of a planned create, by `PreflightOnly`: nothing is carried out. Warnings on success. */
  check(request: JsonValue, context: CallContext): Promise<Result<readonly Issue[], Failure>>;
  /** The call as it would go out, the ID card replaced by a placeholder; nothing is sent. */
  preview(request: JsonValue): Preview;
  /** Forgets what the circuit breaker has counted. */
  reset(): void;
}

export interface FmkClientOptions extends Omit<DgwsClientOptions, 'settings'> {
  readonly settings: FmkSettings;
  readonly place: FmkPlace;
  readonly cards: FmkCards;
  /** The times that FMK tells, at level debug. */
  readonly log?: Log;
}

/** Tries of a write that go unanswered, before its fate is left to the settlement. */
const TRIES = 3;

const refusedWith = (failed: Failure): Result<never, NotAccepted> =>
  fail({ fate: 'refused', failure: failed });

const unknownFate = (called?: Called): Result<never, NotAccepted> => {
  const retryAfter = called?.outcome.kind === 'circuit-open' ? called.outcome.retryAfter : undefined;
  return fail({ fate: 'unknown', failure: fateUnknown('FMK', retryAfter) });
};

const entryOf = ({ message }: FmkRequest): FocesWhitelisting => message.FocesWhitelisting;

const brokenAnswer = (operation: FmkOperation): Failure =>
  upstreamFailure(
    'broken-answer',
    `FMK answered ${operation} with something that its schema does not describe.`,
  );

const PLACEHOLDER = printXml(
  elementsIn(SAML.uri, SAML.prefix)('Assertion', [['id', 'IDCard']], ['<ID card>']),
);

export const createFmkClient = (options: FmkClientOptions): FmkClient => {
  const { settings, place, cards, clock, log = () => {} } = options;
  const { version } = settings;
  const messages = FMK_MESSAGES[version];
  const dgws = createDgwsClient({
    ...options,
    settings: { url: place.url, priority: 'RUTINE', nonRepudiationReceipt: 'no' },
  });

  const noted = (operation: FmkOperation, envelope: Envelope, requestId: string): Notes => {
    const notes = notesOf(envelope);
    if (notes.times.length > 0)
      log('debug', 'FMK told its times', { operation, requestId, times: notes.times.join(', ') });
    return notes;
  };

  const envelopeOf = (operation: FmkOperation, body: XmlElement, preflight = false) => ({
    soapAction: soapAction(version, operation),
    body,
    blocks: [requestHeader(version, place.system, preflight)],
  });

  const bodyOf = (request: FmkRequest): XmlElement =>
    request.operation === 'Create'
      ? messages.CreateRequest.write(request.message)
      : messages.DeleteRequest.write(request.message);

  const callWrite = async (
    request: FmkRequest,
    context: CallContext,
    preflight = false,
  ): Promise<Result<Called, Failure>> => {
    const { cpr, card, operation } = request;
    const source = await cards({
      ...(cpr === undefined ? {} : { cpr }),
      ...(card === undefined ? {} : { card }),
      requestId: context.requestId,
      purpose: 'write',
    });
    if (!source.ok) return source;
    return ok(
      await dgws.call(
        {
          ...envelopeOf(operation, bodyOf(request), preflight),
          cards: source.value,
          flowId: context.requestId,
          // A try without an answer is followed by a question, not by the same request.
          mayRepeat: preflight,
        },
        context,
      ),
    );
  };

  const list: FmkClient['list'] = async (cvr, context) => {
    const { cpr, card, requestId } = context;
    const source = await cards({
      ...(cpr === undefined ? {} : { cpr }),
      ...(card === undefined ? {} : { card }),
      requestId,
      purpose: 'read',
    });
    if (!source.ok) return source;
    const body = messages.GetRequest.write({ OrganisationIdentifier: { source: 'CVR', value: cvr } });
    const called = await dgws.call(
      { ...envelopeOf('Get', body), cards: source.value, flowId: requestId, mayRepeat: true },
      context,
    );
    if (called.outcome.kind !== 'reply') return fail(calledFailure(called));
    const { envelope } = called.outcome;
    const read = messages.GetResponse.read(envelope.body);
    if (!read.ok) return fail(brokenAnswer('Get'));
    const { issues, paged } = noted('Get', envelope, requestId);
    // What no description names might have been an entry.
    const complete = !paged && read.value.left.length === 0;
    return ok({ cvr, entries: read.value.value.FocesWhitelisting, complete, issues });
  };

  /** Whether FMK's list shows that a write has been done; undefined when it cannot be told. */
  const isDone = async (request: FmkRequest, context: CallContext): Promise<boolean | undefined> => {
    const entry = entryOf(request);
    const { cpr, card } = request;
    const asked = await list(entry.OrganisationIdentifier.value, {
      ...context,
      ...(cpr === undefined ? {} : { cpr }),
      ...(card === undefined ? {} : { card }),
    });
    if (!asked.ok) return undefined;
    const there = asked.value.entries.some((one) => entryKey(one) === entryKey(entry));
    if (request.operation === 'Create') return there || (asked.value.complete ? false : undefined);
    return there ? false : asked.value.complete || undefined;
  };

  const accept = (
    request: FmkRequest,
    called: Called,
    requestId: string,
  ): Result<Accepted, NotAccepted> | undefined => {
    if (called.outcome.kind !== 'reply') return undefined;
    const { envelope } = called.outcome;
    const message = request.operation === 'Create' ? messages.CreateResponse : messages.DeleteResponse;
    const read = message.read(envelope.body);
    if (!read.ok) return undefined;
    const echo = judgeEcho(entryOf(request), read.value.value.FocesWhitelisting);
    return ok({
      effect: 'changed',
      issues: [...noted(request.operation, envelope, requestId).issues, ...echo],
    });
  };

  /** A fault that says that it already was so. */
  const alreadySo = (request: FmkRequest, called: Called): Result<Accepted, NotAccepted> | undefined => {
    const code = called.outcome.kind === 'fault' ? faultCodeOf(called.outcome.fault) : undefined;
    if (code === undefined) return undefined;
    const unchanged = ok<Accepted>({ effect: 'unchanged', issues: [] });
    if (request.operation === 'Create' && settings.duplicateFaults.includes(code)) {
      if (settings.duplicateCreate === 'existing') return unchanged;
      const why = 'FMK has this whitelisting already; it was made elsewhere. Search for it by its CVR.';
      return refusedWith(failure('conflict', 'duplicate', why));
    }
    if (request.operation === 'Delete' && settings.absentFaults.includes(code)) {
      if (settings.deleteAbsent === 'accept') return unchanged;
      return refusedWith(failure('not-found', 'not-found', 'FMK no longer has this whitelisting.'));
    }
    return undefined;
  };

  const isOpen = ({ outcome, open }: Called): boolean =>
    open || outcome.kind === 'reply' || JUDGEMENTS[outcome.kind].open === true;

  /** One try, and what it says; undefined when it says nothing. */
  const tryOnce = async (
    request: FmkRequest,
    context: CallContext,
  ): Promise<{ readonly settled?: Result<Accepted, NotAccepted>; readonly called?: Called }> => {
    const attempted = await callWrite(request, context);
    if (!attempted.ok) return { settled: refusedWith(attempted.failure) };
    const called = attempted.value;
    const settled = accept(request, called, context.requestId) ?? alreadySo(request, called);
    if (settled !== undefined) return { settled, called };
    return isOpen(called) ? { called } : { settled: refusedWith(calledFailure(called)), called };
  };

  const send: FmkClient['send'] = async (json, context) => {
    const request = unpackRequest(json);
    let doubtful = context.repeat;
    let called: Called | undefined;
    for (let tries = 0; tries < TRIES && clock() < context.deadline; tries += 1) {
      if (doubtful) {
        const done = await isDone(request, context);
        if (done === undefined) return unknownFate(called);
        if (done) return ok({ effect: 'unknown', issues: [] });
      }
      const tried = await tryOnce(request, context);
      if (tried.settled !== undefined) return tried.settled;
      called = tried.called;
      doubtful = true;
    }
    return doubtful
      ? unknownFate(called)
      : refusedWith(calledFailure({ outcome: { kind: 'too-late' }, holder: 'facade', open: false }));
  };

  return {
    send,
    list,
    async check(json, context) {
      if (version === '1.4.6-E6') {
        const why = 'FMK 1.4.6 cannot check a request without carrying it out; nothing was asked.';
        return ok([finding('preflight-not-supported', 'Basic', why, 'warning')]);
      }
      const request = unpackRequest(json);
      const called = await callWrite(request, context, true);
      if (!called.ok) return called;
      const { outcome } = called.value;
      return outcome.kind === 'reply'
        ? ok(notesOf(outcome.envelope).issues)
        : fail(calledFailure(called.value));
    },
    preview(json) {
      const request = unpackRequest(json);
      const call = { ...envelopeOf(request.operation, bodyOf(request)), mayRepeat: false };
      return dgws.preview(call, { xml: PLACEHOLDER, level: settings.cardLevel });
    },
    reset: () => dgws.reset(),
  };
};
