import type { Environment } from './codes.ts';

/** The states of a connection, from draft to either end; CodeSystem efrikort-state. */
export const STATES = {
  draft: { display: 'Draft', definition: 'Not sent yet, or a mail whose fate is not known.' },
  requested: {
    display: 'Requested',
    definition: 'The mail has been sent to the region, and to CGI where it must be.',
  },
  'region-approved': { display: 'Approved by the region', definition: 'The region has approved in writing.' },
  'region-rejected': {
    display: 'Rejected by the region',
    definition: 'The region said no; a new attempt may follow.',
  },
  granted: { display: 'Granted', definition: 'CGI has given access.' },
  'test-passed': { display: 'Tests passed', definition: 'The tests against the TEST environment are done.' },
  revoked: { display: 'Revoked', definition: 'Access has ended.' },
  cancelled: { display: 'Cancelled', definition: 'The request was given up before access was granted.' },
} as const;

export type State = keyof typeof STATES;

export const isState = (code: string | undefined): code is State =>
  code !== undefined && Object.hasOwn(STATES, code);

/** What a transition's evidence must say. */
export type Evidence = 'written' | 'approver';

interface Transition {
  readonly from: readonly State[];
  readonly to: State;
  /** The only environment it exists in. */
  readonly environment?: Environment;
  readonly needs: readonly Evidence[];
  /** For the refusal, why the other states are not enough. */
  readonly why: string;
}

/** Operation × state → state. Whatever is not here is refused. */
export const TRANSITIONS = {
  submit: {
    from: ['draft', 'region-rejected'],
    to: 'requested',
    needs: [],
    why: 'A request is sent from a draft, or again after the region has rejected it.',
  },
  'region-approve': {
    from: ['requested'],
    to: 'region-approved',
    needs: ['written', 'approver'],
    why: 'A region approves what it has been asked: the request must have been sent.',
  },
  'region-reject': {
    from: ['requested'],
    to: 'region-rejected',
    needs: [],
    why: 'A region rejects what it has been asked: the request must have been sent.',
  },
  grant: {
    from: ['region-approved'],
    to: 'granted',
    needs: [],
    why: "CGI grants access only after the region's written approval.",
  },
  'test-passed': {
    from: ['granted'],
    to: 'test-passed',
    environment: 'TEST',
    needs: [],
    why: 'Tests are passed against the TEST environment, once access to it is granted.',
  },
  revoke: {
    from: ['granted', 'test-passed'],
    to: 'revoked',
    needs: [],
    why: 'Only access that was granted can be revoked; use $cancel before that.',
  },
  cancel: {
    from: ['draft', 'requested', 'region-approved', 'region-rejected'],
    to: 'cancelled',
    needs: [],
    why: 'Only a request that is under way can be cancelled; use $revoke once access is granted.',
  },
} as const satisfies Readonly<Record<string, Transition>>;

export type Operation = keyof typeof TRANSITIONS;

export const OPERATIONS = Object.keys(TRANSITIONS).filter((name): name is Operation =>
  Object.hasOwn(TRANSITIONS, name),
);

export const transitionOf = (operation: Operation): Transition => TRANSITIONS[operation];

/** The operations that the table allows from here. */
export const allowedFrom = (state: State, environment: Environment): readonly Operation[] =>
  OPERATIONS.filter((operation) => {
    const { from, environment: only } = transitionOf(operation);
    return from.includes(state) && (only === undefined || only === environment);
  });
