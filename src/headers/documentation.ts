import { ORG_INFO_BY_CALLER } from './conditions.ts';
import { PATTERN_HEADINGS } from './handbook.ts';
import {
  type Condition,
  HEADER_NAMES,
  HEADER_TABLE,
  type HeaderCell,
  type HeaderName,
  type RuledPattern,
} from './table.ts';

/** The rule's number, or those it has by kind of caller; '' when the handbook gives none. */
export const ruleNumber = (cell: HeaderCell): string =>
  cell.rule ??
  (cell.on === 'caller'
    ? Object.values(ORG_INFO_BY_CALLER)
        .flatMap(({ rule }) => rule ?? [])
        .join('/')
    : '');

const CONDITIONS: readonly { readonly condition: Condition; readonly intro: string }[] = [
  { condition: 'mandatory', intro: 'Mandatory' },
  { condition: 'conditional', intro: 'Conditional' },
  { condition: 'optional', intro: 'Optional' },
  { condition: 'ignored', intro: 'Ignored' },
];

const numbered = (pattern: RuledPattern, name: HeaderName): string => {
  const cell = HEADER_TABLE[pattern][name];
  const rule = ruleNumber(cell);
  const shown = rule === '' ? name : `${name} (${rule})`;
  return cell.condition === 'conditional' ? `${shown}: ${cell.words.replace(/\.$/, '')}` : shown;
};

/** One pattern of the table in prose, for the CapabilityStatement. */
export const patternDocumentation = (pattern: RuledPattern): string => {
  const groups = CONDITIONS.flatMap(({ condition, intro }) => {
    const names = HEADER_NAMES.filter((name) => HEADER_TABLE[pattern][name].condition === condition);
    if (names.length === 0) return [];
    const separator = condition === 'conditional' ? '; ' : ', ';
    return [`${intro}: ${names.map((name) => numbered(pattern, name)).join(separator)}.`];
  });
  const { english } = PATTERN_HEADINGS[pattern];
  return `Pattern ${pattern}, ${english.charAt(0).toLowerCase()}${english.slice(1)}. ${groups.join(' ')}`;
};
