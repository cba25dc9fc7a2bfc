import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORG_INFO_BY_CALLER } from '../../src/headers/conditions.ts';
import { HEADER_ISSUES } from '../../src/headers/faults.ts';
import {
  HEADER_NAMES,
  HEADER_TABLE,
  type HeaderName,
  PATIENT_REF_EXCEPTIONS,
  RULED_PATTERNS,
  type RuledPattern,
} from '../../src/headers/table.ts';
import type { CallerKind } from '../../src/security/caller.ts';
import { BAD, check, errors, GOOD } from './examples.ts';

// Tables 2 to 5 of the handbook page, transcribed once more: M mandatory, O optional, I ignored, C conditional.
const HANDBOOK: Readonly<Record<HeaderName, string>> = {
  'X-Purpose': 'I I M I',
  'X-Access': 'I I M I',
  'X-Provenance': 'I I I M',
  'X-PatientRef': 'I I C I',
  'X-ProxyRef': 'I I C I',
  'X-Org-Info': 'I C C C',
  Prefer: 'I I I C',
  'X-User-Agent': 'M M M M',
  'X-Request-ID': 'M M M M',
  'X-Context-ID': 'O O O O',
  'X-Call-Type': 'O O O O',
  Accept: 'O O O O',
  Authorization: 'I M M M',
};

const LETTER = { M: 'mandatory', O: 'optional', I: 'ignored', C: 'conditional' } as const;

describe('the table says what the handbook says', () => {
  for (const name of HEADER_NAMES) {
    it(name, () => {
      const printed = HANDBOOK[name].split(' ').map((letter) => LETTER[letter as keyof typeof LETTER]);
      expect(RULED_PATTERNS.map((pattern) => HEADER_TABLE[pattern][name].condition)).toEqual(printed);
    });
  }

  it('names the rules GK1, GK2, GK3 and GK6 where the handbook does', () => {
    for (const pattern of RULED_PATTERNS) {
      const cells = HEADER_TABLE[pattern];
      expect(cells['X-Request-ID'].rule).toBe('GK1');
      expect(cells['X-Context-ID'].rule).toBe('GK2');
      expect(cells['X-User-Agent'].rule).toBe('GK6');
      if (pattern !== '2.1') expect(cells.Authorization.rule).toBe('GK3');
    }
  });

  it('every cell has words, the Swedish term and a source, and a conditional one says on what', () => {
    for (const pattern of RULED_PATTERNS) {
      for (const name of HEADER_NAMES) {
        const cell = HEADER_TABLE[pattern][name];
        expect(cell.words, `${pattern} ${name}`).not.toBe('');
        expect(cell.swedish, `${pattern} ${name}`).not.toBe('');
        expect(cell.source, `${pattern} ${name}`).not.toBe('');
        expect(cell.on !== undefined, `${pattern} ${name}`).toBe(cell.condition === 'conditional');
      }
    }
  });

  it('X-PatientRef has the four exceptions of the handbook', () => {
    const printed = PATIENT_REF_EXCEPTIONS.map(({ rule }) => rule).filter((rule) => rule.startsWith('TA'));
    expect(printed).toEqual(['TA 05', 'TA 08', 'TA 14', 'TA 19']);
    for (const rule of printed) {
      expect(HEADER_TABLE['2.2.2']['X-PatientRef'].swedish).toContain(rule);
    }
  });

  it('a fault has the issue code that the table of faults gives it', () => {
    const codes = Object.entries(HEADER_ISSUES).map(([code, issue]) => `${code} ${issue.code}`);
    expect(codes).toEqual([
      'header-missing required',
      'header-duplicate invalid',
      'header-malformed invalid',
      'header-value value',
      'header-code-unknown code-invalid',
      'call-type-not-allowed business-rule',
      'provenance-invalid value',
      'ticket-missing login',
      'ticket-invalid login',
      'ticket-expired expired',
      'combination-not-allowed forbidden',
      'loa-too-low security',
      'patient-mismatch business-rule',
      'proxy-mismatch business-rule',
      'org-info-not-allowed business-rule',
      'header-ignored informational',
      'header-lenient informational',
      'header-ok informational',
      'rule-not-applicable informational',
      'media-type not-supported',
      'header-too-large too-long',
      'version-required required',
    ]);
  });

  it('X-Org-Info: care by GK4, mediators by GK5, pharmacies must not, machines may', () => {
    expect(ORG_INFO_BY_CALLER).toEqual({
      care: { condition: 'mandatory', rule: 'GK4' },
      mediated: { condition: 'mandatory', rule: 'GK5' },
      pharmacy: { condition: 'must-not' },
      machine: { condition: 'optional' },
    });
  });
});

type State = 'present' | 'absent' | 'malformed';

/** What a malformed value is called. */
const MALFORMED: Readonly<Record<HeaderName, string | undefined>> = {
  'X-Purpose': 'header-code-unknown code-invalid',
  'X-Access': 'header-code-unknown code-invalid',
  'X-Provenance': 'header-malformed invalid',
  'X-PatientRef': 'header-malformed invalid',
  'X-ProxyRef': 'header-malformed invalid',
  'X-Org-Info': 'header-malformed invalid',
  Prefer: undefined,
  'X-User-Agent': 'header-malformed invalid',
  'X-Request-ID': 'header-malformed invalid',
  'X-Context-ID': 'header-malformed invalid',
  'X-Call-Type': 'header-value value',
  Accept: undefined,
  Authorization: undefined,
};

interface Facts {
  readonly kind: CallerKind;
  readonly expected: boolean;
  readonly proxied: boolean;
}

/** What the handbook asks of one header of one call, from the transcription above and section 3. */
const asked = (pattern: RuledPattern, name: HeaderName, facts: Facts): 'M' | 'O' | 'I' => {
  const letter = HANDBOOK[name].split(' ')[RULED_PATTERNS.indexOf(pattern)] as keyof typeof LETTER;
  if (letter !== 'C') return letter;
  if (name === 'X-Org-Info')
    return ({ care: 'M', mediated: 'M', pharmacy: 'I', machine: 'O' } as const)[facts.kind];
  if (name === 'X-PatientRef') return facts.expected ? 'M' : 'O';
  if (name === 'X-ProxyRef') return facts.proxied ? 'M' : 'I';
  return 'O';
};

const predicted = (
  pattern: RuledPattern,
  name: HeaderName,
  state: State,
  facts: Facts,
): string | undefined => {
  if (name === 'Accept' || name === 'Authorization') return undefined;
  const rule = asked(pattern, name, facts);
  if (rule === 'I' || state === 'present') return undefined;
  if (state === 'absent') return rule === 'M' ? `${name} header-missing required` : undefined;
  return MALFORMED[name] === undefined ? undefined : `${name} ${MALFORMED[name]}`;
};

const value = (name: HeaderName, state: State): string | undefined =>
  ({ present: GOOD[name], absent: undefined, malformed: BAD[name] })[state];

const KINDS: readonly CallerKind[] = ['care', 'pharmacy', 'mediated', 'machine'];
const STATES: readonly State[] = ['present', 'absent', 'malformed'];

describe('every cell of the table, all other headers being good', () => {
  for (const pattern of RULED_PATTERNS) {
    for (const name of HEADER_NAMES) {
      for (const state of STATES) {
        it(`${pattern} ${name} ${state}`, () => {
          for (const kind of KINDS) {
            const facts: Facts = { kind, expected: true, proxied: false };
            const answer = check(pattern, { ...GOOD, [name]: value(name, state) }, { kind });
            const fault = predicted(pattern, name, state, facts);
            expect(errors(answer)).toEqual(fault === undefined ? [] : [fault]);
          }
        });
      }
    }
  }
});

describe('whatever is sent', () => {
  const states = fc.record(
    Object.fromEntries(HEADER_NAMES.map((name) => [name, fc.constantFrom(...STATES)])) as Record<
      HeaderName,
      fc.Arbitrary<State>
    >,
  );

  it('the faults are those that the table predicts, each exactly once', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...RULED_PATTERNS),
        fc.constantFrom(...KINDS),
        fc.boolean(),
        fc.boolean(),
        states,
        (pattern, kind, expected, proxyCodes, chosen) => {
          const sent = Object.fromEntries(HEADER_NAMES.map((name) => [name, value(name, chosen[name])]));
          if (proxyCodes && chosen['X-Purpose'] === 'present') sent['X-Purpose'] = 'SIM_EGNA_UPPGIFTER';
          if (proxyCodes && chosen['X-Access'] === 'present') sent['X-Access'] = 'SIM_KOPFULLMAKT';
          const proxied = proxyCodes && chosen['X-Purpose'] === 'present' && chosen['X-Access'] === 'present';
          const answer = check(pattern, sent, { kind, patientRefExpected: expected });
          const faults = HEADER_NAMES.map((name) =>
            predicted(pattern, name, chosen[name], { kind, expected, proxied }),
          ).filter((fault) => fault !== undefined);
          expect([...errors(answer)].sort()).toEqual([...faults].sort());
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it('nothing throws, and no error is without place, rule code and the mark of a 400', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.string({ maxLength: 40, unit: 'binary' }).map((raw) => Buffer.from(raw).toString('base64')),
      fc.json({ maxDepth: 4 }).map((raw) => Buffer.from(raw).toString('base64')),
      fc.json({ maxDepth: 4 }),
      fc.uuid(),
    );
    const sets = fc.record(
      Object.fromEntries(HEADER_NAMES.map((name) => [name, fc.option(text, { nil: null })])) as Record<
        HeaderName,
        fc.Arbitrary<string | null>
      >,
    );
    fc.assert(
      fc.property(
        fc.constantFrom('discovery' as const, ...RULED_PATTERNS),
        fc.constantFrom(...KINDS, undefined),
        sets,
        (pattern, kind, sent) => {
          const source = { get: (name: string) => sent[name as HeaderName] ?? null };
          const { issues } = check(pattern, {}, { kind, headers: source });
          for (const issue of issues.filter((one) => one.severity === 'error')) {
            expect(issue.malformed).toBe(true);
            expect(issue.location?.[0]).toMatch(/^http\.[A-Z]/);
            expect(issue.expression).toBeUndefined();
            expect(issue.details?.system).toBe('https://nordic-fhir-facade.dev/fhir/CodeSystem/header-issue');
            expect(issue.diagnostics).toContain(`pattern ${pattern}`);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
