import type { Clock, Fetch } from '../../ports.ts';
import type { Certificate } from '../../xml/certificate.ts';
import type { XmlElement } from '../../xml/tree.ts';
import type { IdCard } from '../dgws/message-card.ts';
import { readEnvelope } from '../dgws/message-envelope.ts';
import { type CheckedCall, createLayer, forcedCode, LAYER_DEFAULTS } from '../dgws/simulator-layer.ts';
import { type CommonFaultOptions, withCommonFaults } from '../simulation/common-faults.ts';
import type { Faults } from '../simulation/faults.ts';
import type { SimulatorState } from '../simulation/state.ts';
import { FMK_MESSAGES, FMK_OPERATIONS, type FocesWhitelisting, namespaceOf, soapAction } from './message.ts';
import { GET_PERMISSIONS_REQUEST, GET_PERMISSIONS_RESPONSE } from './message-headers.ts';
import { createFmkAnswers } from './simulator-answers.ts';
import { fmkFaultConcerns, forcedFault, type Operation } from './simulator-faults.ts';
import { createWhitelistRegister } from './simulator-register.ts';
import {
  type FmkQuestion,
  readHeader,
  readQuestion,
  refuseQuestion,
  refuseSystem,
} from './simulator-rules.ts';
import { type FmkSimulatorSettings, PERMISSIONS } from './simulator-settings.ts';

export interface FmkSimulatorOptions {
  readonly state: SimulatorState;
  readonly clock: Clock;
  readonly settings: FmkSimulatorSettings;
  /** Certificates of the STS whose cards are accepted. */
  readonly trusted: () => Promise<readonly Certificate[]>;
  readonly faults: Faults;
  /** How the common faults `slow` and `timeout` spend their time. */
  readonly faultTiming?: Pick<CommonFaultOptions, 'slowMs' | 'hangMs' | 'sleep'>;
}

/** An entry that the facade did not make. */
const foreignEntry = (cvr: FmkQuestion['cvr']): FocesWhitelisting => ({
  OrganisationIdentifier: cvr,
  FocesId: crypto.randomUUID(),
});

const KEY_VALUES = [
  { Key: 'FocesWhitelisting/FocesId', Value: 'ukendt' },
  { Key: 'FocesWhitelisting/CertHash', Value: 'ukendt' },
  // As a real service might: what comes back must not reach a log.
  { Key: 'CreatedBy/HealthcareProfessional/Identifier', Value: '2401010001' },
] as const;

/**
 * FMK's FOCES whitelisting (Create, Get, Delete) and GetPermissions, with the checks in their order. Rejects only as
 * `fetch` does.
 */
export const createFmkSimulator = (options: FmkSimulatorOptions): Fetch => {
  const { settings, clock, faults } = options;
  const { version, cardLevel } = settings;
  const messages = FMK_MESSAGES[version];
  const register = createWhitelistRegister(options.state, settings);
  const answers = createFmkAnswers(settings, clock);
  const layer = createLayer({
    settings: {
      ...LAYER_DEFAULTS,
      verifySignatures: settings.verifySignatures,
      soapAction: 'must-be-present',
      level: cardLevel,
      cardType: cardLevel === 4 ? 'user' : 'any',
      wrongCard: 'security_level_failed',
    },
    clock,
    trusted: options.trusted,
    whitelist: () => Promise.resolve(true),
  });

  const actions: ReadonlyMap<string, Operation> = new Map([
    ...FMK_OPERATIONS.map((operation) => [soapAction(version, operation), operation] as const),
    [`${namespaceOf(version)}#GetPermissions`, 'GetPermissions'],
  ]);

  const operationOf = (request: Request): Operation | undefined =>
    actions.get((request.headers.get('soapaction') ?? '').trim().replace(/^"(.*)"$/, '$1'));

  const bodyIs = (operation: Operation, body: XmlElement): boolean => {
    const message = {
      Create: messages.CreateRequest,
      Get: messages.GetRequest,
      Delete: messages.DeleteRequest,
      GetPermissions: GET_PERMISSIONS_REQUEST,
    }[operation];
    return message.is(body);
  };

  const permissions = (): XmlElement =>
    GET_PERMISSIONS_RESPONSE.write({
      RolesPermissions: settings.roles.map((RequestedRole) => ({ RequestedRole, Permission: PERMISSIONS })),
    });

  /** The list of a CVR; the kinds that concern it change the register first, so that they last. */
  const list = async ({ cvr }: FmkQuestion, fault: string | undefined): Promise<XmlElement> => {
    if (fault === 'other-entry') await register.add(foreignEntry(cvr));
    const [first] = fault === 'entry-gone' ? await register.list(cvr.value) : [];
    if (first !== undefined) await register.remove(first);
    return messages.GetResponse.write({ FocesWhitelisting: await register.list(cvr.value) });
  };

  const echo = (operation: 'Create' | 'Delete', entry: FocesWhitelisting, fault: string | undefined) => {
    const told = fault === 'changed-echo' ? { ...entry, FocesId: '00000000' } : entry;
    const message = operation === 'Create' ? messages.CreateResponse : messages.DeleteResponse;
    return message.write({ FocesWhitelisting: told });
  };

  const serve = async (
    call: CheckedCall,
    question: FmkQuestion,
    preflight: boolean,
    fault: string | undefined,
  ): Promise<Response> => {
    const { operation, entry } = question;
    if (operation === 'Get' || entry === undefined) {
      return answers.reply(call, operation, await list(question, fault), fault);
    }
    const there = await register.has(entry);
    const sets = [{ Key: 'FocesWhitelisting/FocesId', Value: entry.FocesId }];
    if (operation === 'Create') {
      if (there && settings.duplicateCreate === 'fault')
        return answers.refuse(call, { code: 'SIM-0010', sets });
      if (!there && !preflight) await register.add(entry);
    } else {
      const removed = preflight ? there : await register.remove(entry);
      if (!removed && settings.absentDelete === 'fault')
        return answers.refuse(call, { code: 'SIM-0011', sets });
    }
    return answers.reply(call, operation, echo(operation, entry, fault), fault);
  };

  const forced = (call: CheckedCall, fault: string | undefined): Response | undefined => {
    const code = forcedFault(fault);
    if (code !== undefined) return answers.refuse(call, { code, sets: [] });
    if (fault === 'fmk-detail-many') return answers.refuse(call, { code: 'SIM-0001', sets: KEY_VALUES });
    if (fault === 'medcom-fault') return answers.layer(call, 'processing_problem', 'simuleret fejl');
    return fault === 'no-detail' ? answers.layer(call, undefined, 'simuleret fejl') : undefined;
  };

  const serveChecked = async (
    call: CheckedCall & { readonly card: IdCard },
    operation: Operation,
    fault: string | undefined,
  ): Promise<Response> => {
    const misbehaved = forced(call, fault);
    if (misbehaved !== undefined) return misbehaved;
    const header = readHeader(call.envelope, settings);
    if (!header.ok) return answers.layer(call, ...header.failure);
    const unknown = refuseSystem(header.value.whitelisting, settings);
    if (unknown !== undefined) return answers.refuse(call, unknown);
    if (operation === 'GetPermissions') return answers.reply(call, operation, permissions(), fault);
    const question = readQuestion(operation, call.envelope.body, settings);
    if (!question.ok) return answers.layer(call, ...question.failure);
    const refused = refuseQuestion(question.value, call.card, settings);
    if (refused !== undefined) return answers.refuse(call, refused);
    return serve(call, question.value, header.value.preflight, fault);
  };

  /** SOAPAction and body are held against each other before any card is looked at. */
  const refuseMismatch = async (
    request: Request,
    operation: Operation | undefined,
  ): Promise<Response | undefined> => {
    if (request.method !== 'POST' || (request.headers.get('soapaction') ?? '') === '') return undefined;
    const envelope = readEnvelope(await request.clone().text());
    if (!envelope.ok || (operation !== undefined && bodyIs(operation, envelope.value.body))) return undefined;
    const { flowId, messageId } = envelope.value.header?.linking ?? {};
    return answers.layer({ flowId, messageId }, 'syntax_error', 'SOAPAction and body do not match');
  };

  const answer = async (request: Request, fault: string | undefined): Promise<Response> => {
    const operation = operationOf(request);
    const code = forcedCode(fault);
    const mismatch = await refuseMismatch(request, operation);
    if (mismatch !== undefined) return mismatch;
    const checked = await layer.check(request);
    const call = checked.ok ? checked.value : checked.failure.call;
    if (code !== undefined) return answers.layer(call, code, 'simuleret fejl', fault);
    if (!checked.ok) {
      // The fault could not show in this call: it waits for the next one.
      if (fault !== undefined) await faults.add('fmk', fault);
      return answers.layer(call, checked.failure.code, checked.failure.text);
    }
    if (operation === undefined) return answers.layer(call, 'syntax_error', 'SOAPAction is unknown');
    return serveChecked(checked.value, operation, fault);
  };

  return withCommonFaults(answer, {
    ...options.faultTiming,
    system: 'fmk',
    faults,
    concerns: (kind, request) => fmkFaultConcerns(kind, operationOf(request)),
  });
};
