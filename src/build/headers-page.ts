/**
 * Writes docs/headers.md from the tables of src/headers.
 *
 *   node src/build/headers-page.ts            writes it
 *   node src/build/headers-page.ts --check    exits 1 when the committed page differs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ORG_INFO_BY_CALLER } from '../headers/conditions.ts';
import { HEADER_SETTINGS } from '../headers/configuration.ts';
import { ruleNumber } from '../headers/documentation.ts';
import { HEADER_ISSUES } from '../headers/faults.ts';
import { GENERAL_RULE, PATTERN_HEADINGS } from '../headers/handbook.ts';
import { SOURCES } from '../headers/sources.ts';
import {
  HEADER_NAMES,
  HEADER_TABLE,
  PATIENT_REF_EXCEPTIONS,
  RULED_PATTERNS,
  type RuledPattern,
  WRONG_NAMES,
} from '../headers/table.ts';
import { ENCODINGS, HEADER_TERMS, RESPONSE_HEADERS } from '../headers/terms.ts';
import { UNKNOWN } from '../headers/unknown.ts';
import { STATUS } from '../http/status.ts';
import { codes, matrix, provenance } from './headers-page-rights.ts';
import { code, section, table } from './markdown.ts';

const PAGE = join(import.meta.dirname, '../../docs/headers.md');

const patternTable = (pattern: RuledPattern): string => {
  const heading = PATTERN_HEADINGS[pattern];
  const rows = HEADER_NAMES.map((name) => {
    const cells = HEADER_TABLE[pattern][name];
    return [
      HEADER_TERMS[name].swedish,
      code(name),
      `**${cells.condition}**`,
      ruleNumber(cells),
      cells.swedish,
      cells.words,
      cells.source,
    ];
  });
  return [
    `### ${heading.section} ${heading.english}`,
    `"${heading.swedish}", table ${heading.table} of the handbook page.`,
    table(['term', 'header', 'condition', 'rule', "the handbook's words", 'in short', 'source'], rows),
  ].join('\n\n');
};

const patterns = (): string =>
  section(
    'The four patterns',
    `Above all of them stands: "${GENERAL_RULE.swedish}" ${GENERAL_RULE.words} An ignored header is not even read: whatever is in it, it is no reason to refuse the call. FHIR's own \`handling\` in Prefer is read on every search, whatever the pattern.`,
    ...RULED_PATTERNS.map(patternTable),
    '### When X-PatientRef is not given (2.2.2)',
    table(
      ['rule', 'case', 'on this server'],
      PATIENT_REF_EXCEPTIONS.map(({ rule, words, here }) => [rule, words, here ?? 'no such resource']),
    ),
    '### X-Org-Info by who calls (2.2.1, 2.2.2, 2.3)',
    table(
      ['caller', 'X-Org-Info', 'rule'],
      Object.entries(ORG_INFO_BY_CALLER).map(([kind, { condition, rule = '' }]) => [kind, condition, rule]),
    ),
    'The kind of caller comes from the role of the ticket. A pharmacy that sends it all the same gets a warning, or with `HEADER_PHARMACY_ORG_INFO=reject` a 400. Without a ticket (2.1) it is ignored.',
  );

const formats = (): string =>
  section(
    'How the values are written',
    table(
      ['header', 'term', 'form', 'source'],
      HEADER_NAMES.map((name) => {
        const { swedish, english, format, source } = HEADER_TERMS[name];
        return [code(name), `${swedish} (${english})`, format, source];
      }),
    ),
    'Header names are compared without regard to letter case. A header sent in two lines is refused (`header-duplicate`). JSON in a header:',
    table(
      ['encoding', 'taken'],
      ENCODINGS.map(({ words, taken }) => [words, taken]),
    ),
    'Names seen in the field that are not read; the answer names the right one:',
    table(
      ['header', 'wrong name'],
      Object.entries(WRONG_NAMES).map(([name, wrong]) => [code(name), wrong.map(code).join(', ')]),
    ),
    '`X-Correlation-ID` is the exception: it is read as X-Context-ID with a warning, unless `HEADER_OLD_CONTEXT_NAME=off`.',
  );

const responses = (): string =>
  section(
    'Response headers',
    table(
      ['header', 'term', 'the handbook (table 6)', 'this server'],
      RESPONSE_HEADERS.map(({ name, swedish, words, here }) => [code(name), swedish, words, here]),
    ),
    'Not of the handbook: `X-Header-Findings` (base64 of an OperationOutcome, at most 4 KB) carries warnings, and under `HEADER_RULES=report` the faults that were let through; those are also counted and logged by header and code, never by value.',
  );

const statusOf = (issue: (typeof HEADER_ISSUES)[keyof typeof HEADER_ISSUES]): string =>
  'refused' in issue ? String(STATUS[issue.refused]) : 'none';

const faults = (): string =>
  section(
    'Findings',
    'All header faults of a call come in one OperationOutcome, each with `location` `http.<Header>`, the pattern and the rule in `diagnostics`, and a code of CodeSystem `header-issue`. A 401 comes alone. `media-type` is 415 for a body.',
    table(
      ['code', 'means', 'issue code', 'status'],
      Object.entries(HEADER_ISSUES).map(([name, issue]) => [
        code(name),
        issue.display,
        code(issue.code),
        statusOf(issue),
      ]),
    ),
    'Under `HEADER_RULES=report` those of status 400 are let through and told in `X-Header-Findings`; all others stay. `GET /fhir/$header-check?pattern=2.2.2` holds the headers of the call itself against every rule on this page.',
  );

const settings = (): string =>
  section(
    'Settings',
    table(
      ['setting', 'takes', 'without it'],
      HEADER_SETTINGS.map(({ name, expects, otherwise }) => [code(name), expects, otherwise]),
    ),
  );

const unknown = (): string =>
  section(
    'Not known',
    table(
      ['what is not public', 'what this server does'],
      UNKNOWN.map(({ what, here }) => [what, here]),
    ),
    '## Sources',
    table(['mark', 'source'], Object.entries(SOURCES)),
  );

/** The page's text. */
export const headersPage = (): string =>
  `${[
    '# Header rules',
    'The rules of the Swedish national medication list (NLL) for HTTP headers, as this server enforces them. This page is written by `npm run build:headers` from the table that judges the calls.',
    patterns(),
    formats(),
    provenance(),
    codes(),
    matrix(),
    responses(),
    faults(),
    settings(),
    unknown(),
  ].join('\n\n')}\n`;

const committed = (): string => {
  try {
    return readFileSync(PAGE, 'utf8');
  } catch {
    return '';
  }
};

const main = (check: boolean): number => {
  const page = headersPage();
  if (!check) {
    writeFileSync(PAGE, page);
    return 0;
  }
  if (committed() === page) return 0;
  console.error('docs/headers.md is out of date: run npm run build:headers');
  return 1;
};

if (import.meta.main) process.exitCode = main(process.argv.includes('--check'));
