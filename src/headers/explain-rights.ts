import type { Failure } from '../failure.ts';
import type { Caller, CallerKind } from '../security/caller.ts';
import { ACCESSES, PURPOSES } from './codes.ts';
import { FILTERING_RULES } from './filtering.ts';
import { codeOf, type Finding } from './finding.ts';
import { checkCombination, checkLoa, type MatrixCell, matrixCells } from './matrix.ts';
import { type MatrixRow, UNKNOWN_CELL } from './matrix-rows.ts';
import { checkPatientRef } from './patient-match.ts';
import type { HeaderSettings } from './settings.ts';
import { PATIENT_REF_EXCEPTIONS, type RuledPattern } from './table.ts';
import type { HeaderValues } from './values.ts';

/** The call, as far as rights hang on it. */
interface Judged {
  readonly pattern: RuledPattern;
  readonly settings: HeaderSettings;
  readonly ticket:
    | { readonly state: 'none' | 'refused' }
    | { readonly state: 'shown'; readonly caller: Caller };
  readonly kind: CallerKind | undefined;
  readonly patientTypes: readonly string[];
}

const callerOf = ({ ticket }: Judged): Caller | undefined =>
  ticket.state === 'shown' ? ticket.caller : undefined;

const mark = (verified: boolean): string => (verified ? 'verified' : 'assumed, ours');

/** A finding from what a check refuses, or a passed one. */
const judged = (
  base: Omit<Finding, 'outcome' | 'found' | 'code'>,
  refusal: Failure | undefined,
  passed: string,
): Finding => {
  const [issue] = refusal?.issues ?? [];
  return issue === undefined
    ? { ...base, outcome: 'passed', found: passed }
    : {
        ...base,
        outcome: 'failed',
        found: issue.diagnostics.replace(/\.$/, ''),
        code: codeOf(issue),
        issueCode: issue.code,
      };
};

const loaFinding = (call: Judged): Finding => {
  const base = {
    header: 'Authorization',
    rule: 'LOA',
    words: `Person-bound services need level of assurance ${call.settings.loaRequired} (DIGG)`,
    source: 'S 8',
  };
  const caller = callerOf(call);
  if (call.pattern === '2.1' || caller === undefined) {
    const why = call.pattern === '2.1' ? 'pattern 2.1 has no ticket' : 'no valid ticket was shown';
    return { ...base, outcome: 'not applicable', found: `Level of assurance: ${why}` };
  }
  if (caller.kind === 'machine') {
    return { ...base, outcome: 'not applicable', found: 'A machine has no level of assurance' };
  }
  return judged(base, checkLoa(caller, call.settings), 'The level of assurance of the ticket is enough');
};

const codeFinding = (cell: MatrixCell, settings: HeaderSettings, part: 'purpose' | 'access'): Finding => {
  const entry = part === 'purpose' ? PURPOSES[cell.purpose] : ACCESSES[cell.access];
  const replaced =
    part === 'purpose' ? settings.codes.purpose?.[cell.purpose] : settings.codes.access?.[cell.access];
  const header = part === 'purpose' ? 'X-Purpose' : 'X-Access';
  const origin = replaced === undefined ? mark(entry.verified) : 'set by the configuration';
  return {
    header,
    outcome: 'passed',
    found: `The code of ${header} means "${entry.display}"; the code itself is ${origin}`,
    words: `A code of the value set ${part}-types`,
    source: entry.source,
  };
};

/** "Förskrivare med vårdgivare", or the role alone. */
const rolesOf = (row: MatrixRow): string =>
  row.roles.map((role) => (row.organization === role ? `${role} with a care provider` : role)).join(', ');

const rowFinding = (row: MatrixRow, types: readonly string[]): Finding => {
  const applies = row.resource === '*' || types.includes(row.resource);
  const rules = [...row.filtering, ...row.validation].join(', ');
  return {
    header: 'X-Access',
    outcome: applies ? 'passed' : 'not applicable',
    found: `Row of the matrix for ${row.resource} (${mark(row.verified)})${applies ? '' : ', does not apply: no such resource'}`,
    words: `${row.decision === 'allow' ? 'Allowed' : 'Denied'}: ${rolesOf(row)}${rules === '' ? '' : `; with ${rules}`}`,
    source: row.source,
  };
};

/** Without a ticket the role is not known, only whose purpose it is. */
const purposeFits = (call: Judged, cells: readonly MatrixCell[]): Finding | undefined => {
  const { kind } = call;
  if (kind === undefined) return undefined;
  const fits =
    kind === 'machine' || cells.some(({ purpose }) => PURPOSES[purpose].kinds.some((one) => one === kind));
  return {
    header: 'X-Purpose',
    outcome: fits ? 'passed' : 'failed',
    ...(fits ? {} : { code: 'combination-not-allowed' as const }),
    found: `The purpose is ${fits ? '' : 'not '}one of a caller of kind ${kind}`,
    words: 'Vård for care, Expediering and Underlättande for pharmacies, own data for private persons',
    source: 'S 1, table 1 (verified)',
  };
};

const roleFindings = (
  call: Judged,
  caller: Caller,
  values: HeaderValues,
  cells: readonly MatrixCell[],
): readonly Finding[] =>
  call.patientTypes.map((resourceType) => {
    const known = cells.some(({ rows }) =>
      rows.some((row) => row.resource === '*' || row.resource === resourceType),
    );
    return judged(
      {
        header: 'X-Purpose',
        words: known
          ? 'A row of the matrix decides'
          : `No row is known for it, so it is ${UNKNOWN_CELL.words}`,
        source: known ? 'S 5' : `${UNKNOWN_CELL.source} (${mark(UNKNOWN_CELL.verified)})`,
      },
      checkCombination(
        {
          purpose: values.purpose,
          access: values.access,
          role: caller.role,
          kind: caller.kind,
          resourceType,
          organization: caller.organization !== undefined,
        },
        call.settings,
      ),
      `Role ${caller.role}, purpose and access go together for ${resourceType}`,
    );
  });

const matrixFindings = (call: Judged, values: HeaderValues): readonly Finding[] => {
  const { purpose, access } = values;
  const base = {
    header: 'X-Purpose',
    words: 'Role, purpose, access and resource must go together',
    source: 'S 5; most of the matrix is not public',
  };
  if (call.pattern !== '2.2.2') {
    const found = `Pattern ${call.pattern} has neither purpose nor access`;
    return [{ ...base, outcome: 'not applicable', found }];
  }
  if (purpose === undefined || access === undefined) {
    return [{ ...base, outcome: 'not applicable', found: 'Purpose or access is missing or unknown' }];
  }
  const cells = matrixCells(purpose, access, call.settings);
  const caller = callerOf(call);
  const decided =
    caller === undefined
      ? (purposeFits(call, cells) ?? {
          ...base,
          outcome: 'not applicable' as const,
          found: 'Who calls is not known; show a token, or name kind=care, pharmacy, mediated or machine',
        })
      : undefined;
  return [
    ...cells.flatMap((cell) => [
      codeFinding(cell, call.settings, 'purpose'),
      codeFinding(cell, call.settings, 'access'),
      ...cell.rows.map((row) => rowFinding(row, call.patientTypes)),
    ]),
    ...(decided === undefined ? [] : [decided]),
    ...(caller === undefined ? [] : roleFindings(call, caller, values, cells)),
  ];
};

const patientFindings = (call: Judged, values: HeaderValues): readonly Finding[] => {
  if (call.pattern !== '2.2.2') return [];
  const caller = callerOf(call);
  const base = {
    header: 'X-PatientRef',
    rule: call.settings.patientRules,
    words:
      'X-PatientRef is the patient asked for, X-ProxyRef the person of the ticket; their text is not public',
    source: 'S 1, table 4; the reading is ours',
  };
  const match: Finding =
    caller === undefined || values.patientRef === undefined
      ? {
          ...base,
          outcome: 'not applicable',
          found:
            'Whom the ticket may act for: there is no valid ticket, or no X-PatientRef to hold against it',
        }
      : judged(
          base,
          checkPatientRef({ values, patient: undefined, caller }, call.settings),
          'The ticket lets its holder act for the patient named; the data asked for are not looked at here',
        );
  return [
    match,
    ...PATIENT_REF_EXCEPTIONS.map(
      ({ rule, words, here }): Finding => ({
        header: 'X-PatientRef',
        rule,
        outcome: 'not applicable',
        found:
          here === undefined
            ? 'The exception does not apply: no such resource'
            : `The exception is for ${here}, not for this call`,
        words: `Not given for: ${words}`,
        source: rule.startsWith('TA') ? 'S 1, table 4' : 'ours',
      }),
    ),
  ];
};

const filteringFindings = (): readonly Finding[] =>
  FILTERING_RULES.map(({ id, words, source }) => ({
    rule: id,
    outcome: 'not applicable',
    found: 'Does not apply: no such resource',
    words: words ?? 'Its text is not public',
    source,
  }));

/** The rules beyond the headers themselves: level of assurance, matrix, patient and filtering. */
export const rightsFindings = (call: Judged, values: HeaderValues): readonly Finding[] => [
  loaFinding(call),
  ...matrixFindings(call, values),
  ...patientFindings(call, values),
  ...filteringFindings(),
];
