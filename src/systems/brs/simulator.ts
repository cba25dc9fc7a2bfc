import type { Clock, Fetch } from '../../ports.ts';
import type { Certificate } from '../../xml/certificate.ts';
import { instantOf } from '../../xml/codec-text.ts';
import { elementsIn, type XmlElement } from '../../xml/tree.ts';
import {
  type CheckedCall,
  createLayer,
  DGWS_FAULT_KINDS,
  forcedCode,
  LAYER_DEFAULTS,
  type LayerSettings,
} from '../dgws/simulator-layer.ts';
import { createReplies } from '../dgws/simulator-replies.ts';
import { type CommonFaultOptions, withCommonFaults } from '../simulation/common-faults.ts';
import type { Faults } from '../simulation/faults.ts';
import type { SimulatorState } from '../simulation/state.ts';
import { isOrganisationValue } from './message.ts';
import { type BrsAnswer, writeAnswer } from './message-answer.ts';
import { type OrganisationChildNames, V1_NAMESPACE, V2_RESPONSE_NAMESPACE } from './message-names.ts';
import { NOTIFICATION, NOTIFICATION_ANSWER, NOTIFICATION_QUERY } from './message-notification.ts';
import { danishTime } from './message-times.ts';
import { type AskedQuestion, readQuestion, writeQuestion } from './question.ts';
import { BRS_DEFAULTS } from './settings.ts';
import { type Alarm, createFollowups, type Followups } from './simulator-followups.ts';
import { createRegisters, type RegisterData, type Registers } from './simulator-registers.ts';
import {
  type Evidence,
  evidenceFor,
  RULE_DEFAULTS,
  type RuleSettings,
  relationFrom,
} from './simulator-rules.ts';

/** Which CVR numbers may ask, and which may fetch alarms: two lists; `*` stands for any. */
export interface Whitelists {
  readonly create: readonly string[];
  readonly query: readonly string[];
}

export const OPEN_WHITELISTS: Whitelists = { create: ['*'], query: ['*'] };

/** The switches of the simulated BRS, first value of the documented row first. */
export interface BrsSimulatorSettings extends LayerSettings {
  readonly organisationNames: OrganisationChildNames;
  /** Read besides the documented ones. */
  readonly requestNamespace?: string;
  readonly actualForm: 'list' | 'attribute';
  readonly sourceOrder: 'fixed' | 'shuffled';
  readonly generateReference: 'on' | 'off';
  /** Milliseconds. */
  readonly retention: number;
  readonly rules: RuleSettings;
  readonly servicePath: string;
  readonly notificationPath: string;
}

const DAY = 86_400_000;

export const BRS_SIMULATOR_DEFAULTS: BrsSimulatorSettings = {
  ...LAYER_DEFAULTS,
  organisationNames: BRS_DEFAULTS.organisationNames,
  actualForm: 'list',
  sourceOrder: 'fixed',
  generateReference: 'on',
  retention: 30 * DAY,
  rules: RULE_DEFAULTS,
  servicePath: '/brs-nsp/service/brs',
  notificationPath: '/brs-nsp/service/notification',
};

const ANSWER_KINDS = [
  'actual-relation-attribute',
  'unknown-source',
  'extra-elements',
  'no-external-reference',
  'other-external-reference',
] as const;

const NOTIFICATION_KINDS = [
  'not-authorized-notifications',
  'notification-repeat',
  'notification-gap',
  'cvr-migrated',
] as const;

/** BRS's own fault kinds, besides the common ones. */
export const BRS_FAULT_KINDS: readonly string[] = [
  ...DGWS_FAULT_KINDS,
  ...ANSWER_KINDS,
  ...NOTIFICATION_KINDS,
];

export interface BrsSimulatorOptions {
  readonly state: SimulatorState;
  readonly clock: Clock;
  readonly settings: BrsSimulatorSettings;
  readonly faults: Faults;
  /** Certificate of the STS whose cards are accepted. */
  readonly trusted: () => Promise<readonly Certificate[]>;
  readonly whitelists?: Whitelists;
  /** The registers' rows; the data file's unless given. */
  readonly data?: RegisterData;
  readonly faultTiming?: Pick<CommonFaultOptions, 'slowMs' | 'hangMs' | 'sleep'>;
}

export interface BrsSimulator {
  readonly fetch: Fetch;
  readonly registers: Registers;
  readonly followups: Followups;
  /** Runs what became due: call it when the clock was moved. */
  runJobs(): Promise<void>;
}

const isListed = (list: readonly string[], cvr: string): boolean => list.includes('*') || list.includes(cvr);

const judged = (question: AskedQuestion, bPlus: boolean): string | undefined => {
  if (question.minimum === 'B+' && !bPlus) return 'MinimumAcceptableRelation is not valid';
  const { kind, value } = question.organisation;
  if (!isOrganisationValue(kind, value)) return 'OrganisationIdentifier is not valid';
  const [start, end] = [instantOf(question.start), instantOf(question.end)];
  return start === undefined || end === undefined || start > end
    ? 'RelationLookupTimeInterval is not valid'
    : undefined;
};

/** The answer of a question, shaped by a fault. */
const shaped = (answer: BrsAnswer, fault: string | undefined): BrsAnswer => {
  const { externalReferenceId, ...rest } = answer;
  if (fault === 'no-external-reference') return rest;
  if (fault === 'other-external-reference') return { ...rest, externalReferenceId: crypto.randomUUID() };
  if (fault === 'unknown-source') {
    return { ...answer, bySource: [...(answer.bySource ?? []), { source: 'NYT_REGISTER', relation: 'E' }] };
  }
  return answer;
};

const withExtra = (body: XmlElement): XmlElement => ({
  ...body,
  children: [...body.children, elementsIn(body.namespace, body.prefix)('NewElement', [], ['not documented'])],
});

/** The Danish treatment relation service: evaluation, follow-ups and notifications. Rejects only as `fetch` does. */
export const createBrsSimulator = (options: BrsSimulatorOptions): BrsSimulator => {
  const { state, clock, settings, whitelists = OPEN_WHITELISTS } = options;
  const registers = createRegisters(state, options.data);
  const followups = createFollowups({
    state,
    registers,
    rules: settings.rules,
    retention: settings.retention,
  });
  const replies = createReplies(settings, clock);
  const isNotification = (request: Request): boolean =>
    new URL(request.url).pathname.startsWith(settings.notificationPath);
  const layer = createLayer({
    settings,
    clock,
    trusted: options.trusted,
    whitelist: (cvr, request) =>
      Promise.resolve(isListed(isNotification(request) ? whitelists.query : whitelists.create, cvr)),
  });

  const ordered = (evidence: Evidence): Evidence =>
    settings.sourceOrder === 'fixed' ? evidence : evidence.toSorted(() => Math.random() - 0.5);

  const evaluate = async (call: CheckedCall, fault: string | undefined): Promise<Response> => {
    const read = readQuestion(call.envelope.body, settings);
    if (!read.ok) {
      const [first] = read.failure;
      const text = `${first?.path ?? 'The request'} is not valid`;
      return replies.fault(call, { code: 'processing_problem', text });
    }
    const question = read.value;
    const refused = judged(question, settings.rules.bPlus);
    if (refused !== undefined) {
      return replies.fault(call, { code: 'processing_problem', text: refused });
    }
    const evidence = await evidenceFor(question, registers, settings.rules, clock());
    const relation = relationFrom(evidence);
    const sufficientRelation = question.accepted.includes(relation);
    const followupOrdered = !sufficientRelation && question.followup;
    const uniqueReferenceId = crypto.randomUUID();
    const generated = settings.generateReference === 'on' ? crypto.randomUUID() : undefined;
    const externalReferenceId = question.externalReferenceId ?? generated;
    if (followupOrdered) {
      const reference = externalReferenceId ?? uniqueReferenceId;
      await followups.order({
        uid: uniqueReferenceId,
        question: { ...question, externalReferenceId: reference },
      });
    }
    const answer: BrsAnswer = {
      sufficientRelation,
      actualRelations: [relation],
      ...(question.includeAllRelations ? { bySource: ordered(evidence) } : {}),
      followupOrdered,
      uniqueReferenceId,
      ...(externalReferenceId === undefined ? {} : { externalReferenceId }),
    };
    const body = writeAnswer(shaped(answer, fault), {
      uri: question.generation === 'v1' ? V1_NAMESPACE : V2_RESPONSE_NAMESPACE,
      actual: fault === 'actual-relation-attribute' ? 'attribute' : settings.actualForm,
    });
    return replies.reply(call, fault === 'extra-elements' ? withExtra(body) : body, fault);
  };

  const alarmElement = ({ serialNumber, createdAt, uid, question }: Alarm) => ({
    serialNumber,
    creationTimestamp: danishTime(createdAt),
    followup: copied(question, settings.organisationNames),
    relayed: { uniqueReferenceId: uid, externalReferenceId: question.externalReferenceId },
  });

  const notify = async (call: CheckedCall, fault: string | undefined): Promise<Response> => {
    const read = NOTIFICATION_QUERY.read(call.envelope.body);
    if (!read.ok) {
      return replies.fault(call, { code: 'processing_problem', text: 'The request is not valid' });
    }
    const { offset } = read.value.value;
    if (fault === 'cvr-migrated') await followups.migrateCvr(call.cvr, call.cvr);
    if (fault === 'notification-gap') await state.put('serial', String(await skipped()));
    const alarms = await followups.alarms(call.cvr, fault === 'notification-repeat' ? undefined : offset);
    const body = NOTIFICATION_ANSWER.write({ alarms: alarms.map(alarmElement) });
    return replies.reply(call, body, fault);
  };

  const GAP = 7;
  const skipped = async (): Promise<number> => Number((await state.get('serial')) ?? '0') + GAP;

  const answer = async (request: Request, fault: string | undefined): Promise<Response> => {
    await followups.tick(clock());
    const { pathname } = new URL(request.url);
    if (!isNotification(request) && pathname !== settings.servicePath) {
      return new Response('<html><body>404</body></html>', {
        status: 404,
        headers: { 'content-type': 'text/html' },
      });
    }
    if (/[?&](?:wsdl|xsd)\b/i.test(request.url)) {
      return new Response('<definitions/>', { status: 200, headers: { 'content-type': 'text/xml' } });
    }
    const checked = await layer.check(request);
    const code = fault === 'not-authorized-notifications' ? 'not_authorized' : forcedCode(fault);
    if (code !== undefined) {
      const call = checked.ok ? checked.value : checked.failure.call;
      return replies.fault(call, { code, text: 'Asked for in the sandbox' }, fault);
    }
    if (!checked.ok) return replies.fault(checked.failure.call, checked.failure);
    return isNotification(request) ? notify(checked.value, fault) : evaluate(checked.value, fault);
  };

  const concerns = (kind: string, request: Request): boolean => {
    if (ANSWER_KINDS.some((one) => one === kind)) return !isNotification(request);
    return !NOTIFICATION_KINDS.some((one) => one === kind) || isNotification(request);
  };

  return {
    fetch: withCommonFaults(answer, {
      ...options.faultTiming,
      system: 'brs',
      faults: options.faults,
      concerns,
    }),
    registers,
    followups,
    runJobs: () => followups.tick(clock()),
  };
};

/** The question, told again with its alarm: the same fields under the alarm's namespace. */
const copied = (question: Alarm['question'], organisationNames: OrganisationChildNames): XmlElement =>
  writeQuestion(question, {
    generation: 'v2',
    organisationNames,
    requestNamespace: NOTIFICATION.uri,
    serviceProvider: BRS_DEFAULTS.serviceProvider,
    bPlus: true,
  });
