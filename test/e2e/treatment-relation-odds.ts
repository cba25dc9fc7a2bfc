import type { Basic, CapabilityStatement } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { basic, CLINICIAN, CPR, FIELDS, PATIENT, REFERENCE, result } from '../systems/brs/samples.ts';
import { samtykke } from './fixtures.ts';
import { idIn, idsIn, issuesOf, type Reply, resourceIn } from './reply.ts';
import { type Theme, useServer } from './server.ts';

const DAY = 86_400_000;
const OTHER_PATIENT = '2401010001';

const NO_FOLLOWUP = { followup: { ...FIELDS.followup, valueBoolean: false } };

/** A question about this hour, whose answer takes weeks to come. */
const open = (days: number, more: Partial<Basic> = {}): Basic => {
  const at = (offset: number): string => new Date(Date.now() + offset * DAY).toISOString();
  return basic(
    {
      interval: { ...FIELDS.interval, valuePeriod: { start: at(-1 / 24), end: at(1 / 24) } },
      timeLimit: { ...FIELDS.timeLimit, valueDateTime: at(days) },
    },
    more,
  );
};

const findingsIn = (reply: Reply): string => atob(reply.headers.get('x-header-findings') ?? '');

export const treatmentRelationOdds: Theme = (openServer) => {
  describe('Answers and alarms of BRS that are not as expected', () => {
    const server = useServer(openServer);

    const stateOf = async (id: string, number: string): Promise<string | undefined> => {
      const patient = await server.patient(number, CPR);
      const reply = await server.get(`/fhir/Basic/${id}`, { pattern: '2.2.2', patient });
      return result(resourceIn(reply, 'Basic'), 'followup-state')?.valueCoding?.code;
    };

    it('an alarm belongs to its own patient, though another question has the same reference', async () => {
      const early = idIn(await server.post('/fhir/Basic', open(2)));
      const subject = { identifier: { system: CPR, value: OTHER_PATIENT } };
      const late = idIn(await server.post('/fhir/Basic', open(20, { subject })));
      await server.advance(3 * DAY);
      expect([await stateOf(early, PATIENT), await stateOf(late, OTHER_PATIENT)]).toEqual([
        'alarmed',
        'ordered',
      ]);
    });

    it('an alarm belongs to the question that ordered a follow-up, not to one that ordered none', async () => {
      const ordered = idIn(await server.post('/fhir/Basic', open(2)));
      const enough = idIn(await server.post('/fhir/Basic', basic()));
      await server.advance(3 * DAY);
      expect([await stateOf(ordered, PATIENT), await stateOf(enough, PATIENT)]).toEqual([
        'alarmed',
        'not-ordered',
      ]);
    });

    it.each([
      ['unknown-source', 'answer-source-unknown'],
      ['extra-elements', 'answer-elements-unknown'],
      ['other-external-reference', 'answer-reference-differs'],
    ])('%s: taken, with a warning whatever the answer carries', async (kind, finding) => {
      await server.fault('brs', kind);
      const told = await server.post('/fhir/Basic', basic());
      expect([told.status, findingsIn(told)]).toEqual([201, expect.stringContaining(finding)]);
      await server.fault('brs', kind);
      const outcome = await server.post('/fhir/Basic', basic(), {
        headers: { Prefer: 'return=OperationOutcome' },
      });
      expect(issuesOf(outcome).filter(({ detail }) => detail === finding)).toHaveLength(1);
    });

    it.each([
      ['brs', 'garbage'],
      ['brs', 'truncated'],
      ['brs', 'http-500'],
      ['brs', 'http-503'],
      ['brs', 'wrong-in-response-to'],
      ['sts', 'garbage'],
      ['sts', 'truncated'],
      ['sts', 'http-500'],
      ['sts', 'reformatted-card'],
    ])('%s %s is nothing that its documentation describes: 502 exception', async (system, kind) => {
      await server.fault(system, kind, 10);
      const refused = await server.post('/fhir/Basic', basic(NO_FOLLOWUP));
      expect([refused.status, issuesOf(refused)[0]?.code]).toEqual([502, 'exception']);
    });

    it('BRS says that the schema is broken: 502 invalid, because it was not the client', async () => {
      await server.fault('brs', 'request-payload-validation-error');
      const refused = await server.post('/fhir/Basic', basic(NO_FOLLOWUP));
      expect([refused.status, issuesOf(refused)[0]?.code]).toEqual([502, 'invalid']);
    });
  });

  describe('What BRS leaves open, set in a sandbox', () => {
    const names = useServer(openServer, {
      BRS_ORGANISATION_NAMES: 'sks=Sygehus,sor=Sor,gln=EanIdentifier',
      BRS_REQUEST_NAMESPACE: 'urn:example:brs',
      BRS_B_PLUS: 'off',
    });

    it('holds for the simulated BRS as well', async () => {
      const atHospital = {
        organisation: {
          ...FIELDS.organisation,
          valueReference: {
            identifier: {
              system: 'https://nordic-fhir-facade.dev/fhir/NamingSystem/dk-sks-org',
              value: '1301',
            },
          },
        },
      };
      const made = await names.post('/fhir/Basic', basic(atHospital));
      expect(made.status).toBe(201);
      const [{ request } = { request: undefined }] = await names.exchanges('brs');
      expect(request?.body).toContain('xmlns="urn:example:brs"');
      expect(request?.body).toContain('<Sygehus>1301</Sygehus>');
    });
  });

  describe('Basic, seen from its edges', () => {
    const server = useServer(openServer);

    it('is found by its author, by number in a form, however the number was written', async () => {
      const author = { identifier: { system: CPR, value: CLINICIAN.replace(/^(.{6})/, '$1-') } };
      const made = await server.post('/fhir/Basic', basic({ healthProfessional: undefined }, { author }));
      const options = { pattern: '2.2.2', patient: await server.patient(PATIENT, CPR) } as const;
      const byAuthor = (value: string) =>
        server.search(
          'Basic',
          { code: 'treatment-relation', 'author:identifier': `${CPR}|${value}` },
          options,
        );
      const found = await byAuthor(CLINICIAN);
      expect(idsIn(found)).toEqual([idIn(made)]);
      expect(resourceIn(found, 'Bundle').link?.[0]?.url).not.toContain(CLINICIAN);
      expect(idsIn(await byAuthor(OTHER_PATIENT))).toEqual([]);
    });

    it('takes no other type, and says that alone', async () => {
      const refused = await server.post('/fhir/Basic', samtykke());
      expect([refused.status, issuesOf(refused).map(({ expression }) => expression)]).toEqual([
        400,
        [['resourceType']],
      ]);
    });

    it('names in the CapabilityStatement the profile of each kind', async () => {
      const statement = resourceIn(await server.get('/fhir/metadata'), 'CapabilityStatement');
      const offered = (statement satisfies CapabilityStatement).rest?.[0]?.resource?.find(
        ({ type }) => type === 'Basic',
      );
      expect(offered?.supportedProfile?.map((url) => url.split('/').at(-1))).toEqual([
        'TreatmentRelation',
        'FocesWhitelisting',
        'EfrikortConnection',
      ]);
    });

    it('of a deleted one a PUT of the question asks anew, as a create does', async () => {
      const made = await server.post('/fhir/Basic', basic());
      const path = `/fhir/Basic/${idIn(made)}`;
      expect((await server.delete(path)).status).toBe(204);
      const question = basic({}, { id: idIn(made), identifier: [{ system: REFERENCE, value: 'again' }] });
      const back = await server.put(path, question);
      expect([back.status, result(resourceIn(back, 'Basic'), 'actual-relation')?.valueCoding?.code]).toEqual([
        201,
        'A',
      ]);
      const asked = (await server.exchanges('brs')).filter(({ request }) =>
        request.body.includes('treatmentRelationRequestBody'),
      );
      expect(asked).toHaveLength(2);
    });
  });
};
