import { ruleNumber } from '../headers/documentation.ts';
import { PATTERN_HEADINGS } from '../headers/handbook.ts';
import type { Pattern } from '../headers/pattern.ts';
import {
  HEADER_NAMES,
  HEADER_TABLE,
  type HeaderName,
  RULED_PATTERNS,
  type RuledPattern,
} from '../headers/table.ts';
import { HEADER_TERMS } from '../headers/terms.ts';
import { code, escapeHtml, inline, link, list, type Row, section, table } from './markup.ts';

const patternId = (pattern: RuledPattern): string => `pattern-${pattern}`;

const ruleId = (pattern: RuledPattern, name: HeaderName): string => `rule-${pattern}-${name}`;

const valueId = (name: HeaderName): string => `value-${name}`;

const isRuled = (pattern: Pattern): pattern is RuledPattern => pattern !== 'discovery';

/** To the rules of a pattern on the other page. */
export const patternLink = (pattern: Pattern): string =>
  isRuled(pattern) ? link(`/docs#${patternId(pattern)}`, pattern) : 'none (discovery)';

/** The numbers of a rule, to where its words are. */
const numberLink = (pattern: RuledPattern, name: HeaderName): string => {
  const rule = ruleNumber(HEADER_TABLE[pattern][name]);
  return link(`/docs#${ruleId(pattern, name)}`, rule === '' ? 'rule' : rule);
};

const mandatory = (pattern: RuledPattern): string => {
  const names = HEADER_NAMES.filter((name) => HEADER_TABLE[pattern][name].condition === 'mandatory');
  const conditional = HEADER_NAMES.filter((name) => HEADER_TABLE[pattern][name].condition === 'conditional');
  const told = (list: readonly HeaderName[]): string =>
    list.map((name) => `${code(name)} (${numberLink(pattern, name)})`).join(', ');
  const also = conditional.length === 0 ? '' : `; in some cases ${told(conditional)}`;
  return `${patternLink(pattern)}, ${escapeHtml(PATTERN_HEADINGS[pattern].english.toLowerCase())}: ${told(names)}${also}.`;
};

/** What each pattern asks for, with each rule's number leading to its words. */
export const rulesInShort = (): string =>
  [
    '<p>Every call follows one of four usage patterns of the Swedish national medication list (NLL); every create, update and delete is 2.3.</p>',
    list(RULED_PATTERNS.map(mandatory)),
    `<p>${code('GET /fhir/$header-check?pattern=2.2.2')} holds the headers of a call against them, rule by rule.</p>`,
  ].join('\n');

const ruleRow = (pattern: RuledPattern, name: HeaderName): Row => {
  const cell = HEADER_TABLE[pattern][name];
  return {
    id: ruleId(pattern, name),
    cells: [
      link(`#${valueId(name)}`, name),
      escapeHtml(cell.condition),
      escapeHtml(ruleNumber(cell)),
      inline(cell.words),
      `<span lang="sv">${escapeHtml(cell.swedish)}</span>`,
    ],
  };
};

/** Every rule of a pattern, each with an address of its own. */
export const patternSection = (pattern: RuledPattern): string => {
  const { english, swedish } = PATTERN_HEADINGS[pattern];
  return section(
    patternId(pattern),
    `Pattern ${pattern}: ${english.toLowerCase()}`,
    `<p lang="sv">${escapeHtml(swedish)}</p>`,
    table(
      `Headers of pattern ${pattern}`,
      ['Header', 'Condition', 'Rule', 'In short', 'The handbook’s words'],
      HEADER_NAMES.map((name) => ruleRow(pattern, name)),
    ),
  );
};

/** How each value is written. */
export const valuesSection = (): string =>
  section(
    'values',
    'How the values are written',
    table(
      'Header values',
      ['Header', 'Term', 'What is taken'],
      HEADER_NAMES.map((name) => ({
        id: valueId(name),
        cells: [
          code(name),
          `${escapeHtml(HEADER_TERMS[name].english)} (<span lang="sv">${escapeHtml(HEADER_TERMS[name].swedish)}</span>)`,
          inline(HEADER_TERMS[name].format),
        ],
      })),
    ),
  );
