import { describe, expect, it } from 'vitest';
import {
  type AccessAction,
  checkPatient,
  kindOfRole,
  mayDo,
  patientsInContext,
  patientsWithin,
  type ResourceKind,
} from '../../src/security/access.ts';
import { ROLES, type Role } from '../../src/security/caller.ts';
import { makeCaller } from './make-caller.ts';

const KINDS: readonly (ResourceKind | 'server')[] = [
  'Consent',
  'treatment-relation',
  'foces-whitelisting',
  'efrikort-connection',
  'Organization',
  'Patient',
  'Provenance',
  'AuditEvent',
  'extra',
  'server',
];
const ACTIONS: readonly AccessAction[] = ['read', 'write', 'history', 'poll'];

/** Every cell a role has, as the contract's table says; what is not here must be refused. */
const reachable = (role: Role): Readonly<Record<string, string>> =>
  Object.fromEntries(
    KINDS.flatMap((kind) =>
      ACTIONS.flatMap((action) => {
        const result = mayDo({ role }, kind, action);
        return result.ok ? [[`${action} ${kind}`, result.value]] : [];
      }),
    ),
  );

const CARE = {
  'read Organization': 'all',
  'read Consent': 'all',
  'write Consent': 'all',
  'read treatment-relation': 'all',
  'write treatment-relation': 'all',
  'read Patient': 'all',
  'read Provenance': 'written-by-self',
};
const PHARMACY = {
  'read Organization': 'all',
  'read foces-whitelisting': 'all',
  'write foces-whitelisting': 'all',
  'read Provenance': 'written-by-self',
};

describe('who may do what', () => {
  it.each(['prescriber', 'nurse', 'pharmacist-care', 'dietitian'] as const)(
    '%s: Consent, treatment-relation',
    (role) => {
      expect(reachable(role)).toEqual(CARE);
    },
  );

  it.each(['pharmacist', 'pharmacy-staff'] as const)('%s: foces-whitelisting', (role) => {
    expect(reachable(role)).toEqual(PHARMACY);
  });

  it('citizen: its own Consent and Patient', () => {
    expect(reachable('citizen')).toEqual({
      'read Organization': 'all',
      'read Consent': 'own',
      'write Consent': 'own',
      'read Patient': 'own',
    });
  });

  it.each(['guardian', 'agent'] as const)('%s: Consent and Patient of those represented', (role) => {
    expect(reachable(role)).toEqual({
      'read Organization': 'all',
      'read Consent': 'represented',
      'write Consent': 'represented',
      'read Patient': 'represented',
    });
  });

  it('system: registers, connections, histories and notifications', () => {
    const full = (kind: string) => ({
      [`read ${kind}`]: 'all',
      [`write ${kind}`]: 'all',
      [`history ${kind}`]: 'all',
    });
    expect(reachable('system')).toEqual({
      ...full('Organization'),
      // Written as an extra type only: the entry has no writes otherwise.
      ...full('Patient'),
      ...full('Consent'),
      ...full('efrikort-connection'),
      ...full('extra'),
      'read foces-whitelisting': 'all',
      'history foces-whitelisting': 'all',
      'poll treatment-relation': 'all',
      'read Patient': 'all',
      'history server': 'all',
    });
  });

  it('auditor: AuditEvent and Provenance, and writes nothing', () => {
    expect(reachable('auditor')).toEqual({
      'read Organization': 'all',
      'read AuditEvent': 'all',
      'read Provenance': 'all',
    });
  });

  it('a refusal is a 403 whose text depends on role, kind and action only', () => {
    expect(mayDo({ role: 'nurse' }, 'AuditEvent', 'read')).toEqual({
      ok: false,
      failure: {
        kind: 'forbidden',
        issues: [
          {
            severity: 'error',
            code: 'forbidden',
            diagnostics: 'The role nurse may not read AuditEvent.',
            details: {
              system: 'https://nordic-fhir-facade.dev/fhir/CodeSystem/header-issue',
              code: 'combination-not-allowed',
            },
          },
        ],
      },
    });
  });

  it('every role has a kind for the X-Org-Info rule', () => {
    expect(ROLES.map(kindOfRole)).toEqual([
      ...Array(4).fill('care'),
      ...Array(2).fill('pharmacy'),
      ...Array(3).fill('mediated'),
      ...Array(2).fill('machine'),
    ]);
  });
});

describe('the patients a call may touch', () => {
  it('are any for care, pharmacy, system and auditor', () => {
    expect(patientsWithin(makeCaller('nurse'))).toBe('any');
    expect(checkPatient(makeCaller('system'), undefined)).toEqual({ ok: true, value: undefined });
  });

  it('are the own one for a citizen, and never those of a forged represents', () => {
    const citizen = makeCaller('citizen', { patient: 'p1', represents: ['p2'] });
    expect(patientsWithin(citizen)).toEqual(['p1']);
    expect(checkPatient(citizen, 'p1').ok).toBe(true);
    expect(checkPatient(citizen, 'p2').ok).toBe(false);
    expect(checkPatient(citizen, undefined).ok).toBe(false);
  });

  it('are those represented for guardian and agent, and only these', () => {
    const guardian = makeCaller('guardian', { patient: 'p1', represents: ['p2', 'p3'] });
    expect(checkPatient(guardian, 'p3').ok).toBe(true);
    expect(checkPatient(guardian, 'p1')).toMatchObject({ ok: false, failure: { kind: 'forbidden' } });
    expect(patientsInContext(guardian)).toEqual(['p2', 'p3']);
  });

  it('are none for a citizen whose token names no patient', () => {
    expect(patientsWithin(makeCaller('citizen'))).toEqual([]);
    expect(checkPatient(makeCaller('citizen'), 'p1').ok).toBe(false);
  });
});
