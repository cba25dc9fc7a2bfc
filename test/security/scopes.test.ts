import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROLES } from '../../src/security/caller.ts';
import {
  allows,
  formatScope,
  grantsCover,
  parseScope,
  parseScopes,
  type ScopeAction,
  scopesOf,
  searchNarrowing,
} from '../../src/security/scopes.ts';

const ACTIONS = ['c', 'r', 'u', 'd', 's'] as const;

const allowed = (scope: string, type = 'Consent'): string =>
  ACTIONS.filter((action) => allows({ scopes: parseScopes(scope) }, type, action).ok).join('');

const grants = (scope: string, action: ScopeAction = 's') => {
  const result = allows({ scopes: parseScopes(scope) }, 'Consent', action);
  return result.ok ? result.value : [];
};

describe('SMART scopes', () => {
  it('of version 2 allow exactly the letters they hold', () => {
    expect(allowed('system/Consent.cruds')).toBe('cruds');
    expect(allowed('user/Consent.rs')).toBe('rs');
    expect(allowed('user/Consent.r user/Consent.c')).toBe('cr');
    expect(allowed('user/*.s')).toBe('s');
    expect(allowed('user/Consent.cruds', 'Basic')).toBe('');
  });

  it('of version 1 mean what version 2 says they mean', () => {
    expect(allowed('user/Consent.read')).toBe('rs');
    expect(allowed('user/Consent.write')).toBe('cud');
    expect(allowed('system/*.*')).toBe('cruds');
  });

  it.each([
    'user/Consent.sr',
    'user/Consent.rr',
    'user/Consent.x',
    'user/Consent.',
    'user/Consent',
    'user/Consent.r?',
    'user/Consent.r?category',
    'user/Consent.r?category=a&category=b',
    'everybody/Consent.r',
    'User/Consent.r',
    'user/Con sent.r',
    'openid',
    'launch/patient',
    '',
  ])('%j that is not understood allows nothing', (scope) => {
    expect(allowed(scope)).toBe('');
  });

  it('are refused with 403 by type and letter, not by what is stored', () => {
    expect(allows({ scopes: [] }, 'Consent', 'r')).toMatchObject({
      ok: false,
      failure: {
        kind: 'forbidden',
        issues: [{ code: 'forbidden', diagnostics: expect.stringContaining('Consent.r') }],
      },
    });
  });

  it('print as they were read', () => {
    const text = fc.string({ minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.constantFrom('patient', 'user', 'system'),
        fc.constantFrom('*', 'Consent', 'Basic'),
        fc.subarray([...ACTIONS], { minLength: 1 }),
        fc.option(fc.dictionary(text, text, { minKeys: 1, maxKeys: 3 }), { nil: undefined }),
        (context, type, letters, query) => {
          const scope = {
            context,
            type,
            actions: letters.join(''),
            ...(query && { query: { ...query } }),
          } as const;
          expect(parseScope(formatScope(scope))).toEqual(scope);
        },
      ),
    );
  });

  it('never allow more because the text is odd', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const scope of parseScopes(text)) expect(scope.actions).toMatch(/^c?r?u?d?s?$/);
      }),
    );
  });
});

describe('narrowed scopes', () => {
  const covers = (scope: string, patient: string | undefined, category: string) =>
    grantsCover(grants(scope), ['p1'], {
      ...(patient === undefined ? {} : { patient }),
      matches: (query) => query['category'] === category,
    });

  it('with the context patient cover the own patient only', () => {
    expect(covers('patient/Consent.rs', 'p1', 'a')).toBe(true);
    expect(covers('patient/Consent.rs', 'p2', 'a')).toBe(false);
    expect(covers('patient/Consent.rs', undefined, 'a')).toBe(false);
  });

  it('with a query cover what matches it only', () => {
    expect(covers('user/Consent.s?category=a', 'p2', 'a')).toBe(true);
    expect(covers('user/Consent.s?category=a', 'p2', 'b')).toBe(false);
    expect(covers('patient/Consent.s?category=a', 'p2', 'a')).toBe(false);
  });

  it('give way to a wider one, whatever the order', () => {
    expect(grants('patient/Consent.rs user/Consent.rs')).toEqual([{ patientOnly: false }]);
    expect(grants('user/Consent.rs patient/Consent.rs user/Consent.s?category=a')).toEqual([
      { patientOnly: false },
    ]);
    expect(grants('patient/Consent.s?category=a patient/Consent.s')).toEqual([{ patientOnly: true }]);
  });

  it('add their criteria to a search', () => {
    expect(searchNarrowing(grants('patient/Consent.s?category=x%7Ca'))).toEqual({
      ok: true,
      value: { patientOnly: true, query: { category: 'x|a' } },
    });
  });

  it('that differ in one value search for either', () => {
    expect(
      searchNarrowing(grants('user/Consent.s?category=a&status=x user/Consent.s?category=b&status=x')),
    ).toEqual({
      ok: true,
      value: { patientOnly: false, query: { category: 'a,b', status: 'x' } },
    });
  });

  it('that do not make one search are refused, never widened', () => {
    for (const scope of [
      'user/Consent.s?category=a user/Consent.s?status=x',
      'user/Consent.s?category=a&status=x user/Consent.s?category=b&status=y',
      'patient/Consent.s user/Consent.s?category=a',
    ]) {
      expect(searchNarrowing(grants(scope))).toMatchObject({ ok: false, failure: { kind: 'forbidden' } });
    }
  });
});

describe('the scopes of a role', () => {
  it.each(ROLES)('%s exist and print as SMART v2', (role) => {
    expect(scopesOf(role).length).toBeGreaterThan(0);
    for (const scope of scopesOf(role)) expect(parseScope(formatScope(scope))).toEqual(scope);
  });

  it('of a citizen are bound to the patient', () => {
    const result = allows({ scopes: scopesOf('citizen') }, 'Consent', 'u');
    expect(result).toEqual({ ok: true, value: [{ patientOnly: true }] });
  });
});
