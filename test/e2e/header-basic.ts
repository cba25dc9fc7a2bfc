import { describe, expect, it } from 'vitest';
import { CPR, PATIENT, basic as relation } from '../systems/brs/samples.ts';
import { basic as whitelisting } from '../systems/fmk/samples.ts';
import type { CallOptions, Client, Who } from './client.ts';
import { connection } from './efrikort-fixtures.ts';
import { BASIC_KIND } from './fixtures.ts';
import type { Pattern, Role } from './headers.ts';
import { idIn, issuesOf, type Reply } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const ROLES: readonly Role[] = [
  'prescriber',
  'nurse',
  'pharmacist-care',
  'dietitian',
  'pharmacist',
  'pharmacy-staff',
  'citizen',
  'guardian',
  'agent',
  'system',
  'auditor',
];

type Kind = 'treatment-relation' | 'foces-whitelisting' | 'efrikort-connection';

/** The contract's "Who may do what", of the kinds of Basic. */
const reads = (role: Role): readonly Kind[] => {
  if (role === 'system') return ['foces-whitelisting', 'efrikort-connection'];
  if (role === 'pharmacist' || role === 'pharmacy-staff') return ['foces-whitelisting'];
  return ROLES.indexOf(role) < 4 ? ['treatment-relation'] : [];
};

const writes = (role: Role): readonly Kind[] => (role === 'system' ? ['efrikort-connection'] : reads(role));

const whoIs = (role: Role, patient: string): Who => {
  if (role === 'citizen') return { role, patient };
  return role === 'guardian' || role === 'agent' ? { role, patient: 'holder', represents: [patient] } : role;
};

/** One of each kind, and the Patient of the treatment relation. */
const stored = async (server: Client) => {
  const ids = {
    'treatment-relation': idIn(await server.post('/fhir/Basic', relation())),
    'foces-whitelisting': idIn(await server.post('/fhir/Basic', whitelisting(), { as: 'pharmacist' })),
    'efrikort-connection': idIn(await server.post('/fhir/Basic', connection('test'), { as: 'system' })),
  };
  return { ids, patient: await server.patient(PATIENT, CPR) };
};

const JSON_PATCH = { 'Content-Type': 'application/json-patch+json' };

/** What may be asked of an id, by whom it is open to, and the pattern with the most headers that it may have. */
const ASKED: readonly (readonly [
  what: string,
  may: (role: Role) => readonly Kind[],
  patterns: readonly Pattern[],
  ask: (server: Client, id: string, options: CallOptions) => Promise<Reply>,
])[] = [
  ['read', reads, ['2.2.1', '2.2.2'], (server, id, options) => server.get(`/fhir/Basic/${id}`, options)],
  [
    'vread',
    reads,
    ['2.2.1', '2.2.2'],
    (server, id, options) => server.get(`/fhir/Basic/${id}/_history/1`, options),
  ],
  [
    'history',
    reads,
    ['2.2.1', '2.2.2'],
    (server, id, options) => server.get(`/fhir/Basic/${id}/_history`, options),
  ],
  [
    '$validate',
    reads,
    ['2.2.1'],
    (server, id, options) => server.get(`/fhir/Basic/${id}/$validate`, options),
  ],
  [
    'update',
    writes,
    ['2.3'],
    (server, id, options) => server.put(`/fhir/Basic/${id}`, { ...connection('test'), id }, options),
  ],
  [
    'patch',
    writes,
    ['2.3'],
    (server, id, options) =>
      server.call('PATCH', `/fhir/Basic/${id}`, {
        ...options,
        headers: JSON_PATCH,
        body: '[{"op":"add","path":"/language","value":"sv"}]',
      }),
  ],
  ['delete', writes, ['2.3'], (server, id, options) => server.delete(`/fhir/Basic/${id}`, options)],
];

export const headerBasic: Theme = (open) => {
  describe('the id of a Basic', () => {
    const server = useServer(open);

    it.each(ROLES)(
      'tells %s nothing of kinds that are not its own: the same as an unknown id',
      async (role) => {
        const { ids, patient } = await stored(server);
        const as = whoIs(role, patient);
        for (const [what, may, patterns, ask] of ASKED) {
          for (const pattern of patterns) {
            const options = { as, patient, pattern };
            const unknown = await ask(server, crypto.randomUUID(), options);
            expect([what, [400, 403, 404, 405].includes(unknown.status)]).toEqual([what, true]);
            for (const kind of (Object.keys(ids) as Kind[]).filter((one) => !may(role).includes(one))) {
              const refused = await ask(server, ids[kind], options);
              expect([what, kind, refused.status, issuesOf(refused)]).toEqual([
                what,
                kind,
                unknown.status,
                issuesOf(unknown),
              ]);
            }
          }
        }
      },
    );

    it.each(ROLES)(
      'is refused to %s by 403 for good where it reaches no kind, else unknown by 404',
      async (role) => {
        const { patient } = await stored(server);
        const options = { as: whoIs(role, patient), patient, pattern: '2.2.2' } as const;
        const { status } = await server.get(`/fhir/Basic/${crypto.randomUUID()}`, options);
        expect(status).toBe(reads(role).length === 0 ? 403 : 404);
      },
    );

    it('outside a narrowed scope tells no more than an unknown one', async () => {
      const { ids } = await stored(server);
      const scope = `system/Basic.cruds?code=${encodeURIComponent(`${BASIC_KIND}|foces-whitelisting`)}`;
      const as = { role: 'system', scope } as const;
      const own = await server.get(`/fhir/Basic/${ids['foces-whitelisting']}`, { as });
      expect(own.status).toBe(200);
      for (const [what, may, , ask] of ASKED.filter(([, may]) => may('system').length > 0)) {
        const kind = may('system').find((one) => one !== 'foces-whitelisting');
        const pattern = may === reads ? '2.2.1' : '2.3';
        const [one, none] = [
          await ask(server, ids[kind ?? 'efrikort-connection'], { as, pattern }),
          await ask(server, crypto.randomUUID(), { as, pattern }),
        ];
        expect([what, one.status, issuesOf(one)]).toEqual([what, 403, issuesOf(none)]);
        expect(none.status).toBe(403);
      }
    });

    it('of a Patient that X-PatientRef does not name tells nothing either', async () => {
      const [one, another] = [await server.patient('2401010001', CPR), await server.patient(PATIENT, CPR)];
      const known = await server.get(`/fhir/Patient/${another}`, { patient: one });
      const unknown = await server.get(`/fhir/Patient/${crypto.randomUUID()}`, { patient: one });
      expect([known.status, issuesOf(known)[0]?.detail]).toEqual([403, 'patient-mismatch']);
      expect([unknown.status, unknown.json]).toEqual([known.status, known.json]);
    });

    it.each(ROLES.filter((role) => role !== 'system'))(
      'of whatever kind or none: what is for a system alone is 403 to %s',
      async (role) => {
        const { ids, patient } = await stored(server);
        const as = whoIs(role, patient);
        for (const id of [...Object.values(ids), crypto.randomUUID()]) {
          for (const operation of ['submit', 'cancel', 'mail']) {
            const { status } = await server.post(`/fhir/Basic/${id}/$${operation}`, undefined, { as });
            expect([operation, status]).toEqual([operation, 403]);
          }
        }
      },
    );
  });
};
