import type { Basic, Parameters } from '@medplum/fhirtypes';
import type { Failure, Issue } from '../../../failure.ts';
import { addressesIn } from '../../../mail/address.ts';
import { ok, type Result } from '../../../result.ts';
import { hasErrors } from '../../findings.ts';
import { finding, refusal } from '../findings.ts';
import type { MappingContext } from '../mapping/context.ts';
import { readConnection } from '../mapping/read.ts';
import { withProgress } from '../mapping/write.ts';
import { type Connection, type ConnectionEvent, sameHsaId } from '../model.ts';
import { allowedFrom, type Operation, transitionOf } from '../states.ts';
import { type OperationInput, readInput } from './parameters.ts';

/** An operation that only records what has happened: everything but `submit`. */
export type RecordingOperation = Exclude<Operation, 'submit'>;

export interface TransitionCall {
  readonly operation: RecordingOperation;
  /** As stored. */
  readonly basic: Basic;
  readonly parameters: Parameters | undefined;
  /**
   * The region that an address is known of, by its HSA-id, so that another region's approval is noticed;
   * undefined: nobody's.
   */
  readonly regionOf?: (address: string) => string | undefined;
}

/** What the store keeps; nothing is sent. */
export interface Transitioned {
  readonly resource: Basic;
  readonly issues: readonly Issue[];
}

/** A stored connection; one that cannot be read any more is a bug of whoever stored it. */
export const connectionOf = (basic: Basic, context: MappingContext): Connection => {
  const { connection } = readConnection(basic, context);
  if (connection === undefined) throw new Error('a stored connection cannot be read');
  return connection;
};

/** Why the table does not allow it; undefined when it does. */
export const judgeTransition = (operation: Operation, connection: Connection): Issue | undefined => {
  const { state, environment } = connection;
  const allowed = allowedFrom(state, environment);
  if (allowed.includes(operation)) return undefined;
  const next =
    allowed.length === 0 ? 'nothing: this state is an end' : allowed.map((name) => `$${name}`).join(', ');
  const why = `$${operation} is not possible in state ${state} (${environment}). ${transitionOf(operation).why} Possible now: ${next}.`;
  return finding('transition-not-allowed', 'Basic.extension', why);
};

const parameter = (name: string): string => `Parameters.parameter.where(name = '${name}')`;

const judgeEvidence = (
  call: TransitionCall,
  input: OperationInput,
  connection: Connection,
): readonly Issue[] => {
  const { needs } = transitionOf(call.operation);
  const issues: Issue[] = [];
  if (needs.includes('written') && input.written !== true) {
    const why =
      "CGI needs the region's approval in writing; one by telephone does not do. Say written = true when it is.";
    issues.push(finding('not-in-writing', parameter('written'), why));
  }
  if (needs.includes('approver') && input.approver === undefined) {
    issues.push(finding('approver-missing', parameter('approver'), 'Say who at the region approved.'));
  }
  if (needs.length > 0 && input.evidence === undefined) {
    const why = 'Attach the approval (Attachment), or refer to it.';
    issues.push(finding('evidence-missing', parameter('evidence'), why, 'warning'));
  }
  const { hsaId } = connection.region;
  const addresses = addressesIn(input.approver ?? '').map((address) => call.regionOf?.(address));
  const named = addresses.filter((region) => region !== undefined);
  if (needs.includes('approver') && addresses.includes(undefined)) {
    const why =
      'No contact of this region that is known here has this address: make sure that it speaks for the region.';
    issues.push(finding('approver-unknown', parameter('approver'), why, 'warning'));
  }
  const other = [...(input.region === undefined ? [] : [input.region]), ...named];
  if (other.some((region) => !sameHsaId(region, hsaId))) {
    const why =
      'This is the word of another region; each request is for one region, which has to answer itself.';
    issues.push(
      finding('approval-other-region', parameter(input.region === undefined ? 'approver' : 'region'), why),
    );
  }
  return issues;
};

const eventOf = (input: OperationInput, state: ConnectionEvent['state'], now: number): ConnectionEvent => ({
  state,
  time: new Date(input.at ?? now).toISOString(),
  ...(input.approver === undefined ? {} : { actor: input.approver }),
  ...(input.note === undefined ? {} : { note: input.note }),
  ...(input.written === undefined ? {} : { written: input.written }),
  ...(input.evidence === undefined ? {} : { evidence: input.evidence }),
});

/**
 * One transition with its evidence, as a new event; pure but for `context.now`. Failure: `unprocessable` with
 * every fault at once.
 */
export const transition = (call: TransitionCall, context: MappingContext): Result<Transitioned, Failure> => {
  const connection = connectionOf(call.basic, context);
  const { input, issues: read } = readInput(call.parameters, 'transition', context.now);
  const notAllowed = judgeTransition(call.operation, connection);
  const issues = [
    ...read,
    ...(notAllowed === undefined ? [] : [notAllowed]),
    ...judgeEvidence(call, input, connection),
  ];
  if (hasErrors(issues)) return refusal(issues);
  const state = transitionOf(call.operation).to;
  const events = [...connection.events, eventOf(input, state, context.now)];
  return ok({ resource: withProgress(call.basic, { state, events }), issues });
};
