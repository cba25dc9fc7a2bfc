import { describe, expect, it } from 'vitest';
import { CPR, PATIENT, basic as relation } from '../systems/brs/samples.ts';
import { basic as whitelisting } from '../systems/fmk/samples.ts';
import { connection } from './efrikort-fixtures.ts';
import type { Pattern, Role } from './headers.ts';
import { issuesOf } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const TRACED = ['X-Request-ID', 'X-User-Agent'] as const;
const PURPOSE = ['X-Purpose', 'X-Access', 'X-PatientRef'] as const;

/** What each call of Basic must carry, by who calls: the contract's patterns. */
const MANDATORY: readonly (readonly [
  role: Role,
  method: string,
  path: string,
  pattern: Pattern,
  headers: readonly string[],
])[] = [
  ['pharmacist', 'GET', 'Basic?code=foces-whitelisting', '2.2.1', TRACED],
  ['system', 'GET', 'Basic?code=efrikort-connection', '2.2.1', TRACED],
  ['nurse', 'GET', 'Basic?code=treatment-relation', '2.2.2', [...TRACED, ...PURPOSE, 'X-Org-Info']],
  ['pharmacist', 'GET', 'Basic', '2.2.2', [...TRACED, ...PURPOSE]],
  ['pharmacist', 'GET', 'Basic?code=foces-whitelisting,treatment-relation', '2.2.2', [...TRACED, ...PURPOSE]],
  ['nurse', 'POST', 'Basic/$evaluate-treatment-relation', '2.2.2', [...TRACED, ...PURPOSE, 'X-Org-Info']],
  ['nurse', 'POST', 'Basic', '2.3', [...TRACED, 'X-Org-Info', 'X-Provenance']],
  ['pharmacist', 'POST', 'Basic', '2.3', [...TRACED, 'X-Provenance']],
  ['system', 'POST', 'Basic/$poll-notifications', '2.3', [...TRACED, 'X-Provenance']],
  ['system', 'POST', 'Basic/x/$submit', '2.3', [...TRACED, 'X-Provenance']],
  ['system', 'GET', 'Basic/x/$mail', '2.2.1', TRACED],
  ['system', 'POST', 'Basic/$test-connection', '2.2.1', TRACED],
  ['nurse', 'POST', 'Basic/$preview', '2.2.1', [...TRACED, 'X-Org-Info']],
  ['nurse', 'POST', 'Organization/$from-certificate', '2.2.1', [...TRACED, 'X-Org-Info']],
  ['nurse', 'GET', '?_type=Organization', '2.1', TRACED],
  ['nurse', 'GET', '?_type=Organization,Provenance', '2.2.1', [...TRACED, 'X-Org-Info']],
  ['nurse', 'GET', '?_type=Basic,Provenance', '2.2.2', [...TRACED, ...PURPOSE, 'X-Org-Info']],
];

export const headerOperations: Theme = (open) => {
  describe('what concerns Basic, and the operations', () => {
    const server = useServer(open);

    it.each(MANDATORY)('%s %s /fhir/%s is pattern %s: every header missing is named', async (...row) => {
      const [as, method, below, pattern, headers] = row;
      const path = `/fhir${below.startsWith('?') ? '' : '/'}${below}`;
      const body = method === 'GET' ? undefined : as === 'nurse' ? relation() : whitelisting();
      const bare = await server.call(method, path, {
        as,
        pattern: 'discovery',
        ...(body === undefined ? {} : { body }),
      });
      expect(bare.status).toBe(400);
      const faults = issuesOf(bare).map(({ detail, location, diagnostics }) => [
        location?.[0]?.replace('http.', ''),
        detail,
        diagnostics?.includes(`pattern ${pattern}`),
      ]);
      expect(faults.toSorted()).toEqual(headers.map((name) => [name, 'header-missing', true]).toSorted());
      if (pattern === '2.1') return;
      const anonymous = await server.call(method, path, {
        as: null,
        pattern: 'discovery',
        ...(body === undefined ? {} : { body }),
      });
      expect([anonymous.status, issuesOf(anonymous).length]).toEqual([401, 1]);
      expect(anonymous.headers.get('WWW-Authenticate')).toMatch(/^Bearer/);
    });

    it('a question about a patient whom the index does not know is never about the one of X-PatientRef', async () => {
      const another = await server.patient('2401010001', CPR);
      const question = relation({ followup: undefined });
      const ask = (patient: string) =>
        server.post('/fhir/Basic/$evaluate-treatment-relation', question, { patient });
      const refused = await ask(another);
      expect([refused.status, issuesOf(refused)[0]?.detail]).toEqual([403, 'patient-mismatch']);
      expect(await server.exchanges('brs')).toEqual([]);
      expect((await ask(await server.patient(PATIENT, CPR))).status).toBe(200);
    });

    it('the X-Request-ID of a poll is its own: a repeat is answered, another call with it is 409', async () => {
      const headers = { 'X-Request-ID': crypto.randomUUID() };
      const poll = (body?: object) =>
        server.post('/fhir/Basic/$poll-notifications', body, { as: 'system', headers });
      const twins = await Promise.all([poll(), poll()]);
      expect(twins.map(({ status }) => status)).toEqual([200, 200]);
      const others = [
        await poll({ resourceType: 'Parameters' }),
        await server.post('/fhir/Basic', connection('test'), { as: 'system', headers }),
      ];
      expect(others.map((other) => [other.status, issuesOf(other)[0]?.location])).toEqual([
        [409, ['http.X-Request-ID']],
        [409, ['http.X-Request-ID']],
      ]);
      const made = await server.post('/fhir/Basic', relation(), { headers });
      expect(made.status).toBe(201);
    });

    it('an ID card that is too large is 431, by the name of its header', async () => {
      const refused = await server.post('/fhir/Basic', whitelisting(), {
        as: 'pharmacist',
        headers: { 'X-Dgws-IdCard': 'A'.repeat(8193) },
      });
      expect([refused.status, issuesOf(refused)[0]?.location]).toEqual([431, ['http.X-Dgws-IdCard']]);
    });
  });
};
