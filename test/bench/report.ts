/** One row of the result: what was measured, beside what it is held against. */
export interface Line {
  readonly what: string;
  readonly measured: string;
  readonly reference?: string;
  readonly ratio?: string;
  readonly target?: string;
  /** Absent: nothing was promised. */
  readonly met?: boolean;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

/** Thin spaces would not survive a terminal: `12 345`. */
export const whole = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');

export const perSecond = (value: number): string => `${whole(value)}/s`;

/** Three digits that mean something. */
export const short = (value: number): string =>
  value >= 100 ? whole(value) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

export const milliseconds = (value: number): string => `${short(value)} ms`;
export const microseconds = (value: number): string => `${short(value)} µs`;
export const times = (value: number): string => `${short(value)} ×`;

const COLUMNS = ['Benchmark', 'Measured', 'Reference', 'Ratio', 'Target', 'Met'];

const verdict = (met: boolean | undefined): string => (met === undefined ? '' : met ? 'yes' : '**no**');

/** The Markdown table of all lines. */
export const table = (lines: readonly Line[]): string =>
  [
    COLUMNS,
    COLUMNS.map(() => '---'),
    ...lines.map(({ what, measured, reference = '', ratio = '', target = '', met }) => [
      what,
      measured,
      reference,
      ratio,
      target,
      verdict(met),
    ]),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
