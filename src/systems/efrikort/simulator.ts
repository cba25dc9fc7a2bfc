import { addressesIn } from '../../mail/address.ts';
import { messageIdsIn, parseMail } from '../../mail/parse.ts';
import type { Clock, Fetch } from '../../ports.ts';
import { type CommonFaultOptions, withCommonFaults } from '../simulation/common-faults.ts';
import type { Faults } from '../simulation/faults.ts';
import { jsonResponse } from '../simulation/json.ts';
import type { SimulatorState } from '../simulation/state.ts';
import type { RegionContact } from './contacts.ts';
import { answerMail, bounceMail, type Words } from './simulator-answers.ts';
import { type CaughtMail, createMailboxes } from './simulator-mailbox.ts';
import { has, type Judgement, judgeMail, type Registered } from './simulator-rules.ts';
import {
  type EfrikortFault,
  type EfrikortSimulatorSettings,
  isEfrikortFault,
  type RegionAnswer,
} from './simulator-settings.ts';

export interface EfrikortSimulatorOptions {
  readonly state: SimulatorState;
  readonly clock: Clock;
  readonly settings: EfrikortSimulatorSettings;
  /** Where the regions are reached. */
  readonly contacts: readonly RegionContact[];
  readonly support: string;
  readonly faults: Faults;
  readonly faultTiming?: Pick<CommonFaultOptions, 'slowMs' | 'hangMs' | 'sleep'>;
}

export interface EfrikortSimulator {
  /** The HTTP mail interface: `POST` takes a mail, `GET ?after=n` answers what has come in since. */
  readonly fetch: Fetch;
  /** Every mail caught, oldest first. */
  readonly mails: () => Promise<readonly CaughtMail[]>;
  /**
   * Answers a caught mail at once, as its region and in place of what was still to come; false when there is no such
   * mail, or none that a region would answer.
   */
  readonly answer: (messageId: string, answer: 'approve' | 'reject' | 'unclear') => Promise<boolean>;
  /** Whether CGI has granted access to this serial number. */
  readonly granted: (serial: string) => Promise<boolean>;
}

const NO_BODY: ReadonlyMap<EfrikortFault, number> = new Map([
  ['mail-429', 429],
  ['mail-rejected-recipient', 422],
]);

/** What a fault makes of the region's answer. */
const FAULT_ANSWERS: Readonly<Partial<Record<EfrikortFault, RegionAnswer>>> = {
  reject: 'reject',
  silent: 'silent',
  unclear: 'unclear',
};

const WORDS: Readonly<Partial<Record<RegionAnswer, Words>>> = {
  approve: 'approve',
  reject: 'reject',
  unclear: 'unclear',
};

/** Whether a fault fits this call: answers are polled by GET, and only a mail can bounce. */
const concerns = (_kind: string, request: Request): boolean => request.method === 'POST';

/** The regions' mailboxes and CGI's support, with the checks and the delays of people. */
export const createEfrikortSimulator = (options: EfrikortSimulatorOptions): EfrikortSimulator => {
  const { state, clock, settings, contacts, support } = options;
  const mailboxes = createMailboxes(state);

  const regionOf = (address: string): string | undefined =>
    contacts.find((one) => one.addresses.some((known) => known.toLowerCase() === address.toLowerCase()))
      ?.hsaId;
  const addressOf = (hsaId: string): string =>
    contacts.find((one) => one.hsaId === hsaId)?.addresses[0] ?? 'okand@region.example';

  const registered = async (): Promise<readonly Registered[]> =>
    (await state.list('request/', 0, 1000)).map(({ value }) => JSON.parse(value) as Registered);
  const register = (entry: Registered): Promise<void> =>
    state.put(`request/${entry.messageId}`, JSON.stringify(entry));

  const write = (mail: CaughtMail, address: string, words: Words, due: number): Promise<void> =>
    mailboxes.answer({
      to: mail.messageId,
      due,
      raw: answerMail(mail, { from: { address }, words, at: due, threading: settings.threading }),
    });

  /** The region's word, and after an approval CGI's. */
  const regionAnswers = async (
    mail: CaughtMail,
    entry: Registered,
    words: Words,
    due: number,
  ): Promise<void> => {
    await write(mail, addressOf(entry.region), words, due);
    if (words !== 'approve') return;
    await write(mail, support, 'grant', due + settings.supportDelay);
    await register({ ...entry, approvedAt: due, grantedAt: due + settings.supportDelay });
  };

  const strangers = async (mail: CaughtMail, entry: Registered, fault: EfrikortFault, due: number) => {
    if (fault === 'unknown-sender') return write(mail, 'nagon@okand.example', 'approve', due);
    const other = contacts.find(({ hsaId }) => hsaId !== entry.region)?.hsaId ?? entry.region;
    return write(mail, addressOf(other), 'approve', due);
  };

  /** The region's own answer, or the one that a fault makes of it. */
  const answerOf = (region: string, fault: EfrikortFault | undefined): RegionAnswer =>
    (fault === undefined ? undefined : FAULT_ANSWERS[fault]) ?? settings.answers[region] ?? settings.answer;

  const handle = async (
    mail: CaughtMail,
    { entry, furtherRegion }: Extract<Judgement, { readonly kind: 'registered' }>,
    fault: EfrikortFault | undefined,
  ): Promise<void> => {
    const due = clock() + settings.regionDelay;
    if (fault === 'grant-before-approval') return write(mail, support, 'grant', clock());
    if (fault === 'other-region-answers' || fault === 'unknown-sender')
      return strangers(mail, entry, fault, due);
    const answer = answerOf(entry.region, fault);
    const words = WORDS[answer];
    if (words !== undefined) return regionAnswers(mail, entry, words, due);
    if (answer === 'silent' && !furtherRegion) {
      await write(mail, support, 'no-approval', due + settings.supportDelay);
    }
  };

  const respond = async (mail: CaughtMail, fault: EfrikortFault | undefined): Promise<void> => {
    const now = clock();
    if (fault === 'bounce-hard' || fault === 'bounce-soft') {
      const raw = bounceMail(mail, fault === 'bounce-hard' ? 'hard' : 'soft');
      return mailboxes.answer({ to: mail.messageId, due: now, raw });
    }
    const known = await registered();
    const judged = judgeMail({ mail, support, regionOf, registered: known, settings, now });
    if (judged.kind === 'unanswered') return;
    if (judged.kind === 'refused') return write(mail, support, judged.words, now + settings.supportDelay);
    await register(judged.entry);
    await handle(mail, judged, fault);
  };

  const take = async (request: Request, fault: EfrikortFault | undefined): Promise<Response> => {
    const refused = fault === undefined ? undefined : NO_BODY.get(fault);
    if (refused !== undefined) return new Response(null, { status: refused });
    // Not as text: workerd warns of a Content-Type that is none to it.
    const raw = new TextDecoder().decode(await request.arrayBuffer());
    const parsed = parseMail(raw);
    const [messageId] = messageIdsIn(parsed?.header('message-id'));
    if (parsed === undefined || messageId === undefined) return new Response(null, { status: 400 });
    const mail: Omit<CaughtMail, 'position'> = {
      messageId,
      at: clock(),
      sender: request.headers.get('x-envelope-from') ?? '',
      recipients: addressesIn(request.headers.get('x-envelope-to') ?? ''),
      raw,
    };
    await mailboxes.catch(mail);
    await respond({ ...mail, position: 0 }, fault);
    return jsonResponse(202, { accepted: true });
  };

  const answerCall = async (request: Request, fault: string | undefined): Promise<Response> => {
    if (request.method === 'POST') return take(request, isEfrikortFault(fault) ? fault : undefined);
    if (request.method !== 'GET') return new Response(null, { status: 405 });
    const after = Number(new URL(request.url).searchParams.get('after') ?? 0);
    return jsonResponse(200, await mailboxes.arrived(Number.isInteger(after) ? after : 0, clock()));
  };

  return {
    fetch: withCommonFaults(answerCall, {
      ...options.faultTiming,
      system: 'efrikort',
      faults: options.faults,
      concerns,
    }),
    mails: () => mailboxes.caught(),
    async answer(messageId, answer) {
      const mail = await mailboxes.find(messageId);
      const entry = (await registered()).find((one) => one.messageId === messageId);
      if (mail === undefined || entry === undefined) return false;
      await mailboxes.withdraw(messageId, clock());
      const { approvedAt: _approved, grantedAt: _granted, ...open } = entry;
      await register(open);
      await regionAnswers(mail, open, answer, clock());
      return true;
    },
    granted: async (serial) =>
      (await registered()).some(
        (one) => has(one.grantedAt, clock()) && one.serial.toLowerCase() === serial.toLowerCase(),
      ),
  };
};
