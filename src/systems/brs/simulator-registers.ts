import { instantOf } from '../../xml/codec-text.ts';
import type { SimulatorState } from '../simulation/state.ts';
import { startOfDanishDay } from './message-times.ts';
import seed from './simulator-seed.json' with { type: 'json' };

/** The registers that BRS looks in. */
export const REGISTERS = ['SSR', 'SIKREDE', 'LPR', 'REFHOST', 'HENVISNING_SOR'] as const;
export type RegisterName = (typeof REGISTERS)[number];

/** A row as the data file has it. */
export interface SeedRow {
  readonly source: string;
  readonly patientCpr: string;
  readonly yder?: string;
  readonly sks?: string;
  readonly sor?: string;
  readonly healthProfessionalCpr?: string;
  /** For SSR: the Danish day of a service. */
  readonly day?: string;
  /** Danish day or instant. */
  readonly from?: string;
  /** Absent: still open. */
  readonly to?: string;
  /** LPR: S parent unit, P procedure unit, U discharged to, Y ydernummer. */
  readonly type?: string;
  /** Absent: from the beginning. */
  readonly visibleFrom?: string;
  readonly note?: string;
}

/** A row of a register, times in milliseconds, half-open. */
export interface RegisterRow {
  readonly source: RegisterName;
  readonly patientCpr: string;
  readonly yder?: string | undefined;
  readonly sks?: string | undefined;
  readonly sor?: string | undefined;
  readonly healthProfessionalCpr?: string | undefined;
  readonly from: number;
  readonly to: number;
  readonly visibleFrom: number;
}

export interface SorEntry {
  readonly sor: string;
  readonly yder?: string;
  readonly sks?: string;
}

const DAY = 86_400_000;
const ISO_DAY = /^\d{4}-\d\d-\d\d$/;

const timeOf = (text: string): number => {
  const at = ISO_DAY.test(text) ? startOfDanishDay(text) : instantOf(text);
  if (at === undefined) throw new Error(`a register row has no time in ${text}`);
  return at;
};

/** A service's day is the whole day; where a patient was discharged to counts for one day. */
const rangeOf = ({ day, from, to, type }: SeedRow): readonly [number, number] => {
  if (day !== undefined) return [timeOf(day), timeOf(day) + DAY];
  const start = timeOf(from ?? '1900-01-01');
  if (type === 'U') return [start, start + DAY];
  return [start, to === undefined ? Number.POSITIVE_INFINITY : timeOf(to)];
};

const rowOf = (given: SeedRow): RegisterRow => {
  const source = REGISTERS.find((one) => one === given.source);
  if (source === undefined) throw new Error(`there is no register ${given.source}`);
  const { patientCpr, yder, sks, sor, healthProfessionalCpr, visibleFrom } = given;
  const [from, to] = rangeOf(given);
  return {
    source,
    patientCpr,
    yder,
    sks,
    sor,
    healthProfessionalCpr,
    from,
    to,
    visibleFrom: visibleFrom === undefined ? Number.NEGATIVE_INFINITY : timeOf(visibleFrom),
  };
};

/** The registers: the data file's rows, and those added since. */
export interface Registers {
  rowsOf(patientCpr: string): Promise<readonly RegisterRow[]>;
  /** A row that arrives, e.g. late. */
  add(row: SeedRow): Promise<void>;
  sor(code: string): SorEntry | undefined;
}

export interface RegisterData {
  readonly rows: readonly SeedRow[];
  readonly sorMap: readonly SorEntry[];
}

const PREFIX = 'row/';
const PAGE = 500;

export const createRegisters = (state: SimulatorState, data: RegisterData = seed): Registers => {
  const fixed = data.rows.map(rowOf);
  const bySor = new Map(data.sorMap.map((entry) => [entry.sor, entry] as const));
  return {
    async rowsOf(patientCpr) {
      const added = await state.list(`${PREFIX}${patientCpr}/`, 0, PAGE);
      // Only `add` writes these values.
      const rows = added.map(({ value }) => rowOf(JSON.parse(value) as SeedRow));
      return [...fixed.filter((row) => row.patientCpr === patientCpr), ...rows];
    },
    async add(row) {
      // A row that cannot be read is refused before it is kept.
      rowOf(row);
      await state.put(`${PREFIX}${row.patientCpr}/${crypto.randomUUID()}`, JSON.stringify(row));
    },
    sor: (code) => bySor.get(code),
  };
};
