/** How the region's mailbox and CGI's support behave in the sandbox. */
export interface EfrikortSimulatorSettings {
  /** Each region may have its own answer, by HSA-id. */
  readonly answer: RegionAnswer;
  readonly answers: Readonly<Record<string, RegionAnswer>>;
  /** Milliseconds between a mail and the region's answer, and between that and CGI's. */
  readonly regionDelay: number;
  readonly supportDelay: number;
  /** Whether answers carry In-Reply-To and References, or quote the mail alone. */
  readonly threading: 'headers' | 'without-headers';
  readonly testGate: 'per-system' | 'per-system-and-region';
  readonly duplicate: 'already-registered' | 'as-new';
}

/** `manual`: a person answers, with the mailbox. */
export type RegionAnswer = 'approve' | 'reject' | 'silent' | 'unclear' | 'manual';

const DAY = 86_400_000;

export const EFRIKORT_SIMULATOR_DEFAULTS: EfrikortSimulatorSettings = {
  answer: 'approve',
  answers: {},
  regionDelay: DAY,
  supportDelay: DAY,
  threading: 'headers',
  testGate: 'per-system',
  duplicate: 'already-registered',
};

/** eFrikort's own fault kinds, besides the common ones. */
export const EFRIKORT_FAULT_KINDS = [
  'bounce-hard',
  'bounce-soft',
  'reject',
  'silent',
  'unclear',
  'other-region-answers',
  'unknown-sender',
  'grant-before-approval',
  'mail-429',
  'mail-rejected-recipient',
] as const;

export type EfrikortFault = (typeof EFRIKORT_FAULT_KINDS)[number];

export const isEfrikortFault = (kind: string | undefined): kind is EfrikortFault =>
  EFRIKORT_FAULT_KINDS.some((known) => known === kind);
