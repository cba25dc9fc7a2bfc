import type { CallerKind } from '../security/caller.ts';
import type { ResourceKind } from './provenance-rules.ts';
import type { Condition, ConditionName, HeaderCell } from './table.ts';

/** What the conditional cells hang on, for one call. */
export interface CallFacts {
  /** Undefined: nobody has shown a ticket. */
  readonly kind?: CallerKind | undefined;
  readonly patientRefExpected: boolean;
  /** The purpose is own data and the access that of a guardian or of the holder of a power of attorney. */
  readonly proxied: boolean;
  readonly resourceKind?: ResourceKind | undefined;
}

export interface Resolved {
  readonly condition: Exclude<Condition, 'conditional'>;
  readonly rule?: string | undefined;
}

const OPTIONAL: Resolved = { condition: 'optional' };
const IGNORED: Resolved = { condition: 'ignored' };
const MANDATORY: Resolved = { condition: 'mandatory' };

/** Who must send X-Org-Info (GK4, GK5), who must not. Section 3.2 of the domain page. */
export const ORG_INFO_BY_CALLER: Readonly<Record<CallerKind, Resolved>> = {
  care: { condition: 'mandatory', rule: 'GK4' },
  mediated: { condition: 'mandatory', rule: 'GK5' },
  pharmacy: { condition: 'must-not' },
  machine: OPTIONAL,
};

const DECIDE: Readonly<Record<ConditionName, (facts: CallFacts) => Resolved>> = {
  caller: (facts) => (facts.kind === undefined ? OPTIONAL : ORG_INFO_BY_CALLER[facts.kind]),
  // In the exceptions it is not asked for; sent all the same, it must agree, so it is read.
  patient: (facts) => (facts.patientRefExpected ? MANDATORY : OPTIONAL),
  proxy: (facts) => (facts.proxied ? MANDATORY : IGNORED),
  prescription: (facts) =>
    facts.resourceKind === 'prescription' || facts.resourceKind === 'prescription-stopped'
      ? MANDATORY
      : OPTIONAL,
};

/** The cell for this very call: a conditional one decided, the others as they are. */
export const resolve = (cell: HeaderCell, facts: CallFacts): Resolved => {
  if (cell.condition !== 'conditional') return { condition: cell.condition, rule: cell.rule };
  if (cell.on === undefined) return OPTIONAL;
  const decided = DECIDE[cell.on](facts);
  return decided.rule === undefined && cell.rule !== undefined ? { ...decided, rule: cell.rule } : decided;
};
