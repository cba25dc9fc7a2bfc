import type { Failure, Issue } from '../../failure.ts';
import type { Log } from '../../ports.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Accepted, JsonValue, NotAccepted, Preview, SendContext } from '../system.ts';
import { upstreamFailure } from '../upstream/issues.ts';
import { platformTimer } from '../upstream/timer.ts';
import {
  type CallContext,
  type Called,
  createPvkCaller,
  type Parse,
  type PvkCallerOptions,
} from './client-caller.ts';
import { fateUnknown, outcomeFailure } from './client-failures.ts';
import { type AktiveList, type PageAsk, pullAll } from './client-pull.ts';
import { type PvkCall, previewSett } from './client-requests.ts';
import { sameNames, saysMoreThanActive } from './mapping/compare.ts';
import {
  type HentAktiveRequest,
  type HentForPartRequest,
  hentAktiveQuery,
  type SettRequest,
  type SjekkRequest,
  serializeHentForPart,
  serializeSett,
  serializeSjekk,
} from './message.ts';
import {
  type AktivePage,
  type PiForPart,
  parseAktiveAnswer,
  parseForPartAnswer,
  parseSettAnswer,
  parseSettRequest,
  parseSjekkAnswer,
  type SettAnswer,
  type SjekkAnswer,
} from './message-answers.ts';
import type { Parsed } from './message-reading.ts';

/**
 * Helsenorge's Personvernkomponent (PVK), version 2.
 *
 * Failures of the reads: `unprocessable`, `forbidden`, `upstream-refused`, `upstream-timeout` (code `timeout`)
 * and `unavailable`; details in the CodeSystems `pvk-error`, `helseid-error` and `upstream-issue`.
 */
export interface PvkClient {
  /**
   * SettInnbyggersPersonvernInnstilling; `request` is a planned Sett. Safe to repeat: PVK answers `ikkeEndret`
   * to what is already so. Fits `NationalSystem.send`.
   */
  sett(request: JsonValue, context: SendContext): Promise<Result<Accepted, NotAccepted>>;
  /** SjekkInnbyggersPiStatus: one citizen, one definition. */
  sjekk(query: SjekkRequest, context: CallContext): Promise<Result<SjekkAnswer, Failure>>;
  /** HentInnbyggersPiForPart: the active settings of one citizen with one part. */
  hentForPart(
    query: HentForPartRequest,
    context: CallContext,
  ): Promise<Result<readonly PiForPart[], Failure>>;
  /** One page of HentInnbyggereAktivePiForDefinisjon; a page that refers to itself is refused. */
  hentAktive(query: HentAktiveRequest, context: CallContext): Promise<Result<AktivePage, Failure>>;
  /** All its pages. One that fails makes the whole list invalid: who is missing from it counts as withdrawn. */
  hentAlleAktive(
    query: Omit<HentAktiveRequest, 'pagingReference'>,
    context: CallContext,
  ): Promise<Result<AktiveList, Failure>>;
  /** A Sett as it would go out, token and proof replaced by placeholders; nothing is sent. */
  preview(request: JsonValue): Preview;
  /** Forgets the API's nonce and what the circuit breaker has counted. */
  reset(): void;
}

export interface PvkClientOptions extends PvkCallerOptions {
  readonly log?: Log;
  /** Milliseconds between the pages of a pull; what a known client of PVK leaves. */
  readonly pagePause?: number;
}

/** A planned request comes from the mapping, by way of the journal: anything else is a bug. */
const settRequestOf = (request: JsonValue): SettRequest => {
  const parsed = parseSettRequest(request);
  if (!parsed.ok) throw new Error(parsed.failure);
  return parsed.value;
};

const unknownMembersIssue = (members: readonly string[]): Issue => ({
  severity: 'warning',
  code: 'informational',
  diagnostics: `Helsenorge's answer has members that are not documented: ${members.join(', ')}.`,
});

const accept = (answer: Parsed<SettAnswer>, unsure: boolean): Result<Accepted, NotAccepted> => {
  const { value, unknownMembers } = answer;
  if (value.returKode === 'ikkeOk') {
    const failure = upstreamFailure(
      'not-done',
      'Helsenorge answered that the setting was not made (ikkeOk).',
    );
    return fail({ fate: 'refused', failure });
  }
  const unchanged = unsure ? 'unknown' : 'unchanged';
  return ok({
    effect: value.instansEndret === 'endret' ? 'changed' : unchanged,
    issues: unknownMembers.length === 0 ? [] : [unknownMembersIssue(unknownMembers)],
  });
};

/**
 * What a Sett came to. `refused` when PVK has judged this very request, or when no try was left unanswered and
 * none before this call; else nobody knows, and the settlement sends it again.
 */
const settle = (called: Called<Parsed<SettAnswer>>, repeat: boolean): Result<Accepted, NotAccepted> => {
  const { outcome } = called;
  if (outcome.kind === 'done') return accept(outcome.value, called.mayHaveActed || repeat);
  if (outcome.kind !== 'refused' && (called.open || repeat)) {
    const retryAfter = outcome.kind === 'circuit-open' ? outcome.retryAfter : undefined;
    return fail({ fate: 'unknown', failure: fateUnknown(retryAfter) });
  }
  return fail({ fate: 'refused', failure: outcomeFailure(outcome, 'write') });
};

/** A page that answers another question, or refers to itself, would be followed for ever or mislead. */
const checkPage = (page: AktivePage, query: HentAktiveRequest): Result<AktivePage, Failure> => {
  const sameDefinition = page.definisjonGuid.toLowerCase() === query.definisjonGuid.toLowerCase();
  const ends = page.pagingReference === 0 || page.pagingReference !== query.pagingReference;
  if (sameDefinition && ends) return ok(page);
  const what = sameDefinition ? 'refers to itself' : 'is about another definition';
  return fail(upstreamFailure('broken-answer', `A page of Helsenorge's list ${what}.`));
};

/** What Sjekk asks of the setting that a Sett was about. */
const sjekkOf = ({ innbyggerFnr, definisjonGuid, definisjonNavn, partKode }: SettRequest): SjekkRequest => ({
  innbyggerFnr,
  definisjonGuid,
  definisjonNavn,
  partKode,
});

export const createPvkClient = (options: PvkClientOptions): PvkClient => {
  const { settings, helseId, log = () => {}, timer = platformTimer, pagePause = 100 } = options;
  const caller = createPvkCaller(options);

  const read = async <T>(
    call: PvkCall,
    parse: Parse<Parsed<T>>,
    context: CallContext,
  ): Promise<Result<T, Failure>> => {
    const { outcome } = await caller.call(call, parse, context);
    if (outcome.kind !== 'done') return fail(outcomeFailure(outcome, 'read'));
    const { value, unknownMembers } = outcome.value;
    if (unknownMembers.length > 0) {
      const members = unknownMembers.join(' ');
      log('warn', 'undocumented members in an answer', { operation: call.operation, members });
    }
    return ok(value);
  };

  const hentAktive: PageAsk = async (query, context) => {
    const call: PvkCall = { operation: 'hentAktive', query: hentAktiveQuery(query) };
    const page = await read(call, parseAktiveAnswer, context);
    return page.ok ? checkPage(page.value, query) : page;
  };

  const sjekk: PvkClient['sjekk'] = (query, context) =>
    read({ operation: 'sjekk', body: serializeSjekk(query) }, parseSjekkAnswer, context);

  /**
   * A refusal that follows a try without an answer says nothing about that try: it may have acted (the citizen
   * or a grant may have gone since). So PVK is asked what holds now; only its word settles the write.
   */
  const settleByAsking = async (
    sett: SettRequest,
    context: SendContext,
    refused: NotAccepted,
  ): Promise<Result<Accepted, NotAccepted>> => {
    const told = await sjekk(sjekkOf(sett), context);
    // Whom PVK does not know, it has no setting of.
    if (!told.ok && told.failure.kind === 'unprocessable') return fail(refused);
    if (!told.ok) return fail({ fate: 'unknown', failure: fateUnknown() });
    const { aktiv, navngittHelseperson } = told.value;
    if (aktiv !== sett.aktiv) return fail(refused);
    if (aktiv && saysMoreThanActive(sett)) {
      // That a setting is active says nothing about its list or its limits, which may be those of before.
      if (navngittHelseperson === undefined || !sameNames(sett, navngittHelseperson)) {
        return fail(context.repeat ? refused : { fate: 'unknown', failure: fateUnknown() });
      }
    }
    return ok({ effect: 'unknown', issues: [] });
  };

  return {
    async sett(request, context) {
      const sett = settRequestOf(request);
      const call: PvkCall = { operation: 'sett', body: serializeSett(sett) };
      const called = await caller.call(call, parseSettAnswer, context);
      const settled = settle(called, context.repeat);
      if (settled.ok || settled.failure.fate === 'unknown') return settled;
      const doubtful = called.open || context.repeat;
      return doubtful ? settleByAsking(sett, context, settled.failure) : settled;
    },
    sjekk,
    hentForPart: (query, context) =>
      read({ operation: 'hentForPart', body: serializeHentForPart(query) }, parseForPartAnswer, context),
    hentAktive,
    hentAlleAktive: (query, context) => pullAll(hentAktive, query, context, { timer, pagePause }),
    preview: (request) => previewSett(settings.baseUrl, helseId.scheme, settRequestOf(request)),
    reset: () => caller.reset(),
  };
};
