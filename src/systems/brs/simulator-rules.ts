import { instantOf } from '../../xml/codec-text.ts';
import { sksCodes } from './message.ts';
import type { AskedQuestion } from './question.ts';
import { type Relation, strongest } from './relations.ts';
import { REGISTERS, type RegisterName, type RegisterRow, type Registers } from './simulator-registers.ts';

/** What the rules leave open. */
export interface RuleSettings {
  /** Days after an interval within which a register may still get rows: `D` until then, `E` from then on. */
  readonly lagDays: Readonly<Record<RegisterName, number>>;
  readonly bPlus: boolean;
}

/** SSR's window is documented; the others' are guesses. */
export const RULE_DEFAULTS: RuleSettings = {
  lagDays: { SSR: 62, SIKREDE: 62, LPR: 62, REFHOST: 62, HENVISNING_SOR: 62 },
  bPlus: true,
};

/** The question as the rules see it; times in milliseconds. */
interface Matter {
  readonly start: number;
  readonly end: number;
  readonly yder: string | undefined;
  /** Longest first. */
  readonly sks: readonly string[];
  readonly sor: string | undefined;
  readonly healthProfessionalCpr: string;
  readonly settings: RuleSettings;
}

const DAY = 86_400_000;

/** Half-open: ends that touch do not overlap. */
const overlaps = (row: RegisterRow, { start, end }: Matter): boolean => row.from < end && row.to > start;

/** Registers lose leading zeros of ydernumre. */
const sameYder = (row: RegisterRow, { yder }: Matter): boolean =>
  yder !== undefined && row.yder !== undefined && row.yder.padStart(6, '0') === yder.padStart(6, '0');

const sameUnit = (row: RegisterRow, { sks }: Matter): boolean => sks[0] !== undefined && row.sks === sks[0];

/** The first four characters of an SKS code are the hospital. */
const sameHospital = (row: RegisterRow, { sks }: Matter): boolean =>
  sks[0] !== undefined && row.sks?.slice(0, 4) === sks[0].slice(0, 4);

const sameSor = (row: RegisterRow, { sor }: Matter): boolean => sor !== undefined && row.sor === sor;

/** A row of a sender that may be addressed to a clinician by name. */
const sameClinician = (row: RegisterRow, matter: Matter): boolean =>
  row.healthProfessionalCpr !== undefined && row.healthProfessionalCpr === matter.healthProfessionalCpr;

/** What a row is worth for the question; undefined: nothing. */
type Worth = (row: RegisterRow, matter: Matter) => Relation | undefined;

const whenElse =
  (within: Relation, otherwise: Relation): Worth =>
  (row, matter) =>
    overlaps(row, matter) ? within : otherwise;

interface Rule {
  readonly worth: Worth;
  /** Whether the register can know anything about the organisation at all. */
  readonly applies: (matter: Matter) => boolean;
  /** Rows of others that make it certain that no evidence will come. */
  readonly settledBy?: (row: RegisterRow, matter: Matter) => boolean;
}

const RULES: Readonly<Record<RegisterName, Rule>> = {
  SSR: {
    worth: (row, matter) => (sameYder(row, matter) ? whenElse('A', 'C')(row, matter) : undefined),
    applies: () => true,
  },
  SIKREDE: {
    worth: (row, matter) => (sameYder(row, matter) ? whenElse('B', 'C')(row, matter) : undefined),
    applies: () => true,
    // Who has chosen another practice is in the register, and not with this one.
    settledBy: (row, matter) => !sameYder(row, matter) && overlaps(row, matter),
  },
  LPR: {
    worth: (row, matter) => {
      if (sameUnit(row, matter)) return whenElse('A', 'C')(row, matter);
      if (!sameHospital(row, matter) || !overlaps(row, matter)) return undefined;
      return matter.settings.bPlus ? 'B+' : 'B';
    },
    applies: ({ sks }) => sks.length > 0,
  },
  REFHOST: {
    worth: (row, matter) =>
      sameYder(row, matter) || sameClinician(row, matter) ? whenElse('A+', 'C')(row, matter) : undefined,
    applies: () => true,
  },
  HENVISNING_SOR: {
    worth: (row, matter) => (sameSor(row, matter) ? whenElse('A+', 'C')(row, matter) : undefined),
    applies: ({ sor }) => sor !== undefined,
  },
};

const relationOf = (
  source: RegisterName,
  rows: readonly RegisterRow[],
  matter: Matter,
  now: number,
): Relation => {
  const rule = RULES[source];
  const own = rows.filter((row) => row.source === source && row.visibleFrom <= now);
  const found = own.map((row) => rule.worth(row, matter)).filter((one) => one !== undefined);
  if (found.length > 0) return strongest(found);
  if (!rule.applies(matter) || own.some((row) => rule.settledBy?.(row, matter) === true)) return 'E';
  return now - matter.end <= matter.settings.lagDays[source] * DAY ? 'D' : 'E';
};

const matterOf = (question: AskedQuestion, registers: Registers, settings: RuleSettings): Matter => {
  const { kind, value } = question.organisation;
  const mapped = kind === 'sor' ? registers.sor(value) : undefined;
  const sks = kind === 'sks' ? value : mapped?.sks;
  return {
    start: instantOf(question.start) ?? 0,
    end: instantOf(question.end) ?? 0,
    yder: kind === 'yder' ? value : mapped?.yder,
    sks: sks === undefined ? [] : (sksCodes(sks) ?? []),
    sor: kind === 'sor' ? value : undefined,
    healthProfessionalCpr: question.healthProfessionalCpr,
    settings,
  };
};

/** The evidence of every register. */
export type Evidence = readonly { readonly source: RegisterName; readonly relation: Relation }[];

/** Looks in every register as it is at `now`. A SOR code that nobody has mapped finds no evidence; it is no fault. */
export const evidenceFor = async (
  question: AskedQuestion,
  registers: Registers,
  settings: RuleSettings,
  now: number,
): Promise<Evidence> => {
  const rows = await registers.rowsOf(question.patientCpr);
  const matter = matterOf(question, registers, settings);
  return REGISTERS.map((source) => ({ source, relation: relationOf(source, rows, matter, now) }));
};

/** The strongest of all. */
export const relationFrom = (evidence: Evidence): Relation =>
  strongest(evidence.map(({ relation }) => relation));
