/**
 * `npm run bench`: every benchmark beside its reference in the same run, as one Markdown table on standard output.
 *
 * `--quick` fits into a minute; `--only read,create` runs some sections; `--write` keeps the table in
 * `docs/benchmarks.md` as well.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { removeDatabases } from './facade.ts';
import { readGenerator } from './load/load.ts';
import { type BenchPlan, FULL, QUICK } from './plan.ts';
import { here } from './processes.ts';
import { installReferences } from './references.ts';
import { type Line, table } from './report.ts';
import { tokenSearches } from './search.ts';
import { brs } from './sections/brs.ts';
import { creates } from './sections/create.ts';
import { fmk } from './sections/fmk.ts';
import { formats } from './sections/formats.ts';
import { headerStage } from './sections/header-stage.ts';
import { idCard } from './sections/id-card.ts';
import { pureParts } from './sections/pure.ts';
import { reads } from './sections/read.ts';
import { stages } from './sections/stages.ts';
import { validation } from './sections/validation.ts';
import { worker } from './sections/worker.ts';

type Section = (plan: BenchPlan) => Promise<readonly Line[]>;

const SECTIONS: Readonly<Record<string, Section>> = {
  read: reads,
  create: creates,
  stages,
  validation,
  pure: pureParts,
  headers: headerStage,
  card: idCard,
  brs,
  fmk,
  formats,
  search: tokenSearches,
  worker,
};

const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};

const flag = (name: string): boolean => process.argv.includes(name);

const chosen = (): readonly (readonly [string, Section])[] => {
  const only = argument('--only')?.split(',');
  const unknown = only?.find((name) => SECTIONS[name] === undefined);
  if (unknown !== undefined) {
    process.stderr.write(`--only ${unknown}: known are ${Object.keys(SECTIONS).join(', ')}\n`);
    process.exit(1);
  }
  return Object.entries(SECTIONS).filter(([name]) => only?.includes(name) ?? true);
};

/** A section that cannot run here is a row that says so; the others go on. */
const run = async (name: string, section: Section, plan: BenchPlan): Promise<readonly Line[]> => {
  process.stderr.write(`${name} …\n`);
  try {
    return await section(plan);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${name}: ${reason}\n`);
    return [{ what: `${name}: could not be measured`, measured: '', met: false }];
  }
};

const plan = flag('--quick') ? QUICK : FULL;
installReferences();
const lines: Line[] = [];
for (const [name, section] of chosen()) lines.push(...(await run(name, section, plan)));
removeDatabases();

const [processor] = cpus();
const about = [
  `${processor?.model ?? 'unknown processor'}, ${cpus().length} cores shared by load, server and disk; Node ${process.versions.node}.`,
  `Medians of ${plan.rounds} interleaved rounds of ${plan.seconds} s. Reads are loaded by ${readGenerator}, creates by the own generator.`,
  'Absolute figures are those of one machine on one day; the ratios are what to look at.',
].join(' ');
const text = `${table(lines)}\n\n${about}\n`;
process.stdout.write(`${text}`);
if (flag('--write'))
  writeFileSync(here('../../docs/benchmarks.md'), `# Benchmarks\n\n\`npm run bench\`\n\n${text}`);
