import { describe, expect, it, vi } from 'vitest';
import { failureOf } from '../../src/failure.ts';
import { checkHeaders } from '../../src/headers/check.ts';
import { DEFAULT_HEADER_SETTINGS } from '../../src/headers/settings.ts';
import {
  base64,
  check,
  errors,
  GOOD,
  ORG_INFO_CARE,
  ORG_INFO_MEDIATOR,
  PATIENT,
  PROVENANCE_13_4,
  PROXY,
  USER_AGENT,
  warnings,
} from './examples.ts';

const strict = { ...DEFAULT_HEADER_SETTINGS, reportIgnored: true };

describe('the worked examples', () => {
  it('13.1: pattern 2.1 needs X-Request-ID and X-User-Agent only', () => {
    const answer = check(
      '2.1',
      { 'X-Request-ID': '5b0f6b1e-0c5e-4c0a-9a63-1d2f1a7f3c01', 'X-User-Agent': USER_AGENT },
      { kind: undefined },
    );
    expect(answer).toEqual({
      issues: [],
      values: {
        callType: 'NORMAL',
        requestId: '5b0f6b1e-0c5e-4c0a-9a63-1d2f1a7f3c01',
        userAgent: { name: 'Exempeljournal', version: '4.2.1' },
      },
    });
  });

  it('13.2: pattern 2.2.1 with a care unit, ö and å intact', () => {
    const { 'X-Request-ID': id, 'X-Context-ID': context } = GOOD;
    const answer = check('2.2.1', {
      'X-Request-ID': id,
      'X-Context-ID': context,
      'X-User-Agent': USER_AGENT,
      'X-Org-Info': ORG_INFO_CARE,
    });
    expect(answer.issues).toEqual([]);
    expect(answer.values.orgInfo).toEqual({
      orgNamn: 'Region Exempel',
      orgenhetsId: 'SE2321000016-EX01',
      orgenhetsIdTyp: 'HSA',
      orgenhetsNamn: 'Exempelvårdcentralen',
      orgenhetsOrt: 'Östersund',
    });
  });

  it('13.3: pattern 2.2.2 with the minimal X-Org-Info', () => {
    const answer = check('2.2.2', { ...GOOD, 'X-Org-Info': 'eyJvcmdlbmhldHNPcnQiOiJTYWxhIn0=' });
    expect(answer.issues).toEqual([]);
    expect(answer.values).toMatchObject({
      purpose: 'VARD',
      access: 'TILLFALLIGT_SAMTYCKE',
      patientRef: PATIENT,
      orgInfo: { orgenhetsOrt: 'Sala' },
    });
    expect(answer.values.provenance).toBeUndefined();
    expect(answer.values.proxyRef).toBeUndefined();
  });

  it('13.3, proxy variant: own data by a guardian names the proxy', () => {
    const sent = {
      ...GOOD,
      'X-Purpose': 'SIM_EGNA_UPPGIFTER',
      'X-Access': 'SIM_VARDNADSHAVARE',
      'X-Org-Info': ORG_INFO_MEDIATOR,
    };
    const answer = check('2.2.2', sent, { kind: 'mediated' });
    expect(answer.issues).toEqual([]);
    expect(answer.values.proxyRef).toBe(PROXY);
    expect(answer.values.orgInfo?.orgenhetsOrt).toBe('Malmö');
  });

  it('13.4: pattern 2.3 with X-Provenance', () => {
    const answer = check('2.3', {
      'X-Request-ID': GOOD['X-Request-ID'],
      'X-User-Agent': USER_AGENT,
      'X-Org-Info': ORG_INFO_CARE,
      'X-Provenance': PROVENANCE_13_4,
      Prefer: 'return=representation',
    });
    expect(answer.issues).toEqual([]);
    expect(answer.values.provenance?.agent?.[0]?.who?.reference).toBe('#author');
    expect(answer.values.prefer).toEqual({ return: 'representation' });
  });

  it("2.1: the authority's own write example is accepted", () => {
    const answer = check('2.3', {
      'x-org-info': base64({ orgenhetsOrt: 'Sala' }),
      'x-provenance': PROVENANCE_13_4,
      'x-request-id': 'c2654b3a-5a03-40bf-a16e-69c621cfca46',
      'x-user-agent': base64({ name: 'Test system testaren', version: '0.01010101010.1 beta' }),
    });
    expect(answer.issues).toEqual([]);
  });

  it('13.5: several faults, one answer, in the words of the example', () => {
    const answer = check(
      '2.2.2',
      {
        ...GOOD,
        'X-Request-ID': 'not-a-uuid',
        'X-Access': undefined,
        'X-User-Agent': 'MyApp/1.0',
        Prefer: undefined,
        'X-ProxyRef': undefined,
      },
      { settings: strict },
    );
    expect(
      answer.issues.map((issue) => [issue.severity, issue.code, issue.location, issue.details?.code]),
    ).toEqual([
      ['error', 'invalid', ['http.X-Request-ID'], 'header-malformed'],
      ['error', 'invalid', ['http.X-User-Agent'], 'header-malformed'],
      ['error', 'required', ['http.X-Access'], 'header-missing'],
      ['warning', 'informational', ['http.X-Provenance'], 'header-ignored'],
    ]);
    const texts = answer.issues.map((issue) => issue.diagnostics);
    expect(texts[0]).toBe('X-Request-ID is not a UUID (pattern 2.2.2, GK1)');
    expect(texts[1]).toContain('X-User-Agent must be base64 of JSON {name, version} (pattern 2.2.2, GK6)');
    expect(texts[2]).toBe('X-Access is mandatory (pattern 2.2.2)');
    expect(texts[3]).toBe('X-Provenance is ignored on reads (pattern 2.2.2)');
    expect(failureOf(answer.issues)?.kind).toBe('malformed');
  });
});

describe('an ignored header', () => {
  it('is not even looked at', () => {
    const get = vi.fn((name: string) => (GOOD as Readonly<Record<string, string>>)[name] ?? null);
    for (const [pattern, ignored] of [
      [
        '2.1',
        [
          'X-Purpose',
          'X-Access',
          'X-Provenance',
          'X-PatientRef',
          'X-ProxyRef',
          'X-Org-Info',
          'Authorization',
        ],
      ],
      ['2.2.1', ['X-Purpose', 'X-Access', 'X-Provenance', 'X-PatientRef', 'X-ProxyRef']],
      ['2.2.2', ['X-Provenance', 'X-ProxyRef']],
      ['2.3', ['X-Purpose', 'X-Access', 'X-PatientRef', 'X-ProxyRef']],
    ] as const) {
      get.mockClear();
      checkHeaders({
        pattern,
        headers: { get },
        kind: 'care',
        settings: DEFAULT_HEADER_SETTINGS,
        patientRefExpected: true,
      });
      const asked = get.mock.calls.map(([name]) => name);
      for (const name of ignored) expect(asked, `${pattern} ${name}`).not.toContain(name);
    }
  });

  it('is reported when the setting says so, as a warning only', () => {
    const answer = check('2.3', GOOD, { settings: strict });
    expect(errors(answer)).toEqual([]);
    expect(warnings(answer)).toEqual([
      'X-Purpose header-ignored',
      'X-Access header-ignored',
      'X-PatientRef header-ignored',
      'X-ProxyRef header-ignored',
    ]);
    expect(answer.issues[0]?.diagnostics).toBe('X-Purpose is ignored on writes (pattern 2.3)');
  });

  it('Prefer on a read counts for handling alone, and a broken one for nothing', () => {
    expect(check('2.2.2', { ...GOOD, Prefer: 'return=minimal, handling=lenient' }).values.prefer).toEqual({
      handling: 'lenient',
    });
    const broken = check('2.2.2', { ...GOOD, Prefer: 'return="' });
    expect(broken.issues).toEqual([]);
    expect(broken.values.prefer).toBeUndefined();
    expect(
      warnings(check('2.2.1', { ...GOOD, Prefer: 'handling=lenient' }, { settings: strict })),
    ).not.toContain('Prefer header-ignored');
  });
});

describe('discovery', () => {
  it('has no rule, but usable ids are known', () => {
    expect(check('discovery', {}).issues).toEqual([]);
    expect(check('discovery', { 'X-Request-ID': 'x', 'X-User-Agent': 'x' })).toEqual({
      issues: [],
      values: { callType: 'NORMAL' },
    });
    expect(check('discovery', GOOD).values.requestId).toBe(GOOD['X-Request-ID']);
  });
});

describe('ids', () => {
  it('X-Request-ID in capitals is accepted and kept', () => {
    const id = GOOD['X-Request-ID'].toUpperCase();
    expect(check('2.1', { ...GOOD, 'X-Request-ID': id }).values.requestId).toBe(id);
  });

  it.each([
    '{5b0f6b1e-0c5e-4c0a-9a63-1d2f1a7f3c03}',
    '5b0f6b1e0c5e4c0a9a631d2f1a7f3c03',
    'urn:uuid:5b0f6b1e',
  ])('X-Request-ID %s is not a UUID', (id) => {
    expect(errors(check('2.1', { ...GOOD, 'X-Request-ID': id }))).toEqual([
      'X-Request-ID header-malformed invalid',
    ]);
  });

  it('a header sent twice is a duplicate, not a bad value', () => {
    for (const name of [
      'X-Request-ID',
      'X-Context-ID',
      'X-User-Agent',
      'X-Org-Info',
      'X-Purpose',
      'X-Access',
      'X-PatientRef',
      'X-Call-Type',
    ] as const) {
      const headers = new Headers(GOOD);
      headers.append(name, GOOD[name]);
      const answer = checkHeaders({
        pattern: '2.2.2',
        headers,
        kind: 'care',
        settings: DEFAULT_HEADER_SETTINGS,
        patientRefExpected: true,
      });
      expect(errors(answer), name).toEqual([`${name} header-duplicate invalid`]);
    }
    const twice = `${PROVENANCE_13_4}, ${PROVENANCE_13_4}`;
    expect(errors(check('2.3', { ...GOOD, 'X-Provenance': twice }))).toEqual([
      'X-Provenance header-duplicate invalid',
    ]);
  });

  it('the old name X-Correlation-ID is read as X-Context-ID, with a warning', () => {
    const sent = { ...GOOD, 'X-Context-ID': undefined, 'X-Correlation-ID': PROXY };
    const answer = check('2.1', sent);
    expect(answer.values.contextId).toBe(PROXY);
    expect(warnings(answer)).toEqual(['X-Correlation-ID header-lenient']);
    const off = check('2.1', sent, { settings: { ...DEFAULT_HEADER_SETTINGS, oldContextName: false } });
    expect(off.values.contextId).toBeUndefined();
    expect(off.issues[0]?.diagnostics).toContain('X-Context-ID');
  });

  it('X-Context-ID wins over the old name, and a foreign X-Correlation-ID is nobody’s fault', () => {
    const both = check('2.1', { ...GOOD, 'X-Correlation-ID': PROXY });
    expect(both.values.contextId).toBe(GOOD['X-Context-ID']);
    expect(both.issues).toEqual([]);
    const foreign = check('2.1', { ...GOOD, 'X-Context-ID': undefined, 'X-Correlation-ID': 'trace-1' });
    expect(foreign.issues).toEqual([]);
  });

  it('an empty header was not sent', () => {
    expect(errors(check('2.1', { ...GOOD, 'X-Request-ID': ' ' }))).toEqual([
      'X-Request-ID header-missing required',
    ]);
    expect(errors(check('2.1', { ...GOOD, 'X-Context-ID': '' }))).toEqual([]);
  });
});

describe('names seen in the field', () => {
  it.each([
    ['X-Purpose', 'x-purpose-of-use'],
    ['X-User-Agent', 'x-system-id'],
  ] as const)('a missing %s names the right one for %s', (name, wrong) => {
    const answer = check('2.2.2', { ...GOOD, [name]: undefined, [wrong]: 'TREAT' });
    expect(errors(answer)).toEqual([`${name} header-missing required`]);
    expect(answer.issues[0]?.diagnostics.toLowerCase()).toContain(`${wrong} was sent, but the name is`);
  });
});

describe('X-Call-Type', () => {
  it('DELAYED belongs to TA 10 alone', () => {
    for (const pattern of ['2.1', '2.2.1', '2.2.2', '2.3'] as const) {
      const answer = check(pattern, { ...GOOD, 'X-Call-Type': 'DELAYED' });
      expect(errors(answer)).toEqual(['X-Call-Type call-type-not-allowed business-rule']);
      expect(answer.values.callType).toBe('NORMAL');
    }
    const ta10 = check('2.3', { ...GOOD, 'X-Call-Type': 'DELAYED' }, { resourceKind: 'prescription' });
    expect(ta10.issues).toEqual([]);
    expect(ta10.values.callType).toBe('DELAYED');
  });
});

describe('Prefer', () => {
  it('is mandatory for prescriptions and optional for what this server writes', () => {
    const sent = { ...GOOD, Prefer: undefined };
    expect(errors(check('2.3', sent))).toEqual([]);
    expect(errors(check('2.3', sent, { resourceKind: 'prescription' }))).toEqual([
      'Prefer header-missing required',
    ]);
  });

  it('an unknown return is a warning, and refused in strict mode', () => {
    const sent = { ...GOOD, Prefer: 'return=everything' };
    expect(warnings(check('2.3', sent))).toEqual(['Prefer header-value']);
    const refused = check('2.3', sent, { settings: { ...DEFAULT_HEADER_SETTINGS, strictPrefer: true } });
    expect(errors(refused)).toEqual(['Prefer header-value value']);
  });
});

describe('X-PatientRef and X-ProxyRef', () => {
  it('Patient/<id> is the same as <id>', () => {
    expect(check('2.2.2', { ...GOOD, 'X-PatientRef': `Patient/${PATIENT}` }).values.patientRef).toBe(PATIENT);
  });

  it('in the exceptions it is not asked for; sent all the same, it is read', () => {
    const exception = { patientRefExpected: false };
    expect(errors(check('2.2.2', { ...GOOD, 'X-PatientRef': undefined }, exception))).toEqual([]);
    expect(check('2.2.2', GOOD, exception).values.patientRef).toBe(PATIENT);
  });

  it.each(['191212121212', '19121212-1212', '12048645510', '0101010101'])(
    'a national identity number is refused and not repeated',
    (number) => {
      const answer = check('2.2.2', { ...GOOD, 'X-PatientRef': number });
      expect(errors(answer)).toEqual(['X-PatientRef header-malformed invalid']);
      expect(JSON.stringify(answer)).not.toContain(number);
    },
  );

  it.each([
    ['SIM_VARDNADSHAVARE', true],
    ['SIM_KOPFULLMAKT', true],
    ['SIM_PATIENT', false],
  ])('own data with access %s: X-ProxyRef mandatory is %s', (access, mandatory) => {
    const sent = {
      ...GOOD,
      'X-Purpose': 'SIM_EGNA_UPPGIFTER',
      'X-Access': access,
      'X-ProxyRef': undefined,
    };
    expect(errors(check('2.2.2', sent, { kind: 'mediated' }))).toEqual(
      mandatory ? ['X-ProxyRef header-missing required'] : [],
    );
  });

  it('X-ProxyRef hangs on the purpose, too', () => {
    expect(
      errors(check('2.2.2', { ...GOOD, 'X-Access': 'SIM_VARDNADSHAVARE', 'X-ProxyRef': undefined })),
    ).toEqual([]);
  });
});

describe('codes', () => {
  it('can be replaced, and then the placeholder is unknown', () => {
    const settings = {
      ...DEFAULT_HEADER_SETTINGS,
      codes: { purpose: { 'own-data': 'EGNA_UPPGIFTER' }, access: { guardian: 'VARDNADSHAVARE' } },
    } as const;
    const sent = {
      ...GOOD,
      'X-Purpose': 'EGNA_UPPGIFTER',
      'X-Access': 'VARDNADSHAVARE',
      'X-ProxyRef': undefined,
    };
    expect(errors(check('2.2.2', sent, { settings }))).toEqual(['X-ProxyRef header-missing required']);
    expect(errors(check('2.2.2', { ...sent, 'X-Purpose': 'SIM_EGNA_UPPGIFTER' }, { settings }))).toEqual([
      'X-Purpose header-code-unknown code-invalid',
    ]);
  });

  it('are compared as they are written', () => {
    expect(errors(check('2.2.2', { ...GOOD, 'X-Purpose': 'vard' }))).toEqual([
      'X-Purpose header-code-unknown code-invalid',
    ]);
  });
});

describe('X-Org-Info by caller', () => {
  it('a private person without a mediator’s organisation is refused by GK5', () => {
    const answer = check('2.2.1', { ...GOOD, 'X-Org-Info': undefined }, { kind: 'mediated' });
    expect(errors(answer)).toEqual(['X-Org-Info header-missing required']);
    expect(answer.issues[0]?.diagnostics).toBe('X-Org-Info is mandatory (pattern 2.2.1, GK5)');
  });

  it('from a pharmacy it is ignored with a warning, unread, or refused in strict mode', () => {
    const sent = { ...GOOD, 'X-Org-Info': 'not base64!' };
    const ignored = check('2.3', sent, { kind: 'pharmacy' });
    expect(errors(ignored)).toEqual([]);
    expect(warnings(ignored)).toEqual(['X-Org-Info org-info-not-allowed']);
    expect(ignored.values.orgInfo).toBeUndefined();
    const settings = { ...DEFAULT_HEADER_SETTINGS, pharmacyOrgInfo: 'reject' } as const;
    expect(errors(check('2.3', sent, { kind: 'pharmacy', settings }))).toEqual([
      'X-Org-Info org-info-not-allowed business-rule',
    ]);
  });

  it('the members that a kind must give are a setting', () => {
    const settings = {
      ...DEFAULT_HEADER_SETTINGS,
      orgInfoRequired: { care: ['orgNamn', 'orgenhetsOrt'] },
    } as const;
    const sent = { ...GOOD, 'X-Org-Info': base64({ orgenhetsOrt: 'Sala' }) };
    expect(errors(check('2.2.1', sent, { settings }))).toEqual(['X-Org-Info header-malformed required']);
    expect(errors(check('2.2.1', sent, { settings, kind: 'machine' }))).toEqual([]);
  });
});
