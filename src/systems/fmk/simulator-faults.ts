import { DGWS_FAULT_KINDS } from '../dgws/simulator-layer.ts';
import type { FmkOperation } from './message.ts';
import { SIM_FAULTS, type SimFault } from './simulator-settings.ts';

/** An operation of the simulator, by its SOAPAction. */
export type Operation = FmkOperation | 'GetPermissions';

interface FaultRule {
  /** The operations it can happen to; absent: any. */
  readonly operations?: readonly Operation[];
  /** The simulator's code it answers with; absent: the service shapes its answer by the kind. */
  readonly code?: SimFault;
}

const WRITES: readonly Operation[] = ['Create', 'Delete'];
const GET: readonly Operation[] = ['Get'];

const SIM_KINDS = Object.keys(SIM_FAULTS).map((code): readonly [string, FaultRule] => [
  code.toLowerCase(),
  // The keys of this table are its codes.
  { code: code as SimFault },
]);

/** FMK's own ways to misbehave, by the kinds that `POST /sandbox/faults` names. */
const FMK_FAULTS: ReadonlyMap<string, FaultRule> = new Map<string, FaultRule>([
  ['fmk-detail', { code: 'SIM-0001' }],
  ['fmk-detail-many', {}],
  ['medcom-fault', {}],
  ['no-detail', {}],
  ['not-whitelisted-system', { code: 'SIM-0002' }],
  ['role-not-allowed', { code: 'SIM-0003', operations: WRITES }],
  ['unknown-pharmacy', { code: 'SIM-0004', operations: WRITES }],
  ['response-warnings', {}],
  ['empty-response-header', {}],
  ['no-timing-list', {}],
  ['other-entry', { operations: GET }],
  ['entry-gone', { operations: GET }],
  ['paged-answer', { operations: GET }],
  ['changed-echo', { operations: WRITES }],
  ...SIM_KINDS,
]);

/** FMK's fault kinds besides the common ones, those of the DGWS layer among them. */
export const FMK_FAULT_KINDS: readonly string[] = [...DGWS_FAULT_KINDS, ...FMK_FAULTS.keys()];

/** Whether a fault of this kind can happen to a call of this operation. */
export const fmkFaultConcerns = (kind: string, operation: Operation | undefined): boolean => {
  const operations = FMK_FAULTS.get(kind)?.operations;
  return operations === undefined || (operation !== undefined && operations.includes(operation));
};

/** The simulator's code that a kind asks for. */
export const forcedFault = (kind: string | undefined): SimFault | undefined =>
  kind === undefined ? undefined : FMK_FAULTS.get(kind)?.code;
