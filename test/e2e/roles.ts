import { describe, expect, it } from 'vitest';
import type { Client, Who } from './client.ts';
import { NUMBERS, samtykke } from './fixtures.ts';
import type { Role } from './headers.ts';
import { idIn, idsIn, issuesOf } from './reply.ts';
import { type Theme, useServer } from './server.ts';

type Cell =
  | 'Consent write'
  | 'Consent read'
  | 'Consent search'
  | 'Patient read'
  | 'Patient search'
  | 'Organization write'
  | 'Provenance search'
  | 'AuditEvent search';

const CELLS: readonly Cell[] = [
  'Consent write',
  'Consent read',
  'Consent search',
  'Patient read',
  'Patient search',
  'Organization write',
  'Provenance search',
  'AuditEvent search',
];

const CONSENT: readonly Cell[] = [
  'Consent write',
  'Consent read',
  'Consent search',
  'Patient read',
  'Patient search',
];
const CARE: readonly Cell[] = [...CONSENT, 'Provenance search'];

/** The contract's "Who may do what", as far as it is built. */
const MAY: Readonly<Record<Role, readonly Cell[]>> = {
  prescriber: CARE,
  nurse: CARE,
  'pharmacist-care': CARE,
  dietitian: CARE,
  pharmacist: ['Provenance search'],
  'pharmacy-staff': ['Provenance search'],
  citizen: CONSENT,
  guardian: CONSENT,
  agent: CONSENT,
  system: [...CONSENT, 'Organization write'],
  auditor: ['Provenance search', 'AuditEvent search'],
};

const ROLES = Object.keys(MAY) as readonly Role[];

interface Stage {
  readonly server: Client;
  readonly as: Who;
  readonly patient: string;
  readonly consent: string;
}

const ATTEMPTS: Readonly<Record<Cell, (stage: Stage) => Promise<{ readonly status: number }>>> = {
  'Consent write': ({ server, as, consent }) =>
    server.put(`/fhir/Consent/${consent}`, { ...samtykke(), id: consent }, { as }),
  'Consent read': ({ server, as, patient, consent }) =>
    server.get(`/fhir/Consent/${consent}`, { as, patient }),
  'Consent search': ({ server, as, patient }) =>
    server.get(`/fhir/Consent?patient=${patient}`, { as, patient }),
  'Patient read': ({ server, as, patient }) => server.get(`/fhir/Patient/${patient}`, { as, patient }),
  'Patient search': ({ server, as, patient }) => server.get(`/fhir/Patient?_id=${patient}`, { as, patient }),
  'Organization write': ({ server, as }) =>
    server.post('/fhir/Organization', { resourceType: 'Organization', name: 'Eksempel' }, { as }),
  'Provenance search': ({ server, as }) => server.get('/fhir/Provenance', { as }),
  'AuditEvent search': ({ server, as }) => server.get('/fhir/AuditEvent', { as }),
};

const whoIs = (role: Role, patient: string): Who => {
  if (role === 'citizen') return { role, patient };
  return role === 'guardian' || role === 'agent' ? { role, patient: 'holder', represents: [patient] } : role;
};

export const roles: Theme = (open) => {
  describe('who may do what', () => {
    const server = useServer(open);
    const cells = ROLES.flatMap((role) =>
      CELLS.map((cell) => [role, MAY[role].includes(cell) ? 'may' : 'may not', cell] as const),
    );

    it.each(cells)('%s %s: %s', async (role, may, cell) => {
      const patient = await server.patient(NUMBERS.documented);
      const consent = idIn(await server.post('/fhir/Consent', samtykke()));
      const { status } = await ATTEMPTS[cell]({ server, as: whoIs(role, patient), patient, consent });
      if (may === 'may') expect([200, 201]).toContain(status);
      else expect(status).toBe(403);
      if (may === 'may not') expect(await server.sent('Sett')).toHaveLength(1);
    });

    it.each(ROLES)('%s reads Organization, as everyone does', async (role) => {
      const found = await server.get('/fhir/Organization/eksempel-sykehus', { as: whoIs(role, 'someone') });
      expect(found.status).toBe(200);
    });
  });

  describe('private persons', () => {
    const server = useServer(open);

    it.each(['citizen', 'guardian', 'agent'] as const)(
      '%s creates, reads and deletes for the patients of its token only',
      async (role) => {
        const [own, other] = [await server.patient(NUMBERS.line), await server.patient(NUMBERS.documented)];
        const as = whoIs(role, own);
        const foreign = idIn(await server.post('/fhir/Consent', samtykke(NUMBERS.documented)));
        const refused = await server.post('/fhir/Consent', samtykke(NUMBERS.documented), { as });
        expect(refused.status).toBe(403);
        expect((await server.get(`/fhir/Consent/${foreign}`, { as, patient: other })).status).toBe(403);
        expect((await server.get(`/fhir/Consent/${foreign}`, { as, patient: own })).status).toBe(403);
        expect((await server.get(`/fhir/Consent/${foreign}/_history`, { as, patient: own })).status).toBe(
          403,
        );
        expect((await server.get(`/fhir/Consent/${foreign}/_history/1`, { as, patient: own })).status).toBe(
          403,
        );
        expect((await server.delete(`/fhir/Consent/${foreign}`, { as })).status).toBe(403);
        expect(await server.sent('Sett')).toHaveLength(1);
        const made = await server.post('/fhir/Consent', samtykke(NUMBERS.line), { as });
        expect(made.status).toBe(201);
        expect(idsIn(await server.get('/fhir/Consent?status=active', { as, patient: own }))).toEqual([
          idIn(made),
        ]);
        expect((await server.delete(`/fhir/Consent/${idIn(made)}`, { as })).status).toBe(204);
      },
    );

    it('are told the same whether or not there is anything to see', async () => {
      const [own, other] = [await server.patient(NUMBERS.line), await server.patient(NUMBERS.documented)];
      const as = whoIs('citizen', own);
      const ask = () => server.get(`/fhir/Consent?patient=${other}`, { as, patient: other });
      const before = await ask();
      await server.post('/fhir/Consent', samtykke(NUMBERS.documented));
      const after = await ask();
      expect([before.status, after.status]).toEqual([403, 403]);
      expect(after.json).toEqual(before.json);
    });

    it('must name the patient: a guardian without X-ProxyRef is refused by 400', async () => {
      const child = await server.patient(NUMBERS.line);
      const as = { role: 'guardian', represents: [child] } as const;
      const refused = await server.get('/fhir/Consent?status=active', { as, patient: child });
      expect(refused.status).toBe(400);
      expect(issuesOf(refused)).toMatchObject([{ code: 'required', location: ['http.X-ProxyRef'] }]);
    });

    it('act as themselves: an X-ProxyRef that is another person is refused by 403', async () => {
      const child = await server.patient(NUMBERS.line);
      const as = { role: 'guardian', patient: 'holder', represents: [child] } as const;
      const refused = await server.get('/fhir/Consent?status=active', {
        as,
        patient: child,
        headers: { 'X-ProxyRef': 'else' },
      });
      expect(refused.status).toBe(403);
      expect(issuesOf(refused)).toMatchObject([{ detail: 'proxy-mismatch' }]);
    });
  });

  describe('X-PatientRef', () => {
    const server = useServer(open);

    it.each(['', '/_history', '/_history/1'])(
      'must be the patient of the resource read (%s): else 403',
      async (suffix) => {
        const id = idIn(await server.post('/fhir/Consent', samtykke()));
        const other = await server.patient(NUMBERS.line);
        const refused = await server.get(`/fhir/Consent/${id}${suffix}`, { patient: other });
        expect(refused.status).toBe(403);
        expect(issuesOf(refused)).toMatchObject([
          { code: 'business-rule', detail: 'patient-mismatch', location: ['http.X-PatientRef'] },
        ]);
      },
    );

    it('is asked for by 400 when it is missing, also of a system that reads one record', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      for (const as of ['prescriber', 'system'] as const) {
        const refused = await server.get(`/fhir/Consent/${id}`, { as });
        expect(refused.status).toBe(400);
        expect(issuesOf(refused)).toMatchObject([{ location: ['http.X-PatientRef'] }]);
      }
    });

    it('is taken as <id> and as Patient/<id>', async () => {
      const id = idIn(await server.post('/fhir/Consent', samtykke()));
      const patient = `Patient/${await server.patient(NUMBERS.documented)}`;
      expect((await server.get(`/fhir/Consent/${id}`, { patient })).status).toBe(200);
    });
  });

  describe('purpose and access', () => {
    const server = useServer(open);

    it.each([
      ['nurse', 'SIM_EXPEDIERING', 'UTAN_KRAV_SAMTYCKE'],
      ['citizen', 'VARD', 'TILLFALLIGT_SAMTYCKE'],
      ['prescriber', 'SIM_EGNA_UPPGIFTER', 'SIM_PATIENT'],
    ] as const)('of others are refused by 403: %s stating %s', async (role, purpose, access) => {
      const patient = await server.patient(NUMBERS.documented);
      const refused = await server.get('/fhir/Consent?status=active', {
        as: whoIs(role, patient),
        patient,
        headers: { 'X-Purpose': purpose, 'X-Access': access },
      });
      expect(refused.status).toBe(403);
      expect(issuesOf(refused)).toMatchObject([{ code: 'forbidden', detail: 'combination-not-allowed' }]);
    });

    it('are free for a system', async () => {
      const patient = await server.patient(NUMBERS.documented);
      const found = await server.get('/fhir/Consent?status=active', {
        as: 'system',
        patient,
        headers: { 'X-Purpose': 'SIM_EGNA_UPPGIFTER', 'X-Access': 'NODATKOMST' },
      });
      expect(found.status).toBe(200);
    });
  });
};
